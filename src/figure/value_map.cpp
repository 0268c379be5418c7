// Values over named rows and columns as coloured cells with a scale.
#include <algorithm>
#include <cmath>

#include "figure/heat_cells.h"
#include "figure/label_plan.h"
#include "figure/text_layout.h"
#include "figure/title.h"

namespace headlight {
namespace {

constexpr double kMapLabelPx = 9.5, kMostLabelPx = 90, kScaleRoomPx = 64, kMostScalePx = 260;

struct MapGeometry {
    Box box;
    double cell_width = 0, cell_height = 0, gap = 0, column_room = 0, row_room = 0;
    bool has_turned_columns = false;
    LabelPlan rows, columns;
    double width = 0, height = 0;
};

double widest(const std::vector<std::string>& labels) {
    double out = 0;
    for (const std::string& label : labels)
        out = std::max(out, text_width(label, kMapLabelPx));
    return std::min(out, kMostLabelPx);
}

MapGeometry lay_out_map(const ValueMap& map) {
    MapGeometry g;
    const auto rows = static_cast<double>(map.row_labels.size()),
               columns = static_cast<double>(map.column_labels.size());
    const bool has_texts = !map.texts.empty();
    g.cell_width =
        std::clamp(std::floor((has_texts ? 900.0 : 640.0) / columns), 3.0, has_texts ? 64.0 : 38.0);
    g.cell_height = std::clamp(std::floor(560.0 / rows), 3.0, 20.0);
    g.gap = std::min(g.cell_width, g.cell_height) >= 7 ? 1 : 0;
    const double widest_column = widest(map.column_labels);
    g.has_turned_columns = widest_column > g.cell_width - 3;
    const double angle = kColumnAngleDeg / 57.29577951308232;
    g.rows = plan_labels(static_cast<int>(rows), g.cell_height, line_height(kMapLabelPx), 90);
    g.columns = g.has_turned_columns ? plan_labels(static_cast<int>(columns), g.cell_width,
                                                   line_height(kMapLabelPx), kColumnAngleDeg)
                                     : LabelPlan{};
    g.row_room = widest(map.row_labels) + 8;
    g.column_room = g.has_turned_columns ? widest_column * std::sin(angle) + 12 : 16;
    g.box = {std::ceil(kMarginPx + kAxisNamePx + g.row_room),
             std::ceil(kTitleRoomPx + kAxisNamePx + g.column_room), g.cell_width * columns,
             g.cell_height * rows};
    const double reach = g.has_turned_columns ? widest_column * std::cos(angle) : 0;
    g.width = std::max(kLeastFigurePx, std::ceil(g.box.right() + reach + kMarginPx));
    g.height = std::ceil(g.box.bottom() + kScaleRoomPx + kMarginPx);
    return g;
}

void draw_map_labels(Canvas& canvas, const ValueMap& map, const MapGeometry& g) {
    for (std::size_t r = 0; r < map.row_labels.size(); r += static_cast<std::size_t>(g.rows.step))
        canvas.text({g.box.x - 6, g.box.y + (static_cast<double>(r) + 0.5) * g.cell_height},
                    fit_label(map.row_labels[r], kMapLabelPx, kMostLabelPx),
                    {.size_px = kMapLabelPx, .anchor = Anchor::End, .is_centred = true});
    for (std::size_t c = 0; c < map.column_labels.size(); c += static_cast<std::size_t>(g.columns.step)) {
        const double x = g.box.x + (static_cast<double>(c) + 0.5) * g.cell_width;
        const std::string text = fit_label(map.column_labels[c], kMapLabelPx, kMostLabelPx);
        if (g.has_turned_columns)
            canvas.text({x, g.box.y - 5}, text, {.size_px = kMapLabelPx, .angle_deg = kColumnAngleDeg});
        else
            canvas.text({x, g.box.y - 6}, text, {.size_px = kMapLabelPx, .anchor = Anchor::Middle});
    }
    canvas.text({kMarginPx + 8, g.box.y + g.box.height / 2}, map.row_name,
                {.size_px = kTextPx, .colour = kDim, .anchor = Anchor::Middle, .angle_deg = 90});
    canvas.text({g.box.x + g.box.width / 2, kTitleRoomPx + 10}, map.column_name,
                {.size_px = kTextPx, .colour = kDim, .anchor = Anchor::Middle});
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
        colours.push_back(!std::isfinite(value) ? kMasked
                          : map.is_signed       ? signed_colour(false, value / largest, style.gamma)
                                                : sample(colormap_light(), value / largest, style.gamma));
    canvas.cells({g.box, static_cast<int>(map.row_labels.size()), static_cast<int>(columns), colours, g.gap});
    const double size =
        std::min({9.5, g.cell_height * 0.62, g.cell_width * (map.texts.empty() ? 0.36 : 0.3)});
    for (std::size_t i = 0; i < map.values.size(); ++i) {
        const Box cell{g.box.x + static_cast<double>(i % columns) * g.cell_width,
                       g.box.y + static_cast<double>(i / columns) * g.cell_height, g.cell_width - g.gap,
                       g.cell_height - g.gap};
        if (std::isnan(map.values[i])) {
            if (cell.height >= 3) hatch_cell(canvas, cell, {.width = 0.6, .colour = kLine});
            continue;
        }
        if (std::isinf(map.values[i]) || !style.shows_numbers || size < 6) continue;
        const std::string text = fit_text(cell_text(map, i, largest), size, cell.width - 2);
        if (text.empty()) continue;
        const bool is_dark = std::pow(std::abs(map.values[i]) / largest, style.gamma) > 0.55;
        canvas.text({cell.x + cell.width / 2, cell.y + cell.height / 2}, text,
                    {.size_px = size,
                     .colour = is_dark ? kPaper : kInk,
                     .anchor = Anchor::Middle,
                     .is_centred = true});
    }
    canvas.frame({g.box.x - 0.5, g.box.y - 0.5, g.box.width + 1 - g.gap, g.box.height + 1 - g.gap},
                 {.width = 1, .colour = kLine});
}

void draw_map_scale(Canvas& canvas, const ValueMap& map, const MapGeometry& g, double largest, double gamma) {
    constexpr int kSteps = 128;
    const Box bar{g.box.x, g.box.bottom() + 16, std::min(g.box.width, kMostScalePx), 9};
    std::vector<Rgb8> colours;
    for (int i = 0; i < kSteps; ++i) {
        const double at = (i + 0.5) / kSteps;
        colours.push_back(map.is_signed ? signed_colour(false, 2 * at - 1, gamma)
                                        : sample(colormap_light(), at, gamma));
    }
    canvas.cells({bar, 1, kSteps, colours, 0});
    canvas.frame({bar.x - 0.5, bar.y - 0.5, bar.width + 1, bar.height + 1}, {.width = 1, .colour = kLine});
    const double y = bar.bottom() + 13;
    canvas.text({bar.x, y}, map.is_signed ? fmt::format("−{:.3g}", largest) : "0", {.size_px = kLabelPx});
    if (map.is_signed)
        canvas.text({bar.x + bar.width / 2, y}, "0", {.size_px = kLabelPx, .anchor = Anchor::Middle});
    canvas.text({bar.right(), y}, fmt::format("{}{:.3g}", map.is_signed ? "+" : "", largest),
                {.size_px = kLabelPx, .anchor = Anchor::End});
    canvas.text({bar.right() + 10, bar.y + bar.height / 2}, map.unit,
                {.size_px = kLabelPx, .colour = kDim, .is_centred = true});
    if (!map.caveat.empty()) canvas.text({bar.x, y + 18}, map.caveat, {.size_px = kLabelPx, .colour = kDim});
}

}  // namespace

Status draw_value_map(const std::string& path, const ValueMap& map, const std::string& what,
                      const FigureCaption& caption, const FigureStyle& style) {
    const std::size_t size = map.row_labels.size() * map.column_labels.size();
    if (size == 0 || map.values.size() != size || (!map.texts.empty() && map.texts.size() != size))
        return fail(ErrorKind::InvalidInput, "cannot draw {}: {} values for {} rows and {} columns", what,
                    map.values.size(), map.row_labels.size(), map.column_labels.size());
    double largest = map.largest;
    if (largest <= 0)
        for (const float value : map.values)
            if (std::isfinite(value)) largest = std::max(largest, std::abs(static_cast<double>(value)));
    largest = std::max(largest, 1e-9);
    const MapGeometry g = lay_out_map(map);
    const double caveat = map.caveat.empty() ? 0 : text_width(map.caveat, kLabelPx) + g.box.x + kMarginPx;
    const double unit = g.box.x + std::min(g.box.width, kMostScalePx) + text_width(map.unit, kLabelPx) + 10;
    const double width = std::max({g.width, std::ceil(caveat), std::ceil(unit + kMarginPx)});
    const auto canvas = make_canvas(width, g.height, style, title_text(caption, what));
    draw_map_labels(*canvas, map, g);
    draw_map_cells(*canvas, map, g, largest, style);
    draw_map_scale(*canvas, map, g, largest, style.gamma);
    draw_title(*canvas, width, caption, what,
               {caption.note, caption.dtype,
                style.gamma != 1 ? fmt::format("colour = |value|^{:g}", style.gamma) : "", g.rows.statement,
                g.columns.statement});
    return write_canvas(*canvas, path);
}

}  // namespace headlight
