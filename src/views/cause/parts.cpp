// Every part of the model by its direct effect on the answer: heads, feed-forward parts, embedding, and the
// running total.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/cause/cause_card.h"
#include "views/cause/part_effects.h"
#include "views/pictures.h"
#include "views/view.h"
#include "views/weights/weight_words.h"

namespace headlight {

namespace {

constexpr float kSumDp = 46, kMlpDp = 32, kFootDp = 52;

struct PartsState final : ViewState {
    PartEffects effects;
};

HeightWish parts_height(const Snapshot&, const ViewState&, float) {
    return {0, 160};
}

struct PartsPlot {
    ImVec2 min;  // of the first head's cell
    float cell_width = 0, cell_height = 0, mlp_x = 0, mlp_width = 0, sum_x = 0, sum_width = 0;
    ImVec2 head(int layer, int index) const {
        return {min.x + static_cast<float>(index) * cell_width,
                min.y + static_cast<float>(layer) * cell_height};
    }
};

PartsPlot place(const PartEffects& state, const LayoutRect& body) {
    PartsPlot plot;
    const float labels = ui::px(30), row = ui::px(18);
    plot.sum_width = body.width > ui::px(260) ? ui::px(kSumDp) : 0;
    plot.mlp_width = std::min(ui::px(kMlpDp), body.width * 0.12f);
    const float heads = body.width - labels - plot.mlp_width - plot.sum_width - ui::px(14);
    plot.min = {body.x + labels, body.y + 2 * row + ui::px(4)};
    plot.cell_width = std::min(heads / static_cast<float>(state.num_heads), ui::px(64));
    plot.cell_height = std::min((body.height - ui::px(kFootDp) - (plot.min.y - body.y)) /
                                    static_cast<float>(std::max(1, state.num_layers)),
                                ui::px(34));
    plot.mlp_x = plot.min.x + plot.cell_width * static_cast<float>(state.num_heads) + ui::px(7);
    plot.sum_x = plot.mlp_x + plot.mlp_width + ui::px(7);
    return plot;
}

struct PartCell {
    ImVec2 min, size;
    std::string label;  // "L3H1"
    double value = 0;
    bool is_chosen = false;
};

void draw_cell(ViewContext& context, const PartEffects& state, const PartCell& cell) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const double gamma = context.snapshot.settings.gamma;
    const ui::Rgba fill = signed_fill(cell.value, state.largest, gamma);
    const float inset = cell.size.x > ui::px(8) && cell.size.y > ui::px(8) ? 1.0f : 0.5f;
    const ImVec2 min{std::round(cell.min.x) + inset, std::round(cell.min.y) + inset},
        max{std::round(cell.min.x + cell.size.x) - inset, std::round(cell.min.y + cell.size.y) - inset};
    ui::draw_fill(list, min, max, gfx::faded(fill, context.freshness()), ui::px(2));
    ImFont* font = ui::kit().fonts.tiny;
    const double least = std::max(0.1, state.largest * 0.02);
    if (std::abs(cell.value) >= least && cell.size.x >= ui::px(23) && cell.size.y >= font->FontSize + 1) {
        const std::string number = format_signed(cell.value, state.largest < 1 ? 2 : 1);
        const float width = ui::tabular_width(font, number);
        ui::draw_tabular(
            list, font,
            {std::round((min.x + max.x - width) / 2), std::round((min.y + max.y - font->FontSize) / 2)},
            ui::to_u32(ink_on(fill, ui::colors()), context.freshness()), number);
    }
    if (cell.is_chosen)
        ui::draw_frame(list, {min.x - 1, min.y - 1}, {max.x + 1, max.y + 1}, ui::colors().accent, ui::px(2),
                       std::max(1.0f, ui::px(2)));
}

void draw_labels(const ViewContext& context, const PartEffects& state, const PartsPlot& plot, float top) {
    ImFont* font = ui::kit().fonts.small_;
    const HeadId chosen = context.snapshot.selection.head;
    int step = 1;
    while (plot.cell_height * static_cast<float>(step) < ui::px(13))
        ++step;
    for (int layer = 0; layer < state.num_layers; ++layer) {
        const bool is_chosen = layer == chosen.layer;
        const bool is_near = step > 1 && !is_chosen && std::abs(layer - chosen.layer) < step;
        if ((layer % step != 0 && !is_chosen) || is_near) continue;
        const float y = plot.head(layer, 0).y + (plot.cell_height - font->FontSize) / 2;
        put_words_right({plot.min.x - ui::px(6), y}, is_chosen ? ui::colors().text : ui::colors().dim,
                        fmt::format("L{}", layer));
    }
    int across = 1;
    while (plot.cell_width * static_cast<float>(across) < ui::px(24))
        ++across;
    for (int head = 0; head < state.num_heads; ++head) {
        const bool is_near = across > 1 && head != chosen.head && std::abs(head - chosen.head) < across;
        if ((head % across != 0 && head != chosen.head) || is_near) continue;
        const std::string label = fmt::format("H{}", head);
        const float x = plot.head(0, head).x + (plot.cell_width - ui::measure_text(font, label).x) / 2;
        put_words({x, top}, head == chosen.head ? ui::colors().text : ui::colors().dim, label);
    }
    put_words({plot.mlp_x + (plot.mlp_width - ui::measure_text(font, "MLP").x) / 2, top}, ui::colors().dim,
              "MLP");
    if (plot.sum_width > 0) put_words_right({plot.sum_x + plot.sum_width, top}, ui::colors().dim, "sum");
}

/// Running total from the embedding down to the last layer.
void draw_sum(const PartEffects& state, const PartsPlot& plot) {
    if (plot.sum_width <= 0) return;
    double lo = 0, hi = 0;
    for (const double total : state.totals)
        lo = std::min(lo, total), hi = std::max(hi, total);
    const double range = std::max(hi - lo, 1e-9);
    const auto x_of = [&](double value) {
        return plot.sum_x + static_cast<float>((value - lo) / range) * (plot.sum_width - ui::px(6));
    };
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float top = plot.min.y - ui::px(10),
                bottom = plot.min.y + static_cast<float>(state.num_layers) * plot.cell_height;
    ui::draw_dashed_line(list, {x_of(0), top}, {x_of(0), bottom}, ui::colors().line, ui::px(2), ui::px(3), 1);
    std::vector<ImVec2> points = {{x_of(state.totals[0]), top}};
    for (int layer = 0; layer < state.num_layers; ++layer)
        points.push_back({x_of(state.totals[static_cast<std::size_t>(layer) + 1]),
                          plot.head(layer, 0).y + plot.cell_height / 2});
    list->AddPolyline(points.data(), static_cast<int>(points.size()), ui::to_u32(ui::colors().text), 0,
                      ui::px(1.3f));
    ui::draw_dot(list, points.back(), ui::px(2.5f), ui::colors().text);
}

void draw_foot(const ViewContext& context, const PartEffects& state, const LayoutRect& body,
               const PartsPlot& plot) {
    const QuestionState& question = context.snapshot.part<QuestionState>();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float top = body.bottom() - ui::px(kFootDp) + ui::px(12), left = plot.min.x,
                right = plot.mlp_x - ui::px(10);
    draw_signed_scale(list, left, right, top, context.snapshot.settings.gamma);
    const ui::Rgba dim = ui::colors().dim;
    const float y = top + ui::px(10);
    put_words({left, y}, dim, format_signed(-state.largest));
    put_words({(left + right) / 2 - ui::px(3), y}, dim, "0");
    put_words_right({right, y}, dim, format_signed(state.largest));
    const ui::ShapedStyle style{11.5f, gfx::TextWeight::Regular};
    const std::string below = fmt::format("toward {}", question.rival.empty() ? "the mean" : question.rival),
                      above = fmt::format("toward {}", question.answer);
    const float room = (right - left) / 2 - ui::px(6);
    ui::draw_shaped(list, {left, y + ui::px(13)}, ui::shorten_shaped(below, room, style), dim, style);
    ui::draw_shaped_right(list, {right, y + ui::px(13)}, ui::shorten_shaped(above, room, style), dim, style);
    const float end = body.right();
    ui::draw_tabular_right(list, ui::kit().fonts.semibold, {end, top - ui::px(4)},
                           ui::to_u32(ui::colors().text), format_signed(state.attribution->total(state.row)));
    put_words_right({end, y + ui::px(2)}, dim, "logits");
    put_words_right({end, y + ui::px(15)}, dim, fmt::format("γ {:.2g}", context.snapshot.settings.gamma));
}

void say_part(ViewContext& context, const PartCell& cell) {
    const std::string words = fmt::format("{} adds {} logits to {} directly", cell.label,
                                          format_signed(cell.value, 4), question_label(context.snapshot));
    context.shared.next_hover.sentence = words;
    ui::tooltip(words, {}, true);
}

void draw_grid(ViewContext& context, const PartEffects& state, const LayoutRect& body) {
    const PartsPlot plot = place(state, body);
    if (plot.cell_width < 2 || plot.cell_height < 2) return;
    draw_labels(context, state, plot, body.y);
    const HeadGrid grid{state.num_layers, state.num_heads};
    const HeadId chosen = context.snapshot.selection.head;
    PartCell embedding{{plot.mlp_x, body.y + ui::px(18)},
                       {plot.mlp_width, ui::px(18)},
                       "the embedding",
                       state.embedding,
                       false};
    draw_cell(context, state, embedding);
    put_words_right({plot.mlp_x - ui::px(6), embedding.min.y + ui::px(2)}, ui::colors().dim, "embedding");
    std::optional<PartCell> under;
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const auto cell_of = [&](int layer, int head) {
        PartCell cell;
        cell.size = {plot.cell_width, plot.cell_height};
        if (head < state.num_heads) {
            cell.min = plot.head(layer, head);
            cell.label = HeadId{layer, head}.to_string();
            cell.value = state.heads[grid.index({layer, head})];
            cell.is_chosen = HeadId{layer, head} == chosen;
        } else {
            cell.min = {plot.mlp_x, plot.head(layer, 0).y};
            cell.size.x = plot.mlp_width;
            cell.label = fmt::format("feed-forward part {}", layer);
            cell.value = state.mlps[static_cast<std::size_t>(layer)];
        }
        return cell;
    };
    const auto response = ui::hot_area(
        "##parts", {plot.min.x, embedding.min.y},
        {plot.mlp_x + plot.mlp_width - plot.min.x,
         plot.min.y - embedding.min.y + static_cast<float>(state.num_layers) * plot.cell_height});
    for (int layer = 0; layer < state.num_layers; ++layer) {
        for (int head = 0; head <= state.num_heads; ++head) {
            const PartCell cell = cell_of(layer, head);
            draw_cell(context, state, cell);
            const bool is_under = response.is_hovered && mouse.x >= cell.min.x && mouse.y >= cell.min.y &&
                                  mouse.x < cell.min.x + cell.size.x && mouse.y < cell.min.y + cell.size.y;
            if (!is_under) continue;
            under = cell;
            if (head == state.num_heads) continue;
            context.shared.next_hover.head = HeadId{layer, head};
            if (response.is_clicked) context.actions.select_head({layer, head}, ImGui::GetIO().KeyShift);
        }
    }
    const bool is_on_embedding =
        response.is_hovered && mouse.x >= embedding.min.x && mouse.y < embedding.min.y + embedding.size.y;
    if (is_on_embedding) under = embedding;
    draw_sum(state, plot);
    draw_foot(context, state, body, plot);
    if (!under) return;
    ui::draw_frame(ImGui::GetWindowDrawList(), under->min,
                   {under->min.x + under->size.x, under->min.y + under->size.y},
                   gfx::faded(ui::colors().text, 0.6f), ui::px(2), 1);
    say_part(context, *under);
}

void draw(ViewContext& context) {
    auto& state = static_cast<PartsState&>(context.state);
    ui::CardSpec spec;
    spec.id = "parts";
    spec.title = "All parts";
    spec.context = "direct effect";
    ui::Card card{spec, context.pos, context.size};
    if (!card || draw_missing_text(context)) return;
    const Question* question = asked_question(context);
    if (!question) return;
    const Derived<Attribution> derived = context.values.attribution();
    if (!draw_until_ready(derived, "Attributing the answer to the parts …")) return;
    refresh_part_effects(state.effects, derived.value, question->position,
                         context.snapshot.base_text->trace->grid());
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    draw_grid(context, state.effects, {pos.x, pos.y, available.x, available.y});
}

}  // namespace

extern const ViewDescriptor k_view_parts = {
    "parts",
    "All parts",
    "Every head and feed-forward part by what it adds to the answer's logit directly; click selects a head.",
    parts_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<PartsState>()); },
    draw};

}  // namespace headlight
