// How attention changes across layers: stacked shares above, self against everything earlier below.
#include <algorithm>
#include <cmath>
#include <functional>

#include "figure/contents.h"
#include "figure/text_layout.h"
#include "figure/title.h"

namespace headlight {
namespace {

constexpr double kLeftPx = 64;
constexpr double kLegendPx = 150;
constexpr double kStackHeightPx = 250;
constexpr double kLinesHeightPx = 170;
constexpr double kBetweenPx = 34;

struct Plot {
    Box box;
    int num_layers = 0;

    double y(double share) const { return box.bottom() - std::clamp(share, 0.0, 1.0) * box.height; }
    double x(int layer) const {
        if (num_layers == 1) return box.x + box.width / 2;
        return box.x + box.width * layer / (num_layers - 1);
    }
};

using Share = std::function<double(const FlowShares&)>;

/// x positions of a curve through all layers; one layer alone becomes a level line across the plot.
std::vector<Point> curve(const Plot& plot, std::span<const FlowShares> layers, const Share& share) {
    if (plot.num_layers == 1) {
        const double y = plot.y(share(layers[0]));
        return {{plot.box.x, y}, {plot.box.right(), y}};
    }
    std::vector<Point> points;
    for (int layer = 0; layer < plot.num_layers; ++layer) {
        points.push_back({plot.x(layer), plot.y(share(layers[static_cast<std::size_t>(layer)]))});
    }
    return points;
}

void draw_band(Canvas& canvas, const Plot& plot, std::span<const FlowShares> layers, const Share& bottom,
               const Share& top, Rgb8 colour) {
    std::vector<Point> outline = curve(plot, layers, top);
    std::vector<Point> back = curve(plot, layers, bottom);
    outline.insert(outline.end(), back.rbegin(), back.rend());
    canvas.polygon(outline, colour);
}

void draw_axes(Canvas& canvas, const Plot& plot, const std::string& name, bool has_layer_names) {
    const TextStyle tick{
        .size_px = kLabelPx, .colour = look().dim, .anchor = Anchor::End, .is_centred = true};
    for (int quarter = 0; quarter <= 4; ++quarter) {
        const double y = plot.y(quarter / 4.0);
        canvas.line({plot.box.x - 4, y}, {plot.box.x, y}, {.width = 1, .colour = look().line});
        canvas.text({plot.box.x - 7, y}, fmt::format("{} %", quarter * 25), tick);
    }
    canvas.text({plot.box.x - 46, plot.box.y + plot.box.height / 2}, name,
                {.size_px = kTextPx, .colour = look().dim, .anchor = Anchor::Middle, .angle_deg = 90});
    canvas.frame({plot.box.x - 0.5, plot.box.y - 0.5, plot.box.width + 1, plot.box.height + 1},
                 {.width = 1, .colour = look().line});
    const double widest = text_width(std::to_string(plot.num_layers), kLabelPx) + 10;
    int step = 1;
    while (plot.num_layers > 1 && step * plot.box.width / (plot.num_layers - 1) < widest)
        step = step == 2 ? 5 : step * 2;
    for (int layer = 0; layer < plot.num_layers; layer += step) {
        const double x = plot.x(layer);
        canvas.line({x, plot.box.bottom()}, {x, plot.box.bottom() + 4}, {.width = 1, .colour = look().line});
        if (!has_layer_names) continue;
        canvas.text({x, plot.box.bottom() + 16}, std::to_string(layer),
                    {.size_px = kLabelPx, .colour = look().dim, .anchor = Anchor::Middle});
    }
}

void draw_legend_entry(Canvas& canvas, Point at, Rgb8 colour, const std::string& text, bool is_line,
                       bool is_dashed) {
    if (is_line) {
        canvas.line({at.x, at.y}, {at.x + 16, at.y},
                    {.width = is_dashed ? 1.0 : 2.0, .colour = colour, .is_dashed = is_dashed});
    } else {
        canvas.fill({at.x, at.y - 5, 10, 10}, colour);
    }
    canvas.text({at.x + 22, at.y}, text, {.size_px = kTextPx, .is_centred = true});
}

double self(const FlowShares& s) {
    return s.self;
}
double up_to_previous(const FlowShares& s) {
    return s.self + s.previous;
}
double up_to_first(const FlowShares& s) {
    return s.self + s.previous + s.first;
}

void draw_shares(Canvas& canvas, const Plot& plot, std::span<const FlowShares> layers,
                 const FlowShares& uniform) {
    const auto zero = [](const FlowShares&) { return 0.0; };
    const auto one = [](const FlowShares&) { return 1.0; };
    draw_band(canvas, plot, layers, zero, self, look().self);
    draw_band(canvas, plot, layers, self, up_to_previous, look().previous);
    draw_band(canvas, plot, layers, up_to_previous, up_to_first, look().first);
    draw_band(canvas, plot, layers, up_to_first, one, look().other);
    double x = plot.box.right() + 18, y = plot.box.y + 10;
    // In the order in which the bands lie on each other.
    draw_legend_entry(canvas, {x, y}, look().other, "other", false, false);
    draw_legend_entry(canvas, {x, y + 20}, look().first, "first token", false, false);
    draw_legend_entry(canvas, {x, y + 40}, look().previous, "previous token", false, false);
    draw_legend_entry(canvas, {x, y + 60}, look().self, "self", false, false);
    if (!uniform.is_valid) return;
    for (const double level : {self(uniform), up_to_previous(uniform), up_to_first(uniform)}) {
        canvas.line({plot.box.x, plot.y(level)}, {plot.box.right(), plot.y(level)},
                    {.width = 1, .colour = look().ink, .is_dashed = true});
    }
    draw_legend_entry(canvas, {x, y + 88}, look().ink, "uniform head", true, true);
    canvas.text({x + 22, y + 104}, fmt::format("{:.1f} % each", 100 * uniform.self),
                {.size_px = kLabelPx, .colour = look().dim, .is_centred = true});
}

void draw_lines(Canvas& canvas, const Plot& plot, std::span<const FlowShares> layers,
                const FlowShares& uniform) {
    const auto earlier = [](const FlowShares& s) { return 1 - s.self; };
    struct Curve {
        Share share;
        Rgb8 colour;
        const char* name;
    };
    const Curve curves[] = {{earlier, look().first, "all earlier tokens"}, {self, look().self, "self"}};
    double y = plot.box.y + 10;
    for (const Curve& c : curves) {
        if (uniform.is_valid) {
            const double level = plot.y(c.share(uniform));
            canvas.line({plot.box.x, level}, {plot.box.right(), level},
                        {.width = 1, .colour = c.colour, .is_dashed = true});
        }
        const std::vector<Point> points = curve(plot, layers, c.share);
        canvas.polyline(points, {.width = 2, .colour = c.colour});
        if (plot.num_layers > 1 && plot.num_layers <= 64) {
            for (const Point& p : points)
                canvas.fill({p.x - 2, p.y - 2, 4, 4}, c.colour);
        }
        draw_legend_entry(canvas, {plot.box.right() + 18, y}, c.colour, c.name, true, false);
        y += 20;
    }
    if (uniform.is_valid)
        draw_legend_entry(canvas, {plot.box.right() + 18, y + 8}, look().dim, "uniform head", true, true);
}

std::string why_undefined(std::span<const FlowShares> layers) {
    const auto is_missing = [](const FlowShares& shares) { return !shares.is_valid; };
    const auto first = std::find_if(layers.begin(), layers.end(), is_missing);
    if (std::all_of(layers.begin(), layers.end(), is_missing))
        return "not defined: it takes one text of at least 3 tokens that looks at itself";
    return fmt::format("not drawn: layer {} has no softmax attention", first - layers.begin());
}

class FlowDrawing final : public Drawing {
  public:
    FlowDrawing(std::shared_ptr<const FlowContent> content, const FigureStyle& style)
        : content_(std::move(content)), style_(style) {
        const int num_layers = static_cast<int>(content_->layers.size());
        const bool is_print = style.width_mm > 0;
        legend_ = is_print ? std::min(kLegendPx, 0.34 * style.room()) : kLegendPx;
        const double left = is_print ? kLeftPx - 6 : kLeftPx;
        const double plot_width = is_print ? std::max(40.0, style.room() - left - 18 - legend_)
                                           : std::clamp(26.0 * num_layers, 420.0, 900.0);
        const double shrink = is_print ? std::clamp(plot_width / 420, 0.4, 1.0) : 1;
        width = left + plot_width + 18 + legend_;
        title_ =
            lay_out_title(width, content_->caption, kWhat,
                          {content_->caption.note, "mean over heads and query rows from token 2 on"}, style);
        const double top = title_.height + 8, lines_top = top + shrink * kStackHeightPx + kBetweenPx;
        stack_ = {{left, top, plot_width, shrink * kStackHeightPx}, num_layers};
        lines_ = {{left, lines_top, plot_width, shrink * kLinesHeightPx}, num_layers};
        height = lines_.box.bottom() + (style.shows_axis_names ? 46 : 24);
        title = title_text(content_->caption, kWhat);
    }

