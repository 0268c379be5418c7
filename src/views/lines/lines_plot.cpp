// Columns of the lines form and their labels.
#include "views/lines/lines_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "run/cause/causal_text.h"
#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"
#include "views/format.h"
#include "views/heatmap/heatmap_axes.h"
#include "views/heatmap/row_sums.h"
#include "views/lines/head_colors.h"

namespace headlight {
namespace {

constexpr int kMeasuredTokens = 300;
constexpr int kMostLinesLabelPoints = 16;
constexpr float kMostLinesLabelDp = 132, kLeastLinesLabelDp = 34, kPercentDp = 40, kMostStubsDp = 88,
                kLinesNumberDp = 30;
constexpr float kLeastCurvesDp = 120, kLinesTitleDp = 22;

ui::ShapedStyle lines_label_style() {
    return {12, gfx::TextWeight::Regular};
}

float widest_lines_label(const TokenizedText& tokens) {
    float widest = 0;
    const int count = std::min(kMeasuredTokens, static_cast<int>(tokens.tokens.size()));
    for (int i = 0; i < count; ++i)
        widest = std::max(
            widest,
            ui::measure_shaped(token_label(tokens, i, kMostLinesLabelPoints), lines_label_style()).advance);
    return std::clamp(widest + ui::px(2), ui::px(kLeastLinesLabelDp), ui::px(kMostLinesLabelDp));
}

float lines_text_width(std::string_view text) {
    ImFont* font = ui::kit().fonts.small_;
    return font->CalcTextSizeA(font->FontSize, 10000, 0, text.data(), text.data() + text.size()).x;
}

void put_lines_text(float x, float y, std::string_view text, ui::Rgba color, bool is_right) {
    ImFont* font = ui::kit().fonts.small_;
    const float left = is_right ? x - lines_text_width(text) : x;
    ImGui::GetWindowDrawList()->AddText(font, font->FontSize, {left, y}, ui::to_u32(color), text.data(),
                                        text.data() + text.size());
}

/// Rows in sight.
struct LineRows {
    int begin = 0, end = 0;
};
LineRows line_rows_in_sight(const LinesCamera& camera, int count) {
    return {std::max(0, static_cast<int>(std::floor(camera.first()))),
            std::min(count, static_cast<int>(std::ceil(camera.first() + camera.num_visible())))};
}

bool is_whole_line(const LinesPlot& plot, float middle) {
    const float half = ui::kit().fonts.small_->FontSize / 2;
    return middle - half >= plot.rows.y - 2 && middle + half <= plot.rows.bottom();
}

/// Calls body(row, middle) for the rows that get a label: every step-th, and those that stand out.
template <class Body>
void for_labelled_rows(const LinesPlot& plot, const LinesCamera& camera, int count,
                       std::initializer_list<int> special, const Body& body) {
    const int step = axis_step(static_cast<float>(camera.pitch()), ui::px(15));
    const LineRows rows = line_rows_in_sight(camera, count);
    for (int row = rows.begin; row < rows.end; ++row) {
        const bool is_special = std::find(special.begin(), special.end(), row) != special.end();
        bool is_crowded = row % step != 0;
        for (const int other : special)
            is_crowded |= step > 1 && other >= rows.begin && other < rows.end && std::abs(row - other) < step;
        if (!is_special && is_crowded) continue;
        const float middle = plot.rows.y + camera.y_of(row + 0.5);
        if (is_whole_line(plot, middle)) body(row, middle);
    }
}

/// The sink's share of each row: thin bars, a head under the other, growing to the left.
void draw_stubs(const LinesPlot& plot, const LinesCamera& camera, const LinesData& data,
                const LinesFocus& focus) {
    if (plot.stubs.width <= 0) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const auto num_heads = static_cast<float>(data.heads().size());
    const auto pitch = static_cast<float>(camera.pitch());
    const int step = std::max(1, static_cast<int>(std::ceil(ui::px(2) / pitch)));
    const float room = std::max(1.0f, std::min(pitch * static_cast<float>(step) - 1, ui::px(18)));
    const float high = std::clamp(room / num_heads - (room > 3 * num_heads ? 1.0f : 0.0f), 0.5f, ui::px(4));
    const float pace = std::min(room / num_heads, high + ui::px(1));
    for (std::size_t i = 0; i < data.heads().size(); ++i) {
        const HeadLines* lines = data.heads()[i].lines.get();
        if (!lines) continue;
        const ui::Rgba color = head_color(ui::colors(), static_cast<int>(i));
        const LineRows rows = line_rows_in_sight(camera, lines->num_queries);
        for (int row = rows.begin - rows.begin % step; row < rows.end; row += step) {
            double share = 0;
            const int last = std::min(row + step, lines->num_queries);
            for (int at = row; at < last; ++at)
                share += lines->sink[static_cast<std::size_t>(at)] / (last - row);
            const float middle = plot.rows.y + camera.y_of(row + 0.5 * step);
            const float top = middle + (static_cast<float>(i) - num_heads / 2) * pace;
            if (share <= 0 || top < plot.rows.y || top > plot.rows.bottom()) continue;
            const float opacity = row == focus.strong_row() ? 1.0f : 0.5f;
            list->AddRectFilled({plot.stubs.right() - plot.stubs.width * static_cast<float>(share), top},
                                {plot.stubs.right(), top + high}, ui::to_u32(gfx::faded(color, opacity)));
        }
    }
}

void draw_sink_percent(const LinesPlot& plot, const HeadLines& lines, int row, float middle, bool is_strong) {
    ImFont* font = ui::kit().fonts.small_;
    const float share = lines.sink[static_cast<std::size_t>(row)];
    ui::draw_tabular_right(
        ImGui::GetWindowDrawList(), font, {plot.percent_right, middle - font->FontSize / 2},
        ui::to_u32(is_strong ? ui::colors().text : ui::colors().dim), fmt::format("{:.0f} %", share * 100));
}

bool rests_everywhere(const LinesData& data, int row) {
    bool has_any = false;
    for (const LinesData::Entry& entry : data.heads()) {
        if (!entry.lines) return false;
        has_any = true;
        if (entry.lines->state[static_cast<std::size_t>(row)] == RowRest::Shown) return false;
    }
    return has_any;
}

void draw_resting_row(const LinesPlot& plot, float middle) {
    const float left = plot.curves.x + ui::px(3), width = ui::px(24), half = ui::px(4);
    if (plot.curves.width < ui::px(90)) return;
    draw_hatch(ImGui::GetWindowDrawList(), {left, middle - half}, {left + width, middle + half},
               gfx::faded(ui::colors().dim, 0.6f));
    ImFont* font = ui::kit().fonts.small_;
    put_lines_text(left + width + ui::px(6), middle - font->FontSize / 2, "rests", ui::colors().dim, false);
}

void draw_lines_titles(const ViewContext& context, const LinesPlot& plot, const LinesData& data,
                       const LinesFocus& focus) {
    const ui::Colors& colors = ui::colors();
    const HeadLines* first = data.heads().empty() ? nullptr : data.heads().front().lines.get();
    const std::string sink =
        first ? fmt::format("{:.0f} % {}", first->mean_sink * 100, sink_name(context)) : "";
    const std::string query = "query (from)";
    put_lines_text(plot.query_right, plot.title_y, query, colors.dim, true);
    const float query_begin = plot.query_right - lines_text_width(query) - ui::px(10);
    if (plot.stubs.width > 0 && !sink.empty()) {
        const float right = std::min(plot.stubs.right(), query_begin);
        if (right - lines_text_width(sink) >= plot.rows.x)
            put_lines_text(right, plot.title_y, sink, head_color(colors, 0), true);
        else
            put_lines_text(right, plot.title_y, fmt::format("{:.0f} %", first->mean_sink * 100),
                           head_color(colors, 0), true);
    }
    put_lines_text(plot.key_left, plot.title_y, "key (to)", colors.dim, false);
    const int row = focus.strong_row();
    if (plot.num_numbers == 0 || row < 0) return;
    const WeightsShown weights = context.snapshot.picture.weights;
    const bool is_share = weights == WeightsShown::Raw || weights == WeightsShown::NoSink;
    const std::string numbers = fmt::format("row {}{}", row, is_share ? ", %" : "");
    const float right = plot.numbers_left + static_cast<float>(plot.num_numbers) * plot.number_width;
    if (right - lines_text_width(numbers) > plot.key_left + lines_text_width("key (to)") + ui::px(8))
        put_lines_text(right, plot.title_y, numbers, colors.dim, true);
}

}  // namespace

void measure_labels(const ViewContext& context, LabelRoom& room) {
    if (room.text_id == context.text()->id) return;
    room.text_id = context.text()->id;
    room.query = widest_lines_label(context.tokens());
    room.key = context.has_one_text() ? room.query : widest_lines_label(context.keys());
    const int last = std::max(context.num_tokens(), context.num_keys()) - 1;
    room.index = ui::tabular_width(ui::kit().fonts.small_, std::to_string(last));
}

const char* sink_name(const ViewContext& context) {
    const auto& model = context.snapshot.model;
    const std::vector<bool> is_sink = sink_keys(context.keys(), model ? model->tokenizer.get() : nullptr);
    return std::count(is_sink.begin(), is_sink.end(), true) > 1 ? "first and special" : "first token";
}

void draw_column_label(const ColumnLabel& label) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const gfx::TextExtents extents = ui::measure_shaped("x", lines_label_style());
    const std::string words = ui::shorten_shaped(
        token_label(label.tokens, label.index, kMostLinesLabelPoints), label.width, lines_label_style());
    const std::string index = std::to_string(label.index);
    const float top = label.middle - extents.height() / 2, gap = ui::px(5);
    const ImU32 dim = ui::to_u32(gfx::faded(label.color, 0.75f));
    const float index_top = label.middle - font->FontSize / 2;
    if (label.side == TokenSide::Query) {
        ui::draw_tabular_right(list, font, {label.edge, index_top}, dim, index);
        ui::draw_shaped_right(list, {label.edge - label.index_width - gap, top}, words, label.color,
                              lines_label_style());
    } else {
        ui::draw_shaped(list, {label.edge, top}, words, label.color, lines_label_style());
        ui::draw_tabular_right(list, font, {label.edge + label.width + gap + label.index_width, index_top},
                               dim, index);
    }
}

