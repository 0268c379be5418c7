// Writes a key set row by row.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "analysis/words/token_classes.h"
#include "core/attention_trace.h"

namespace headlight {

class KeySetBuilder {
  public:
    explicit KeySetBuilder(std::string id) {
        set_.id = std::move(id);
        set_.row_begin.push_back(0);
    }
    /// Keys of a row ascend.
    void add(std::size_t key) { set_.keys.push_back(static_cast<std::uint32_t>(key)); }
    void add_range(std::size_t begin, std::size_t end) {
        for (std::size_t key = begin; key < end; ++key)
            add(key);
    }
    void end_row() { set_.row_begin.push_back(static_cast<std::uint32_t>(set_.keys.size())); }
    KeySet take() { return std::move(set_); }

  private:
    KeySet set_;
};

/// For every query the earlier keys that stand for its token: id_of(key) is the id that a key stands for, or
/// nullopt for none. Rows of one id share their keys, so the set takes room for each token, not for each
/// pair.
template <class IdOf>
KeySet copies_key_set(const char* id, std::span<const TokenLabel> tokens, const IdOf& id_of) {
    KeySet set;
    set.id = id;
    std::unordered_map<std::int32_t, std::uint32_t> count, begin, seen;  // by token id: its keys
    for (std::size_t key = 0; key < tokens.size(); ++key) {
        if (const std::optional<std::int32_t> of = id_of(key)) ++count[*of];
    }
    std::uint32_t total = 0;
    for (const TokenLabel& token : tokens) {
        const auto [place, is_new] = begin.try_emplace(token.id, total);
        if (is_new) total += count[token.id];
    }
    set.keys.resize(total);
    set.row_begin.reserve(tokens.size());
    set.row_end.reserve(tokens.size());
    for (std::size_t query = 0; query < tokens.size(); ++query) {
        const std::int32_t own = tokens[query].id;
        set.row_begin.push_back(begin[own]);
        set.row_end.push_back(begin[own] + seen[own]);
        // Seen by later rows only.
        if (const std::optional<std::int32_t> of = id_of(query))
            set.keys[begin[*of] + seen[*of]++] = static_cast<std::uint32_t>(query);
    }
    return set;
}

/// Keys of a class for every query: all but key 0 and the query; after the query only if the text is not
/// causal.
inline KeySet class_key_set(const char* id, const TextLabels& labels, bool (*is_key)(const TokenLabel&),
                            std::size_t first_key = 1) {
    KeySetBuilder builder(id);
    std::vector<std::size_t> members;
    for (std::size_t key = first_key; key < labels.tokens.size(); ++key) {
        if (is_key(labels.tokens[key])) members.push_back(key);
    }
    for (std::size_t query = 0; query < labels.tokens.size(); ++query) {
        for (const std::size_t key : members) {
            if (labels.is_causal && key >= query) break;
            if (key != query) builder.add(key);
        }
        builder.end_row();
    }
    return builder.take();
}

}  // namespace headlight