    void paint_content(Canvas& canvas) const override {
        draw_title(canvas, title_);
        const std::vector<FlowShares>& layers = content_->layers;
        const bool is_valid = !layers.empty() && std::all_of(layers.begin(), layers.end(),
                                                             [](const FlowShares& s) { return s.is_valid; });
        if (is_valid) {
            draw_shares(canvas, stack_, layers, content_->uniform);
            draw_lines(canvas, lines_, layers, content_->uniform);
        } else {
            for (const Plot* plot : {&stack_, &lines_})
                canvas.text(
                    {plot->box.x + plot->box.width / 2, plot->box.y + plot->box.height / 2},
                    fit_text(why_undefined(layers), kTextPx, plot->box.width - 8),
                    {.size_px = kTextPx, .colour = look().dim, .anchor = Anchor::Middle, .is_centred = true});
        }
        const char* const name = style_.shows_axis_names ? "share of attention" : "";
        draw_axes(canvas, stack_, name, false);
        draw_axes(canvas, lines_, name, true);
        if (style_.shows_axis_names)
            canvas.text({lines_.box.x + lines_.box.width / 2, lines_.box.bottom() + 34}, "layer",
                        {.size_px = kTextPx, .colour = look().dim, .anchor = Anchor::Middle});
    }

  private:
    static constexpr const char* kWhat = "Attention flow across layers";
    std::shared_ptr<const FlowContent> content_;
    FigureStyle style_;
    double legend_ = 0;
    Plot stack_, lines_;
    TitleBlock title_;
};

}  // namespace

FigureContent flow_figure(FlowContent content) {
    return [shared = std::make_shared<const FlowContent>(std::move(content))](
               const FigureStyle& style) -> Result<DrawingPtr> {
        return std::make_unique<const FlowDrawing>(shared, style);
    };
}

}  // namespace headlight
