// What is known of an opened model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model_spec.h"
#include "tokenize/tokenizer.h"

namespace headlight {

/// An opened model. `spec` is known even while only a stored trace of it is shown.
struct ModelInfo {
    std::uint64_t id = 0;            // changes with every open
    std::uint64_t tokenizer_id = 0;  // changes with every open and every tokenizer
    ModelSpec spec;
    TokenizerPtr tokenizer;                   // null: none was found (then texts are given as ids)
    bool has_chat_template = false;           // one lies with the tokenizer
    std::string tokenizer_note;               // why there is none, or which file it came from
    std::string tokenizer_file;               // chosen in place of the model's own; empty: its own
    std::vector<TokenizerChoice> tokenizers;  // that lie with the model
    bool runs_beyond = false;  // texts longer than spec.max_positions run where a position has no end
    bool is_live = false;      // false: only a stored trace, typing loads the model first
};

}  // namespace headlight
