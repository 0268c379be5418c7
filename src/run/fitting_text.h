// A text that a model takes, for when it does not take the typed one. Runs on the model worker.
#pragma once

#include <optional>
#include <string>

#include "run/live_model.h"

namespace headlight {

struct FittingText {
    std::string text;
    std::string decoder_text;  // where the model has a decoder
    std::string origin;        // "a sample of its vocabulary", "your text, cut to 12 tokens"
};

/// Nullopt: the model takes the texts, else why not. Empty texts are taken. Errors as of tokens_of_text and
/// check_tokens.
std::optional<Error> why_text_does_not_fit(const ModelInfo& model, const std::string& text,
                                           const std::string& decoder_text);

/// In this order: a text that lies with the model at `path` (sample.txt, or that of a stored trace); for a
/// model without a tokenizer, or whose few tokens do not spell the typed text, a sample of its vocabulary,
/// always the same one (an equation, if "=" is among its tokens); the typed text cut to what the model takes.
/// Nullopt: none of them is a text that the model takes.
std::optional<FittingText> fitting_text(const ModelInfo& model, const std::string& path,
                                        const std::string& text, const std::string& decoder_text);

}  // namespace headlight
