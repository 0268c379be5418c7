// AttentionTrace: the attention of one text, every layer and head. Immutable and shared between threads.
// Axes are always layer, head, query (row, "from"), key (column, "to"). Nobody who asks can tell how it is
// stored: short texts keep the weights, long ones keep q and k and recompute any row exactly when it is
// looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/head_grid.h"
#include "core/units/text_unit.h"

namespace headlight {

/// Statistics of one attention row, taken in the capture pass (one sweep while the row is in cache).
/// All over the admissible keys K_i of that row, n = |K_i|; natural logarithm. Where queries and keys are
/// different texts (AttentionKind::Cross) self, previous, local and mean_distance mean nothing and are 0.
struct RowStats {
    float entropy = 0;      // -sum a ln a, nats
    float sum_squares = 0;  // sum a^2
    float sum_cubes = 0;    // sum a^3
    float max_weight = 0;
    std::int32_t argmax = 0;    // key index; ties: lowest
    float self = 0;             // a[i][i]
    float previous = 0;         // a[i][i-1], 0 for i = 0
    float first = 0;            // a[i][0]
    float local = 0;            // sum of a[i][j], i-5 <= j <= i
    float mean_distance = 0;    // sum a (i-j), tokens
    float row_sum = 0;          // before any renormalisation; 1 within rounding, less with a learned sink
    std::int32_t num_keys = 0;  // n; 0 marks an invalid row
};

/// Which attention of a model a trace holds. Encoder-decoders have the last three, every other model the
/// first.
enum class AttentionKind {
    Self,     // a text over itself: decoder-only models and encoders
    Encoder,  // the text over itself, in the encoder
    Decoder,  // the decoder's text over itself, causal
    Cross,    // the decoder's text (queries) over the encoder's (keys)
};

/// "self", "encoder", "decoder", "cross": as options and JSON name the kinds.
inline const char* kind_name(AttentionKind kind) {
    switch (kind) {
        case AttentionKind::Self:
            return "self";
        case AttentionKind::Encoder:
            return "encoder";
        case AttentionKind::Decoder:
            return "decoder";
        case AttentionKind::Cross:
            return "cross";
    }
    return "";
}

/// Facts that hold for the whole trace.
struct TraceInfo {
    int num_layers = 0;
    int num_heads = 0;
    int num_queries = 0;
    int num_keys = 0;
    bool is_causal = true;
    std::vector<int> window;  // per layer, 0 = all; empty = all 0. Causal: keys that a query sees, itself
                              // included; otherwise keys that it sees to either side
    AttentionKind kind = AttentionKind::Self;
    bool has_sink = false;  // rows may sum to less than 1: the rest went to a learned sink outside the text
    std::vector<int> absent_layers;  // ascending; layers without softmax attention, or not in the file: rows
                                     // of 0, statistics invalid. They keep their number
    std::string storage;             // "weights" or "q and k", for the status line
    std::string dtype = "float32";   // of the weights that rows() hands out
    std::string source;              // "measured", or the file it came from
    TextUnit unit =
        TextUnit::Token;  // that queries and keys are; where they are no tokens, `window` is empty

    HeadGrid grid() const { return {num_layers, num_heads}; }
};

/// Half-open range of keys that the mask allows for a query.
struct KeyRange {
    int begin = 0;
    int end = 0;
    int count() const { return end - begin; }
};

/// Small picture of a head for thumbnails: the matrix reduced to size x size tiles (size = min(N, 64)).
struct Overview {
    int rows = 0, cols = 0;
    std::vector<float> max;   // [rows, cols] largest weight of the tile
    std::vector<float> mean;  // [rows, cols] mean over the tile's admissible entries; 0 where there are none
};

/// Extra (query, key) pairs whose mass is taken in the capture pass: what content detectors ask for.
/// The keys of a query may depend only on tokens up to that query, so that an unchanged prefix keeps its
/// masses.
struct KeySet {
    std::string id;  // "duplicate_token", "induction"
    std::vector<std::uint32_t>
        row_begin;                    // [num_queries], offsets into keys; without row_end one more: the end
    std::vector<std::uint32_t> keys;  // ascending within a row; outside a layer's window: 0
    /// [num_queries]; empty: each row ends where the next begins. Rows may share keys, so that copies of one
    /// token take no room for each pair of them.
    std::vector<std::uint32_t> row_end = {};

    std::size_t num_rows() const {
        return row_end.empty() ? (row_begin.empty() ? 0 : row_begin.size() - 1) : row_end.size();
    }
    std::span<const std::uint32_t> row(std::size_t query) const {
        const std::uint32_t begin = row_begin[query];
        const std::uint32_t end = row_end.empty() ? row_begin[query + 1] : row_end[query];
        return {keys.data() + begin, std::size_t{end} - begin};
    }
    /// Offsets that fit `num_queries` rows and lie inside keys, each row's keys ascending.
    bool is_sound(std::size_t num_queries) const;
};

struct ScoreParts;

class AttentionTrace {
  public:
    virtual ~AttentionTrace() = default;

    virtual const TraceInfo& info() const = 0;

    /// Weights of queries [query_begin, query_end) of one head into out [count, num_keys], row-major; keys
    /// that the mask forbids get 0. Exact whatever the storage. Safe from any thread. Costs a recomputation
    /// when q and k are kept.
    virtual void rows(int layer, int head, int query_begin, int query_end, std::span<float> out) const = 0;

    /// Statistics of all rows of a head into out [num_queries].
    virtual void row_stats(int layer, int head, std::span<RowStats> out) const = 0;

    /// Mass of the key set `id` per row into out [num_queries]; false if that set was not captured.
    virtual bool key_set_mass(const std::string& id, int layer, int head, std::span<float> out) const = 0;

    /// Thumbnail of a head. Cheap: never recomputes the head.
    virtual Overview overview(int layer, int head) const = 0;

    /// Memory that this trace keeps alive, in bytes (shared with other traces of the same prefix).
    virtual std::size_t size_bytes() const = 0;

    /// What a head's scores are made of; null where q and k are not kept. Costs a copy of both.
    virtual std::shared_ptr<const ScoreParts> score_parts(int, int) const { return nullptr; }
    virtual bool has_score_parts() const { return false; }

    /// Keys that the mask allows for a query. The default knows causal and full masks, windows of both, and
    /// that a layer of absent_layers allows none.
    virtual KeyRange admissible(int layer, int query) const;

    /// The same rows of a head that spreads evenly over the tokens that the mask of the layer allows. Between
    /// tokens 1 / n; between units what is gathered of it, which is not even.
    virtual void even_rows(int layer, int query_begin, int query_end, std::span<float> out) const;

    /// The first layer with the mask of this one.
    virtual int mask_of(int layer) const;

    int num_layers() const { return info().num_layers; }
    int num_heads() const { return info().num_heads; }
    HeadGrid grid() const { return info().grid(); }
    int num_queries() const { return info().num_queries; }
    int num_keys() const { return info().num_keys; }
    bool is_absent(int layer) const;
    /// Queries and keys are words, sentences or lines.
    bool has_units() const { return info().unit != TextUnit::Token; }

    /// Convenience: the whole matrix of a head, [num_queries, num_keys].
    std::vector<float> matrix(int layer, int head) const;
};

using TracePtr = std::shared_ptr<const AttentionTrace>;

/// Statistics of one row over the keys [range.begin, range.end) of `weights` [num_keys]; sums in double,
/// logarithms in float.
/// `query` is the index used for self, previous and distances; -1 where it names no key.
RowStats compute_row_stats(std::span<const float> weights, int query, KeyRange range);

}  // namespace headlight
