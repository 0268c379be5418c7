// One head in A, in B, and the difference.
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
#include "ui/shaped_text.h"
#include "views/compare/compare_axes.h"
#include "views/compare/compare_card.h"
#include "views/format.h"
#include "views/pictures.h"

namespace headlight {

namespace {

struct CompareHeadState final : ViewState {
    const Comparison* comparison = nullptr;
    HeadPair pair;
    ComparedCells a, b, difference;
};

HeightWish compare_head_height(const Snapshot&, const ViewState&, float) {
    return {0, 220};
}

void refresh(CompareHeadState& state, const Comparison& comparison, const HeadPair& pair) {
    if (state.comparison == &comparison && state.pair.a == pair.a && state.pair.b == pair.b) return;
    state.comparison = &comparison;
    state.pair = pair;
    state.a = side_cells(comparison.a, pair.a);
    state.b = side_cells(comparison.b, pair.b);
    state.difference = difference_cells(comparison, pair);
}

const char* name_of(Compare side) {
    return side == Compare::Before ? "before" : side == Compare::After ? "after" : "difference";
}

/// F flips A and B in place, D shows the difference.
void handle_keys(ViewContext& context) {
    if (context.shared.has_text_focus || context.shared.is_dialog_open || ImGui::GetIO().KeyCtrl) return;
    const Compare now = context.snapshot.compare;
    if (ImGui::IsKeyPressed('F', false))
        context.actions.set("compare", name_of(now == Compare::Before ? Compare::After : Compare::Before));
    if (ImGui::IsKeyPressed('D', false))
        context.actions.set("compare",
                            name_of(now == Compare::Difference ? Compare::Before : Compare::Difference));
}

void draw_controls(ViewContext& context) {
    int selected = static_cast<int>(context.snapshot.compare);
    const ui::Segment segments[] = {
        {"A##side_a", "The shown run (F flips)", true},
        {"B##side_b", "The run it is compared with (F flips)", true},
        {"difference##side_difference", "A minus B over the tokens of A (D)", true}};
    static constexpr Compare kSides[] = {Compare::Before, Compare::After, Compare::Difference};
    if (ui::segmented("##compared_side", segments, selected))
        context.actions.set("compare", name_of(kSides[selected]));
}

void frame_row(const LayoutRect& cells, int rows, int row, ui::Rgba color) {
    if (row < 0 || row >= rows) return;
    const float height = cells.height / static_cast<float>(rows);
    ui::draw_frame(ImGui::GetWindowDrawList(), {cells.x - 1, cells.y + static_cast<float>(row) * height - 1},
                   {cells.right() + 1, cells.y + static_cast<float>(row + 1) * height}, color, ui::px(2),
                   ui::px(1.5f));
}

/// The colour bar of what is shown, both ends written.
void draw_bar(const ComparedCells& cells, double gamma, const LayoutRect& bar) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const auto map =
        cells.is_signed ? difference_colormap(ui::kit().theme, gamma) : weight_colormap(ui::kit().theme);
    ui::draw_text(list, font, {bar.x - ui::px(4), bar.y - ui::px(18)}, ui::colors().dim,
                  cells.is_signed ? "A − B" : "weight");
    ui::draw_color_bar(list, {bar.x, bar.y}, {bar.right(), bar.bottom()}, map,
                       cells.is_signed ? 1.0f : static_cast<float>(gamma));
    const auto tick = [&](float y, const std::string& text) {
        ui::draw_tabular(list, font, {bar.right() + ui::px(6), y - font->FontSize / 2},
                         ui::to_u32(ui::colors().dim), text);
    };
    tick(bar.y, cells.is_signed ? fmt::format("+{:.2f}", cells.largest) : "1");
    if (cells.is_signed) tick(bar.y + bar.height / 2, "0");
    tick(bar.bottom(), cells.is_signed ? fmt::format("−{:.2f}", cells.largest) : "0");
}

/// What a cell holds, as a sentence.
std::string cell_sentence(const CompareHeadState& state, const Comparison& comparison, int query, int key) {
    const auto cols = static_cast<std::size_t>(state.a.cols);
    const std::size_t at = static_cast<std::size_t>(query) * cols + static_cast<std::size_t>(key);
    const TokenizedText &queries = comparison.a.text->tokens, &keys = comparison.a.text->keys();
    if (state.a.is_masked[at])
        return fmt::format("{} cannot see {}", quoted_token(queries, query), quoted_token(keys, key));
    const float a = state.a.values[at], difference = state.difference.values[at];
    const std::string words = fmt::format("{} → {}: {} in A", quoted_token(queries, query),
                                          quoted_token(keys, key), format_percent(a));
    if (std::isnan(difference)) return words + "; B has no such row or key, so it is not compared";
    return fmt::format("{}, {} in B", words, format_percent(a - difference));
}

/// Hover and clicks over the large picture, whose axes are those of `run`.
void handle_pointer(ViewContext& context, const CompareHeadState& state, const Comparison& comparison,
                    const LayoutRect& cells, Compare side) {
    const auto response = ui::hot_area("##compared_area", {cells.x, cells.y}, {cells.width, cells.height});
    if (!response.is_hovered) return;
    const ComparedCells& shown = side == Compare::After ? state.b : state.a;
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    int query =
            std::clamp(static_cast<int>((mouse.y - cells.y) / cells.height * static_cast<float>(shown.rows)),
                       0, shown.rows - 1),
        key = std::clamp(static_cast<int>((mouse.x - cells.x) / cells.width * static_cast<float>(shown.cols)),
                         0, shown.cols - 1);
    if (side == Compare::After) {
        query = comparison.alignment.queries.partners_in_a()[static_cast<std::size_t>(query)];
        key = comparison.alignment.keys.partners_in_a()[static_cast<std::size_t>(key)];
        if (query < 0 || key < 0) {
            context.shared.next_hover.sentence = "A has no such row or key, so it is not compared";
            return;
        }
    }
    const std::string words = cell_sentence(state, comparison, query, key);
    context.shared.next_hover.sentence = words;
    context.shared.next_hover.token = context.unit_of_query(query);
    ui::tooltip(words, {}, true);
    if (!response.is_clicked) return;
    context.actions.choose_query_token(query);
    context.actions.choose_key_token(key);
}

/// What the empty triangle has room to say.
void draw_notes(const Comparison& comparison, const LayoutRect& cells, Compare side) {
    if (!comparison.a.text->trace->info().is_causal || cells.width < ui::px(260)) return;
    std::vector<std::string> lines;
    const RunAlignment& alignment = comparison.alignment;
    if (alignment.agrees_before && alignment.first_changed > 0)
        lines.push_back(alignment.first_changed == 1
                            ? std::string("row 0 agrees exactly")
                            : fmt::format("rows 0–{} agree exactly", alignment.first_changed - 1));
    if (side == Compare::Difference && !alignment.queries.is_same_text())
        lines.push_back("hatched: not aligned");
    ImFont* font = ui::kit().fonts.small_;
    float y = cells.y + ui::px(10);
    for (const std::string& line : lines) {
        ui::draw_text(ImGui::GetWindowDrawList(), font,
                      {cells.right() - ui::px(10) - ui::measure_text(font, line).x, y}, ui::colors().dim,
                      line);
        y += ui::px(16);
    }
}

/// A and B stay in sight beside the large picture, with the same row framed.
void draw_small(const Comparison& comparison, const ComparedCells& cells, bool is_b, int row, double gamma,
                const LayoutRect& area) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ComparedRun& run = is_b ? comparison.b : comparison.a;
    ui::draw_text(list, ui::kit().fonts.semibold, {area.x, area.y - ui::px(17)}, side_color(is_b),
                  is_b ? "B" : "A");
    double first = 0;
    int rows = 0;
    for (int query = 1; query < cells.rows; ++query, ++rows)
        first += cells.values[static_cast<std::size_t>(query) * static_cast<std::size_t>(cells.cols)];
    if (rows > 0 && run.text->trace->info().is_causal) {
        ui::draw_tabular_right(list, ui::kit().fonts.small_, {area.right(), area.y - ui::px(16)},
                               ui::to_u32(ui::colors().dim),
                               fmt::format("first {:.0f} %", 100 * first / rows));
    }
    draw_compared_cells(cells, area, gamma, false);
    frame_row(area, cells.rows, row, ui::colors().accent);
}

