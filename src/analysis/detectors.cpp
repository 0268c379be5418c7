// The detector registry, and detection on one head of a trace.
#include "analysis/detector.h"

#include <algorithm>

#include "analysis/detectors/registry.h"

namespace headlight {
namespace {

constexpr const DetectorDescriptor* kDetectors[] = {
#define HEADLIGHT_DETECTOR(name) &detector_list::name,
#include "analysis/detectors/detectors.def"
#undef HEADLIGHT_DETECTOR
};

/// The pairs of one content detector and their mass per row.
struct Pairs {
    const KeySet* set = nullptr;
    KeySet own;               // where the caller gave none
    std::vector<float> mass;  // [num_queries]; empty while not known
};

/// Whether the set is of this text, with all keys inside the matrix (keys ascend within a row).
bool fits(const KeySet& set, const AttentionTrace& trace) {
    const auto num_queries = static_cast<std::size_t>(trace.num_queries());
    if (set.row_begin.size() != num_queries + 1 || set.row_begin.back() != set.keys.size()) return false;
    for (std::size_t query = 0; query < num_queries; ++query) {
        const std::uint32_t begin = set.row_begin[query], end = set.row_begin[query + 1];
        if (begin > end || end > set.keys.size()) return false;
        if (begin < end && set.keys[end - 1] >= static_cast<std::uint32_t>(trace.num_keys())) return false;
    }
    return true;
}

Pairs find_pairs(const DetectorDescriptor& detector, const AttentionTrace& trace,
                 std::span<const Token> tokens, std::span<const KeySet> key_sets) {
    Pairs pairs;
    for (const KeySet& set : key_sets) {
        if (set.id == detector.id && fits(set, trace)) pairs.set = &set;
    }
    if (pairs.set == nullptr && tokens.size() == static_cast<std::size_t>(trace.num_queries()) &&
        trace.num_queries() == trace.num_keys()) {
        pairs.own = detector.key_set(tokens);
    }
    return pairs;
}

/// Masses from the weights themselves, all sets in one pass over the head.
void sum_from_rows(const AttentionTrace& trace, HeadId head, const std::vector<Pairs*>& wanted) {
    constexpr int kBlock = 64;
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    std::vector<float> block(kBlock * num_keys);  // [query, key]
    for (Pairs* pairs : wanted)
        pairs->mass.assign(static_cast<std::size_t>(trace.num_queries()), 0.0f);
    for (int begin = 0; begin < trace.num_queries(); begin += kBlock) {
        const int end = std::min(begin + kBlock, trace.num_queries());
        trace.rows(head.layer, head.head, begin, end, block);
        for (int query = begin; query < end; ++query) {
            const float* row = block.data() + static_cast<std::size_t>(query - begin) * num_keys;
            for (Pairs* pairs : wanted) {
                const KeySet& set = *pairs->set;
                const auto index = static_cast<std::size_t>(query);
                double mass = 0;
                for (std::size_t i = set.row_begin[index]; i < set.row_begin[index + 1]; ++i)
                    mass += row[set.keys[i]];
                pairs->mass[index] = static_cast<float>(mass);
            }
        }
    }
}

/// Pairs and masses of all content detectors, [detector]; entries of the others stay empty.
std::vector<Pairs> measure_pairs(const AttentionTrace& trace, std::span<const Token> tokens, HeadId head,
                                 std::span<const KeySet> key_sets) {
    std::vector<Pairs> all(std::size(kDetectors));
    std::vector<Pairs*> missing;
    for (std::size_t d = 0; d < all.size(); ++d) {
        if (kDetectors[d]->key_set == nullptr) continue;
        Pairs& pairs = all[d];
        pairs = find_pairs(*kDetectors[d], trace, tokens, key_sets);
        if (pairs.set == nullptr && !pairs.own.row_begin.empty()) pairs.set = &pairs.own;
        if (pairs.set == nullptr) continue;
        pairs.mass.resize(static_cast<std::size_t>(trace.num_queries()));
        if (!trace.key_set_mass(kDetectors[d]->id, head.layer, head.head, pairs.mass))
            missing.push_back(&pairs);
    }
    if (!missing.empty()) sum_from_rows(trace, head, missing);
    return all;
}

}  // namespace

std::span<const DetectorDescriptor* const> detectors() {
    return kDetectors;
}

const DetectorDescriptor* find_detector(std::string_view id) {
    for (const DetectorDescriptor* detector : kDetectors) {
        if (id == detector->id) return detector;
    }
    return nullptr;
}

std::vector<KeySet> detector_key_sets(std::span<const Token> tokens) {
    std::vector<KeySet> sets;
    for (const DetectorDescriptor* detector : kDetectors) {
        if (detector->key_set != nullptr) sets.push_back(detector->key_set(tokens));
    }
    return sets;
}

std::vector<Tag> detect(const AttentionTrace& trace, std::span<const Token> tokens, HeadId head,
                        std::span<const KeySet> key_sets) {
    std::vector<RowStats> rows(static_cast<std::size_t>(trace.num_queries()));
    trace.row_stats(head.layer, head.head, rows);
    return detect(trace, rows, tokens, head, key_sets);
}

std::vector<Tag> detect(const AttentionTrace& trace, std::span<const RowStats> rows,
                        std::span<const Token> tokens, HeadId head, std::span<const KeySet> key_sets) {
    const std::vector<Pairs> pairs = measure_pairs(trace, tokens, head, key_sets);
    std::vector<Tag> tags;
    for (std::size_t d = 0; d < pairs.size(); ++d) {
        const DetectorInput input{head, rows, tokens, &trace, pairs[d].mass, pairs[d].set};
        tags.push_back({kDetectors[d], kDetectors[d]->score(input)});
    }
    return tags;
}

}  // namespace headlight
