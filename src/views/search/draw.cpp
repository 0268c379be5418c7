// What is looked for: an empty matrix to draw on, or a rule and the pairs that it means.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/heatmap/heatmap_camera.h"
#include "views/search/draw_tools.h"
#include "views/search/rule_field.h"
#include "views/search/search_card.h"

namespace headlight {

namespace {

struct SearchDrawState final : ViewState {
    DrawTools tools;
    RuleField rule;
    HeatmapCamera camera;
    AxisRoom room;
    HeatmapCell hovered;
    // The drawing on the shown text, at once.
    std::uint64_t text_id = 0;
    std::vector<Stroke> strokes;
    std::shared_ptr<const PairTemplate> drawn;
};

HeightWish search_draw_height(const Snapshot&, const ViewState&, float) {
    return {0, 210};
}

void draw_mode(ViewContext& context) {
    int selected = context.snapshot.part<SearchState>().mode == SearchMode::Rule ? 1 : 0;
    const ui::Segment segments[] = {
        {"drawing##mode_drawing", "Draw the pairs on this text's tokens", true},
        {"rule##mode_rule", "Say the pairs in words: a rule means the same on every text", true}};
    if (ui::segmented("##search_mode", segments, selected))
        context.actions.set("search", selected == 1 ? "rule" : "drawing");
}

/// The pairs of what is looked for; null: none.
const PairTemplate* pairs_of(ViewContext& context, SearchDrawState& state) {
    const SearchState& now = context.snapshot.part<SearchState>();
    if (now.mode == SearchMode::Rule)
        return now.is_of(context.text()->id) && now.error.empty() ? now.pairs.get() : nullptr;
    if (now.strokes.empty()) return nullptr;
    // Long texts take a moment: theirs comes with the session's.
    constexpr int kMostAtOnce = 1500;
    if (std::max(context.num_tokens(), context.num_keys()) > kMostAtOnce)
        return now.is_of(context.text()->id) ? now.pairs.get() : nullptr;
    if (state.text_id != context.text()->id || state.strokes != now.strokes || !state.drawn) {
        state.text_id = context.text()->id;
        state.strokes = now.strokes;
        state.drawn = std::make_shared<const PairTemplate>(draw_strokes(
            now.strokes, context.num_tokens(), context.num_keys(), context.trace().info().is_causal));
    }
    return state.drawn.get();
}

/// Cells that the mask allows, over the colour of those that it does not.
void draw_paper(const ViewContext& context, const HeatmapPlot& plot) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 min{plot.cells.x, plot.cells.y}, max{plot.cells.right(), plot.cells.bottom()};
    ui::draw_fill(list, min, max, ui::colors().masked);
    const ui::Rgba paper = ui::colors().card;  // what 0 is in the weights' colours
    if (!context.trace().info().is_causal) return ui::draw_fill(list, min, max, paper);
    list->PushClipRect(min, max, true);
    const int count = context.num_tokens();
    if (plot.cell_height() < 2) {
        list->AddTriangleFilled({plot.x_of(0), plot.y_of(0)}, {plot.x_of(count), plot.y_of(count)},
                                {plot.x_of(0), plot.y_of(count)}, ui::to_u32(paper));
    } else {
        const int first = std::max(0, static_cast<int>(plot.visible.row)),
                  last = std::min(count, static_cast<int>(std::ceil(plot.visible.row + plot.visible.rows)));
        for (int query = first; query < last; ++query)
            list->AddRectFilled({plot.x_of(0), plot.y_of(query)},
                                {plot.x_of(query + 1), plot.y_of(query + 1)}, ui::to_u32(paper));
    }
    list->PopClipRect();
}

void draw_grid_lines(const ViewContext& context, const HeatmapPlot& plot) {
    if (std::min(plot.cell_width(), plot.cell_height()) < ui::px(8)) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    for (int key = 1; key < context.num_keys(); ++key) {
        const float x = plot.x_of(key);
        if (x > plot.cells.x && x < plot.cells.right())
            ui::draw_vline(list, x, plot.cells.y, plot.cells.bottom(), ui::colors().grid);
    }
    for (int query = 1; query < context.num_tokens(); ++query) {
        const float y = plot.y_of(query);
        if (y > plot.cells.y && y < plot.cells.bottom())
            ui::draw_hline(list, plot.cells.x, plot.cells.right(), y, ui::colors().grid);
    }
}

void handle_pointer(ViewContext& context, SearchDrawState& state, const HeatmapPlot& plot) {
    const auto response = zoomable_area("##draw_area", plot, state.camera);
    const HeatmapCell before = state.hovered;
    state.hovered = {};
    if (response.is_hovered || state.tools.is_dragging)
        state.hovered = cell_under_pointer(plot, state.camera);
    if (context.snapshot.part<SearchState>().mode == SearchMode::Drawing)
        drag_stroke(context, state.tools, state.hovered, response.is_hovered);
    if (state.hovered.query >= 0) {
        context.shared.next_hover.token = state.hovered.query;
        context.shared.next_hover.sentence =
            fmt::format("from {} to {}", quoted_token(context.tokens(), state.hovered.query),
                        quoted_token(context.keys(), state.hovered.key));
        if (context.has_one_text())
            context.shared.next_hover.sentence +=
                fmt::format(", {} tokens before it", state.hovered.query - state.hovered.key);
    }
    if (!(before == state.hovered)) ui::request_redraw();
}

/// What the pairs are, or what to do while there are none.
std::string foot_line(const ViewContext& context, const SearchDrawState& state, const PairTemplate* pairs) {
    const SearchState& now = context.snapshot.part<SearchState>();
    if (now.is_empty())
        return now.mode == SearchMode::Drawing
                   ? "Draw where a head should look: heads that do come first."
                   : "Say which pairs a head should look at: heads that do come first.";
    if (!now.error.empty() && now.mode == SearchMode::Drawing) return now.error;
    if (pairs == nullptr) return now.running ? "looking …" : std::string();
    (void)state;
    const std::string count = format_count(static_cast<int>(pairs->size()), "pair", "pairs");
    return now.mode == SearchMode::Drawing
               ? count + " drawn on this text: descriptive only; say it as a rule to confirm it on others"
               : count + " on this text; save the rule and confirm it on others (scan --rules)";
}

void draw_matrix(ViewContext& context, SearchDrawState& state, const LayoutRect& body) {
    if (body.width < ui::px(120) || body.height < ui::px(70)) return;
    if (!state.camera.fits(context.num_tokens(), context.num_keys()))
        state.camera.fit(context.num_tokens(), context.num_keys());
    const PairTemplate* pairs = pairs_of(context, state);
    const float foot = ui::px(18);
    const LayoutRect room{body.x, body.y, body.width + ui::px(40), body.height - foot};
    const HeatmapPlot plot = place_plot(room, state.camera.visible(), state.room, ui::kit().scale);
    draw_paper(context, plot);
    if (pairs != nullptr) draw_pairs(plot, *pairs, ui::colors().second, false);
    draw_grid_lines(context, plot);
    draw_crosshair(plot, state.hovered);
    const AxisHighlight highlight{context.snapshot.selection.query, context.snapshot.selection.key,
                                  state.hovered.query, state.hovered.key};
    if (draw_axes(context, plot, highlight, state.room)) ui::request_redraw();
    handle_pointer(context, state, plot);
    ImFont* font = ui::kit().fonts.small_;
    ui::draw_text(ImGui::GetWindowDrawList(), font, {body.x, body.bottom() - ui::px(15)}, ui::colors().dim,
                  ui::shorten_text(font, foot_line(context, state, pairs), body.width));
}

void draw_body(ViewContext& context, SearchDrawState& state) {
    const SearchState& now = shown_search(context);
    const ImVec2 pos = ImGui::GetCursorScreenPos(), size = ImGui::GetContentRegionAvail();
    float top = ui::px(30);
    if (now.mode == SearchMode::Drawing)
        draw_tool_row(context, state.tools, size.x < ui::px(560));
    else
        top = draw_rule_field(context, state.rule, size.x,
                              size.y < ui::px(230)   ? 0
                              : size.y < ui::px(330) ? 1
                                                     : 2);
    draw_matrix(context, state, {pos.x, pos.y + top, size.x, size.y - top});
}

void draw(ViewContext& context) {
    auto& state = static_cast<SearchDrawState&>(context.state);
    ui::CardSpec spec;
    spec.id = "search_draw";
    spec.title = "Look for";
    spec.controls = [&] { draw_mode(context); };
    if (ui::Card card{spec, context.pos, context.size};
        card && !draw_missing_text(context, MissingTextRole::Main))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_search_draw = {
    "search_draw",
    "Look for",
    "The pairs that heads are compared with: drawn on an empty matrix, or said as a rule.",
    search_draw_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<SearchDrawState>()); },
    draw};

}  // namespace headlight