void draw_body(ViewContext& context, CompareHeadState& state) {
    const Comparison* comparison = shown_comparison(context);
    if (!comparison) return;
    for (const ComparedRun* run : {&comparison->a, &comparison->b}) {
        const AttentionTrace& trace = *run->text->trace;
        if (!is_long_picture(trace.num_queries(), trace.num_keys())) continue;
        return ui::text_wrapped(
            fmt::format(
                "Whole matrices are laid side by side up to {} tokens. Choose a query: its row in A and B is "
                "compared at any length.",
                kMostPyramidTokens),
            ui::colors().dim);
    }
    refresh(state, *comparison, shown_pair(*comparison, context.snapshot));
    handle_keys(context);
    const Compare side = context.snapshot.compare;
    const double gamma = context.snapshot.settings.gamma;
    const ImVec2 pos = ImGui::GetCursorScreenPos(), size = ImGui::GetContentRegionAvail();
    if (size.x < ui::px(180) || size.y < ui::px(120)) return;
    const bool has_small = size.x > ui::px(520);
    const float small = has_small ? std::min(ui::px(120), (size.y - ui::px(60)) / 2) : 0;
    const float left = ui::px(112), top = ui::px(64);
    const ComparedCells& cells = side == Compare::Before  ? state.a
                                 : side == Compare::After ? state.b
                                                          : state.difference;
    const float room = size.x - left - ui::px(78) - (has_small ? small + ui::px(20) : 0);
    const float wide = std::min(room, static_cast<float>(cells.cols) * ui::px(46)),
                high = std::min(size.y - top - ui::px(6), static_cast<float>(cells.rows) * ui::px(28));
    const LayoutRect area{pos.x + left, pos.y + top, wide, high};
    draw_compared_cells(cells, area, gamma, context.snapshot.settings.shows_numbers);
    const bool is_b = side == Compare::After;
    const ComparedRun& run = is_b ? comparison->b : comparison->a;
    const RunAlignment& alignment = comparison->alignment;
    const int query = context.snapshot.token_selection.query, key = context.snapshot.token_selection.key;
    const auto in_b = [](const TokenAlignment& pairs, int index) {
        return index >= 0 && index < pairs.size_a ? pairs.partners()[static_cast<std::size_t>(index)] : -1;
    };
    const int row = is_b ? in_b(alignment.queries, query) : query;
    draw_compared_rows(run.text->tokens,
                       is_b ? alignment.queries.partners_in_a() : alignment.queries.partners(), row, area);
    draw_compared_columns(run.text->keys(), is_b ? alignment.keys.partners_in_a() : alignment.keys.partners(),
                          is_b ? in_b(alignment.keys, key) : key, area);
    frame_row(area, cells.rows, row, ui::colors().accent);
    draw_notes(*comparison, area, side);
    ImFont* font = ui::kit().fonts.small_;
    ui::draw_text(ImGui::GetWindowDrawList(), font, {pos.x, area.y - ui::px(30)}, ui::colors().dim,
                  "key (to) →");
    ui::draw_text(ImGui::GetWindowDrawList(), font, {pos.x, area.y - ui::px(15)}, ui::colors().dim,
                  "query (from) ↓");
    draw_bar(
        cells, gamma,
        {area.right() + ui::px(18), area.y + ui::px(4), ui::px(12), std::min(high - ui::px(8), ui::px(240))});
    handle_pointer(context, state, *comparison, area, side);
    if (!has_small) return;
    const float x = pos.x + size.x - small;
    draw_small(*comparison, state.a, false, query, gamma, {x, pos.y + ui::px(22), small, small});
    draw_small(*comparison, state.b, true, in_b(alignment.queries, query), gamma,
               {x, pos.y + ui::px(22) + small + ui::px(26), small, small});
}

void draw(ViewContext& context) {
    auto& state = static_cast<CompareHeadState&>(context.state);
    const Comparison* comparison = known_comparison(context.snapshot);
    std::string title = "Head in A and B", line;
    if (comparison) {
        const HeadPair pair = shown_pair(*comparison, context.snapshot);
        title = pair.a == pair.b ? heads_title({pair.a}) : pair.a.to_string() + " and " + pair.b.to_string();
        static constexpr const char* kSides[] = {"A", "B", "difference A − B"};
        line = kSides[static_cast<std::size_t>(context.snapshot.compare)];
        if (const HeadDivergence* head = divergence_of(*comparison, pair.a); head && head->num_rows > 0)
            line += fmt::format(" · {} nats", divergence_text(head->ranked, false));
    }
    line = between_tokens(context.snapshot, std::move(line));
    ui::CardSpec spec;
    spec.id = "compare_head";
    spec.title = title;
    spec.context = line;
    spec.controls = [&] {
        if (comparison) draw_controls(context);
    };
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_compare_head = {
    "compare_head",
    "A | B",
    "The chosen head in A, in B, and A minus B; F flips the sides, D shows the difference.",
    compare_head_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<CompareHeadState>()); },
    draw};

}  // namespace headlight
