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

/// Nodes of one row never touch.
double node_width(const CircuitDrawing& drawing, const CircuitGeometry& g, const CircuitDrawing::Node& node) {
    double nearest = g.inner;
    for (const auto& other : drawing.nodes)
        if (&other != &node && other.row == node.row)
            nearest = std::min(nearest, std::abs(g.node_x(other) - g.node_x(node)));
    const double wished = std::max(kNodeWidthPx, text_width(node.label, kTextPx) + 12);
    return std::min(wished, std::max(20.0, 0.94 * nearest));
}

Box node_box(const CircuitDrawing& drawing, const CircuitGeometry& g, const CircuitDrawing::Node& node) {
    const double width = node_width(drawing, g, node);
    return {g.node_x(node) - width / 2, g.node_y(drawing, node) - kNodeHeightPx / 2, width, kNodeHeightPx};
}

/// From the lower node's upper edge to the upper node's lower one.
std::pair<Point, Point> edge_ends(const CircuitDrawing& drawing, const CircuitGeometry& g,
                                  const CircuitDrawing::Edge& edge) {
    const auto &from = drawing.nodes[edge.from], &to = drawing.nodes[edge.to];
    return {{g.node_x(from), g.node_y(drawing, from) - kNodeHeightPx / 2},
            {g.node_x(to), g.node_y(drawing, to) + kNodeHeightPx / 2}};
}

/// The number of an edge, on paper of its own.
struct EdgeNumber {
    Box box;
    std::string text;
};

bool overlaps(const Box& a, const Box& b) {
    return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom();
}

/// The strongest edges first; each number at the first free place of its edge. What has none is left out.
std::vector<EdgeNumber> place_numbers(const CircuitDrawing& drawing, const CircuitGeometry& g,
                                      const std::vector<std::size_t>& weakest_first) {
    std::vector<Box> taken;
    for (const auto& node : drawing.nodes)
        taken.push_back(node_box(drawing, g, node));
    std::vector<EdgeNumber> out;
    for (auto index = weakest_first.rbegin(); index != weakest_first.rend(); ++index) {
        const CircuitDrawing::Edge& edge = drawing.edges[*index];
        const auto [a, b] = edge_ends(drawing, g, edge);
        const std::string text = edge.label.empty() ? fmt::format("{:+.2f}", edge.effect)
                                                    : fmt::format("{} {:+.2f}", edge.label, edge.effect);
        const double width = text_width(text, kLabelPx) + 4;
        for (const double at : {0.45, 0.3, 0.6, 0.2, 0.7, 0.8}) {
            const Box box{a.x + (b.x - a.x) * at - width / 2, a.y + (b.y - a.y) * at - 7, width, 14};
            const bool is_free = box.x >= g.left && box.right() <= g.left + g.inner &&
                                 std::none_of(taken.begin(), taken.end(),
                                              [&](const Box& other) { return overlaps(box, other); });
            if (!is_free) continue;
            taken.push_back(box);
            out.push_back({box, text});
            break;
        }
    }
    return out;
}

void draw_node(Canvas& canvas, const Box& box, const std::string& label) {
    canvas.fill(box, look().node);
    canvas.frame(box, {.width = 1, .colour = look().line});
    canvas.text({box.x + box.width / 2, box.y + box.height / 2}, fit_text(label, kTextPx, box.width - 4),
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
        const CircuitDrawing& drawing = content_->drawing;
        for (std::size_t i = 0; i < drawing.edges.size(); ++i)
            order_.push_back(i);
        std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
            return std::abs(drawing.edges[a].effect) < std::abs(drawing.edges[b].effect);
        });
        numbers_ = place_numbers(drawing, geometry_, order_);
        std::string caveat = drawing.caveat;
        if (const std::size_t left_out = drawing.edges.size() - numbers_.size(); left_out > 0)
            caveat += fmt::format("{}{} weaker paths have no room for their numbers.",
                                  caveat.empty() ? "" : " ", left_out);
        caveat_ = lay_out_caveat(caveat, geometry_.inner);
        height = title_.height + (content_->drawing.num_rows - 1) * geometry_.row + 1.5 * kNodeHeightPx + 10 +
                 caveat_.height + margin_of(style);
        title = title_text(content_->caption, content_->what);
    }

    void paint_content(Canvas& canvas) const override {
        const CircuitDrawing& drawing = content_->drawing;
        const double largest =
            drawing.edges.empty() ? 1 : std::max(1e-9, std::abs(drawing.edges[order_.back()].effect));
        for (const std::size_t index : order_) {  // strong edges lie on top
            const CircuitDrawing::Edge& edge = drawing.edges[index];
            const auto [a, b] = edge_ends(drawing, geometry_, edge);
            const double share = std::abs(edge.effect) / largest;
            canvas.line(a, b,
                        {.width = std::max(kThinnestEdgePx, share * kThickestEdgePx),
                         .colour = look().change_colour(edge.effect > 0 ? 0.75 : -0.75, 1)});
        }
        for (const EdgeNumber& number : numbers_) {
            canvas.fill(number.box, look().paper);
            canvas.text({number.box.x + number.box.width / 2, number.box.y + number.box.height / 2},
                        number.text, {.size_px = kLabelPx, .anchor = Anchor::Middle, .is_centred = true});
        }
        for (const auto& node : drawing.nodes)
            draw_node(canvas, node_box(drawing, geometry_, node), node.label);
        draw_caveat(canvas, caveat_, geometry_.left, height - geometry_.left - caveat_.height);
        draw_title(canvas, title_);
    }

  private:
    std::shared_ptr<const CircuitContent> content_;
    CircuitGeometry geometry_;
    std::vector<std::size_t> order_;  // of the edges, the weakest first
    std::vector<EdgeNumber> numbers_;
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
