// Words, sentences and lines of a text, and attention between them (Clark et al. 2019): to a unit the sum
// over its tokens, from a unit the mean over its tokens. Everything said of units is computed from these
// sums, not averaged from what was computed of tokens.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/attention_trace.h"
#include "core/token.h"

namespace headlight {

enum class TextUnit { Word, Sentence, Line };

/// "word", "sentence", "line".
const char* to_string(TextUnit unit);
std::optional<TextUnit> text_unit(std::string_view name);

/// Half-open range of tokens.
struct TokenRange {
    int begin = 0;
    int end = 0;
    int count() const { return end - begin; }
    bool operator==(const TokenRange&) const = default;
};

/// The units that the tokens of a text make, in order; every token is in one. Special tokens are units of
/// their own. Punctuation and white space that is a token is a word of its own, and goes with the sentence or
/// line that it follows; an end mark, a line end closes it.
std::vector<TokenRange> text_units(std::span<const Token> tokens, TextUnit unit);

/// What a unit says, as people read it: display forms joined.
std::string unit_text(std::span<const Token> tokens, TokenRange range);

/// W_ab = mean over the rows of a of the sum over the keys of b. `matrix` [num_queries, num_keys] of a layer
/// of `trace`, whose mask says which rows are valid. [queries, keys] of the units; rows sum to 1 where the
/// text's do. Rows of a unit without a valid row are 0.
std::vector<float> unit_weights(std::span<const float> matrix, const AttentionTrace& trace, int layer,
                                std::span<const TokenRange> queries, std::span<const TokenRange> keys);

/// The same of a head that spreads evenly over the admissible keys: U_ab = mean over i in a of |b and K_i| /
/// n_i. It is not 1 / number of units.
std::vector<float> uniform_unit_weights(const AttentionTrace& trace, int layer,
                                        std::span<const TokenRange> queries,
                                        std::span<const TokenRange> keys);

/// The attention of a text between its units, all heads.
struct UnitAttention {
    TextUnit unit = TextUnit::Word;
    std::vector<TokenRange> queries, keys;
    HeadGrid grid;
    std::vector<float> weights;          // [layer, head, query, key]
    std::vector<float> uniform;          // [layer, query, key]
    std::vector<float> entropy;          // [layer, head, query], nats
    std::vector<float> uniform_entropy;  // [layer, query], nats

    /// [queries, keys] of a head, and of the uniform head under its layer's mask.
    std::span<const float> head(HeadId id) const { return block(weights, grid.index(id)); }
    std::span<const float> uniform_of(int layer) const {
        return block(uniform, static_cast<std::size_t>(layer));
    }
    /// Mean over the heads of a layer.
    std::vector<float> mean_of_layer(int layer) const;

  private:
    std::span<const float> block(const std::vector<float>& values, std::size_t index) const {
        const std::size_t size = queries.size() * keys.size();
        return std::span(values).subspan(index * size, size);
    }
};

/// Everything above for a trace. Errors: Cancelled.
Result<UnitAttention> unit_attention(const AttentionTrace& trace, std::span<const Token> queries,
                                     std::span<const Token> keys, TextUnit unit, const JobContext& job);

/// Entropy of each row of `weights` [rows, num_keys], nats.
std::vector<float> unit_entropies(std::span<const float> weights, std::size_t num_keys);

}  // namespace headlight
