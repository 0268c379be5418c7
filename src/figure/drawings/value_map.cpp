// Values over named rows and columns as coloured cells with a scale.
#include <algorithm>
#include <cmath>

#include "figure/axis_labels.h"
#include "figure/contents.h"
#include "figure/heat_cells.h"
#include "figure/label_plan.h"
#include "figure/text_layout.h"
#include "figure/title.h"

namespace headlight {
namespace {

constexpr double kMapLabelPx = 9.5, kMostLabelPx = 90, kScaleRoomPx = 64, kMostScalePx = 260;

struct MapGeometry {
    Box box;
    double cell_width = 0, cell_height = 0, gap = 0, column_room = 0, row_room = 0, most_label = kMostLabelPx;
    bool has_turned_columns = false;
    LabelPlan rows, columns;
    double right = 0, bottom = 0, top = 0, name_x = 0, reach = 0;
    CaveatBlock caveat;
};

double widest(const std::vector<std::string>& labels, double most) {
    double out = 0;
    for (const std::string& label : labels)
        out = std::max(out, text_width(label, kMapLabelPx));
    return std::min(out, most);
}

double natural_map_cell(const ValueMap& map) {
    const bool has_texts = !map.texts.empty();
    return std::clamp(std::floor((has_texts ? 900.0 : 640.0) / static_cast<double>(map.column_labels.size())),
                      3.0, has_texts ? 64.0 : 38.0);
}

/// Labels of both axes, for cells of this width; the room that they take.
void lay_out_map_labels(MapGeometry& g, const ValueMap& map, const FigureStyle& style) {
    g.most_label = style.width_mm > 0 ? std::min(kMostLabelPx, 0.2 * style.room()) : kMostLabelPx;
    const double widest_column = style.shows_labels ? widest(map.column_labels, g.most_label) : 0;
    const double angle = kColumnAngleDeg / 57.29577951308232;
    g.has_turned_columns = widest_column > g.cell_width - 3;
    if (g.has_turned_columns)
        g.columns = plan_labels(static_cast<int>(map.column_labels.size()), g.cell_width,
                                line_height(kMapLabelPx), kColumnAngleDeg);
    g.row_room = style.shows_labels ? widest(map.row_labels, g.most_label) + 8 : 2;
    g.column_room = !style.shows_labels    ? 2
                    : g.has_turned_columns ? widest_column * std::sin(angle) + 12
                                           : 16;
    g.reach = g.has_turned_columns ? widest_column * std::cos(angle) : 0;
}

/// Height of a row where `taken` units stand over and under the cells.
double map_cell_height(const ValueMap& map, double cell_width, double taken, const FigureStyle& style) {
    const bool is_print = style.width_mm > 0;
    const double most = style.height_mm > 0 ? std::max(60.0, style.height_room() - taken)
                        : is_print          ? 420.0
                                            : 560.0;
    const double height =
        std::clamp(std::floor(most / static_cast<double>(map.row_labels.size())), 3.0, 20.0);
    return is_print ? std::min(height, std::max(6.0, 1.4 * cell_width)) : height;
}

MapGeometry lay_out_map(const ValueMap& map, double cell_width, double top, const FigureStyle& style) {
    MapGeometry g;
    const bool is_print = style.width_mm > 0;
    const double names = style.shows_axis_names ? kAxisNamePx : 2, margin = margin_of(style);
    g.top = top;
    g.cell_width = cell_width;
    lay_out_map_labels(g, map, style);
    g.name_x = margin + 8;
    g.box.x = std::ceil(margin + names + g.row_room);
    g.box.y = std::ceil(top + names + g.column_room);
    const double caveat_room =
        is_print ? style.room() - margin - g.box.x : text_width(map.caveat, kLabelPx) + 1;
    g.caveat = lay_out_caveat(map.caveat, std::max(60.0, caveat_room));
    const double under = (style.shows_colour_bar ? kScaleRoomPx - 18 : 4) + g.caveat.height + margin;
    const double title_guess = top > 0 ? 0 : 50;
    g.cell_height = map_cell_height(map, cell_width, title_guess + g.box.y + under, style);
    g.gap = std::min(g.cell_width, g.cell_height) >= 7 ? 1 : 0;
    g.rows =
        plan_labels(static_cast<int>(map.row_labels.size()), g.cell_height, line_height(kMapLabelPx), 90);
    g.box.width = g.cell_width * static_cast<double>(map.column_labels.size());
    g.box.height = g.cell_height * static_cast<double>(map.row_labels.size());
    g.right = g.box.right() + g.reach + margin;
    // The scale stands under the map, with its unit behind it and what must be known below.
    const double unit = style.shows_colour_bar ? g.box.x + std::min(g.box.width, kMostScalePx) +
                                                     text_width(map.unit, kLabelPx) + 10
                                               : 0;
    if (!is_print) g.right = std::max({g.right, g.box.x + caveat_room + margin, std::ceil(unit + margin)});
    g.bottom = std::ceil(g.box.bottom() + under);
    return g;
}

void draw_map_names(Canvas& canvas, const ValueMap& map, const MapGeometry& g) {
    canvas.text({g.name_x, g.box.y + g.box.height / 2}, map.row_name,
                {.size_px = kTextPx, .colour = look().dim, .anchor = Anchor::Middle, .angle_deg = 90});
    canvas.text({g.box.x + g.box.width / 2, g.top + 10}, map.column_name,
                {.size_px = kTextPx, .colour = look().dim, .anchor = Anchor::Middle});
}

void draw_map_labels(Canvas& canvas, const ValueMap& map, const MapGeometry& g) {
    for (std::size_t r = 0; r < map.row_labels.size(); r += static_cast<std::size_t>(g.rows.step))
        canvas.text({g.box.x - 6, g.box.y + (static_cast<double>(r) + 0.5) * g.cell_height},
                    fit_label(map.row_labels[r], kMapLabelPx, g.most_label),
                    {.size_px = kMapLabelPx, .anchor = Anchor::End, .is_centred = true});
    for (std::size_t c = 0; c < map.column_labels.size(); c += static_cast<std::size_t>(g.columns.step)) {
        const double x = g.box.x + (static_cast<double>(c) + 0.5) * g.cell_width;
        const std::string text = fit_label(map.column_labels[c], kMapLabelPx, g.most_label);
        if (g.has_turned_columns)
            canvas.text({x, g.box.y - 5}, text, {.size_px = kMapLabelPx, .angle_deg = kColumnAngleDeg});
        else
            canvas.text({x, g.box.y - 6}, text, {.size_px = kMapLabelPx, .anchor = Anchor::Middle});
    }
}

/// What stands in a cell: its text, or its number where it is not small.
std::string cell_text(const ValueMap& map, std::size_t index, double largest) {
    if (!map.texts.empty()) return map.texts[index];
    const float value = map.values[index];
    if (std::isnan(value) || std::abs(value) < 0.1 * largest) return "";
    const int digits = largest >= 10 ? 0 : largest >= 1 ? 1 : 2;
    return map.is_signed ? fmt::format("{:+.{}f}", value, digits) : fmt::format("{:.{}f}", value, digits);
}

void draw_map_cells(Canvas& canvas, const ValueMap& map, const MapGeometry& g, double largest,
                    const FigureStyle& style) {
    const std::size_t columns = map.column_labels.size();
    std::vector<Rgb8> colours;
    for (const float value : map.values)
        colours.push_back(!std::isfinite(value) ? look().masked
                          : map.is_signed       ? look().change_colour(value / largest, style.gamma)
                                                : look().weight_colour(value / largest, style.gamma));
    canvas.cells({g.box, static_cast<int>(map.row_labels.size()), static_cast<int>(columns), colours, g.gap});
    const double size =
        std::min({9.5, g.cell_height * 0.62, g.cell_width * (map.texts.empty() ? 0.36 : 0.3)});
    for (std::size_t i = 0; i < map.values.size(); ++i) {
        const Box cell{g.box.x + static_cast<double>(i % columns) * g.cell_width,
                       g.box.y + static_cast<double>(i / columns) * g.cell_height, g.cell_width - g.gap,
                       g.cell_height - g.gap};
        if (std::isnan(map.values[i])) {
            if (cell.height >= 3) hatch_cell(canvas, cell, {.width = 0.6, .colour = look().line});
            continue;
        }
        if (std::isinf(map.values[i]) || !style.shows_numbers || size < 6) continue;
        const std::string text = fit_text(cell_text(map, i, largest), size, cell.width - 2);
        if (text.empty()) continue;
        canvas.text({cell.x + cell.width / 2, cell.y + cell.height / 2}, text,
                    {.size_px = size,
                     .colour = FigureLook::text_on(colours[i]),
                     .anchor = Anchor::Middle,
                     .is_centred = true});
    }
    canvas.frame({g.box.x - 0.5, g.box.y - 0.5, g.box.width + 1 - g.gap, g.box.height + 1 - g.gap},
                 {.width = 1, .colour = look().line});
}

void draw_map_scale(Canvas& canvas, const ValueMap& map, const MapGeometry& g, double largest, double gamma,
                    double right) {
    constexpr int kSteps = 128;
    const Box bar{g.box.x, g.box.bottom() + 16,
                  std::min({g.box.width, kMostScalePx, 0.62 * (right - g.box.x)}), 9};
    std::vector<Rgb8> colours;
    for (int i = 0; i < kSteps; ++i) {
        const double at = (i + 0.5) / kSteps;
        colours.push_back(map.is_signed ? look().change_colour(2 * at - 1, gamma)
                                        : look().weight_colour(at, gamma));
    }
    canvas.cells({bar, 1, kSteps, colours, 0});
    canvas.frame({bar.x - 0.5, bar.y - 0.5, bar.width + 1, bar.height + 1},
                 {.width = 1, .colour = look().line});
    const double y = bar.bottom() + 13;
    canvas.text({bar.x, y}, map.is_signed ? fmt::format("−{:.3g}", largest) : "0", {.size_px = kLabelPx});
    if (map.is_signed)
        canvas.text({bar.x + bar.width / 2, y}, "0", {.size_px = kLabelPx, .anchor = Anchor::Middle});
    canvas.text({bar.right(), y}, fmt::format("{}{:.3g}", map.is_signed ? "+" : "", largest),
                {.size_px = kLabelPx, .anchor = Anchor::End});
    canvas.text({bar.right() + 10, bar.y + bar.height / 2},
                fit_text(map.unit, kLabelPx, right - bar.right() - 12),
                {.size_px = kLabelPx, .colour = look().dim, .is_centred = true});
}

double largest_of(const ValueMap& map) {
    double largest = map.largest;
    if (largest <= 0)
        for (const float value : map.values)
            if (std::isfinite(value)) largest = std::max(largest, std::abs(static_cast<double>(value)));
    return std::max(largest, 1e-9);
}

struct MapContent {
    ValueMap map;
    std::string what;
    FigureCaption caption;
};

class MapDrawing final : public Drawing {
  public:
    MapDrawing(std::shared_ptr<const MapContent> content, const FigureStyle& style)
        : content_(std::move(content)), style_(style), largest_(largest_of(content_->map)) {
        const ValueMap& map = content_->map;
        const double natural = natural_map_cell(map);
        const double cell = fit_cell(style.room(), style.room() > 0 ? 64 : natural,
                                     [&](double side) { return lay_out_map(map, side, 0, style).right; });
        const MapGeometry first = lay_out_map(map, cell, 0, style);
        width = figure_width(first.right, style);
        title_ = lay_out_title(width, content_->caption, content_->what,
                               {content_->caption.note, content_->caption.dtype,
                                style.gamma != 1 ? fmt::format("colour = |value|^{:g}", style.gamma) : "",
                                first.rows.statement, first.columns.statement},
                               style);
        geometry_ = lay_out_map(map, cell, title_.height, style);
        height = geometry_.bottom;
        title = title_text(content_->caption, content_->what);
    }