LinesPlot place_lines(ViewContext& context, const LayoutRect& body, int num_heads, LabelRoom& room) {
    measure_labels(context, room);
    LinesPlot plot;
    const float title = ui::px(kLinesTitleDp), index = room.index + ui::px(5), gap = ui::px(10);
    plot.title_y = body.y + ui::px(2);
    plot.rows = {body.x, body.y + title, body.width, std::max(1.0f, body.height - title)};
    float query = room.query, key = room.key;
    const float most_label = std::max(ui::px(kLeastLinesLabelDp), body.width * 0.19f - index);
    query = std::min(query, most_label);
    key = std::min(key, most_label);
    const float labels = query + key + 2 * index + 4 * gap;
    float left =
        body.width - labels - ui::px(kLeastCurvesDp);  // that percentages, stubs and numbers may take
    const float stubs = std::clamp(body.width * 0.12f, ui::px(36), ui::px(kMostStubsDp));
    float x = body.x;
    if (left > ui::px(kPercentDp) + gap + stubs) {
        plot.percent_right = x + ui::px(kPercentDp);
        plot.stubs = {plot.percent_right + gap, plot.rows.y, stubs, plot.rows.height};
        x = plot.stubs.right() + gap;
        left -= ui::px(kPercentDp) + 2 * gap + stubs;
    }
    plot.number_width = ui::px(kLinesNumberDp);
    plot.num_numbers = std::clamp(static_cast<int>((left - gap) / plot.number_width), 0, num_heads);
    plot.query_left = x;
    plot.query_right = x + query + index;
    const float numbers = static_cast<float>(plot.num_numbers) * plot.number_width;
    plot.key_right = body.right() - numbers - (plot.num_numbers > 0 ? ui::px(4) : 0);
    plot.numbers_left = body.right() - numbers;
    plot.key_left = plot.key_right - key - index;
    plot.curves = {plot.query_right + gap, plot.rows.y, 0, plot.rows.height};
    plot.curves.width = std::max(1.0f, std::floor(plot.key_left - gap - plot.curves.x));
    return plot;
}

