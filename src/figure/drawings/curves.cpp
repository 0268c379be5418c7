// Curves over one axis in several panels, with what chance gives dashed.
#include <algorithm>
#include <cmath>
#include <limits>

#include "figure/contents.h"
#include "figure/text_layout.h"
#include "figure/title.h"

namespace headlight {
namespace {

constexpr double kPanelWidth = 330, kPanelHeight = 150, kPanelLeft = 58, kPanelGapX = 34, kPanelGapY = 58;
constexpr double kLegendRow = 17, kLegendColumn = 108;
constexpr double kLeastPanelRoom = 170;
constexpr std::size_t kMostMarkedPoints = 64;
constexpr double kLeastPanelHeight = 34;  // of a page that is low

struct CurvePlot {
    Box box;
    double x_lo = 0, x_hi = 1, lo = 0, hi = 1;  // of x the logarithms, where it has them
    bool is_log = false, is_x_log = true;

    double x(double value) const {
        const double range = x_hi - x_lo, at = is_x_log ? std::log2(value) : value;
        return box.x + (range > 0 ? (at - x_lo) / range : 0.5) * box.width;
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
    const TextStyle tick{
        .size_px = kLabelPx, .colour = look().dim, .anchor = Anchor::End, .is_centred = true};
    const auto at_value = [&](double value, const std::string& label) {
        const double y = plot.y(value);
        canvas.line({plot.box.x, y}, {plot.box.right(), y}, {.width = 0.6, .colour = look().faint_line});
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
        if (at - half < free_from) continue;
        canvas.line({at, plot.box.bottom()}, {at, plot.box.bottom() + 4},
                    {.width = 1, .colour = look().line});
        canvas.text({at, plot.box.bottom() + 15}, label,
                    {.size_px = kLabelPx, .colour = look().dim, .anchor = Anchor::Middle});
        free_from = at + half + 6;
    }
    canvas.frame({plot.box.x - 0.5, plot.box.y - 0.5, plot.box.width + 1, plot.box.height + 1},
                 {.width = 1, .colour = look().line});
    canvas.text({plot.box.x, plot.box.y - 8}, fit_text(panel.name, kTextPx, plot.box.width, true),
                {.size_px = kTextPx, .is_bold = true});
    const double after = plot.box.x + text_width(panel.name, kTextPx, true) + 8;
    if (!panel.caption.empty() && after + 30 < plot.box.right()) {
        canvas.text({after, plot.box.y - 8}, fit_text(panel.caption, kLabelPx, plot.box.right() - after),
                    {.size_px = kLabelPx, .colour = look().dim});
    }
    canvas.text({plot.box.x + plot.box.width / 2, plot.box.bottom() + 29}, chart.x_name,
                {.size_px = kLabelPx, .colour = look().dim, .anchor = Anchor::Middle});
}

void draw_curve(Canvas& canvas, const CurvePlot& plot, const CurveChart& chart,
                const CurveChart::Curve& curve) {
    const LineStyle line{.width = curve.is_dashed ? 1.0 : 1.8,
                         .colour = series_colour(curve.colour),
                         .is_dashed = curve.is_dashed};
    std::vector<Point> points;
    const auto end_piece = [&] {
        if (points.size() > 1) canvas.polyline(points, line);
        if (!curve.is_dashed && curve.y.size() <= kMostMarkedPoints)
            for (const Point& p : points)
                canvas.fill({p.x - 2, p.y - 2, 4, 4}, line.colour);
        points.clear();
    };
    for (std::size_t i = 0; i < curve.y.size(); ++i) {
        const std::optional<double>& value = curve.y[i];
        if (!value && curve.is_joined) continue;
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
                      .colour = series_colour(named[i]->colour),
                      .is_dashed = named[i]->is_dashed});
        canvas->text({x + 21, y}, fit_text(named[i]->name, kLabelPx, kLegendColumn - 26),
                     {.size_px = kLabelPx, .is_centred = true});
    }
    const auto rows = (static_cast<int>(named.size()) + columns - 1) / columns;
    return rows * kLegendRow;
}

Status check_chart(const CurveChart& chart, const std::string& what) {
    bool is_sound = !chart.panels.empty() && !chart.x.empty() && (!chart.is_x_log || chart.x.front() > 0);
    for (const CurveChart::Panel& panel : chart.panels)
        for (const CurveChart::Curve& curve : panel.curves)
            is_sound &= curve.y.size() == chart.x.size();
    if (is_sound) return {};
    return fail(ErrorKind::InvalidInput,
                "cannot draw {}: {} panels over {} values, or curves of another length", what,
                chart.panels.size(), chart.x.size());
}

struct CurvesContent {
    CurveChart chart;
    std::string what;
    FigureCaption caption;
};

class CurvesDrawing final : public Drawing {
  public:
    CurvesDrawing(std::shared_ptr<const CurvesContent> content, const FigureStyle& style)
        : content_(std::move(content)), style_(style) {
        const CurveChart& chart = content_->chart;
        const bool is_print = style.width_mm > 0;
        margin_ = margin_of(style);
        const double natural = margin_ + 2 * (kPanelLeft + kPanelWidth) + kPanelGapX;
        width = is_print ? style.room() : natural;
        columns_ = is_print ? std::clamp(static_cast<int>(style.room() / kLeastPanelRoom), 1,
                                         static_cast<int>(std::min<std::size_t>(4, chart.panels.size())))
                            : 2;
        panel_left_ = is_print ? 46 : kPanelLeft;
        const double gap = is_print ? 14 : kPanelGapX / 2;
        panel_width_ =
            is_print ? (width - 2 * margin_ - columns_ * panel_left_ - (columns_ - 1) * gap) / columns_ -
                           text_width(fmt::format("{:g}", chart.x.back()), kLabelPx) / 2
                     : kPanelWidth;
        panel_height_ = is_print ? std::clamp(0.5 * panel_width_, 60.0, kPanelHeight) : kPanelHeight;
        step_ = panel_left_ + panel_width_ + gap;
        title_ = lay_out_title(width, content_->caption, content_->what,
                               {content_->caption.note, content_->caption.dtype}, style);
        top_ = title_.height + 22;
        const int rows = (static_cast<int>(chart.panels.size()) + columns_ - 1) / columns_;
        const double legend = draw_curve_legend(nullptr, chart, {}, width - 2 * margin_);
        caveat_ = lay_out_caveat(chart.caveat, width - 2 * margin_);
        if (style.height_mm > 0) {
            const double others = top_ + rows * kPanelGapY - 4 + legend + caveat_.height + margin_;
            const double most = std::floor((style.height_room() - others) / rows);
            panel_height_ = std::clamp(most, kLeastPanelHeight, panel_height_);
        }
        legend_top_ = top_ + rows * (panel_height_ + kPanelGapY) - 4;
        height = legend_top_ + legend + caveat_.height + margin_;
        title = title_text(content_->caption, content_->what);
    }

