// What each part of the model adds to the answer, signed, largest first; and layer by layer.
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
#include "views/view.h"
#include "views/weights/weight_words.h"

namespace headlight {

namespace {

constexpr float kRowDp = 20, kFootDp = 48, kNoteDp = 18;

struct ContributionsState final : ViewState {
    bool by_layer = false;
    // Of the attribution and row that they were made of.
    std::shared_ptr<const Attribution> attribution;
    int row = -1;
    std::vector<std::size_t> order;        // of components, largest effect first
    std::vector<double> layers_attention;  // [layer] heads and attention biases
    std::vector<double> layers_mlp;        // [layer]
};

HeightWish contributions_height(const Snapshot&, const ViewState&, float column_height_dp) {
    return {std::max(250.0f, column_height_dp * 0.36f), 140};
}

void refresh(ContributionsState& state, const std::shared_ptr<const Attribution>& attribution, int row) {
    if (state.attribution == attribution && state.row == row) return;
    state.attribution = attribution;
    state.row = row;
    const Attribution& all = *attribution;
    state.order.clear();
    for (std::size_t i = 0; i < all.components.size(); ++i)
        if (all.effect(i, row) != 0) state.order.push_back(i);  // the others are parts that it does not have
    std::stable_sort(state.order.begin(), state.order.end(), [&](std::size_t a, std::size_t b) {
        return std::abs(all.effect(a, row)) > std::abs(all.effect(b, row));
    });
    state.layers_attention.clear();
    state.layers_mlp.clear();
    for (std::size_t i = 0; i < all.components.size(); ++i) {
        const Component& part = all.components[i];
        if (part.layer < 0) continue;
        const auto layer = static_cast<std::size_t>(part.layer);
        state.layers_attention.resize(std::max(state.layers_attention.size(), layer + 1));
        state.layers_mlp.resize(state.layers_attention.size());
        auto& sums = part.kind == Component::Kind::Mlp ? state.layers_mlp : state.layers_attention;
        sums[layer] += all.effect(i, row);
    }
}

/// Where bars stand: all values of one list on one scale.
struct BarScale {
    float left = 0, zero = 0, per_unit = 0;
    BarScale(float x0, float x1, double lo, double hi) : left(x0) {
        const double range = std::max(hi - lo, 1e-9);
        zero = x0 + static_cast<float>(-lo / range) * (x1 - x0);
        per_unit = (x1 - x0) / static_cast<float>(range);
    }
};

struct BarLine {
    std::string label, sentence;
    double value = 0;
    ui::Rgba color;
    bool is_chosen = false;
};

/// True when it was clicked.
bool draw_bar_line(ViewContext& context, const BarLine& line, const BarScale& scale, ImVec2 pos,
                   float width) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const float height = ui::px(kRowDp), middle = pos.y + height / 2;
    const auto response =
        ui::hot_area(fmt::format("##part_{}", line.label).c_str(), {pos.x - ui::px(6), pos.y},
                     {width + ui::px(12), height}, line.is_chosen);
    if (response.is_hovered || line.is_chosen)
        ui::draw_fill(list, {pos.x - ui::px(6), pos.y}, {pos.x + width + ui::px(6), pos.y + height},
                      ui::colors().control, ui::px(4));
    const ui::Rgba ink = line.is_chosen ? ui::colors().accent : ui::colors().text;
    put_words({pos.x, middle - font->FontSize / 2}, ink, line.label);
    put_words_right({scale.left - ui::px(10), middle - font->FontSize / 2}, ink, format_signed(line.value));
    draw_signed_bar(list, scale.zero, static_cast<float>(line.value) * scale.per_unit, middle, ui::px(4),
                    gfx::faded(line.color, context.freshness()));
    if (response.is_hovered) {
        context.shared.next_hover.sentence = line.sentence;
        ui::tooltip(line.sentence, {}, true);
    }
    return response.is_clicked;
}

void draw_parts(ViewContext& context, const ContributionsState& state, ImVec2 pos, ImVec2 size) {
    const Attribution& all = *state.attribution;
    const std::size_t num_rows =
        std::min(state.order.size(),
                 static_cast<std::size_t>(std::max(1.0f, std::floor(size.y / ui::px(kRowDp)) - 1)));
    double others = 0, lo = 0, hi = 0;
    for (std::size_t i = 0; i < state.order.size(); ++i) {
        const double value = all.effect(state.order[i], state.row);
        if (i >= num_rows) others += value;
        if (i < num_rows) lo = std::min(lo, value), hi = std::max(hi, value);
    }
    lo = std::min(lo, others);
    hi = std::max(hi, others);
    const BarScale scale(pos.x + ui::px(154), pos.x + size.x, lo, hi);
    ui::draw_vline(ImGui::GetWindowDrawList(), scale.zero, pos.y,
                   pos.y + static_cast<float>(num_rows + 1) * ui::px(kRowDp), ui::colors().line);
    const std::string label = question_label(context.snapshot);
    for (std::size_t i = 0; i < num_rows; ++i) {
        const Component& part = all.components[state.order[i]];
        BarLine line;
        line.label = part_label(part);
        line.value = all.effect(state.order[i], state.row);
        line.color = signed_ink(line.value);
        const bool is_head = part.kind == Component::Kind::Head;
        line.is_chosen = is_head && HeadId{part.layer, part.head} == context.snapshot.selection.head;
        line.sentence =
            fmt::format("{} adds {} logits to {} directly", line.label, format_signed(line.value, 4), label);
        if (draw_bar_line(context, line, scale, pos, size.x) && is_head)
            context.actions.select_head({part.layer, part.head});
        pos.y += ui::px(kRowDp);
    }
    if (num_rows >= state.order.size()) return;
    BarLine rest;
    rest.label = fmt::format("{} others", state.order.size() - num_rows);
    rest.value = others;
    rest.color = ui::colors().other;
    rest.sentence = fmt::format("all other parts together add {} logits", format_signed(others, 4));
    draw_bar_line(context, rest, scale, pos, size.x);
}

/// Attention rose or blue above, feed-forward paler below, and the running total over the layers.
void draw_layers(ViewContext& context, const ContributionsState& state, ImVec2 pos, ImVec2 size) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const Attribution& all = *state.attribution;
    const std::size_t count = state.layers_attention.size();
    if (count == 0) return;
    double sum = 0;
    for (std::size_t i = 0; i < all.components.size(); ++i)
        if (all.components[i].layer < 0 && all.components[i].kind != Component::Kind::FinalNormBias &&
            all.components[i].kind != Component::Kind::UnembedBias)
            sum += all.effect(i, state.row);
    double lo = std::min(0.0, sum), hi = std::max(0.0, sum);
    std::vector<double> totals = {sum};
    for (std::size_t layer = 0; layer < count; ++layer) {
        for (const double value : {state.layers_attention[layer], state.layers_mlp[layer]})
            lo = std::min(lo, value), hi = std::max(hi, value);
        totals.push_back(totals.back() + state.layers_attention[layer] + state.layers_mlp[layer]);
        lo = std::min(lo, totals.back());
        hi = std::max(hi, totals.back());
    }
    const BarScale scale(pos.x + ui::px(34), pos.x + size.x - ui::px(6), lo, hi);
    const float row = size.y / static_cast<float>(count);
    ui::draw_vline(list, scale.zero, pos.y, pos.y + size.y, ui::colors().line);
    ImFont* font = ui::kit().fonts.small_;
    int step = 1;
    while (row * static_cast<float>(step) < ui::px(13))
        ++step;
    for (std::size_t layer = 0; layer < count; ++layer) {
        const float top = pos.y + static_cast<float>(layer) * row, half = std::min(row / 4 - 0.5f, ui::px(4));
        draw_signed_bar(list, scale.zero, static_cast<float>(state.layers_attention[layer]) * scale.per_unit,
                        top + row / 4, half, signed_ink(state.layers_attention[layer]));
        draw_signed_bar(list, scale.zero, static_cast<float>(state.layers_mlp[layer]) * scale.per_unit,
                        top + row * 3 / 4, half, gfx::faded(signed_ink(state.layers_mlp[layer]), 0.45f));
        if (layer % static_cast<std::size_t>(step) == 0)
            put_words({pos.x, top + row / 2 - font->FontSize / 2}, ui::colors().dim,
                      fmt::format("L{}", layer));
        const auto response =
            ui::hot_area(fmt::format("##layer_{}", layer).c_str(), {pos.x, top}, {size.x, row});
        if (!response.is_hovered) continue;
        const std::string words =
            fmt::format("layer {}: attention {}, feed-forward {}; all up to here {}", layer,
                        format_signed(state.layers_attention[layer]), format_signed(state.layers_mlp[layer]),
                        format_signed(totals[layer + 1]));
        context.shared.next_hover.sentence = words;
        ui::tooltip(words);
    }
    std::vector<ImVec2> curve;
    for (std::size_t i = 0; i < totals.size(); ++i)
        curve.push_back({scale.zero + static_cast<float>(totals[i]) * scale.per_unit,
                         pos.y + static_cast<float>(i) * row});
    list->AddPolyline(curve.data(), static_cast<int>(curve.size()), ui::to_u32(ui::colors().text), 0,
                      ui::px(1.4f));
}

