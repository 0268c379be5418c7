// Curves over one logarithmic axis in several panels, with what chance gives dashed.
#include <algorithm>
#include <cmath>
#include <limits>

#include "figure/text_layout.h"
#include "figure/title.h"

namespace headlight {
namespace {

constexpr double kPanelWidth = 330, kPanelHeight = 150, kPanelLeft = 58, kPanelGapX = 34, kPanelGapY = 58;
constexpr double kLegendRow = 17, kLegendColumn = 108;

/// Told apart by colour-blind eyes (after Okabe and Ito 2008, darkened for paper).
constexpr Rgb8 kCurveColours[kNumCurveColours] = {
    {31, 111, 208}, {213, 94, 0},  {0, 138, 100}, {190, 80, 150}, {120, 94, 40},
    {86, 160, 210}, {200, 140, 0}, {90, 70, 180}, {150, 30, 40},  {90, 100, 112}};

Rgb8 curve_colour(int index) {
    return index < 0 ? kDim : kCurveColours[static_cast<std::size_t>(index) % kNumCurveColours];
}

struct CurvePlot {
    Box box;
    double x_lo = 0, x_hi = 1, lo = 0, hi = 1;  // of x the logarithms
    bool is_log = false;

    double x(double value) const {
        const double range = x_hi - x_lo;
        return box.x + (range > 0 ? (std::log2(value) - x_lo) / range : 0.5) * box.width;
    }
    double y(double value) const {
        const double at = is_log ? std::log10(value) : value;
        return box.bottom() - std::clamp((at - lo) / (hi - lo), 0.0, 1.0) * box.height;
    }
};

/// A step of 1, 2 or 5 times a power of ten, for about four ticks.
double tick_step(double range) {
    const double rough = range / 4, power = std::pow(10, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= rough) return factor * power;
    return 10 * power;
}

void set_range(CurvePlot& plot, const CurveChart::Panel& panel) {
    double lo = std::numeric_limits<double>::infinity(), hi = -lo;
    for (const CurveChart::Curve& curve : panel.curves) {
        for (const std::optional<double>& value : curve.y) {
            if (!value || !std::isfinite(*value) || (panel.is_log && *value <= 0)) continue;
            const double at = panel.is_log ? std::log10(*value) : *value;
            lo = std::min(lo, at);
            hi = std::max(hi, at);
        }
    }
    plot.is_log = panel.is_log;
    if (lo > hi) lo = 0, hi = 1;
    if (panel.is_log) {
        plot.lo = std::floor(lo - 1e-9);
        plot.hi = std::max(plot.lo + 1, std::ceil(hi - 1e-9));
        return;
    }
    lo = std::min(lo, 0.0);  // a length on paper is read from zero
    const double step = tick_step(std::max(hi - lo, 1e-9));
    plot.lo = std::floor(lo / step + 1e-9) * step;
    plot.hi = std::max(plot.lo + step, std::ceil(hi / step - 1e-9) * step);
}

void draw_curve_axes(Canvas& canvas, const CurvePlot& plot, const CurveChart& chart,
                     const CurveChart::Panel& panel) {
    const TextStyle tick{.size_px = kLabelPx, .colour = kDim, .anchor = Anchor::End, .is_centred = true};
    const auto at_value = [&](double value, const std::string& label) {
        const double y = plot.y(value);
        canvas.line({plot.box.x, y}, {plot.box.right(), y}, {.width = 0.6, .colour = kFaintLine});
        canvas.text({plot.box.x - 6, y}, label, tick);
    };
    if (plot.is_log) {
        const int step = std::max(1, static_cast<int>(std::ceil((plot.hi - plot.lo) / 5)));
        for (int power = static_cast<int>(plot.lo); power <= static_cast<int>(plot.hi); power += step)
            at_value(std::pow(10, power), fmt::format("{:g}", std::pow(10, power)));
    } else {
        const double step = tick_step(plot.hi - plot.lo);
        for (int i = 0; plot.lo + i * step <= plot.hi + step / 2; ++i)
            at_value(plot.lo + i * step, fmt::format("{:g}", plot.lo + i * step));
    }
    double free_from = -1e9;
    for (const double x : chart.x) {
        const std::string label = fmt::format("{:g}", x);
        const double half = text_width(label, kLabelPx) / 2, at = plot.x(x);
        canvas.line({at, plot.box.bottom()}, {at, plot.box.bottom() + 4}, {.width = 1, .colour = kLine});
        if (at - half < free_from) continue;
        canvas.text({at, plot.box.bottom() + 15}, label,
                    {.size_px = kLabelPx, .colour = kDim, .anchor = Anchor::Middle});
        free_from = at + half + 6;
    }
    canvas.frame({plot.box.x - 0.5, plot.box.y - 0.5, plot.box.width + 1, plot.box.height + 1},
                 {.width = 1, .colour = kLine});
    canvas.text({plot.box.x, plot.box.y - 8}, panel.name, {.size_px = kTextPx, .is_bold = true});
    if (!panel.caption.empty()) {
        const double after = plot.box.x + text_width(panel.name, kTextPx, true) + 8;
        canvas.text({after, plot.box.y - 8}, fit_text(panel.caption, kLabelPx, plot.box.right() - after),
                    {.size_px = kLabelPx, .colour = kDim});
    }
    canvas.text({plot.box.x + plot.box.width / 2, plot.box.bottom() + 29}, chart.x_name,
                {.size_px = kLabelPx, .colour = kDim, .anchor = Anchor::Middle});
}

void draw_curve(Canvas& canvas, const CurvePlot& plot, const CurveChart& chart,
                const CurveChart::Curve& curve) {
    const LineStyle line{.width = curve.is_dashed ? 1.0 : 1.8,
                         .colour = curve_colour(curve.colour),
                         .is_dashed = curve.is_dashed};
    std::vector<Point> points;
    const auto end_piece = [&] {
        if (points.size() > 1) canvas.polyline(points, line);
        if (!curve.is_dashed)
            for (const Point& p : points)
                canvas.fill({p.x - 2, p.y - 2, 4, 4}, line.colour);
        points.clear();
    };
    for (std::size_t i = 0; i < curve.y.size(); ++i) {
        const std::optional<double>& value = curve.y[i];
        if (!value || !std::isfinite(*value) || (plot.is_log && *value <= 0))
            end_piece();
        else
            points.push_back({plot.x(chart.x[i]), plot.y(*value)});
    }
    end_piece();
}

/// Names of curves, each once, with their lines; the height that they take.
double draw_curve_legend(Canvas* canvas, const CurveChart& chart, Point at, double width) {
    std::vector<const CurveChart::Curve*> named;
    for (const CurveChart::Panel& panel : chart.panels) {
        for (const CurveChart::Curve& curve : panel.curves) {
            const bool is_known =
                std::any_of(named.begin(), named.end(),
                            [&](const CurveChart::Curve* other) { return other->name == curve.name; });
            if (!curve.name.empty() && !is_known) named.push_back(&curve);
        }
    }
    const int columns = std::max(1, static_cast<int>(width / kLegendColumn));
    for (std::size_t i = 0; canvas != nullptr && i < named.size(); ++i) {
        const double x = at.x + static_cast<double>(static_cast<int>(i) % columns) * kLegendColumn;
        const double y = at.y + static_cast<double>(static_cast<int>(i) / columns) * kLegendRow;
        canvas->line({x, y}, {x + 16, y},
                     {.width = named[i]->is_dashed ? 1.0 : 2.0,
                      .colour = curve_colour(named[i]->colour),
                      .is_dashed = named[i]->is_dashed});
        canvas->text({x + 21, y}, fit_text(named[i]->name, kLabelPx, kLegendColumn - 26),
                     {.size_px = kLabelPx, .is_centred = true});
    }
    const auto rows = (static_cast<int>(named.size()) + columns - 1) / columns;
    return rows * kLegendRow;
}

Status check_chart(const CurveChart& chart, const std::string& what) {
    bool is_sound = !chart.panels.empty() && !chart.x.empty() && chart.x.front() > 0;
    for (const CurveChart::Panel& panel : chart.panels)
        for (const CurveChart::Curve& curve : panel.curves)
            is_sound &= curve.y.size() == chart.x.size();
    if (is_sound) return {};
    return fail(ErrorKind::InvalidInput,
                "cannot draw {}: {} panels over {} values, or curves of another length", what,
                chart.panels.size(), chart.x.size());
}

}  // namespace

Status draw_curves(const std::string& path, const CurveChart& chart, const std::string& what,
                   const FigureCaption& caption, const FigureStyle& style) {
    HEADLIGHT_CHECK(check_chart(chart, what));
    const int rows = (static_cast<int>(chart.panels.size()) + 1) / 2;
    const double width = kMarginPx + 2 * (kPanelLeft + kPanelWidth) + kPanelGapX;
    const double top = kTitleRoomPx + 22, legend_top = top + rows * (kPanelHeight + kPanelGapY) - 4;
    const double legend = draw_curve_legend(nullptr, chart, {}, width - 2 * kMarginPx);
    const double height = legend_top + legend + (chart.caveat.empty() ? 0 : 18) + kMarginPx;
    const auto canvas = make_canvas(width, height, style, title_text(caption, what));
    for (std::size_t i = 0; i < chart.panels.size(); ++i) {
        const CurveChart::Panel& panel = chart.panels[i];
        CurvePlot plot;
        const auto column = static_cast<double>(i % 2), row = static_cast<double>(i / 2);
        plot.box = {kMarginPx / 2 + kPanelLeft + column * (kPanelLeft + kPanelWidth + kPanelGapX / 2),
                    top + row * (kPanelHeight + kPanelGapY), kPanelWidth, kPanelHeight};
        plot.x_lo = std::log2(chart.x.front());
        plot.x_hi = std::log2(chart.x.back());
        set_range(plot, panel);
        draw_curve_axes(*canvas, plot, chart, panel);
        if (chart.limit && std::log2(*chart.limit) >= plot.x_lo && std::log2(*chart.limit) <= plot.x_hi) {
            const double x = plot.x(*chart.limit);
            canvas->line({x, plot.box.y}, {x, plot.box.bottom()}, {.width = 1, .colour = kDim});
            canvas->text({x - 3, plot.box.y + 10}, chart.limit_name,
                         {.size_px = kLabelPx - 1, .colour = kDim, .anchor = Anchor::End});
        }
        for (const CurveChart::Curve& curve : panel.curves)
            draw_curve(*canvas, plot, chart, curve);
    }
    draw_curve_legend(canvas.get(), chart, {kMarginPx, legend_top + 4}, width - 2 * kMarginPx);
    if (!chart.caveat.empty())
        canvas->text({kMarginPx, height - kMarginPx}, fit_text(chart.caveat, kLabelPx, width - 2 * kMarginPx),
                     {.size_px = kLabelPx, .colour = kDim});
    draw_title(*canvas, width, caption, what, {caption.note, caption.dtype});
    return write_canvas(*canvas, path);
}

}  // namespace headlight
