#include "analysis/patterns/detector_text.h"

#include <algorithm>

namespace headlight {
namespace {

/// Whether the set is of this text, with all keys inside the matrix (keys ascend within a row).
bool fits(const KeySet& set, const TraceInfo& info) {
    if (!set.is_sound(static_cast<std::size_t>(info.num_queries))) return false;
    const auto num_keys = static_cast<std::uint32_t>(info.num_keys);
    return std::all_of(set.keys.begin(), set.keys.end(),
                       [num_keys](std::uint32_t key) { return key < num_keys; });
}

/// Masses of several sets from the weights themselves, in one pass over the head that keeps few rows at a
/// time.
void sum_in_blocks(const AttentionTrace& trace, HeadId head, const std::vector<const KeySet*>& sets,
                   const std::vector<std::vector<float>*>& masses) {
    constexpr int kBlock = 64;
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    std::vector<float> block(kBlock * num_keys);  // [query, key]
    for (int begin = 0; begin < trace.num_queries(); begin += kBlock) {
        const int end = std::min(begin + kBlock, trace.num_queries());
        trace.rows(head.layer, head.head, begin, end, block);
        for (int query = begin; query < end; ++query) {
            const float* row = block.data() + static_cast<std::size_t>(query - begin) * num_keys;
            const auto index = static_cast<std::size_t>(query);
            for (std::size_t s = 0; s < sets.size(); ++s) {
                double mass = 0;
                for (const std::uint32_t key : sets[s]->row(index))
                    mass += row[key];
                (*masses[s])[index] = static_cast<float>(mass);
            }
        }
    }
}

/// Largest of [begin, end); lanes keep the comparisons independent of each other.
float largest_weight(const float* row, std::size_t begin, std::size_t end) {
    constexpr std::size_t kLanes = 8;
    float lanes[kLanes] = {};
    std::size_t key = begin;
    for (; key + kLanes <= end; key += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            lanes[lane] = row[key + lane] > lanes[lane] ? row[key + lane] : lanes[lane];
    }
    for (; key < end; ++key)
        lanes[0] = std::max(lanes[0], row[key]);
    return *std::max_element(std::begin(lanes), std::end(lanes));
}

}  // namespace

DetectorText::DetectorText(std::span<const Token> tokens, const TraceInfo& info,
                           std::span<const KeySet> given, const DetectorTextOptions& options)
    : tokens_(tokens), is_causal_(info.is_causal), own_(registry_.size()), sets_(registry_.size(), nullptr) {
    const bool is_square = info.kind != AttentionKind::Cross && info.num_queries == info.num_keys;
    const bool has_tokens = is_square && tokens.size() == static_cast<std::size_t>(info.num_queries);
    is_row_pass_ = is_square && info.num_queries <= options.most_row_tokens;
    if (!has_tokens) {
        labels_.resize(is_row_pass_ ? static_cast<std::size_t>(info.num_queries) : 0);
    } else if (is_row_pass_) {
        labels_ = label_tokens(tokens, options.frequencies);
        is_characters_ = is_character_text(tokens);
    } else {
        labels_ = label_ids(tokens);
    }
    for (std::size_t d = 0; d < sets_.size(); ++d) {
        const DetectorDescriptor& detector = *registry_[d];
        if (!detector.has_pairs()) continue;
        for (const KeySet& set : given) {
            if (set.id == detector.id && fits(set, info)) sets_[d] = &set;
        }
        const bool is_wanted = detector.is_live ? has_tokens : is_row_pass_;
        const bool is_known = has_tokens || detector.kind == DetectorKind::Positional;
        if (sets_[d] != nullptr || !is_wanted || !is_known) continue;
        own_[d] = std::make_unique<KeySet>(detector.pairs(labels()));
        sets_[d] = own_[d].get();
    }
    if (options.embeddings == nullptr || !has_tokens || !is_row_pass_) return;
    std::vector<std::int32_t> ids;
    for (const Token& token : tokens)
        ids.push_back(token.id);
    similarity_ = std::make_unique<TextSimilarity>(*options.embeddings, ids);
}

namespace {

/// Sum of the set's keys per row. Half of the classes hold many keys, so the sums run in four lanes.
void sum_masses(std::span<const float> matrix, std::size_t num_keys, const KeySet& set,
                std::span<float> masses) {
    for (std::size_t query = 0; query < masses.size(); ++query) {
        const float* row = matrix.data() + query * num_keys;
        const std::span<const std::uint32_t> keys = set.row(query);
        const std::uint32_t* key = keys.data();
        const std::uint32_t* end = key + keys.size();
        double lanes[4] = {0, 0, 0, 0};
        for (; end - key >= 4; key += 4) {
            for (std::size_t lane = 0; lane < 4; ++lane)
                lanes[lane] += row[key[lane]];
        }
        for (; key < end; ++key)
            lanes[0] += row[*key];
        masses[query] = static_cast<float>(lanes[0] + lanes[1] + (lanes[2] + lanes[3]));
    }
}

/// Largest key other than key 0 and the query, per row; -1 where there is none.
void find_content_argmax(std::span<const float> matrix, std::size_t num_keys, bool is_causal,
                         std::span<std::int32_t> argmax) {
    for (std::size_t query = 0; query < argmax.size(); ++query) {
        const float* row = matrix.data() + query * num_keys;
        const std::size_t end = std::min(query, num_keys), after = std::max<std::size_t>(1, query + 1);
        const float before_query = end > 1 ? largest_weight(row, 1, end) : 0.0f;
        const float after_query =
            !is_causal && after < num_keys ? largest_weight(row, after, num_keys) : 0.0f;
        const float largest = std::max(before_query, after_query);
        const float* begin = row + (before_query >= after_query ? 1 : after);
        argmax[query] =
            largest > 0 ? static_cast<std::int32_t>(std::find(begin, row + num_keys, largest) - row) : -1;
    }
}

/// Masses and largest keys from seen.matrix.
void sum_up(HeadRows& seen, std::size_t num_queries, const DetectorText& text) {
    const std::size_t num_keys = num_queries == 0 ? 0 : seen.matrix.size() / num_queries;
    seen.mass.resize(text.registry().size());
    for (std::size_t d = 0; d < seen.mass.size(); ++d) {
        seen.mass[d].resize(text.key_set(d) == nullptr ? 0 : num_queries);
        if (text.key_set(d) != nullptr) sum_masses(seen.matrix, num_keys, *text.key_set(d), seen.mass[d]);
    }
    seen.content_argmax.resize(num_queries);
    find_content_argmax(seen.matrix, num_keys, text.labels().is_causal, seen.content_argmax);
}

}  // namespace

std::vector<float> masses_of(std::span<const float> matrix, int num_queries, const KeySet& set) {
    const auto count = static_cast<std::size_t>(num_queries);
    std::vector<float> masses(count);
    sum_masses(matrix, count == 0 ? 0 : matrix.size() / count, set, masses);
    return masses;
}

HeadRows read_head_rows(std::vector<float> matrix, int num_queries, const DetectorText& text) {
    HeadRows seen;
    seen.matrix = std::move(matrix);
    sum_up(seen, static_cast<std::size_t>(num_queries), text);
    return seen;
}

HeadRows read_head_rows(const AttentionTrace& trace, HeadId head, const DetectorText& text) {
    HeadRows seen;
    read_head_rows(trace, head, text, seen);
    return seen;
}

void read_head_rows(const AttentionTrace& trace, HeadId head, const DetectorText& text, HeadRows& seen) {
    const auto num_queries = static_cast<std::size_t>(trace.num_queries());
    if (text.is_row_pass()) {
        seen.matrix.resize(num_queries * static_cast<std::size_t>(trace.num_keys()));
        trace.rows(head.layer, head.head, 0, trace.num_queries(), seen.matrix);
        sum_up(seen, num_queries, text);
        // What the capture pass has summed is the number that everything else shows.
        for (std::size_t d = 0; d < seen.mass.size(); ++d) {
            if (text.registry()[d]->is_live && !seen.mass[d].empty())
                trace.key_set_mass(text.registry()[d]->id, head.layer, head.head, seen.mass[d]);
        }
        return;
    }
    seen.matrix.clear();
    seen.content_argmax.clear();
    seen.mass.resize(text.registry().size());
    std::vector<const KeySet*> missing;
    std::vector<std::vector<float>*> masses;
    for (std::size_t d = 0; d < seen.mass.size(); ++d) {
        seen.mass[d].resize(text.key_set(d) == nullptr ? 0 : num_queries);
        if (text.key_set(d) == nullptr) continue;
        if (trace.key_set_mass(text.registry()[d]->id, head.layer, head.head, seen.mass[d])) continue;
        missing.push_back(text.key_set(d));
        masses.push_back(&seen.mass[d]);
    }
    if (!missing.empty()) sum_in_blocks(trace, head, missing, masses);
}

}  // namespace headlight
