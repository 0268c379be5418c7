// A text of more tokens than the model was made for: what is said of it in the window, and what helps.
#pragma once

#include <optional>
#include <string>

#include "run/analyzed_text.h"
#include "run/cut_text.h"
#include "run/live_model.h"

namespace headlight {

struct LongText {
    std::string words;            // one sentence, without what only a command line knows
    bool can_cut = false;         // it is one text that cut_text() shortens
    bool can_run_beyond = false;  // the model's positions have no end, and it fits into memory
};

/// Nullopt: the texts of the boxes are no longer than the model was made for, or cannot be read. Tokenizes:
/// for the model worker. `written`: its tokens in place of those of the text.
std::optional<LongText> find_long_text(const LiveModel& live, const std::string& text,
                                       const std::string& decoder_text, const WrittenText* written);

/// The tokens of one text, or those of `written`, cut to what the model was made for. Errors: as
/// tokens_of_text; Unsupported for two texts, and for a text that is short enough.
Result<TokenizedText> cut_long_text(const ModelInfo& model, const std::string& text,
                                    const std::string& second, const WrittenText* written, CutEnd end);

}  // namespace headlight
