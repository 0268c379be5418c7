// A circuit of heads: rows of layers, signed edges.
#include <algorithm>
#include <cmath>

#include "figure/canvas.h"
#include "figure/text_layout.h"
#include "figure/title.h"

namespace headlight {
namespace {

constexpr double kNodeWidthPx = 58, kNodeHeightPx = 22, kRowPx = 74, kNodeRoomPx = 84;
constexpr double kThickestEdgePx = 6, kThinnestEdgePx = 0.8;

struct CircuitGeometry {
    double width = 0, height = 0, left = 0, inner = 0;
    double node_x(const CircuitDrawing::Node& node) const { return left + node.x * inner; }
    double node_y(const CircuitDrawing& drawing, const CircuitDrawing::Node& node) const {
        return kTitleRoomPx + kNodeHeightPx + (drawing.num_rows - 1 - node.row) * kRowPx;
    }
};

CircuitGeometry lay_out_drawing(const CircuitDrawing& drawing) {
    std::vector<int> per_row(static_cast<std::size_t>(drawing.num_rows), 0);
    for (const auto& node : drawing.nodes)
        ++per_row[static_cast<std::size_t>(node.row)];
    CircuitGeometry g;
    const int widest = *std::max_element(per_row.begin(), per_row.end());
    g.inner = std::max(kLeastFigurePx - 2 * kMarginPx, widest * kNodeRoomPx);
    g.left = kMarginPx;
    g.width = g.inner + 2 * kMarginPx;
    g.height = kTitleRoomPx + drawing.num_rows * kRowPx + 24 + kMarginPx;
    return g;
}

void draw_edge(Canvas& canvas, const CircuitDrawing& drawing, const CircuitGeometry& g,
               const CircuitDrawing::Edge& edge, double largest, int number) {
    const auto& from = drawing.nodes[edge.from];
    const auto& to = drawing.nodes[edge.to];
    const Point a{g.node_x(from), g.node_y(drawing, from) - kNodeHeightPx / 2},
        b{g.node_x(to), g.node_y(drawing, to) + kNodeHeightPx / 2};
    const double share = std::abs(edge.effect) / largest;
    const Rgb8 colour = signed_colour(false, edge.effect > 0 ? 0.75 : -0.75, 1);
    canvas.line(a, b, {.width = std::max(kThinnestEdgePx, share * kThickestEdgePx), .colour = colour});
    // Labels of edges into one node stand at different heights, so that they do not lie on each other.
    const double at = 0.3 + 0.13 * (number % 4);
    const Point label{a.x + (b.x - a.x) * at, a.y + (b.y - a.y) * at};
    const std::string text = edge.label.empty() ? fmt::format("{:+.2f}", edge.effect)
                                                : fmt::format("{} {:+.2f}", edge.label, edge.effect);
    const double width = text_width(text, kLabelPx) + 4;
    canvas.fill({label.x - width / 2, label.y - 7, width, 14}, kPaper);
    canvas.text(label, text, {.size_px = kLabelPx, .anchor = Anchor::Middle, .is_centred = true});
}

void draw_node(Canvas& canvas, const CircuitDrawing& drawing, const CircuitGeometry& g,
               const CircuitDrawing::Node& node) {
    const double width = std::max(kNodeWidthPx, text_width(node.label, kTextPx) + 12);
    const Box box{g.node_x(node) - width / 2, g.node_y(drawing, node) - kNodeHeightPx / 2, width,
                  kNodeHeightPx};
    canvas.fill(box, {244, 246, 249});
    canvas.frame(box, {.width = 1, .colour = kLine});
    canvas.text({g.node_x(node), g.node_y(drawing, node)}, node.label,
                {.size_px = kTextPx, .anchor = Anchor::Middle, .is_centred = true});
}

}  // namespace

Status draw_circuit(const std::string& path, const CircuitDrawing& drawing, const std::string& what,
                    const FigureCaption& caption, const FigureStyle& style) {
    const bool is_sound =
        !drawing.nodes.empty() &&
        std::all_of(drawing.edges.begin(), drawing.edges.end(),
                    [&](const auto& edge) { return std::max(edge.from, edge.to) < drawing.nodes.size(); }) &&
        std::all_of(drawing.nodes.begin(), drawing.nodes.end(),
                    [&](const auto& node) { return node.row >= 0 && node.row < drawing.num_rows; });
    if (!is_sound)
        return fail(ErrorKind::InvalidInput, "cannot draw {}: its edges and rows do not fit its {} nodes",
                    what, drawing.nodes.size());
    const CircuitGeometry g = lay_out_drawing(drawing);
    double largest = 1e-9;
    for (const auto& edge : drawing.edges)
        largest = std::max(largest, std::abs(edge.effect));
    const auto canvas = make_canvas(g.width, g.height, style, title_text(caption, what));
    // The weakest first: strong edges lie on top.
    std::vector<std::size_t> order(drawing.edges.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::abs(drawing.edges[a].effect) < std::abs(drawing.edges[b].effect);
    });
    for (const std::size_t index : order)
        draw_edge(*canvas, drawing, g, drawing.edges[index], largest, static_cast<int>(index));
    for (const auto& node : drawing.nodes)
        draw_node(*canvas, drawing, g, node);
    if (!drawing.caveat.empty())
        canvas->text({g.left, g.height - kMarginPx}, drawing.caveat, {.size_px = kLabelPx, .colour = kDim});
    draw_title(*canvas, g.width, caption, what, {caption.note, caption.dtype});
    return write_canvas(*canvas, path);
}

}  // namespace headlight