/// Totals by kind, and the check that nothing is missing.
void draw_foot(ViewContext& context, const ContributionsState& state, ImVec2 pos, float width) {
    const Attribution& all = *state.attribution;
    double heads = 0, mlps = 0, embedding = 0, biases = 0, sum = 0;
    for (std::size_t i = 0; i < all.components.size(); ++i) {
        const double value = all.effect(i, state.row);
        sum += value;
        switch (all.components[i].kind) {
            case Component::Kind::Head:
            case Component::Kind::CrossHead:
                heads += value;
                break;
            case Component::Kind::Mlp:
                mlps += value;
                break;
            case Component::Kind::Embedding:
            case Component::Kind::Position:
                embedding += value;
                break;
            default:
                biases += value;
        }
    }
    ui::draw_hline(ImGui::GetWindowDrawList(), pos.x, pos.x + width, pos.y, ui::colors().line);
    std::string kinds = fmt::format("heads {}   feed-forward {}   embedding {}", format_signed(heads),
                                    format_signed(mlps), format_signed(embedding));
    if (std::abs(biases) >= 0.005) kinds += fmt::format("   biases {}", format_signed(biases));
    ImFont* font = ui::kit().fonts.small_;
    put_words({pos.x, pos.y + ui::px(8)}, ui::colors().text, ui::shorten_text(font, kinds, width));
    const double total = all.total(state.row);
    const std::string check =
        fmt::format("{} parts sum to {} = the {}{} ± {}", state.order.size(), format_signed(sum),
                    context.snapshot.part<QuestionState>().rival.empty() ? "centred logit" : "difference",
                    all.cap_slope < 1 ? " before the cap" : "",
                    format_error_bound(std::max(std::abs(sum - total), all.largest_error)));
    put_words({pos.x, pos.y + ui::px(27)}, ui::colors().dim, ui::shorten_text(font, check, width));
    std::string note;
    if (all.all_norms_frozen) note = "all norms frozen: early parts pass many of them";
    if (all.cap_slope < 1) note = fmt::format("small changes count × {:.3f} after the cap", all.cap_slope);
    if (!note.empty()) put_words({pos.x, pos.y + ui::px(44)}, ui::colors().warning, note);
}

