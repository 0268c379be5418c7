// The keys of one query in order.
#include "views/qk/qk_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace headlight {
namespace {

void fill_cells(QkTable& table) {
    const ScoreParts& parts = *table.parts;
    const bool has_products = table.shown != "keys";
    const float* q = parts.query_row(table.query);
    table.cells.clear();
    table.largest = 0;
    for (const int key : table.keys) {
        const float* k = parts.key_row(key);
        const bool is_masked = table.row.keys[static_cast<std::size_t>(key)].is_masked;
        for (const int d : table.columns) {
            const float value = has_products ? q[d] * k[d] : k[d];
            table.cells.push_back(value);
            if (!is_masked) table.largest = std::max(table.largest, std::abs(value));
        }
    }
    if (!(table.largest > 0)) table.largest = 1;
}

}  // namespace

std::optional<int> sort_dimension(const ScoreParts& parts, const std::string& sort) {
    int dimension = -1;
    const auto [end, error] = std::from_chars(sort.data(), sort.data() + sort.size(), dimension);
    if (error != std::errc() || end != sort.data() + sort.size()) return std::nullopt;
    if (dimension < 0 || dimension >= parts.depth) return std::nullopt;
    return dimension;
}

std::vector<int> sorted_keys(const ScoreParts& parts, const ScoreRow& row, const std::string& sort) {
    std::vector<int> out(row.keys.size());
    std::iota(out.begin(), out.end(), 0);
    if (sort == "key") return out;
    const auto dimension = sort_dimension(parts, sort);
    const float* q = parts.query_row(row.query);
    const auto value = [&](int key) {
        return dimension ? static_cast<double>(q[*dimension]) * parts.key_row(key)[*dimension]
                         : row.keys[static_cast<std::size_t>(key)].weight;
    };
    std::stable_sort(out.begin(), out.end(), [&](int a, int b) {
        const bool is_a_masked = row.keys[static_cast<std::size_t>(a)].is_masked,
                   is_b_masked = row.keys[static_cast<std::size_t>(b)].is_masked;
        if (is_a_masked != is_b_masked) return is_b_masked;
        return !is_a_masked && value(a) > value(b);
    });
    return out;
}

std::vector<int> paired_columns(const ScoreParts& parts) {
    std::vector<int> out;
    std::vector<bool> is_there(static_cast<std::size_t>(parts.depth), false);
    for (const RotationPair& pair : parts.rotation) {
        for (const int d : {pair.first, pair.second}) {
            out.push_back(d);
            is_there[static_cast<std::size_t>(d)] = true;
        }
    }
    for (int d = 0; d < parts.depth; ++d)
        if (!is_there[static_cast<std::size_t>(d)]) out.push_back(d);
    return out;
}

const RotationPair* pair_of(const ScoreParts& parts, int dimension) {
    for (const RotationPair& pair : parts.rotation)
        if (pair.first == dimension || pair.second == dimension) return &pair;
    return nullptr;
}

int QkTable::column_of(int dimension) const {
    const auto found = std::find(columns.begin(), columns.end(), dimension);
    return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

void refresh_table(ViewContext& context, std::shared_ptr<const ScoreParts> parts, QkTable& table) {
    const Settings& settings = context.snapshot.settings;
    const int query = std::clamp(context.snapshot.selection.query, 0, parts->num_queries - 1);
    const bool needs_matrix = context.shaders && table.matrix.rows() == 0;
    if (table.parts == parts && table.query == query && table.sort == settings.qk_sort &&
        table.shown == settings.qk_shown && !needs_matrix)
        return;
    if (table.parts != parts || table.query != query) {
        table.row = score_row(*parts, query, context.trace().admissible(parts->head.layer, query));
        std::vector<float> captured(static_cast<std::size_t>(parts->num_keys));
        context.trace().rows(parts->head.layer, parts->head.head, query, query + 1, captured);
        table.captured_error = 0;
        for (const KeyScore& one : table.row.keys)
            table.captured_error = std::max(
                table.captured_error, std::abs(one.weight - captured[static_cast<std::size_t>(one.key)]));
        table.columns = paired_columns(*parts);
    }
    table.parts = std::move(parts);
    table.query = query;
    table.sort = settings.qk_sort;
    table.shown = settings.qk_shown;
    table.keys = sorted_keys(*table.parts, table.row, table.sort);
    fill_cells(table);
    table.matrix = {};
    if (!context.shaders) return;
    auto made =
        gfx::HeatmapMatrix::from_cells(static_cast<int>(table.keys.size()), table.parts->depth, table.cells);
    if (made) table.matrix = std::move(*made);
}

}  // namespace headlight
