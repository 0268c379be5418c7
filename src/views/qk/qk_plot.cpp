// Columns of the q·k form.
#include "views/qk/qk_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/rows.h"
#include "ui/shaped_text.h"
#include "views/cause/cause_card.h"
#include "views/format.h"
#include "views/lines/lines_plot.h"
#include "views/pictures.h"
#include "views/weights/weight_words.h"

namespace headlight {
namespace {

constexpr float kQkRowDp = 20, kQkNumberDp = 58, kQkWeightDp = 52, kQkBarsDp = 64, kLeastStripDp = 90;
constexpr float kSharesDp = 34, kQueryDp = 12, kQkTitleDp = 18, kAxisDp = 15;

float qk_text_width(std::string_view words) {
    ImFont* font = ui::kit().fonts.small_;
    return font->CalcTextSizeA(font->FontSize, 10000, 0, words.data(), words.data() + words.size()).x;
}

gfx::HeatmapRequest strip_request(const ViewContext& context, const LayoutRect& rect, float largest) {
    gfx::HeatmapRequest request;
    request.width_px = std::max(1, static_cast<int>(rect.width));
    request.height_px = std::max(1, static_cast<int>(rect.height));
    request.scale = difference_scale(largest);
    request.colormap_rgb = difference_colormap(ui::kit().theme, context.snapshot.settings.gamma);
    request.pooling = gfx::Pooling::Extreme;
    request.masked = ui::colors().masked;
    request.outside = ui::colors().card;
    request.grid = ui::colors().grid;
    request.scale_factor = ui::kit().scale;
    return request;
}

void draw_strip(ViewContext& context, std::optional<gfx::HeatmapRenderer>& renderer,
                const gfx::HeatmapMatrix& matrix, const gfx::HeatmapRequest& request,
                const LayoutRect& rect) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (!context.shaders || matrix.rows() == 0)
        return ui::draw_fill(list, {rect.x, rect.y}, {rect.right(), rect.bottom()}, ui::colors().masked);
    if (!renderer) renderer.emplace(*context.shaders);
    const auto texture = renderer->render(matrix, request);
    if (!texture) return put_words({rect.x, rect.y}, ui::colors().error, texture.error().message);
    ui::draw_texture(list, *texture, {rect.x, rect.y}, {rect.right(), rect.bottom()}, context.freshness());
}

/// What the colours of the cells run from and to, at the right end of the strip's title.
void draw_cell_scale(const ViewContext& context, const QkTable& table, const QkPlot& plot, float left) {
    const std::string least = score_number(-table.largest), most = score_number(table.largest);
    const float scale = ui::px(48), gap = ui::px(5);
    const float most_left = plot.strip.right() - qk_text_width(most), scale_left = most_left - gap - scale,
                least_left = scale_left - gap - qk_text_width(least);
    if (least_left < left) return;
    ImFont* font = ui::kit().fonts.small_;
    put_words({least_left, plot.title_y}, ui::colors().dim, least);
    draw_signed_scale(ImGui::GetWindowDrawList(), scale_left, scale_left + scale,
                      plot.title_y + font->FontSize / 2 - ui::px(3), context.snapshot.settings.gamma);
    put_words({most_left, plot.title_y}, ui::colors().dim, most);
}

void draw_wavelengths(const QkTable& table, const QkPlot& plot) {
    if (plot.axis_y <= 0) return;
    const ScoreParts& parts = *table.parts;
    float last = plot.strip.x - ui::px(4);
    const auto put = [&](int column, float columns, const std::string& words) {
        const float middle = plot.strip.x + (static_cast<float>(column) + columns / 2) * plot.column_width();
        const float width = qk_text_width(words);
        const float x =
            std::clamp(middle - width / 2, plot.strip.x, std::max(plot.strip.x, plot.strip.right() - width));
        if (x < last + ui::px(6)) return;
        put_words({x, plot.axis_y}, ui::colors().dim, words);
        last = x + width;
    };
    for (std::size_t i = 0; i < parts.rotation.size(); ++i)
        put(static_cast<int>(2 * i), 2, wavelength_words(parts.rotation[i].wavelength));
    for (int column = static_cast<int>(2 * parts.rotation.size()); column < plot.num_columns; ++column)
        if (table.columns[static_cast<std::size_t>(column)] % 8 == 0)
            put(column, 1, std::to_string(table.columns[static_cast<std::size_t>(column)]));
}

void draw_dimension_bars(const QkTable& table, const QkPlot& plot, const DimensionShares* shares) {
    if (plot.shares.height <= 0) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    ui::draw_hline(list, plot.shares.x, plot.shares.right(), plot.shares.bottom(), ui::colors().line);
    if (!shares || shares->num_rows == 0) return;
    double largest = 1e-9;
    for (const double share : shares->of)
        largest = std::max(largest, std::abs(share));
    const std::vector<int> carriers = DimensionShares::carriers(shares->of, 0.9);
    for (int column = 0; column < plot.num_columns; ++column) {
        const int d = table.columns[static_cast<std::size_t>(column)];
        const double share = shares->of[static_cast<std::size_t>(d)];
        const float width = plot.column_width(), x = plot.shares.x + static_cast<float>(column) * width;
        const float high = static_cast<float>(std::abs(share) / largest) * (plot.shares.height - 2);
        const bool carries = std::find(carriers.begin(), carriers.end(), d) != carriers.end();
        const ui::Rgba color = share < 0 ? ui::colors().error
                               : carries ? ui::colors().third
                                         : ui::colors().other;
        list->AddRectFilled({x + std::min(1.0f, width / 4), plot.shares.bottom() - std::max(1.0f, high)},
                            {x + width - std::min(1.0f, width / 4), plot.shares.bottom()}, ui::to_u32(color));
    }
}

void draw_score_numbers(const QkPlot& plot, const KeyScore& score, float middle, ui::Rgba color) {
    ImFont* font = ui::kit().fonts.small_;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float top = middle - font->FontSize / 2;
    for (const QkColumn& column : plot.numbers) {
        const bool is_missing =
            score.is_masked && column.value != &KeyScore::product && column.value != &KeyScore::scaled;
        ui::draw_tabular_right(list, font, {column.right, top}, ui::to_u32(color),
                               is_missing ? std::string("–") : score_number(score.*column.value));
    }
    if (score.is_masked) return put_words_right({plot.weight_right, top}, color, "masked");
    ui::draw_tabular_right(list, font, {plot.weight_right, top}, ui::to_u32(color),
                           format_percent_column(score.weight));
    if (plot.bars.width > 0)
        ui::draw_bar(list, {plot.bars.x, middle - ui::px(2.5f)}, plot.bars.width, score.weight, -1,
                     ui::colors().second);
}

}  // namespace