void draw_body(ViewContext& context, ContributionsState& state) {
    const Question* question = asked_question(context);
    if (!question) return;
    const Derived<Attribution> derived = context.values.attribution();
    if (!draw_until_ready(derived, "Attributing the answer to the parts …")) return;
    refresh(state, derived.value, question->position);
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    const bool has_note = derived.value->all_norms_frozen || derived.value->cap_slope < 1;
    const ImVec2 body{available.x, available.y - ui::px(kFootDp + (has_note ? kNoteDp : 0))};
    if (body.y < ui::px(30)) return;
    if (state.by_layer)
        draw_layers(context, state, pos, body);
    else
        draw_parts(context, state, pos, body);
    draw_foot(context, state, {pos.x, pos.y + body.y}, available.x);
}

void draw(ViewContext& context) {
    auto& state = static_cast<ContributionsState&>(context.state);
    const bool has_question = context.snapshot.part<QuestionState>().question.has_value();
    std::string line;
    if (has_question && state.attribution)
        line = fmt::format("to {}, direct", format_signed(state.attribution->total(state.row)));
    ui::CardSpec spec;
    spec.id = "contributions";
    spec.title = "Contributions";
    spec.context = line;
    spec.controls = [&] {
        int selected = state.by_layer ? 1 : 0;
        const ui::Segment segments[] = {{"parts##by_part", "Heads, feed-forward parts and the rest", true},
                                        {"layers##by_layer", "Layer by layer, with the running total", true}};
        if (ui::segmented("##contributions", segments, selected)) state.by_layer = selected == 1;
    };
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_contributions = {
    "contributions",
    "Contributions",
    "What each head and feed-forward part adds to the answer's logit directly, largest first, with the sum "
    "that checks it.",
    contributions_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<ContributionsState>()); },
    draw};

}  // namespace headlight
