#include "views/cause/path_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/rows.h"
#include "views/cause/cause_card.h"

namespace headlight {
namespace {

constexpr float kPathNodeWidth = 54, kPathNodeHeight = 20,
                kPathReach = 5;  // dp; how near counts as pointed at

struct PathScreen {
    const CircuitLayout& layout;
    LayoutRect area;

    ImVec2 center(std::size_t index) const {
        const PlacedNode& node = layout.nodes[index];
        const float margin = ui::px(kPathNodeWidth) / 2, top = ui::px(kPathNodeHeight) / 2;
        const float rows = static_cast<float>(std::max(1, layout.num_rows - 1));
        return {area.x + margin + static_cast<float>(node.x) * (area.width - 2 * margin),
                area.bottom() - top - static_cast<float>(node.row) / rows * (area.height - 2 * top)};
    }
    /// Both ends of an edge, at the borders of its nodes.
    std::pair<ImVec2, ImVec2> ends(const CircuitEdge& edge) const {
        const ImVec2 from = center(layout.index_of(edge.from)), to = center(layout.index_of(edge.to));
        const float half = ui::px(kPathNodeHeight) / 2;
        return {{from.x, from.y - half}, {to.x, to.y + half}};
    }
};

/// Distance of a point from a segment, pixels.
float distance_to(ImVec2 point, ImVec2 a, ImVec2 b) {
    const float dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    const float along =
        length > 0 ? std::clamp(((point.x - a.x) * dx + (point.y - a.y) * dy) / length, 0.0f, 1.0f) : 0;
    return std::hypot(point.x - a.x - along * dx, point.y - a.y - along * dy);
}

/// Of the edges near the pointer the nearest; -1: none.
int edge_under(const CircuitGraph& graph, const PathScreen& screen, ImVec2 point) {
    int best = -1;
    float nearest = ui::px(kPathReach);
    for (std::size_t i = 0; i < graph.edges.size(); ++i) {
        const auto [a, b] = screen.ends(graph.edges[i]);
        const float distance = distance_to(point, a, b);
        if (distance < nearest) {
            nearest = distance;
            best = static_cast<int>(i);
        }
    }
    return best;
}

void draw_edges(const CircuitGraph& graph, const PathScreen& screen, int hovered) {
    ImDrawList* const list = ImGui::GetWindowDrawList();
    double largest = 1e-9;
    for (const CircuitEdge& edge : graph.edges)
        largest = std::max(largest, std::abs(edge.effect));
    for (std::size_t i = graph.edges.size(); i-- > 0;) {  // the strongest into a receiver stand first: on top
        const CircuitEdge& edge = graph.edges[i];
        const auto [a, b] = screen.ends(edge);
        const float width = ui::px(1.0f + 4.0f * static_cast<float>(std::abs(edge.effect) / largest));
        const bool is_dim = hovered >= 0 && hovered != static_cast<int>(i);
        list->AddLine(a, b, ui::to_u32(signed_ink(edge.effect), is_dim ? 0.35f : 1.0f), width);
    }
}

void draw_edge_numbers(const CircuitGraph& graph, const PathScreen& screen) {
    for (std::size_t i = 0; i < graph.edges.size(); ++i) {
        const CircuitEdge& edge = graph.edges[i];
        const auto [a, b] = screen.ends(edge);
        const float at = 0.34f + 0.11f * static_cast<float>(i % 4);
        const std::string words = edge.to ? fmt::format("{} {:+.2f}", to_string(edge.input), edge.effect)
                                          : fmt::format("{:+.2f}", edge.effect);
        ImFont* const font = ui::kit().fonts.small_;
        const ImVec2 size = font->CalcTextSizeA(font->FontSize, FLT_MAX, 0, words.c_str());
        const ImVec2 pos{a.x + (b.x - a.x) * at - size.x / 2, a.y + (b.y - a.y) * at - size.y / 2};
        ImGui::GetWindowDrawList()->AddRectFilled({pos.x - 2, pos.y}, {pos.x + size.x + 2, pos.y + size.y},
                                                  ui::to_u32(ui::colors().card));
        put_words(pos, ui::colors().text, words);
    }
}

void draw_nodes(ViewContext& context, const PathScreen& screen) {
    ImDrawList* const list = ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < screen.layout.nodes.size(); ++i) {
        const PlacedNode& node = screen.layout.nodes[i];
        const ImVec2 middle = screen.center(i);
        const ImVec2 half{ui::px(kPathNodeWidth) / 2, ui::px(kPathNodeHeight) / 2};
        const ImVec2 min{middle.x - half.x, middle.y - half.y}, max{middle.x + half.x, middle.y + half.y};
        const bool is_chosen = node.head && *node.head == context.snapshot.selection.head;
        list->AddRectFilled(min, max, ui::to_u32(ui::colors().background), ui::px(5));
        list->AddRect(min, max, ui::to_u32(is_chosen ? ui::colors().accent : ui::colors().line), ui::px(5), 0,
                      is_chosen ? ui::px(2) : 1);
        const std::string label = node.head ? node.head->to_string() : "logits";
        ImFont* const font = ui::kit().fonts.small_;
        const ImVec2 size = font->CalcTextSizeA(font->FontSize, FLT_MAX, 0, label.c_str());
        put_words({middle.x - size.x / 2, middle.y - size.y / 2},
                  is_chosen ? ui::colors().accent : ui::colors().text, label);
        const auto response = ui::hot_area(("##path_node_" + label).c_str(), min, {2 * half.x, 2 * half.y});
        if (response.is_hovered && node.head) context.shared.next_hover.head = node.head;
        if (response.is_clicked && node.head) context.actions.select_head(*node.head);
    }
}

}  // namespace

std::string edge_label(const CircuitEdge& edge) {
    if (!edge.to) return edge.from.to_string() + " → logits";
    const char* const input = edge.input == PathInput::Query ? "query"
                              : edge.input == PathInput::Key ? "key"
                                                             : "value";
    return fmt::format("{} → {}, {}", edge.from.to_string(), edge.to->to_string(), input);
}

void draw_path_picture(ViewContext& context, const CircuitGraph& graph, const CircuitLayout& layout,
                       const LayoutRect& area) {
    const PathScreen screen{layout, area};
    // No item of their own: edges cross, and the nodes on them are items already.
    const bool is_inside = ImGui::IsWindowHovered() && !ImGui::IsAnyItemHovered() &&
                           ImGui::IsMouseHoveringRect({area.x, area.y}, {area.right(), area.bottom()});
    const int hovered = is_inside ? edge_under(graph, screen, ImGui::GetIO().MousePos) : -1;
    draw_edges(graph, screen, hovered);
    draw_edge_numbers(graph, screen);
    draw_nodes(context, screen);
    if (hovered < 0) return;
    const CircuitEdge& edge = graph.edges[static_cast<std::size_t>(hovered)];
    const std::string words = fmt::format(
        "{}: the corrupted output of {} along this path alone destroys {:+.1f} % of the gap; of all heads "
        "before "
        "it 95 % stay below {:.1f} %",
        edge_label(edge), edge.from.to_string(), 100 * edge.effect, 100 * edge.chance);
    context.shared.next_hover.sentence = words;
    context.shared.next_hover.head = edge.from;
    ui::tooltip(words, {}, true);
    if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) context.actions.select_head(edge.from);
}

}  // namespace headlight
