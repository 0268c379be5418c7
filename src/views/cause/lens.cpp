// The logit lens: what every state would predict if it were read with the last layer's head.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/rows.h"
#include "views/cause/cause_card.h"
#include "views/cause/lens_map.h"
#include "views/cause/lens_ranks.h"
#include "views/cause/lens_words.h"
#include "views/pictures.h"
#include "views/tokens/fitted_label.h"
#include "views/view.h"
#include "views/weights/weight_words.h"

namespace headlight {

namespace {

constexpr float kLabelDp = 44, kHeadDp = 22, kRankDp = 118, kWordsDp = 17, kStripDp = 1.8f;
constexpr const char* kPlace = "##lens_place";

HeightWish lens_height(const Snapshot&, const ViewState&, float column_height_dp) {
    return {std::max(250.0f, column_height_dp * 0.38f), 150};
}

/// The whole list of a place that was clicked.
void draw_place(ViewContext& context, const LensState& state) {
    ImGui::SetNextWindowSize({ui::px(280), 0});
    if (!ImGui::BeginPopup(kPlace, ImGuiWindowFlags_NoMove)) return;
    const Lens& lens = *state.lens;
    if (state.open_state < lens.num_states && state.open_token < lens.num_tokens) {
        ui::text_small(fmt::format("after token {}, state {}", state.open_token,
                                   lens_state_label(lens, state.open_state)),
                       ui::colors().dim);
        for (int k = 0; k < lens.top_k; ++k) {
            const std::size_t at = lens.at(state.open_state, state.open_token) + static_cast<std::size_t>(k);
            const std::string id = fmt::format("lens_{}", k),
                              label = token_name(context.snapshot, lens.top_ids[at]),
                              value = format_percent_column(lens.top_probs[at]);
            ui::BarRow row;
            row.id = id.c_str();
            row.label = label;
            row.value = value;
            row.fraction = lens.top_probs[at];
            row.bar = ui::colors().third;
            ui::bar_row(row);
        }
        ui::text_small(fmt::format("KL {} nats · entropy {}",
                                   format_number(lens.kl.at(state.open_state, state.open_token)),
                                   format_number(lens.entropy.at(state.open_state, state.open_token))),
                       ui::colors().dim);
    }
    ImGui::EndPopup();
}

struct LensPlot {
    ImVec2 min;  // of the first cell
    std::vector<LensRow> rows;
    LensColumns columns;
    float right() const { return min.x + columns.width * static_cast<float>(columns.count); }
    float x_of(int token) const { return min.x + columns.width * static_cast<float>(token - columns.first); }
    float bottom() const { return rows.empty() ? min.y : min.y + rows.back().y + rows.back().height; }
};

void draw_labels(const ViewContext& context, const LensState& state, const LensPlot& plot, int chosen) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const ui::Colors& colors = ui::colors();
    for (int i = 0; i < plot.columns.count; ++i) {
        const int token = plot.columns.first + i;
        const std::string label =
            fitted_label(context.model_tokens(), token, plot.columns.width - ui::px(4), kLensWordStyle);
        const gfx::TextExtents extents = ui::measure_shaped(label, kLensWordStyle);
        ui::draw_shaped(list,
                        {plot.x_of(token) + (plot.columns.width - extents.advance) / 2,
                         plot.min.y - ui::px(4) - extents.height()},
                        label, token == chosen ? colors.accent : colors.dim, kLensWordStyle);
    }
    float strips_end = -1;
    int first_strip = -1;
    for (int row = 0; row < state.lens->num_states; ++row) {
        const LensRow& place = plot.rows[static_cast<std::size_t>(row)];
        if (place.has_words)
            put_words_right(
                {plot.min.x - ui::px(6), plot.min.y + place.y + (place.height - font->FontSize) / 2},
                colors.dim, lens_state_label(*state.lens, row));
        const bool is_strip_end =
            !place.has_words &&
            (row + 1 == state.lens->num_states || plot.rows[static_cast<std::size_t>(row) + 1].has_words);
        if (!place.has_words && first_strip < 0) first_strip = row;
        if (!is_strip_end) continue;
        const float top = plot.min.y + plot.rows[static_cast<std::size_t>(first_strip)].y;
        strips_end = plot.min.y + place.y + place.height;
        if (strips_end - top >= font->FontSize)
            put_words_right(
                {plot.min.x - ui::px(6), (top + strips_end - font->FontSize) / 2}, colors.dim,
                first_strip == row ? fmt::format("L{}", row) : fmt::format("L{}–{}", first_strip, row));
        first_strip = -1;
    }
}

void draw_cells(ViewContext& context, LensState& state, const LensPlot& plot) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    for (int row = 0; row < state.lens->num_states; ++row) {
        const LensRow& place = plot.rows[static_cast<std::size_t>(row)];
        const float top = plot.min.y + place.y, bottom = top + place.height;
        for (int i = 0; i < plot.columns.count; ++i) {
            const int token = plot.columns.first + i;
            const float x = plot.x_of(token);
            const ui::Rgba fill = lens_fill(context, state, row, token);
            const float gap = place.has_words ? 1 : 0;
            ui::draw_fill(list, {std::round(x), top}, {std::round(x + plot.columns.width) - 1, bottom - gap},
                          gfx::faded(fill, context.freshness()));
            if (!place.has_words || plot.columns.width < ui::px(24)) continue;
            const std::string& word = lens_word(context, state, row, token);
            const gfx::TextExtents extents = ui::measure_shaped(word, kLensWordStyle);
            ui::draw_shaped(
                list,
                {x + (plot.columns.width - extents.advance) / 2, top + (place.height - extents.height()) / 2},
                word, ink_on(fill, ui::colors()), kLensWordStyle);
        }
    }
}

