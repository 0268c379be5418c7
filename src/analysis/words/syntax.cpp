// Pairs of words in a relation, and how many of them a head looks along.
#include "analysis/words/syntax.h"

#include <algorithm>

namespace headlight {
namespace {

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

std::vector<EligiblePairs> eligible_pairs(const RelationText& text, bool is_causal) {
    std::vector<bool> has_tokens(static_cast<std::size_t>(text.num_words), false);
    for (const int word : text.word_of_token) {
        if (word >= 0) has_tokens[static_cast<std::size_t>(word)] = true;
    }
    std::vector<int> num_before(has_tokens.size() + 1, 0);  // words with tokens before each
    for (std::size_t word = 0; word < has_tokens.size(); ++word)
        num_before[word + 1] = num_before[word] + (has_tokens[word] ? 1 : 0);
    std::vector<EligiblePairs> out;
    for (const RelationPairs& relation : text.relations) {
        EligiblePairs eligible{relation.name, {}, 0};
        for (const auto& [query, key] : relation.pairs) {
            if (query == key || (is_causal && key > query)) continue;
            if (!has_tokens[static_cast<std::size_t>(query)] || !has_tokens[static_cast<std::size_t>(key)])
                continue;
            eligible.pairs.emplace_back(query, key);
            eligible.chance +=
                1.0 / (is_causal ? num_before[static_cast<std::size_t>(query)] : num_before.back() - 1);
        }
        if (!eligible.pairs.empty()) out.push_back(std::move(eligible));
    }
    return out;
}

std::vector<int> count_hits(std::span<const float> matrix, const RelationText& text,
                            std::span<const EligiblePairs> relations) {
    const std::vector<float> words = reduce_to_words(matrix, text.word_of_token, text.num_words);
    const auto size = static_cast<std::size_t>(text.num_words);
    std::vector<int> largest(size, -1);  // key of each word, itself left out
    for (std::size_t query = 0; query < size; ++query) {
        float most = 0;
        for (std::size_t key = 0; key < size; ++key) {
            if (key == query || words[query * size + key] <= most) continue;
            most = words[query * size + key];
            largest[query] = static_cast<int>(key);
        }
    }
    std::vector<int> hits;
    for (const EligiblePairs& relation : relations)
        hits.push_back(static_cast<int>(std::count_if(
            relation.pairs.begin(), relation.pairs.end(),
            [&](const auto& pair) { return largest[static_cast<std::size_t>(pair.first)] == pair.second; })));
    return hits;
}

PairOffsets pair_offsets(const EligiblePairs& relation) {
    PairOffsets offsets;
    for (const auto& [query, key] : relation.pairs)
        ++offsets[query - key];
    return offsets;
}

std::pair<int, int> best_offset(const PairOffsets& offsets) {
    std::pair<int, int> best{0, 0};
    for (const auto& [offset, count] : offsets) {
        if (count > best.second) best = {offset, count};
    }
    return best;
}

}  // namespace headlight
