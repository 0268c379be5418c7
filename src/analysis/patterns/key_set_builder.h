// Writes a key set row by row.
#pragma once

#include <string>
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