void handle_pointer(ViewContext& context, LensState& state, const LensPlot& plot) {
    const auto response =
        ui::hot_area("##lens_cells", plot.min, {plot.right() - plot.min.x, plot.bottom() - plot.min.y});
    if (!response.is_hovered) return;
    const ImGuiIO& io = ImGui::GetIO();
    if (io.MouseWheel != 0 || io.MouseWheelH != 0) {
        state.first_column -= static_cast<int>(io.MouseWheel + io.MouseWheelH);
        ui::request_redraw();
    }
    const int token =
        plot.columns.first + static_cast<int>((io.MousePos.x - plot.min.x) / plot.columns.width);
    int row = 0;
    while (row + 1 < state.lens->num_states &&
           io.MousePos.y >= plot.min.y + plot.rows[static_cast<std::size_t>(row) + 1].y)
        ++row;
    if (token < 0 || token >= state.lens->num_tokens) return;
    const LensRow& place = plot.rows[static_cast<std::size_t>(row)];
    ui::draw_frame(
        ImGui::GetWindowDrawList(), {plot.x_of(token), plot.min.y + place.y},
        {plot.x_of(token) + plot.columns.width, plot.min.y + place.y + std::max(2.0f, place.height)},
        ui::colors().text, 0, 1);
    context.shared.next_hover.token = context.unit_of_query(token);
    context.shared.next_hover.sentence = lens_sentence(context, *state.lens, row, token);
    ui::tooltip(context.shared.next_hover.sentence, {}, true);
    if (!response.is_clicked) return;
    if (!place.has_words) {
        state.focus = row;
        return ui::request_redraw();
    }
    state.open_state = row;
    state.open_token = token;
    ImGui::OpenPopup(kPlace);
}