    void paint_content(Canvas& canvas) const override {
        const CurveChart& chart = content_->chart;
        for (std::size_t i = 0; i < chart.panels.size(); ++i)
            paint_panel(canvas, static_cast<int>(i));
        draw_curve_legend(&canvas, chart, {margin_, legend_top_ + 4}, width - 2 * margin_);
        draw_caveat(canvas, caveat_, margin_, height - margin_ - caveat_.height);
        draw_title(canvas, title_);
    }

  private:
    void paint_panel(Canvas& canvas, int index) const {
        const CurveChart& chart = content_->chart;
        const CurveChart::Panel& panel = chart.panels[static_cast<std::size_t>(index)];
        CurvePlot plot;
        plot.box = {margin_ / 2 + panel_left_ + index % columns_ * step_,
                    top_ + index / columns_ * (panel_height_ + kPanelGapY), panel_width_, panel_height_};
        plot.is_x_log = chart.is_x_log;
        const auto at = [&](double x) { return chart.is_x_log ? std::log2(x) : x; };
        plot.x_lo = at(chart.x.front());
        plot.x_hi = at(chart.x.back());
        set_range(plot, panel);
        draw_curve_axes(canvas, plot, chart, panel);
        if (chart.limit && at(*chart.limit) >= plot.x_lo && at(*chart.limit) <= plot.x_hi) {
            const double x = plot.x(*chart.limit);
            canvas.line({x, plot.box.y}, {x, plot.box.bottom()}, {.width = 1, .colour = look().dim});
            canvas.text({x - 3, plot.box.y + 10}, chart.limit_name,
                        {.size_px = kLabelPx - 1, .colour = look().dim, .anchor = Anchor::End});
        }
        for (const CurveChart::Curve& curve : panel.curves)
            draw_curve(canvas, plot, chart, curve);
    }

    std::shared_ptr<const CurvesContent> content_;
    FigureStyle style_;
    int columns_ = 2;
    double margin_ = 0, panel_left_ = 0, panel_width_ = 0, panel_height_ = 0, step_ = 0, top_ = 0,
           legend_top_ = 0;
    TitleBlock title_;
    CaveatBlock caveat_;
};

}  // namespace

FigureContent curves_figure(CurveChart chart, std::string what, FigureCaption caption) {
    auto content = std::make_shared<CurvesContent>();
    *content = {std::move(chart), std::move(what), std::move(caption)};
    return [shared = std::shared_ptr<const CurvesContent>(std::move(content))](
               const FigureStyle& style) -> Result<DrawingPtr> {
        HEADLIGHT_CHECK(check_chart(shared->chart, shared->what));
        return std::make_unique<const CurvesDrawing>(shared, style);
    };
}

}  // namespace headlight
