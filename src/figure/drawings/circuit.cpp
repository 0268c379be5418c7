// A circuit of heads: rows of layers, signed edges.
#include <algorithm>
#include <cmath>

#include "figure/canvas.h"
#include "figure/contents.h"
#include "figure/text_layout.h"
#include "figure/title.h"

namespace headlight {
namespace {

constexpr double kNodeWidthPx = 58, kNodeHeightPx = 22, kRowPx = 74, kNodeRoomPx = 84;
constexpr double kThickestEdgePx = 6, kThinnestEdgePx = 0.8;

struct CircuitGeometry {
    double left = 0, inner = 0, top = 0, row = kRowPx;
    double pad = 0;  // half a node, where the sides have no room of their own
    double node_x(const CircuitDrawing::Node& node) const { return left + pad + node.x * (inner - 2 * pad); }
    double node_y(const CircuitDrawing& drawing, const CircuitDrawing::Node& node) const {
        return top + kNodeHeightPx + (drawing.num_rows - 1 - node.row) * row;
    }
};

/// Without the height of the title.
CircuitGeometry lay_out_drawing(const CircuitDrawing& drawing, const FigureStyle& style) {
    std::vector<int> per_row(static_cast<std::size_t>(drawing.num_rows), 0);
    for (const auto& node : drawing.nodes)
        ++per_row[static_cast<std::size_t>(node.row)];
    CircuitGeometry g;
    const int widest = *std::max_element(per_row.begin(), per_row.end());
    g.left = margin_of(style);
    g.inner = style.width_mm > 0 ? style.room() - 2 * g.left
                                 : std::max(kLeastFigurePx - 2 * kMarginPx, widest * kNodeRoomPx);
    if (style.width_mm > 0) g.pad = 0.6 * kNodeWidthPx;
    if (style.width_mm > 0) g.row = std::clamp(0.22 * style.room(), 48.0, kRowPx);
    return g;
}

void draw_edge(Canvas& canvas, const CircuitDrawing& drawing, const CircuitGeometry& g,
               const CircuitDrawing::Edge& edge, double largest, int number) {
    const auto& from = drawing.nodes[edge.from];
    const auto& to = drawing.nodes[edge.to];
    const Point a{g.node_x(from), g.node_y(drawing, from) - kNodeHeightPx / 2},
        b{g.node_x(to), g.node_y(drawing, to) + kNodeHeightPx / 2};
    const double share = std::abs(edge.effect) / largest;
    const Rgb8 colour = look().change_colour(edge.effect > 0 ? 0.75 : -0.75, 1);
    canvas.line(a, b, {.width = std::max(kThinnestEdgePx, share * kThickestEdgePx), .colour = colour});
    // Labels of edges into one node stand at different heights, so that they do not lie on each other.
    const double at = 0.3 + 0.13 * (number % 4);
    const Point label{a.x + (b.x - a.x) * at, a.y + (b.y - a.y) * at};
    const std::string text = edge.label.empty() ? fmt::format("{:+.2f}", edge.effect)
                                                : fmt::format("{} {:+.2f}", edge.label, edge.effect);
    const double width = text_width(text, kLabelPx) + 4;
    canvas.fill({label.x - width / 2, label.y - 7, width, 14}, look().paper);
    canvas.text(label, text, {.size_px = kLabelPx, .anchor = Anchor::Middle, .is_centred = true});
}

void draw_node(Canvas& canvas, const CircuitDrawing& drawing, const CircuitGeometry& g,
               const CircuitDrawing::Node& node) {
    int in_row = 0;
    for (const auto& other : drawing.nodes)
        in_row += other.row == node.row ? 1 : 0;
    const double most = std::max(24.0, 0.94 * g.inner / in_row);
    const std::string label = fit_text(node.label, kTextPx, most - 6);
    const double width = std::min(most, std::max(kNodeWidthPx, text_width(label, kTextPx) + 12));
    const Box box{g.node_x(node) - width / 2, g.node_y(drawing, node) - kNodeHeightPx / 2, width,
                  kNodeHeightPx};
    canvas.fill(box, look().node);
    canvas.frame(box, {.width = 1, .colour = look().line});
    canvas.text({g.node_x(node), g.node_y(drawing, node)}, label,
                {.size_px = kTextPx, .anchor = Anchor::Middle, .is_centred = true});
}

struct CircuitContent {
    CircuitDrawing drawing;
    std::string what;
    FigureCaption caption;
};

class CircuitPicture final : public Drawing {
  public:
    CircuitPicture(std::shared_ptr<const CircuitContent> content, const FigureStyle& style)
        : content_(std::move(content)), geometry_(lay_out_drawing(content_->drawing, style)) {
        width = geometry_.inner + 2 * geometry_.left;
        title_ = lay_out_title(width, content_->caption, content_->what,
                               {content_->caption.note, content_->caption.dtype}, style);
        geometry_.top = title_.height;
        caveat_ = lay_out_caveat(content_->drawing.caveat, geometry_.inner);
        height = title_.height + content_->drawing.num_rows * geometry_.row + 10 + caveat_.height +
                 margin_of(style);
        title = title_text(content_->caption, content_->what);
    }

    void paint_content(Canvas& canvas) const override {
        const CircuitDrawing& drawing = content_->drawing;
        double largest = 1e-9;
        for (const auto& edge : drawing.edges)
            largest = std::max(largest, std::abs(edge.effect));
        // The weakest first: strong edges lie on top.
        std::vector<std::size_t> order(drawing.edges.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = i;
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return std::abs(drawing.edges[a].effect) < std::abs(drawing.edges[b].effect);
        });
        for (const std::size_t index : order)
            draw_edge(canvas, drawing, geometry_, drawing.edges[index], largest, static_cast<int>(index));
        for (const auto& node : drawing.nodes)
            draw_node(canvas, drawing, geometry_, node);
        draw_caveat(canvas, caveat_, geometry_.left, height - geometry_.left - caveat_.height);
        draw_title(canvas, title_);
    }

  private:
    std::shared_ptr<const CircuitContent> content_;
    CircuitGeometry geometry_;
    TitleBlock title_;
    CaveatBlock caveat_;
};

}  // namespace

FigureContent circuit_figure(CircuitDrawing drawing, std::string what, FigureCaption caption) {
    auto content = std::make_shared<CircuitContent>();
    *content = {std::move(drawing), std::move(what), std::move(caption)};
    return [shared = std::shared_ptr<const CircuitContent>(std::move(content))](
               const FigureStyle& style) -> Result<DrawingPtr> {
        const CircuitDrawing& of = shared->drawing;
        const bool is_sound =
            !of.nodes.empty() &&
            std::all_of(of.edges.begin(), of.edges.end(),
                        [&](const auto& edge) { return std::max(edge.from, edge.to) < of.nodes.size(); }) &&
            std::all_of(of.nodes.begin(), of.nodes.end(),
                        [&](const auto& node) { return node.row >= 0 && node.row < of.num_rows; });
        if (!is_sound)
            return fail(ErrorKind::InvalidInput, "cannot draw {}: its edges and rows do not fit its {} nodes",
                        shared->what, of.nodes.size());
        return std::make_unique<const CircuitPicture>(shared, style);
    };
}

}  // namespace headlight