void draw_lines_columns(ViewContext& context, const LinesPlot& plot, const LinesCamera& camera,
                        const LinesData& data, const LinesFocus& focus) {
    const ui::Colors& colors = ui::colors();
    const ui::Rgba plain = gfx::mix(colors.dim, colors.text, 0.45f);
    const float index = ui::tabular_width(
        ui::kit().fonts.small_, std::to_string(std::max(context.num_tokens(), context.num_keys()) - 1));
    draw_lines_titles(context, plot, data, focus);
    draw_stubs(plot, camera, data, focus);
    const int strong = focus.strong_row();
    const HeadLines* first = data.heads().empty() ? nullptr : data.heads().front().lines.get();
    for_labelled_rows(
        plot, camera, context.num_tokens(), {focus.chosen_query, focus.query}, [&](int row, float middle) {
            const ui::Rgba color = row == focus.chosen_query ? colors.accent
                                   : row == strong           ? colors.text
                                                             : plain;
            draw_column_label({context.tokens(), row, TokenSide::Query, plot.query_right,
                               plot.query_right - plot.query_left - index - ui::px(5), index, middle, color});
            if (first && plot.stubs.width > 0) draw_sink_percent(plot, *first, row, middle, row == strong);
            if (rests_everywhere(data, row)) draw_resting_row(plot, middle);
        });
    std::vector<bool> is_reached(static_cast<std::size_t>(context.num_keys()), false);
    for (const LinesData::Entry& entry : data.heads())
        for (const RowLine& line : lines_of_row(entry.lines.get(), strong))
            is_reached[static_cast<std::size_t>(line.key)] = true;
    for_labelled_rows(
        plot, camera, context.num_keys(), {focus.chosen_key, focus.key}, [&](int row, float middle) {
            const bool is_bright = row == focus.key || is_reached[static_cast<std::size_t>(row)];
            const ui::Rgba color = row == focus.chosen_key ? colors.accent : is_bright ? colors.text : plain;
            draw_column_label({context.keys(), row, TokenSide::Key, plot.key_left,
                               plot.key_right - plot.key_left - index - ui::px(5), index, middle, color});
        });
}

