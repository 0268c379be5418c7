// The words of tokens as they are written: whole characters only, whatever tokens they are cut into.
#pragma once

#include <string>

#include "core/token.h"
#include "run/model_info.h"

namespace headlight {

/// Tokens that a model wrote behind others, as one text with spans. Costs the same for every token.
class WrittenWords {
  public:
    /// Goes on behind `prompt`. The model must outlive it.
    WrittenWords(const ModelInfo& model, TokenizedText prompt);

    /// One more token. Returns the characters that it completes: bytes of one that is not complete wait,
    /// invalid ones become U+FFFD. Special tokens are no text; without a tokenizer ids are, with a space
    /// before them.
    std::string add(std::int32_t id);
    /// What still waits, as U+FFFD: nothing comes any more.
    std::string finish();

    /// Prompt and what was written; tokens of a character that is not complete have an empty span at the end.
    const TokenizedText& text() const { return text_; }

  private:
    std::string bytes_of(std::int32_t id) const;

    const ModelInfo& model_;
    TokenizedText text_;
    std::int32_t before_ = -1;       // last token that is text; -1: none
    std::string waiting_;            // bytes of a character that is not complete
    std::size_t first_waiting_ = 0;  // token that the first of them came with
};

}  // namespace headlight
