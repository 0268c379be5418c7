#include "figure/axis_labels.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "figure/text_layout.h"

namespace headlight {
namespace {

constexpr double kTickGapPx = 5;   // between matrix and label
constexpr double kIndexGapPx = 4;  // between a token and its index
constexpr double kRadians = std::numbers::pi / 180;

}  // namespace

AxisLabels make_axis_labels(std::span<const Token> tokens, double cell_px, double size_px,
                            double most_text_px) {
    AxisLabels axis;
    axis.size_px = size_px;
    const int count = static_cast<int>(tokens.size());
    axis.plan = plan_labels(count, cell_px, line_height(size_px), kColumnAngleDeg);
    double widest = 0;
    const double sine = std::sin(kColumnAngleDeg * kRadians), cosine = std::cos(kColumnAngleDeg * kRadians);
    for (int i = 0; i < count; i += axis.plan.step) {
        AxisLabel label;
        label.token = i;
        label.text = fit_label(tokens[static_cast<std::size_t>(i)].display, size_px, most_text_px);
        label.index = std::to_string(i);
        label.text_width = text_width(label.text, size_px);
        axis.index_width = std::max(axis.index_width, text_width(label.index, size_px));
        widest = std::max(widest, label.text_width);
        const double beyond = label.text_width * cosine - (count - i - 0.5) * cell_px;
        axis.column_reach = std::max(axis.column_reach, beyond);
        axis.labels.push_back(std::move(label));
    }
    axis.row_width = kTickGapPx + axis.index_width + kIndexGapPx + widest;
    axis.column_height = kTickGapPx + widest * sine + size_px * cosine;
    return axis;
}

std::string label_statement(const AxisLabels& rows, const AxisLabels& columns) {
    const std::string& down = rows.plan.statement;
    const std::string& across = columns.plan.statement;
    if (down == across || across.empty()) return down;
    return down.empty() ? across : fmt::format("rows: {}, columns: {}", down, across);
}

std::string size_statement(const FigureAxes& axes) {
    const bool is_one_list =
        axes.queries.data() == axes.keys.data() && axes.queries.size() == axes.keys.size();
    if (is_one_list) return fmt::format("{} {}s", axes.queries.size(), to_string(axes.unit));
    return fmt::format("{} queries × {} keys", axes.queries.size(), axes.keys.size());
}

void draw_row_labels(Canvas& canvas, const AxisLabels& labels, const Box& matrix, int num_slots) {
    const double cell = matrix.height / std::max(1, num_slots);
    for (const AxisLabel& label : labels.labels) {
        const double y = matrix.y + (label.token + 0.5) * cell;
        const double right = matrix.x - kTickGapPx;
        canvas.text({right, y}, label.index,
                    {.size_px = labels.size_px, .colour = kDim, .anchor = Anchor::End, .is_centred = true});
        canvas.text({right - labels.index_width - kIndexGapPx, y}, label.text,
                    {.size_px = labels.size_px, .anchor = Anchor::End, .is_centred = true});
    }
}

void draw_column_labels_above(Canvas& canvas, const AxisLabels& labels, const Box& matrix, int num_slots) {
    const double cell = matrix.width / std::max(1, num_slots);
    for (const AxisLabel& label : labels.labels) {
        const Point at{matrix.x + (label.token + 0.5) * cell, matrix.y - kTickGapPx};
        canvas.text(at, label.text,
                    {.size_px = labels.size_px, .angle_deg = kColumnAngleDeg, .is_centred = true});
    }
}

void draw_column_labels_below(Canvas& canvas, const AxisLabels& labels, const Box& matrix, int num_slots) {
    const double cell = matrix.width / std::max(1, num_slots);
    for (const AxisLabel& label : labels.labels) {
        const Point at{matrix.x + (label.token + 0.5) * cell, matrix.bottom() + kTickGapPx};
        canvas.text(at, label.text,
                    {.size_px = labels.size_px,
                     .anchor = Anchor::End,
                     .angle_deg = kColumnAngleDeg,
                     .is_centred = true});
    }
}

void draw_colour_bar(Canvas& canvas, const Box& bar, double gamma) {
    constexpr int kSteps = 128;
    std::vector<Rgb8> colours;
    for (int i = 0; i < kSteps; ++i) {
        colours.push_back(sample(colormap_light(), 1 - (i + 0.5) / kSteps, gamma));
    }
    canvas.cells({bar, kSteps, 1, colours, 0});
    canvas.frame({bar.x - 0.5, bar.y - 0.5, bar.width + 1, bar.height + 1}, {.width = 1, .colour = kLine});
    const bool has_quarters = bar.height >= 100;
    const char* const ticks[] = {"0", "0.25", "0.5", "0.75", "1"};
    for (int i = 0; i <= 4; ++i) {
        if (!has_quarters && i % 4 != 0) continue;
        const double y = bar.bottom() - bar.height * i / 4;
        canvas.line({bar.right() + 1, y}, {bar.right() + 4, y}, {.width = 1, .colour = kLine});
        canvas.text({bar.right() + 7, y}, ticks[i], {.size_px = kLabelPx, .is_centred = true});
    }
    std::string name = "attention weight";
    if (gamma != 1) name += fmt::format(" (colour = weight^{:g})", gamma);
    if (text_width(name, kLabelPx) > bar.height)
        name = gamma != 1 ? fmt::format("γ = {:g}", gamma) : "weight";
    canvas.text({bar.right() + 44, bar.y + bar.height / 2}, name,
                {.size_px = kLabelPx, .colour = kDim, .anchor = Anchor::Middle, .angle_deg = 90});
}

}  // namespace headlight
