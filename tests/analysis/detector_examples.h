// For each detector a text, the pattern that it must find, and one that it must not.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "analysis/patterns.h"
#include "analysis/patterns/detector_text.h"
#include "core/dense_trace.h"

namespace headlight::test {

/// Tokens of the given texts, as a byte-level tokenizer would show them; "<...>" is special. Ids by first
/// occurrence.
inline std::vector<Token> text_tokens(const std::vector<std::string>& texts) {
    std::vector<Token> tokens;
    std::map<std::string, std::int32_t> ids;
    std::size_t byte = 0;
    for (const std::string& text : texts) {
        Token token;
        token.id = ids.emplace(text, static_cast<std::int32_t>(ids.size())).first->second;
        token.piece = text;
        token.is_special = text.size() > 2 && text.front() == '<' && text.back() == '>';
        for (const char c : text) {
            if (c == ' ')
                token.display += "·";
            else if (c == '\n')
                token.display += "⏎";
            else if (c == '\t')
                token.display += "⇥";
            else
                token.display += c;
        }
        if (!token.is_special) {
            token.byte_begin = byte;
            token.byte_end = byte += text.size();
        }
        tokens.push_back(token);
    }
    return tokens;
}

/// Tokens of single bytes behind a BOS.
inline std::vector<Token> character_tokens(const std::string& text) {
    std::vector<std::string> texts = {"<s>"};
    for (const char c : text)
        texts.emplace_back(1, c);
    return text_tokens(texts);
}

struct DetectorExample {
    std::vector<Token> tokens;
    WeightOf perfect;
    WeightOf wrong = identity;
    bool is_causal = true;
    bool can_tag = true;  // on one text
    Matrix embeddings = {};

    TracePtr trace(const WeightOf& weight) const {
        const int size = static_cast<int>(tokens.size());
        if (is_causal) return causal_trace(size, weight);
        TraceInfo info;
        info.num_layers = info.num_heads = 1;
        info.num_queries = info.num_keys = size;
        info.is_causal = false;
        std::vector<float> weights;
        for (int query = 0; query < size; ++query) {
            for (int key = 0; key < size; ++key)
                weights.push_back(static_cast<float>(weight(query, key)));
        }
        return make_dense_trace(info, weights);
    }
    WeightOf even() const {
        const double size = static_cast<double>(tokens.size());
        if (is_causal) return uniform;
        return [size](int, int) { return 1.0 / size; };
    }
    DetectorScore score(const std::string& id, const WeightOf& weight) const {
        const TracePtr made = trace(weight);
        const DetectorText text(tokens, made->info(), {},
                                {.embeddings = embeddings.empty() ? nullptr : &embeddings});
        for (const Tag& tag : detect(*made, rows_of(*made), {}, text)) {
            if (id == tag.detector->id) return tag.score;
        }
        return {};
    }
};

/// All weight on the key that is chosen for each query.
inline WeightOf points_to(const std::vector<int>& keys) {
    return [keys](int query, int key) { return key == keys[static_cast<std::size_t>(query)] ? 1.0 : 0.0; };
}

/// To the last earlier token for which `is_wanted`, else to the first token.
template <class IsWanted>
WeightOf points_to_last(const std::vector<Token>& tokens, const IsWanted& is_wanted) {
    std::vector<int> keys(tokens.size(), 0);
    for (std::size_t query = 1; query < tokens.size(); ++query) {
        for (std::size_t key = 0; key < query; ++key) {
            if (is_wanted(tokens[query], tokens[key])) keys[query] = static_cast<int>(key);
        }
    }
    return points_to(keys);
}

/// One example for every detector of the registry that a text can show.
std::map<std::string, DetectorExample> detector_examples();

}  // namespace headlight::test
