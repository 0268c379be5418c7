#include "study/scan/examples.h"

#include <algorithm>
#include <array>

#include "study/scan/random.h"

namespace headlight {
namespace {

constexpr int kTail = 10;      // tokens up to the query that are always shown
constexpr int kPeaks = 3;      // largest weights that are shown with their neighbours
constexpr int kLeastKeys = 8;  // a row with fewer keys shows little

/// The row with the largest value and one drawn among those with a value; -1 where there is none.
std::array<int, 2> pick_rows(const std::vector<float>& values, std::uint64_t seed) {
    int strongest = -1, drawn = -1;
    std::uint64_t lowest = UINT64_MAX;
    for (int query = 0; query < static_cast<int>(values.size()); ++query) {
        const float value = values[static_cast<std::size_t>(query)];
        if (value < 0) continue;
        if (strongest < 0 || value > values[static_cast<std::size_t>(strongest)]) strongest = query;
        const std::uint64_t ticket = scan_hash(seed, static_cast<std::uint64_t>(query));
        if (drawn < 0 || ticket < lowest) {
            drawn = query;
            lowest = ticket;
        }
    }
    return {strongest, drawn};
}

std::vector<float> largest_weights(const AttentionTrace& trace, HeadId head) {
    std::vector<RowStats> rows(static_cast<std::size_t>(trace.num_queries()));
    trace.row_stats(head.layer, head.head, rows);
    std::vector<float> values;
    for (const RowStats& row : rows)
        values.push_back(row.num_keys >= kLeastKeys ? row.max_weight : -1.0f);
    return values;
}

}  // namespace

std::vector<ExampleCell> fold_row(std::span<const float> weights, KeyRange keys, int query) {
    std::vector<bool> is_shown(weights.size(), false);
    const auto show = [&](int from, int to) {
        for (int key = std::max(from, keys.begin); key <= std::min(to, keys.end - 1); ++key)
            is_shown[static_cast<std::size_t>(key)] = true;
    };
    show(query - kTail, query);
    show(keys.begin, keys.begin);
    std::vector<int> order;
    for (int key = keys.begin; key < keys.end; ++key)
        order.push_back(key);
    const std::size_t num_peaks = std::min<std::size_t>(kPeaks, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(num_peaks), order.end(),
                      [&](int a, int b) {
                          const float left = weights[static_cast<std::size_t>(a)],
                                      right = weights[static_cast<std::size_t>(b)];
                          return left != right ? left > right : a < b;
                      });
    for (std::size_t peak = 0; peak < num_peaks; ++peak)
        show(order[peak] - 1, order[peak] + 1);
    std::vector<ExampleCell> cells;
    for (int key = keys.begin; key < keys.end; ++key) {
        const auto at = static_cast<std::size_t>(key);
        const bool joins = !cells.empty() && !is_shown[at] && key > keys.begin && !is_shown[at - 1];
        if (!joins) cells.push_back({static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key), 0.0f});
        cells.back().end = static_cast<std::uint32_t>(key) + 1;
        cells.back().weight += weights[at];
    }
    return cells;
}

std::vector<ExampleRow> choose_examples(const AttentionTrace& trace, const SequenceText& text, HeadId head,
                                        const std::vector<int>& wanted, std::uint64_t seed) {
    std::vector<ExampleRow> examples;
    std::vector<float> row(static_cast<std::size_t>(trace.num_keys()));
    const auto index = static_cast<std::uint32_t>(trace.grid().index(head));
    const auto add = [&](int detector, const std::vector<float>& values) {
        const auto picked =
            pick_rows(values, scan_hash(seed, index, static_cast<std::uint64_t>(detector + 1)));
        for (const bool is_strongest : {true, false}) {
            const int query = picked[is_strongest ? 0 : 1];
            if (query < 0) continue;
            trace.rows(head.layer, head.head, query, query + 1, row);
            ExampleRow& example = examples.emplace_back();
            example.head = index;
            example.detector = detector;
            example.is_strongest = is_strongest;
            example.query = static_cast<std::uint32_t>(query);
            example.score = values[static_cast<std::size_t>(query)];
            example.cells = fold_row(row, trace.admissible(head.layer, query), query);
        }
    };
    add(-1, largest_weights(trace, head));
    for (const int detector : wanted) {
        std::vector<float> masses = row_masses(trace, text, head, static_cast<std::size_t>(detector));
        for (int query = 0; query < static_cast<int>(masses.size()); ++query) {
            if (trace.admissible(head.layer, query).count() < kLeastKeys)
                masses[static_cast<std::size_t>(query)] = -1.0f;
        }
        add(detector, masses);
    }
    return examples;
}

}  // namespace headlight
