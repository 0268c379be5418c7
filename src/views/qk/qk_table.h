// What the q·k form shows of one query: its keys in order, the columns of the strip, how near the pieces
// come.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/scores/score_rows.h"
#include "gfx/heatmap_matrix.h"
#include "views/view.h"

namespace headlight {

struct QkTable {
    std::shared_ptr<const ScoreParts> parts;
    int query = -1;
    std::string sort, shown;
    ScoreRow row;
    std::vector<int> keys;      // in the order that is shown; masked ones last, unless sorted by place
    std::vector<int> columns;   // dimensions in the order of the strip: the two of a pair side by side
    std::vector<float> cells;   // [keys, columns]
    float largest = 1;          // size of the largest cell of a key that is not masked
    double captured_error = 0;  // largest distance of a weight from the captured row
    gfx::HeatmapMatrix matrix;  // of the cells; empty without GL

    /// Of a dimension in the order of the strip; -1: there is none.
    int column_of(int dimension) const;
};

/// Makes the table again when anything that it depends on is another.
void refresh_table(ViewContext& context, std::shared_ptr<const ScoreParts> parts, QkTable& table);

/// The order of keys for "weight", "key" or the number of a dimension (by its product). Ties: the lower key.
std::vector<int> sorted_keys(const ScoreParts& parts, const ScoreRow& row, const std::string& sort);

/// Dimensions with the two of each rotating pair side by side, in the order of pairs; then those that do not
/// turn.
std::vector<int> paired_columns(const ScoreParts& parts);

/// The pair that a dimension rotates in; null: it does not.
const RotationPair* pair_of(const ScoreParts& parts, int dimension);

/// Dimension of a sort order; nullopt for "weight", "key" and dimensions that the head does not have.
std::optional<int> sort_dimension(const ScoreParts& parts, const std::string& sort);

}  // namespace headlight
