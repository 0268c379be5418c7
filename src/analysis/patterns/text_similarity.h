// How alike the tokens of a text are in meaning, as far as static embeddings say, ready for rank correlations
// with rows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/matrix.h"

namespace headlight {

class TextSimilarity {
  public:
    /// Cosines of `embeddings` [tokens, hidden] after taking away their mean over the text. A row needs `ids`
    /// [tokens] to leave out keys that are the query's own token.
    TextSimilarity(const Matrix& embeddings, std::span<const std::int32_t> ids);

    /// Spearman between the weights of row `query` and the cosines, over the keys 1 <= j < query with another
    /// token, both after taking out the distance. nullopt below 8 such keys or when one side is constant.
    std::optional<double> correlation(int query, std::span<const float> weights) const;
    int num_tokens() const { return static_cast<int>(rows_.size()); }

  private:
    struct Row {
        std::vector<std::uint32_t> keys;
        std::vector<double> residual;  // of the cosine ranks after the distance, unit length; empty: none
    };
    std::vector<Row> rows_;
};

}  // namespace headlight