void draw_body(ViewContext& context, LensState& state) {
    const Derived<Lens> derived = context.values.lens();
    if (!draw_until_ready(derived, "Reading every state with the last head …")) return;
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    const Lens& lens = *derived.value;
    if (available.x < ui::px(160) || available.y < ui::px(70) ||
        lens.num_tokens != context.num_model_tokens())
        return;
    const auto& question = context.snapshot.part<QuestionState>().question;
    const int chosen = question ? question->position : context.snapshot.token_selection.query;
    const bool has_ranks = !lens.rank_answer.empty() && available.x > ui::px(420);
    const float width = available.x - ui::px(kLabelDp) - (has_ranks ? ui::px(kRankDp) : 0);
    const int fitting = static_cast<int>(width / ui::px(40));
    const bool follows = std::exchange(state.num_fitting, fitting) != fitting || state.last_query != chosen;
    state.last_query = chosen;
    LensPlot plot;
    plot.columns = place_lens_columns(lens.num_tokens, width, ui::px(40), ui::px(90), follows ? chosen : -1,
                                      state.first_column);
    state.first_column = plot.columns.first;
    refresh_lens(state, derived.value, plot.columns.width - ui::px(6));
    plot.min = {pos.x + ui::px(kLabelDp), pos.y + ui::px(kHeadDp)};
    plot.rows = place_lens_rows(lens.num_states, available.y - ui::px(kHeadDp), ui::px(kWordsDp),
                                ui::kit().scale * kStripDp, state.focus < 0 ? lens.num_states : state.focus);
    draw_labels(context, state, plot, chosen);
    draw_cells(context, state, plot);
    const bool is_seen = chosen >= plot.columns.first && chosen < plot.columns.first + plot.columns.count;
    if (is_seen)
        ui::draw_frame(ImGui::GetWindowDrawList(), {plot.x_of(chosen) - 1, plot.min.y - 1},
                       {plot.x_of(chosen) + plot.columns.width, plot.bottom()}, ui::colors().accent, 0,
                       std::max(1.0f, ui::px(1.5f)));
    if (has_ranks)
        draw_lens_ranks(
            context, lens, chosen, plot.rows,
            {plot.right() + ui::px(14), plot.min.y, ui::px(kRankDp - 14), plot.bottom() - plot.min.y});
    handle_pointer(context, state, plot);
    draw_place(context, state);
}

void draw_legend(const LensState& state) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const ImVec2 pos = ImGui::GetCursorScreenPos();
    const std::string lo = state.shows_kl ? fmt::format("≥ {:.0f}", state.largest_kl) : "0",
                      hi = state.shows_kl ? "0 nats" : "1";
    const float lo_width = ui::measure_text(font, lo).x, bar = ui::px(48), y = pos.y + ui::px(5);
    put_words({pos.x, y}, ui::colors().dim, lo);
    const auto map = weight_colormap(ui::kit().theme);
    const float left = pos.x + lo_width + ui::px(5);
    for (int i = 0; i < static_cast<int>(bar); ++i) {
        const float x = left + static_cast<float>(i);
        ui::draw_fill(list, {x, y + ui::px(3)}, {x + 1, y + ui::px(11)},
                      gfx::color_of_value(static_cast<float>(i) / bar, {0, 1, 1, false, 0}, map));
    }
    put_words({left + bar + ui::px(5), y}, ui::colors().dim, hi);
    ImGui::Dummy({lo_width + bar + ui::measure_text(font, hi).x + ui::px(10), ui::px(20)});
    ImGui::SameLine(0, ui::px(10));
}

void draw(ViewContext& context) {
    auto& state = static_cast<LensState&>(context.state);
    ui::CardSpec spec;
    spec.id = "lens";
    spec.title = "Logit lens";
    spec.context = "top token, each state read with the last layer's head";
    spec.controls = [&] {
        if (state.lens && context.size.x > ui::px(560)) draw_legend(state);
        int selected = state.shows_kl ? 1 : 0;
        const ui::Segment segments[] = {
            {"probability##lens_probability", "Of the likeliest token of each state", true},
            {"KL to output##lens_kl", "KL(output || lens), logarithmic: how far the state is from the end",
             true}};
        if (ui::segmented("##lens_colour", segments, selected)) state.shows_kl = selected == 1;
    };
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_lens = {
    "lens",
    "Lens",
    "Every state read with the last layer's head: its likeliest token, and the rank of the answer on the "
    "way.",
    lens_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<LensState>()); },
    draw};

}  // namespace headlight
