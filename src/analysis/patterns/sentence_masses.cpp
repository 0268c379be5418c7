#include "analysis/patterns/sentence_masses.h"

#include <algorithm>
#include <numeric>

#include "analysis/detector.h"
#include "analysis/words/text_units.h"

namespace headlight {
namespace {

constexpr const char* kOwnSentence = "own_sentence";
constexpr std::size_t kFloatsAtOnce = std::size_t{1} << 18;

/// Rows share their keys: those of A, or those of B.
KeySet own_sentence(std::size_t num_tokens, int second) {
    KeySet set;
    set.id = kOwnSentence;
    set.keys.resize(num_tokens);
    std::iota(set.keys.begin(), set.keys.end(), 0U);
    const auto begin_of_b = static_cast<std::uint32_t>(second), end = static_cast<std::uint32_t>(num_tokens);
    for (std::uint32_t query = 0; query < end; ++query) {
        set.row_begin.push_back(query < begin_of_b ? 0 : begin_of_b);
        set.row_end.push_back(query < begin_of_b ? begin_of_b : end);
    }
    return set;
}

/// Sums of `keys` of each row; `rows(begin, end, out)` gives the weights of some.
template <class Rows>
std::vector<float> summed(const AttentionTrace& trace, const KeySet& set, const Rows& rows) {
    const int num_queries = trace.num_queries();
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    const int step =
        static_cast<int>(std::max<std::size_t>(1, kFloatsAtOnce / std::max<std::size_t>(1, num_keys)));
    std::vector<float> weights, out(static_cast<std::size_t>(num_queries));
    for (int begin = 0; begin < num_queries; begin += step) {
        const int end = std::min(num_queries, begin + step);
        weights.resize(static_cast<std::size_t>(end - begin) * num_keys);
        rows(begin, end, std::span(weights));
        for (int query = begin; query < end; ++query) {
            double sum = 0;
            for (const std::uint32_t key : set.row(static_cast<std::size_t>(query)))
                sum += weights[static_cast<std::size_t>(query - begin) * num_keys + key];
            out[static_cast<std::size_t>(query)] = static_cast<float>(sum);
        }
    }
    return out;
}

/// Of an even head between tokens: its keys that are of the own sentence, over all that it has.
std::vector<float> even_shares(const AttentionTrace& trace, const KeySet& set, int layer) {
    if (trace.has_units()) {
        return summed(trace, set, [&](int begin, int end, std::span<float> out) {
            trace.even_rows(layer, begin, end, out);
        });
    }
    std::vector<float> out;
    for (int query = 0; query < trace.num_queries(); ++query) {
        const KeyRange all = trace.admissible(layer, query);
        const std::span<const std::uint32_t> own = set.row(static_cast<std::size_t>(query));
        const int begin = std::max(all.begin, static_cast<int>(own.front())),
                  end = std::min(all.end, static_cast<int>(own.back()) + 1);
        out.push_back(all.count() > 0
                          ? static_cast<float>(std::max(0, end - begin)) / static_cast<float>(all.count())
                          : 0.0f);
    }
    return out;
}

}  // namespace

std::vector<KeySet> text_key_sets(const TokenizedText& text) {
    std::vector<KeySet> sets = detector_key_sets(text.tokens);
    const int second = text.second_token;
    if (second > 0 && second < static_cast<int>(text.tokens.size()))
        sets.push_back(own_sentence(text.tokens.size(), second));
    return sets;
}

TokenizedText text_of_units(const TokenizedText& text, std::span<const TokenRange> units) {
    TokenizedText out{text.text, unit_tokens(text.tokens, units, text.text)};
    for (std::size_t unit = 0; text.is_pair() && unit < units.size(); ++unit) {
        if (units[unit].begin == text.second_token) out.second_token = static_cast<int>(unit);
    }
    if (out.is_pair()) out.second_byte = text.second_byte;
    return out;
}

SentenceMasses::SentenceMasses(const AttentionTrace& trace, std::span<const KeySet> key_sets)
    : trace_(trace) {
    const auto num_queries = static_cast<std::size_t>(trace.num_queries());
    for (const KeySet& set : key_sets) {
        if (set.id == kOwnSentence && trace.num_queries() == trace.num_keys() &&
            set.num_rows() == num_queries && num_queries > 0)
            set_ = &set;
    }
    if (!is_pair()) return;
    even_.resize(static_cast<std::size_t>(trace.num_layers()));
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        if (trace.mask_of(layer) == layer)
            even_[static_cast<std::size_t>(layer)] = even_shares(trace, *set_, layer);
    }
}

SentencePattern SentenceMasses::of(HeadId head, std::vector<float>& own) const {
    if (!is_pair()) return {};
    own.assign(static_cast<std::size_t>(trace_.num_queries()), 0.0f);
    if (!trace_.key_set_mass(kOwnSentence, head.layer, head.head, own)) {
        own = summed(trace_, *set_, [&](int begin, int end, std::span<float> out) {
            trace_.rows(head.layer, head.head, begin, end, out);
        });
    }
    return {static_cast<int>(set_->row_begin.back()), own,
            even_[static_cast<std::size_t>(trace_.mask_of(head.layer))]};
}

}  // namespace headlight