    void paint_content(Canvas& canvas) const override {
        const ValueMap& map = content_->map;
        if (style_.shows_labels) draw_map_labels(canvas, map, geometry_);
        if (style_.shows_axis_names) draw_map_names(canvas, map, geometry_);
        draw_map_cells(canvas, map, geometry_, largest_, style_);
        const double right = width - margin_of(style_);
        if (style_.shows_colour_bar) draw_map_scale(canvas, map, geometry_, largest_, style_.gamma, right);
        draw_caveat(canvas, geometry_.caveat, geometry_.box.x,
                    height - margin_of(style_) - geometry_.caveat.height);
        draw_title(canvas, title_);
    }

  private:
    std::shared_ptr<const MapContent> content_;
    FigureStyle style_;
    double largest_ = 0;
    MapGeometry geometry_;
    TitleBlock title_;
};

}  // namespace

FigureContent value_map_figure(ValueMap map, std::string what, FigureCaption caption) {
    auto content = std::make_shared<MapContent>();
    *content = {std::move(map), std::move(what), std::move(caption)};
    return [shared = std::shared_ptr<const MapContent>(std::move(content))](
               const FigureStyle& style) -> Result<DrawingPtr> {
        const ValueMap& of = shared->map;
        const std::size_t size = of.row_labels.size() * of.column_labels.size();
        if (size == 0 || of.values.size() != size || (!of.texts.empty() && of.texts.size() != size))
            return fail(ErrorKind::InvalidInput, "cannot draw {}: {} values for {} rows and {} columns",
                        shared->what, of.values.size(), of.row_labels.size(), of.column_labels.size());
        return std::make_unique<const MapDrawing>(shared, style);
    };
}

}  // namespace headlight