float QkPlot::column_width() const {
    return strip.width / static_cast<float>(std::max(1, num_columns));
}

std::string wavelength_words(double wavelength) {
    if (!std::isfinite(wavelength)) return "∞";
    if (wavelength < 9.95) return fmt::format("{:.1f}", wavelength);
    if (wavelength < 999.5) return fmt::format("{:.0f}", wavelength);
    if (wavelength < 9.95e3) return fmt::format("{:.1f}k", wavelength / 1e3);
    if (wavelength < 999.5e3) return fmt::format("{:.0f}k", wavelength / 1e3);
    return fmt::format("{:.0f}M", wavelength / 1e6);
}

std::string score_number(double value) {
    const double size = std::abs(value);
    return format_signed(value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

QkPlot place_qk(const LayoutRect& body, const QkTable& table, float key_room) {
    QkPlot plot;
    const ScoreParts& parts = *table.parts;
    const float gap = ui::px(10);
    plot.row_height = ui::px(kQkRowDp);
    plot.num_columns = static_cast<int>(table.columns.size());
    plot.key_left = body.x;
    plot.key_right = body.x + std::min(key_room, body.width * 0.24f);
    float right = body.right() - ui::px(6);
    float room = right - plot.key_right - 2 * gap - ui::px(kQkWeightDp) - ui::px(kLeastStripDp);
    plot.weight_right = right;
    right -= ui::px(kQkWeightDp);
    std::vector<QkColumn> columns = {{"q·k", 0, &KeyScore::product},
                                     {fmt::format("× {:.3g}", parts.scale), 0, &KeyScore::scaled}};
    if (parts.has_bias()) columns.push_back({"+ bias", 0, &KeyScore::bias});
    if (parts.has_bias() || parts.softcap > 0)
        columns.push_back({parts.softcap > 0 ? "capped" : "score", 0, &KeyScore::score});
    // The last ones matter most: what the softmax sees stays longest.
    while (!columns.empty() && room < ui::px(kQkNumberDp) * static_cast<float>(columns.size()))
        columns.erase(columns.begin());
    room -= ui::px(kQkNumberDp) * static_cast<float>(columns.size());
    if (room > ui::px(kQkBarsDp + 120)) {
        plot.bars = {right - ui::px(kQkBarsDp), 0, ui::px(kQkBarsDp), 0};
        right -= ui::px(kQkBarsDp) + ui::px(6);
    }
    for (auto column = columns.rbegin(); column != columns.rend(); ++column, right -= ui::px(kQkNumberDp))
        column->right = right;
    plot.numbers = std::move(columns);
    float y = body.y;
    plot.title_y = y;
    y += ui::px(kQkTitleDp);
    const bool is_high = body.height > ui::px(210);
    const float strip_left = plot.key_right + gap,
                strip_width = std::max(ui::px(20), right - gap - strip_left);
    if (is_high) {
        plot.shares = {strip_left, y, strip_width, ui::px(kSharesDp)};
        y += ui::px(kSharesDp) + ui::px(3);
        plot.axis_y = y;
        y += ui::px(kAxisDp);
    }
    plot.query = {strip_left, y, std::floor(strip_width), ui::px(kQueryDp)};
    y += ui::px(kQueryDp) + ui::px(6);
    plot.rows = {body.x, y, body.width, std::max(plot.row_height, body.bottom() - y)};
    plot.rows.height = std::floor(plot.rows.height / plot.row_height) * plot.row_height;
    plot.strip = {strip_left, y, std::floor(strip_width), plot.rows.height};
    return plot;
}

void draw_qk_head(ViewContext& context, QkForm& form, const QkPlot& plot, const DimensionShares* shares) {
    const ui::Colors& colors = ui::colors();
    const QkTable& table = form.table;
    const bool has_pairs = !table.parts->rotation.empty();
    put_words({plot.key_left, plot.title_y}, colors.dim, "key (to)");
    const std::string dims = shares && plot.shares.height > 0 ? "share of each dimension" : "dimensions";
    std::string title = fmt::format("{}{}", dims, has_pairs ? ", pairs by wavelength in tokens" : "");
    if (qk_text_width(title) > plot.strip.width) title = "dimensions";
    put_words({plot.strip.x, plot.title_y}, colors.dim, title);
    draw_cell_scale(context, table, plot, plot.strip.x + qk_text_width(title) + ui::px(14));
    for (const QkColumn& column : plot.numbers)
        put_words_right({column.right, plot.title_y}, colors.dim, column.title);
    put_words_right({plot.weight_right, plot.title_y}, colors.dim, "weight");
    draw_dimension_bars(table, plot, shares);
    draw_wavelengths(table, plot);
    std::vector<float> query;
    for (const int d : table.columns)
        query.push_back(table.parts->query_row(table.query)[d]);
    float largest = 1e-9f;
    for (const float value : query)
        largest = std::max(largest, std::abs(value));
    if (context.shaders && form.query_matrix.rows() == 0) {
        auto made = gfx::HeatmapMatrix::from_cells(1, plot.num_columns, query);
        if (made) form.query_matrix = std::move(*made);
    }
    gfx::HeatmapRequest request = strip_request(context, plot.query, largest);
    request.visible = {0, 0, static_cast<double>(plot.num_columns), 1};
    draw_strip(context, form.query_renderer, form.query_matrix, request, plot.query);
    ImFont* font = ui::kit().fonts.small_;
    const float middle = plot.query.y + plot.query.height / 2 - font->FontSize / 2;
    put_words({plot.key_left, middle}, colors.accent, "query (from)");
}

void draw_qk_rows(ViewContext& context, QkForm& form, const QkPlot& plot) {
    const QkTable& table = form.table;
    const ui::Colors& colors = ui::colors();
    const auto num_keys = static_cast<int>(table.keys.size());
    const int visible = plot.num_rows();
    form.first = std::clamp(form.first, 0.0, static_cast<double>(std::max(0, num_keys - visible)));
    const auto first = static_cast<int>(form.first);  // whole rows: numbers stand still beside their cells
    const int count = std::min(visible, num_keys - first);
    if (count <= 0) return;
    LayoutRect strip = plot.strip;
    strip.height = static_cast<float>(count) * plot.row_height;
    gfx::HeatmapRequest request = strip_request(context, strip, table.largest);
    request.visible = {0, static_cast<double>(first), static_cast<double>(plot.num_columns),
                       static_cast<double>(count)};
    draw_strip(context, form.renderer, table.matrix, request, strip);
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (form.hovered_column >= 0) {
        const float x = plot.strip.x + static_cast<float>(form.hovered_column) * plot.column_width();
        ui::draw_fill(list, {x, strip.y}, {x + plot.column_width(), strip.bottom()},
                      gfx::faded(colors.text, 0.1f));
    }
    const float index = ui::tabular_width(ui::kit().fonts.small_, std::to_string(std::max(0, num_keys - 1)));
    const int chosen = context.snapshot.selection.key;
    for (int i = 0; i < count; ++i) {
        const int key = table.keys[static_cast<std::size_t>(first + i)];
        const KeyScore& score = table.row.keys[static_cast<std::size_t>(key)];
        const float top = plot.rows.y + static_cast<float>(i) * plot.row_height,
                    middle = top + plot.row_height / 2;
        if (first + i == form.hovered_row)
            ui::draw_fill(list, {plot.rows.x, top}, {plot.rows.right(), top + plot.row_height},
                          gfx::faded(colors.text, 0.05f));
        const ui::Rgba color = key == chosen     ? colors.accent
                               : score.is_masked ? gfx::faded(colors.dim, 0.6f)
                                                 : colors.text;
        draw_column_label({context.keys(), key, TokenSide::Key, plot.key_left,
                           plot.key_right - plot.key_left - index - ui::px(5), index, middle, color});
        draw_score_numbers(plot, score, middle, color);
    }
}

}  // namespace headlight
