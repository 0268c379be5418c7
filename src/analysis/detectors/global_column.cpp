// Detector: attends to one and the same token, not the first, from everywhere.
#include <fmt/format.h>

#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.3;
// A column of few rows stands out by chance: one row in four must come after it, and four at least.
constexpr int kLeastRows = 4;
constexpr int kLeastPart = 4;

/// Of one key, over the rows after it.
struct Column {
    double mass = 0, even_mass = 0;
    int num_rows = 0, num_argmax = 0;

    double excess() const { return (mass - even_mass) / num_rows; }
};

/// Sums over the rows after each key, self and key 0 left out. Every row adds to one range of keys, so counts
/// and even masses are kept as steps at its ends and summed up last.
std::vector<Column> sum_columns(const DetectorInput& input) {
    const std::size_t size = input.rows.size();
    std::vector<Column> columns(size + 1);
    std::vector<float> mass(size, 0.0f), even_mass(size, 0.0f);  // the second between units only
    for (int query = 2; query < static_cast<int>(size); ++query) {
        const RowStats& row = input.rows[static_cast<std::size_t>(query)];
        if (row.num_keys < 2) continue;
        const KeyRange keys = keys_of_row(input, query);
        const int begin = std::max(1, keys.begin), end = std::min(query, keys.end);
        if (begin >= end) continue;
        const float* weights = input.matrix.data() + static_cast<std::size_t>(query) * size;
        for (int key = begin; key < end; ++key)
            mass[static_cast<std::size_t>(key)] += weights[key];
        Column &first = columns[static_cast<std::size_t>(begin)],
               &past = columns[static_cast<std::size_t>(end)];
        if (input.even != nullptr) {
            const float* of_even = input.even->matrix.data() + static_cast<std::size_t>(query) * size;
            for (int key = begin; key < end; ++key)
                even_mass[static_cast<std::size_t>(key)] += of_even[key];
        } else {
            first.even_mass += 1.0 / row.num_keys;
            past.even_mass -= 1.0 / row.num_keys;
        }
        ++first.num_rows;
        --past.num_rows;
        if (row.argmax >= begin && row.argmax < end)
            ++columns[static_cast<std::size_t>(row.argmax)].num_argmax;
    }
    columns.pop_back();
    for (std::size_t key = 0; key < size; ++key) {
        columns[key].mass = mass[key];
        if (key == 0) continue;
        columns[key].even_mass += columns[key - 1].even_mass;
        columns[key].num_rows += columns[key - 1].num_rows;
    }
    for (std::size_t key = 0; key < size && input.even != nullptr; ++key)
        columns[key].even_mass = even_mass[key];
    return columns;
}

DetectorScore score(const DetectorInput& input) {
    if (input.matrix.empty() || input.matrix.size() != input.rows.size() * input.rows.size()) {
        return not_measured(input);
    }
    const std::vector<Column> columns = sum_columns(input);
    int best = -1;
    const int least_rows = std::max(kLeastRows, static_cast<int>(columns.size()) / kLeastPart);
    for (int key = 1; key < static_cast<int>(columns.size()); ++key) {
        const Column& column = columns[static_cast<std::size_t>(key)];
        if (column.num_rows < least_rows) continue;
        // The tolerance keeps a uniform head, whose columns differ by rounding, on the first of them.
        if (best < 0 || column.excess() > columns[static_cast<std::size_t>(best)].excess() + 1e-6) best = key;
    }
    DetectorScore score;
    score.reason = "no key of this text is seen by enough later rows";
    if (best < 0) return score;
    const Column& column = columns[static_cast<std::size_t>(best)];
    score.column = best;
    score.num_rows = column.num_rows;
    score.score = column.mass / column.num_rows;
    score.null = column.even_mass / column.num_rows;
    score.argmax_rate = static_cast<double>(column.num_argmax) / column.num_rows;
    compare_with_null(score);
    apply_tag_rule(score, kThreshold);
    score.reason = fmt::format("key {} stands out most, ", best) + score.reason;
    return score;
}

}  // namespace

extern const DetectorDescriptor k_detector_global_column = {
    .id = "global_column",
    .label = "one column",
    .glyph = "V",
    .help = "attends to one and the same token, not the first, from everywhere",
    .definition =
        "P: j = c for rows i > c, with c the key (not 0) seen by a quarter of the rows (four at least) whose "
        "mean mass over them lies highest "
        "above that of a uniform head. Null: mean of 1 / n_i over the same rows. The key is chosen on the "
        "text itself, "
        "so the same class or place must win on other texts too.",
    .source = "0.3: threshold for sinks of Gu et al. 2024, used for a key that is not the first",
    .kind = DetectorKind::Positional,
    .threshold = kThreshold,
    .score = score,
};

}  // namespace headlight