void draw_lines_numbers(ViewContext& context, const LinesPlot& plot, const LinesCamera& camera,
                        const LinesData& data, const LinesFocus& focus) {
    const int row = focus.strong_row();
    if (row < 0 || plot.num_numbers == 0) return;
    ImFont* font = ui::kit().fonts.small_;
    const WeightsShown weights = context.snapshot.picture.weights;
    const bool is_share = weights == WeightsShown::Raw || weights == WeightsShown::NoSink;
    for (int i = 0; i < plot.num_numbers && i < static_cast<int>(data.heads().size()); ++i) {
        const float right = plot.numbers_left + static_cast<float>(i + 1) * plot.number_width;
        float last = -1e9f;
        for (const RowLine& line : lines_of_row(data.heads()[static_cast<std::size_t>(i)].lines.get(), row)) {
            const float middle = plot.rows.y + camera.y_of(line.key + 0.5);
            const bool is_near = camera.pitch() < font->FontSize && std::abs(middle - last) < font->FontSize;
            if (is_near || !is_whole_line(plot, middle)) continue;
            last = middle;
            const std::string number =
                is_share ? fmt::format("{}{:.0f}", line.value < 0 ? "−" : "", std::abs(line.value) * 100)
                         : fmt::format("{:.2g}", line.value);
            ui::draw_tabular_right(ImGui::GetWindowDrawList(), font, {right, middle - font->FontSize / 2},
                                   ui::to_u32(head_color(ui::colors(), i)), number);
        }
    }
}

}  // namespace headlight
