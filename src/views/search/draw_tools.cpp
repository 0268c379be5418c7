#include "views/search/draw_tools.h"

#include <algorithm>
#include <cstdlib>

#include "session/tasks/search.h"
#include "ui/controls.h"
#include "ui/kit.h"

namespace headlight {
namespace {

constexpr float kLeastWithRedo = 340;  // card width, at scale 1

}  // namespace

Stroke DrawTools::stroke() const {
    Stroke out;
    out.erases = erases;
    const auto [first_query, last_query] = std::minmax(from.query, to.query);
    const auto [first_key, last_key] = std::minmax(from.key, to.key);
    switch (tool) {
        case DrawTool::Box:
            out.first_query = first_query;
            out.last_query = last_query;
            out.first_key = first_key;
            out.last_key = last_key;
            break;
        case DrawTool::Column:
            out.first_key = first_key;
            out.last_key = last_key;
            break;
        case DrawTool::Row:
            out.first_query = first_query;
            out.last_query = last_query;
            break;
        case DrawTool::Stripe: {
            const int one = from.query - from.key, other = to.query - to.key;
            const auto [near, far] = std::minmax(one, other);
            out.kind = Stroke::Kind::Stripe;
            out.width = far - near + 1;
            out.offset = near + (out.width - 1) / 2;
            break;
        }
        case DrawTool::Part:
            out.kind = Stroke::Kind::Stripe;
            out.offset = from.query - from.key;
            out.first_query = first_query;
            out.last_query = last_query;
            break;
        case DrawTool::Brush:
            out.kind = Stroke::Kind::Brush;
            out.width = brush_width;
            out.points = points;
            break;
    }
    return out;
}

void draw_tool_row(ViewContext& context, DrawTools& tools, bool is_narrow) {
    static constexpr const char* kHelp[] = {
        "Drag from corner to corner: these queries over these keys",
        "Drag across: keys at this distance before their query, over the whole text",
        "Drag down a diagonal: keys at one distance, of these queries only",
        "Drag across: these keys, from every query",
        "Drag down: every key, from these queries",
        "Drag: cell by cell"};
    const ui::Segment segments[] = {
        {"box##tool_box", kHelp[0], true},   {"stripe##tool_stripe", kHelp[1], true},
        {"part##tool_part", kHelp[2], true}, {"column##tool_column", kHelp[3], true},
        {"row##tool_row", kHelp[4], true},   {"brush##tool_brush", kHelp[5], true}};
    int selected = static_cast<int>(tools.tool);
    const SearchState& state = context.snapshot.part<SearchState>();
    if (is_narrow) {
        const char* entries[] = {"box", "stripe", "part", "column", "row", "brush"};
        if (ui::pill_menu("##tool", nullptr, entries, selected)) tools.tool = static_cast<DrawTool>(selected);
    } else if (ui::segmented("##tools", segments, selected)) {
        tools.tool = static_cast<DrawTool>(selected);
    }
    ImGui::SameLine(0, ui::px(8));
    if (ui::toolbar_button("erase##tool_erase", tools.erases, true, "The next strokes take pairs away"))
        tools.erases = !tools.erases;
    ImGui::SameLine(0, ui::px(4));
    if (ui::toolbar_button("undo##draw_undo", false, !state.strokes.empty(), "Take the last stroke back"))
        context.actions.run("draw", {"undo"});
    if (context.size.x >= ui::px(kLeastWithRedo)) {
        ImGui::SameLine(0, ui::px(4));
        if (ui::toolbar_button("redo##draw_redo", false, !state.undone.empty(),
                               "Draw the stroke again that was taken back"))
            context.actions.run("draw", {"redo"});
    }
    ImGui::SameLine(0, ui::px(4));
    if (ui::toolbar_button("clear##draw_clear", false, !state.strokes.empty(), "Begin with an empty matrix"))
        context.actions.run("draw", {"clear"});
}

void drag_stroke(ViewContext& context, DrawTools& tools, HeatmapCell hovered, bool is_hovered) {
    if (is_hovered && hovered.query >= 0 && ImGui::IsMouseClicked(0)) {
        tools.is_dragging = true;
        tools.has_stroke = false;
        tools.from = hovered;
        tools.to = {};
        tools.points.clear();
    }
    if (!tools.is_dragging) return;
    if (hovered.query >= 0 && !(hovered == tools.to)) {
        tools.to = hovered;
        if (tools.points.size() < kMostStrokePoints) tools.points.emplace_back(hovered.query, hovered.key);
        std::vector<std::string> words = stroke_words(tools.stroke());
        if (tools.has_stroke) words.insert(words.begin(), "replace");
        context.actions.run("draw", std::move(words));
        tools.has_stroke = true;
    }
    if (!ImGui::IsMouseDown(0)) tools.is_dragging = false;
}

}  // namespace headlight
