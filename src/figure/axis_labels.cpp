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
                            double most_text_px, const FigureStyle& style, int first_index) {
    AxisLabels axis;
    axis.size_px = size_px;
    if (!style.shows_labels) return axis;
    const int count = static_cast<int>(tokens.size());
    axis.plan = plan_labels(count, cell_px, line_height(size_px), kColumnAngleDeg);
    double widest = 0;
    const double sine = std::sin(kColumnAngleDeg * kRadians), cosine = std::cos(kColumnAngleDeg * kRadians);
    for (int i = 0; i < count; i += axis.plan.step) {
        AxisLabel label;
        label.token = i;
        label.text = fit_label(tokens[static_cast<std::size_t>(i)].display, size_px, most_text_px);
        if (style.shows_indices) label.index = std::to_string(first_index + i);
        label.text_width = text_width(label.text, size_px);
        axis.index_width = std::max(axis.index_width, text_width(label.index, size_px));
        widest = std::max(widest, label.text_width);
        // Below the line the letters lean further right.
        const double beyond = label.text_width * cosine + 0.45 * size_px - (count - i - 0.5) * cell_px;
        axis.column_reach = std::max(axis.column_reach, beyond);
        axis.labels.push_back(std::move(label));
    }
    axis.index_gap = style.shows_indices ? kIndexGapPx : 0;
    axis.row_width = kTickGapPx + axis.index_width + axis.index_gap + widest;
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
    if (axes.queries == axes.keys) return fmt::format("{} {}s", axes.queries->size(), to_string(axes.unit));
    return fmt::format("{} queries × {} keys", axes.queries->size(), axes.keys->size());
}

void draw_row_labels(Canvas& canvas, const AxisLabels& labels, const Box& matrix, int num_slots) {
    const double cell = matrix.height / std::max(1, num_slots);
    for (const AxisLabel& label : labels.labels) {
        const double y = matrix.y + (label.token + 0.5) * cell;
        const double right = matrix.x - kTickGapPx;
        canvas.text(
            {right, y}, label.index,
            {.size_px = labels.size_px, .colour = look().dim, .anchor = Anchor::End, .is_centred = true});
        canvas.text({right - labels.index_width - labels.index_gap, y}, label.text,
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

namespace {

/// Where B begins among `count` rows or columns from `first` on, cut to them.
int begin_of_b(const FigureAxes& axes, int first, int count) {
    return std::clamp(axes.second - first, 0, count);
}

}  // namespace

void draw_sentences(Canvas& canvas, const FigureAxes& axes, const Box& matrix, int row_slots, int col_slots) {
    if (axes.second < 0) return;
    constexpr double kBracketPx = 2, kGapPx = 1;
    const int num_rows = static_cast<int>(axes.queries->size()),
              num_cols = static_cast<int>(axes.keys->size());
    const double row = matrix.height / std::max(1, row_slots), col = matrix.width / std::max(1, col_slots);
    const int rows_of_a = begin_of_b(axes, axes.first_query, num_rows),
              cols_of_a = begin_of_b(axes, axes.first_key, num_cols);
    const double y = matrix.y + rows_of_a * row, x = matrix.x + cols_of_a * col;
    const double left = matrix.x - kBracketPx - kGapPx, top = matrix.y - kBracketPx - kGapPx;
    const LineStyle of_a{.width = kBracketPx, .colour = look().dim},
        of_b{.width = kBracketPx, .colour = look().ink},
        edge{.width = 0.8, .colour = look().ink, .is_dashed = true};
    if (rows_of_a > 0) canvas.line({left, matrix.y}, {left, y - kGapPx}, of_a);
    if (rows_of_a < num_rows) canvas.line({left, y + kGapPx}, {left, matrix.y + num_rows * row}, of_b);
    if (cols_of_a > 0) canvas.line({matrix.x, top}, {x - kGapPx, top}, of_a);
    if (cols_of_a < num_cols) canvas.line({x + kGapPx, top}, {matrix.x + num_cols * col, top}, of_b);
    if (rows_of_a > 0 && rows_of_a < num_rows)
        canvas.line({matrix.x, y - 0.5}, {matrix.x + num_cols * col, y - 0.5}, edge);
    if (cols_of_a > 0 && cols_of_a < num_cols)
        canvas.line({x - 0.5, matrix.y}, {x - 0.5, matrix.y + num_rows * row}, edge);
}

std::string sentence_statement(const FigureAxes& axes) {
    if (axes.second < 0) return {};
    const int begin = axes.first_query, end = begin + static_cast<int>(axes.queries->size());
    if (axes.second <= begin) return "sentence B";
    if (axes.second >= end) return "sentence A";
    return fmt::format("A: {} to {}, B: {} to {}", begin, axes.second - 1, axes.second, end - 1);
}

void draw_colour_bar(Canvas& canvas, const Box& bar, const FigureStyle& style, double top) {
    if (!style.shows_colour_bar) return;
    constexpr int kSteps = 128;
    std::vector<Rgb8> colours;
    for (int i = 0; i < kSteps; ++i)
        colours.push_back(look().weight_colour(1 - (i + 0.5) / kSteps, style.gamma));
    canvas.cells({bar, kSteps, 1, colours, 0});
    canvas.frame({bar.x - 0.5, bar.y - 0.5, bar.width + 1, bar.height + 1},
                 {.width = 1, .colour = look().line});
    const int num_ticks = bar.height >= 100 ? 4 : bar.height >= 40 ? 2 : 1;
    for (int i = 0; i <= num_ticks; ++i) {
        const double y = bar.bottom() - bar.height * i / num_ticks;
        canvas.line({bar.right() + 1, y}, {bar.right() + 4, y}, {.width = 1, .colour = look().line});
        canvas.text({bar.right() + 7, y}, short_number(top * i / num_ticks, top >= 0.1 ? 2 : 4),
                    {.size_px = kLabelPx, .is_centred = true});
    }
    if (!style.shows_axis_names) return;
    std::string name = "attention weight";
    if (style.gamma != 1) name += fmt::format(" (colour = weight^{:g})", style.gamma);
    if (text_width(name, kLabelPx) > bar.height)
        name = style.gamma != 1 ? fmt::format("γ = {:g}", style.gamma) : "weight";
    const double room = style.width_mm > 0 ? 38 : 44;
    canvas.text({bar.right() + room, bar.y + bar.height / 2}, name,
                {.size_px = kLabelPx, .colour = look().dim, .anchor = Anchor::Middle, .angle_deg = 90});
}

void draw_axis_names(Canvas& canvas, const Box& matrix, double x, double y, const FigureStyle& style) {
    if (!style.shows_axis_names) return;
    TextStyle name{.size_px = kTextPx, .colour = look().dim, .anchor = Anchor::Middle};
    canvas.text({matrix.x + matrix.width / 2, y}, "key (to)", name);
    name.angle_deg = 90;
    canvas.text({x, matrix.y + matrix.height / 2}, "query (from)", name);
}

double fit_cell(double room, double most, const std::function<double(double cell)>& width_of) {
    if (room <= 0 || width_of(most) <= room) return most;
    double low = 0, high = most;
    for (int i = 0; i < 24; ++i) {
        const double middle = (low + high) / 2;
        (width_of(middle) <= room ? low : high) = middle;
    }
    return std::max(low, 1e-3);
}

}  // namespace headlight
