#include "analysis/words/syntax.h"

#include <algorithm>

namespace headlight {
namespace {

constexpr int kLeastEligible = 20;
constexpr double kMargin = 0.1;

/// The word that shares most bytes with [begin, end); -1 for none. Words ascend.
int word_at(const std::vector<ConlluWord>& words, std::size_t begin, std::size_t end) {
    int best = -1;
    std::size_t most = 0;
    for (std::size_t w = 0; w < words.size(); ++w) {
        const std::size_t from = std::max(begin, words[w].begin), to = std::min(end, words[w].end);
        if (to <= from || to - from <= most) continue;
        most = to - from;
        best = static_cast<int>(w);
    }
    return best;
}

}  // namespace

RelationText gold_relations(const ConlluSentence& sentence, std::span<const Token> tokens) {
    RelationText text;
    text.num_words = static_cast<int>(sentence.words.size());
    for (const Token& token : tokens) {
        const bool is_text = !token.is_special && token.byte_end > token.byte_begin;
        text.word_of_token.push_back(is_text ? word_at(sentence.words, token.byte_begin, token.byte_end)
                                             : -1);
    }
    std::map<std::string, RelationPairs> by_name;
    const auto add = [&](const std::string& name, int query, int key) {
        by_name[name].name = name;
        by_name[name].pairs.emplace_back(query, key);
    };
    for (int w = 0; w < text.num_words; ++w) {
        const ConlluWord& word = sentence.words[static_cast<std::size_t>(w)];
        if (word.head < 0 || word.head == w) continue;
        add(word.relation + " to head", w, word.head);
        add(word.relation + " from head", word.head, w);
    }
    for (auto& [name, relation] : by_name)
        text.relations.push_back(std::move(relation));
    return text;
}

std::vector<float> reduce_to_words(std::span<const float> matrix, std::span<const int> word_of_token,
                                   int num_words) {
    const std::size_t num_tokens = word_of_token.size(), size = static_cast<std::size_t>(num_words);
    std::vector<double> sums(size * size, 0.0);
    std::vector<int> num_pieces(size, 0);
    for (std::size_t query = 0; query < num_tokens; ++query) {
        if (word_of_token[query] < 0) continue;
        const auto row = static_cast<std::size_t>(word_of_token[query]);
        ++num_pieces[row];
        for (std::size_t key = 0; key < num_tokens; ++key) {
            if (word_of_token[key] < 0) continue;
            sums[row * size + static_cast<std::size_t>(word_of_token[key])] +=
                matrix[query * num_tokens + key];
        }
    }
    std::vector<float> words(size * size, 0.0f);
    for (std::size_t row = 0; row < size; ++row) {
        for (std::size_t key = 0; key < size && num_pieces[row] > 0; ++key)
            words[row * size + key] = static_cast<float>(sums[row * size + key] / num_pieces[row]);
    }
    return words;
}

void RelationTally::add(std::span<const float> matrix, const RelationText& text, bool is_causal) {
    if (matrix.size() != text.word_of_token.size() * text.word_of_token.size()) return;
    const std::vector<float> words = reduce_to_words(matrix, text.word_of_token, text.num_words);
    std::vector<bool> has_tokens(static_cast<std::size_t>(text.num_words), false);
    for (const int word : text.word_of_token) {
        if (word >= 0) has_tokens[static_cast<std::size_t>(word)] = true;
    }
    for (const RelationPairs& relation : text.relations) {
        Counts& counts = counts_[relation.name];
        for (const auto& [query, key] : relation.pairs) {
            if (query == key || (is_causal && key > query)) continue;
            if (!has_tokens[static_cast<std::size_t>(query)] || !has_tokens[static_cast<std::size_t>(key)])
                continue;
            const float* row =
                words.data() + static_cast<std::size_t>(query) * static_cast<std::size_t>(text.num_words);
            int best = -1;
            for (int other = 0; other < text.num_words; ++other) {
                if (other != query && row[other] > (best < 0 ? 0.0f : row[best])) best = other;
            }
            ++counts.num_eligible;
            counts.num_hits += best == key ? 1 : 0;
            ++counts.offsets[query - key];
        }
    }
}

void RelationTally::merge(const RelationTally& other) {
    for (const auto& [name, theirs] : other.counts_) {
        Counts& ours = counts_[name];
        ours.num_eligible += theirs.num_eligible;
        ours.num_hits += theirs.num_hits;
        for (const auto& [offset, count] : theirs.offsets)
            ours.offsets[offset] += count;
    }
}

std::vector<RelationScore> RelationTally::scores() const {
    std::vector<RelationScore> scores;
    for (const auto& [name, counts] : counts_) {
        if (counts.num_eligible == 0) continue;
        RelationScore score;
        score.relation = name;
        score.num_eligible = counts.num_eligible;
        score.accuracy = static_cast<double>(counts.num_hits) / counts.num_eligible;
        int most = 0;
        for (const auto& [offset, count] : counts.offsets) {
            if (count <= most) continue;
            most = count;
            score.baseline_offset = offset;
        }
        score.baseline = static_cast<double>(most) / counts.num_eligible;
        score.is_above = counts.num_eligible >= kLeastEligible && score.accuracy >= score.baseline + kMargin;
        scores.push_back(score);
    }
    return scores;
}

std::vector<RelationScore> score_relations(std::span<const float> matrix, const RelationText& text,
                                           bool is_causal) {
    RelationTally tally;
    tally.add(matrix, text, is_causal);
    return tally.scores();
}

}  // namespace headlight
