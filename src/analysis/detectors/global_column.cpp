#include <fmt/format.h>

#include "analysis/detector_scoring.h"
#include "analysis/detectors/registry.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.3;
// A column of few rows stands out by chance: one row in four must come after it, and four at least.
constexpr int kLeastRows = 4;
constexpr int kLeastPart = 4;

struct Column {
    double mass = 0, even_mass = 0;
    int num_rows = 0, num_argmax = 0;

    double excess() const { return (mass - even_mass) / num_rows; }
};

/// Sums over the rows after each key, self and key 0 left out.
std::vector<Column> sum_columns(const DetectorInput& input) {
    std::vector<Column> columns(input.rows.size());
    const std::size_t num_keys = input.matrix.size() / std::max<std::size_t>(1, input.rows.size());
    for (int query = 0; query < static_cast<int>(input.rows.size()); ++query) {
        const RowStats& row = input.rows[static_cast<std::size_t>(query)];
        if (row.num_keys < 2) continue;
        const KeyRange keys = keys_of_row(input, query);
        const float* weights = input.matrix.data() + static_cast<std::size_t>(query) * num_keys;
        const double even = 1.0 / row.num_keys;
        for (int key = std::max(1, keys.begin); key < std::min(query, keys.end); ++key) {
            Column& column = columns[static_cast<std::size_t>(key)];
            column.mass += weights[key];
            column.even_mass += even;
            ++column.num_rows;
        }
        if (row.argmax > 0 && row.argmax < query) ++columns[static_cast<std::size_t>(row.argmax)].num_argmax;
    }
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

const DetectorDescriptor detector_list::global_column = {
    .id = "global_column",
    .label = "one column",
    .glyph = "V",
    .help = "attends to one and the same token, not the first, from everywhere",
    .definition =
        "P: j = c for rows i > c, with c the key (not 0) seen by a quarter of the rows (four at least) whose mean mass over them lies highest "
        "above that of a uniform head. Null: mean of 1 / n_i over the same rows. The key is chosen on the text itself, "
        "so the same class or place must win on other texts too.",
    .source = "0.3: threshold for sinks of Gu et al. 2024, used for a key that is not the first",
    .kind = DetectorKind::Positional,
    .threshold = kThreshold,
    .score = score,
};

}  // namespace headlight
