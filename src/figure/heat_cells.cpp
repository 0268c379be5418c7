#include "figure/heat_cells.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "figure/text_layout.h"

namespace headlight {
namespace {

constexpr double kLeastGapCellPx = 7;  // smaller cells touch each other
constexpr double kLeastNumberPx = 6;
constexpr double kMostNumberPx = 11;
constexpr float kLeastNumberWeight = 0.10f;

/// Percentages 0 .. 100 as text, made once.
const std::string& percent_text(int percent) {
    static const auto texts = [] {
        std::array<std::string, 101> all;
        for (int i = 0; i <= 100; ++i)
            all[static_cast<std::size_t>(i)] = std::to_string(i);
        return all;
    }();
    return texts[static_cast<std::size_t>(std::clamp(percent, 0, 100))];
}

void draw_numbers(Canvas& canvas, const HeatCells& cells, const std::vector<Rgb8>& colours, const Box& box) {
    const double cell = box.width / cells.cols;
    const double size = std::min(kMostNumberPx, cell * 0.46);
    if (size < kLeastNumberPx || text_width("100", size) > cell - 2) return;
    for (int r = 0; r < cells.rows; ++r) {
        for (int c = 0; c < cells.cols; ++c) {
            const std::size_t at = static_cast<std::size_t>(r) * cells.cols + c;
            if (cells.values[at] < kLeastNumberWeight) continue;
            TextStyle style{
                .size_px = size, .colour = FigureLook::text_on(colours[at]), .anchor = Anchor::Middle};
            style.is_centred = true;
            const Point middle{box.x + (c + 0.5) * cell - 0.5, box.y + (r + 0.5) * cell - 0.5};
            canvas.text(middle, percent_text(static_cast<int>(std::lround(100 * cells.values[at]))), style);
        }
    }
}

/// Is there a query that cannot see a key because of the window?
bool hides_keys(const HeatCells& cells, const CellMask& mask) {
    if (mask.window <= 0) return false;
    return cells.num_queries > (mask.is_causal ? mask.window : mask.window + 1);
}

}  // namespace

HeatCells reduce_weights(std::span<const float> weights, int num_queries, int num_keys, const CellMask& mask,
                         int most_cells) {
    HeatCells cells;
    cells.num_queries = num_queries;
    cells.num_keys = num_keys;
    const int longest = std::max(num_queries, num_keys);
    cells.tokens_per_cell = std::max(1, (longest + most_cells - 1) / most_cells);
    cells.rows = (num_queries + cells.tokens_per_cell - 1) / cells.tokens_per_cell;
    cells.cols = (num_keys + cells.tokens_per_cell - 1) / cells.tokens_per_cell;
    cells.values.assign(static_cast<std::size_t>(cells.rows) * cells.cols, -1.0f);
    for (int query = 0; query < num_queries; ++query) {
        const float* row = weights.data() + static_cast<std::size_t>(query) * num_keys;
        float* out =
            cells.values.data() + static_cast<std::size_t>(query / cells.tokens_per_cell) * cells.cols;
        for (int key = 0; key < num_keys; ++key) {
            if (!mask.allows(query, key)) continue;
            float& cell = out[key / cells.tokens_per_cell];
            cell = std::max(cell, std::isfinite(row[key]) ? row[key] : 0.0f);
        }
    }
    return cells;
}

void set_top(HeatCells& cells, FigureRange range) {
    const float largest =
        cells.values.empty() ? 0 : *std::max_element(cells.values.begin(), cells.values.end());
    cells.top = range == FigureRange::PerHead && largest > 0 ? largest : 1;
}

std::vector<Rgb8> colour_cells(const HeatCells& cells, double gamma) {
    std::vector<Rgb8> colours;
    colours.reserve(cells.values.size());
    const FigureLook& now = look();
    for (const float value : cells.values)
        colours.push_back(value < 0 ? now.masked : now.weight_colour(value / cells.top, gamma));
    return colours;
}

void draw_cells(Canvas& canvas, const HeatCells& cells, const Box& box, const FigureStyle& style) {
    if (cells.rows == 0 || cells.cols == 0) return;
    const std::vector<Rgb8> colours = colour_cells(cells, style.gamma);
    const double gap = box.width / cells.cols >= kLeastGapCellPx ? 1 : 0;
    canvas.cells({box, cells.rows, cells.cols, colours, gap});
    if (style.shows_numbers && cells.tokens_per_cell == 1) draw_numbers(canvas, cells, colours, box);
    canvas.frame({box.x - 0.5, box.y - 0.5, box.width + 1 - gap, box.height + 1 - gap},
                 {.width = 1, .colour = look().line});
}

std::string window_statement(const HeatCells& cells, const CellMask& mask) {
    if (!hides_keys(cells, mask)) return {};
    if (mask.is_causal) return fmt::format("outlined: sliding window of {} keys", mask.window);
    return fmt::format("outlined: window of {} tokens to either side", mask.window);
}

// One edge of the band: a stair through the rows' first (or last) visible key, in tokens.
template <class KeyOf>
void draw_band_edge(Canvas& canvas, const HeatCells& cells, const Box& box, const KeyOf& key_of) {
    const double cell = box.width / cells.col_slots();
    std::vector<Point> stair;
    for (int query = 0; query < cells.num_queries; ++query) {
        const int key = key_of(query);
        if (key <= 0 || key >= cells.num_keys) continue;  // the row ends at the matrix itself
        const double x = box.x + key * cell - 0.5;
        stair.push_back({x, box.y + query * cell - 0.5});
        stair.push_back({x, box.y + (query + 1) * cell - 0.5});
    }
    if (stair.size() > 1) canvas.polyline(stair, {.width = 1, .colour = look().dim, .is_dashed = true});
}

void draw_window_band(Canvas& canvas, const HeatCells& cells, const Box& box, const CellMask& mask) {
    if (!hides_keys(cells, mask)) return;
    const int back = mask.is_causal ? mask.window - 1 : mask.window;
    draw_band_edge(canvas, cells, box, [&](int query) { return query - back; });
    if (!mask.is_causal)
        draw_band_edge(canvas, cells, box, [&](int query) { return query + mask.window + 1; });
}

std::string reduction_statement(const HeatCells& cells) {
    if (cells.tokens_per_cell == 1) return {};
    return fmt::format("each cell is the largest of {0} × {0} weights", cells.tokens_per_cell);
}

void hatch_cell(Canvas& canvas, const Box& cell, const LineStyle& line) {
    constexpr double kHatchPx = 5;
    for (double offset = kHatchPx / 2; offset < cell.width + cell.height; offset += kHatchPx) {
        const Point from{cell.x + std::max(0.0, offset - cell.height),
                         cell.y + std::min(offset, cell.height)},
            to{cell.x + std::min(offset, cell.width), cell.y + std::max(0.0, offset - cell.width)};
        canvas.line(from, to, line);
    }
}

}  // namespace headlight
