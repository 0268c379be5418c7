// What the chosen row gives each key in A and in B, as two bars a key.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"
#include "views/compare/compare_card.h"
#include "views/format.h"
#include "views/heatmap/heatmap_axes.h"

namespace headlight {

namespace {

constexpr float kLeastNumber = 0.02f;

struct KeyBars {
    std::string label_a, label_b;  // equal where the key is aligned
    std::optional<float> a, b;     // weight; nullopt: that side has no such key
    int key = -1;                  // of A
};

struct CompareRowState final : ViewState {
    const Comparison* comparison = nullptr;
    HeadPair pair;
    int query = -1;
    std::vector<KeyBars> bars;
    std::string why_not;
};

HeightWish compare_row_height(const Snapshot&, const ViewState&, float column_height_dp) {
    return {std::max(150.0f, column_height_dp * 0.21f), 130};
}

std::vector<float> row_of(const ComparedRun& run, HeadId head, int query) {
    std::vector<float> row(static_cast<std::size_t>(run.text->trace->num_keys()));
    run.text->trace->rows(head.layer, head.head, query, query + 1, row);
    return row;
}

/// Keys in the order of A, those that only B has beside the place where they stand.
void refresh(CompareRowState& state, const Comparison& comparison, const HeadPair& pair, int query) {
    if (state.comparison == &comparison && state.pair.a == pair.a && state.pair.b == pair.b &&
        state.query == query)
        return;
    state = {};
    state.comparison = &comparison;
    state.pair = pair;
    state.query = query;
    const RunAlignment& alignment = comparison.alignment;
    if (query < 0 || query >= alignment.queries.size_a) return;
    const int other = alignment.queries.partners()[static_cast<std::size_t>(query)];
    if (other < 0) {
        state.why_not = "B has no such token, so the row is not compared; choose a row that both have.";
        return;
    }
    const std::vector<float> a = row_of(comparison.a, pair.a, query), b = row_of(comparison.b, pair.b, other);
    const KeyRange keys_a = comparison.a.text->trace->admissible(pair.a.layer, query),
                   keys_b = comparison.b.text->trace->admissible(pair.b.layer, other);
    const std::vector<int> partners = alignment.keys.partners();
    int next_b = keys_b.begin;
    const auto label = [](const ComparedRun& run, int key) { return token_label(run.text->keys(), key, 10); };
    const auto only_b = [&](int end) {
        const auto in_a = alignment.keys.partners_in_a();
        for (; next_b < end; ++next_b) {
            if (in_a[static_cast<std::size_t>(next_b)] >= 0) continue;
            KeyBars bars{{}, label(comparison.b, next_b), {}, b[static_cast<std::size_t>(next_b)], -1};
            const bool joins = !state.bars.empty() && state.bars.back().a && !state.bars.back().b;
            if (joins) {
                state.bars.back().b = bars.b;
                state.bars.back().label_b = bars.label_b;
            } else {
                state.bars.push_back(bars);
            }
        }
    };
    for (int key = keys_a.begin; key < keys_a.end; ++key) {
        const int partner = partners[static_cast<std::size_t>(key)];
        if (partner >= 0) only_b(std::min(partner, keys_b.end));
        KeyBars bars{label(comparison.a, key), {}, a[static_cast<std::size_t>(key)], {}, key};
        if (partner >= keys_b.begin && partner < keys_b.end) {
            bars.b = b[static_cast<std::size_t>(partner)];
            bars.label_b = bars.label_a;
            next_b = std::max(next_b, partner + 1);
        }
        state.bars.push_back(std::move(bars));
    }
    only_b(keys_b.end);
}

void draw_one_bar(float x, float width, float foot, float height, float value, bool is_b) {
    const float top = foot - std::max(1.0f, height * value);
    ui::draw_fill(ImGui::GetWindowDrawList(), {x, top}, {x + width, foot}, side_color(is_b),
                  std::min(2.0f, width / 2));
}

/// Distance of the lines, so that there are two to five of them.
float line_step(float hi) {
    for (const float step : {0.01f, 0.02f, 0.05f, 0.1f}) {
        if (hi / step <= 5.5f) return step;
    }
    return 0.25f;
}

void draw_grid_lines(const LayoutRect& area, float hi) {
    ImFont* font = ui::kit().fonts.small_;
    float step = line_step(hi);
    while (area.height * step / hi < ui::px(14) && step < hi)
        step *= 2;  // labels must not touch
    for (float value = 0; value <= hi + 1e-4f; value += step) {
        const float y = area.bottom() - area.height * value / hi;
        ui::draw_hline(ImGui::GetWindowDrawList(), area.x, area.right(), y,
                       gfx::faded(ui::colors().line, 0.8f));
        ui::draw_tabular_right(ImGui::GetWindowDrawList(), font, {area.x - ui::px(5), y - font->FontSize / 2},
                               ui::to_u32(ui::colors().dim), fmt::format("{:.0f} %", 100 * value));
    }
}

void draw_key_label(const KeyBars& bars, float middle, float y, float room) {
    const ui::ShapedStyle style{11, gfx::TextWeight::Regular};
    const auto centred = [&](const std::string& text, float top, ui::Rgba color) {
        const std::string shown = ui::shorten_shaped(text, room, style);
        const float width = ui::measure_shaped(shown, style).advance;
        ui::draw_shaped(ImGui::GetWindowDrawList(), {middle - width / 2, top}, shown, color, style);
    };
    if (bars.a && bars.b && bars.label_a == bars.label_b) return centred(bars.label_a, y, ui::colors().text);
    if (bars.a) centred(bars.label_a, y, side_color(false));
    if (bars.b) centred(bars.label_b, y + ui::px(14), side_color(true));
}

void draw_bars(ViewContext& context, const CompareRowState& state, ImVec2 pos, ImVec2 size) {
    float hi = 0.05f;
    for (const KeyBars& bars : state.bars)
        hi = std::max({hi, bars.a.value_or(0), bars.b.value_or(0)});
    hi = std::min(1.0f, std::ceil(hi * 20) / 20);
    const LayoutRect area{pos.x + ui::px(40), pos.y + ui::px(16), size.x - ui::px(46), size.y - ui::px(56)};
    if (area.height < ui::px(30) || state.bars.empty()) return;
    draw_grid_lines(area, hi);
    const float column = area.width / static_cast<float>(state.bars.size()),
                bar = std::min(column * 0.28f, ui::px(16));
    const int step = axis_step(column, ui::px(34));
    for (std::size_t i = 0; i < state.bars.size(); ++i) {
        const KeyBars& bars = state.bars[i];
        const float middle = area.x + (static_cast<float>(i) + 0.5f) * column;
        const bool is_aligned = bars.a && bars.b && bars.label_a == bars.label_b;
        if (!is_aligned)
            draw_hatch({middle - column * 0.42f, area.y, column * 0.84f, area.height},
                       gfx::faded(ui::colors().dim, 0.4f));
        if (bars.a) draw_one_bar(middle - bar - 1, bar, area.bottom(), area.height, *bars.a / hi, false);
        if (bars.b) draw_one_bar(middle + 1, bar, area.bottom(), area.height, *bars.b / hi, true);
        ImFont* font = ui::kit().fonts.small_;
        const auto number = [&](float value, float x) {
            if (value < kLeastNumber || bar < ui::px(9)) return;
            const std::string text = fmt::format("{:.0f}", 100 * value);
            ui::draw_tabular(ImGui::GetWindowDrawList(), font,
                             {x + (bar - ui::tabular_width(font, text)) / 2,
                              area.bottom() - area.height * value / hi - font->FontSize - 1},
                             ui::to_u32(ui::colors().dim), text);
        };
        if (bars.a) number(*bars.a, middle - bar - 1);
        if (bars.b) number(*bars.b, middle + 1);
        if (static_cast<int>(i) % step == 0 || !is_aligned)
            draw_key_label(bars, middle, area.bottom() + ui::px(5), std::max(column, ui::px(40)) - ui::px(3));
        const auto response = ui::hot_area(fmt::format("##row_key_{}", i).c_str(),
                                           {middle - column / 2, area.y}, {column, size.y - ui::px(20)});
        if (response.is_clicked && bars.key >= 0) context.actions.choose_key_token(bars.key);
        if (!response.is_hovered) continue;
        const auto words = [](const std::optional<float>& value) {
            return value ? format_percent(*value) : std::string("nothing: it has no such key");
        };
        context.shared.next_hover.sentence = fmt::format(
            "{}: {} in A, {} in B", bars.a ? bars.label_a : bars.label_b, words(bars.a), words(bars.b));
    }
}

void draw(ViewContext& context) {
    auto& state = static_cast<CompareRowState&>(context.state);
    const Comparison* comparison = known_comparison(context.snapshot);
    const int query = context.snapshot.token_selection.query;
    std::string title = "Row";
    if (comparison && query >= 0 && query < context.num_model_tokens())
        title = fmt::format("{} ({})", token_label(comparison->a.text->tokens, query), query);
    ui::CardSpec spec;
    spec.id = "compare_row";
    spec.title = title;
    const std::string line = between_tokens(context.snapshot, "what the row gives each key in A and in B");
    spec.context = line;
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context)) {
        comparison = shown_comparison(context);
        if (!comparison) return;
        refresh(state, *comparison, shown_pair(*comparison, context.snapshot), query);
        if (!state.why_not.empty()) {
            ui::draw_card_state({ui::CardState::Empty, state.why_not, nullptr, -1});
            return;
        }
        draw_bars(context, state, ImGui::GetCursorScreenPos(), ImGui::GetContentRegionAvail());
    }
}

}  // namespace

extern const ViewDescriptor k_view_compare_row = {
    "compare_row",
    "Row",
    "What the chosen token gives each key in A and in B; hatched keys are not aligned.",
    compare_row_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<CompareRowState>()); },
    draw};

}  // namespace headlight
