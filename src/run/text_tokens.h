// From what the user gave to the tokens that a model reads.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/token.h"
#include "run/cut_text.h"
#include "run/live_model.h"
#include "tokenize/chat/chat_template.h"

namespace headlight {

/// A text, as one of three, or a picture, and what goes with it.
struct TextOptions {
    std::string text, text_file;
    std::vector<std::int32_t> ids;
    bool has_text = false;                 // an empty text was given on purpose
    bool is_picture = false;               // `text` is the path of a picture
    std::optional<std::string> pair = {};  // the second sentence of a pair; nothing: one text
    bool is_chat = false;                  // the text is turns, for the chat template
    ChatOptions chat = {};
    CutEnd cut = CutEnd::None;  // of a text that is longer than the model takes
    bool is_given() const { return has_text || !text_file.empty() || !ids.empty() || pair; }
    /// Another text in the place of sentence A: B stays.
    TextOptions beside(TextOptions other) const {
        if (other.is_given() && other.ids.empty()) other.pair = pair;
        return other;
    }
};

/// What the decoder of an encoder-decoder reads.
struct DecoderOptions {
    std::string text;
    std::vector<std::int32_t> ids;
    bool has_text = false;
    bool is_given() const { return has_text || !ids.empty(); }
};

/// The tokens of the text, of what the chat template makes of it, or of the ids, cut where that was asked
/// for. Errors: InvalidInput (none given, no token), Missing (no tokenizer, no file), those of encode_chat().
Result<TokenizedText> read_tokens(const TextOptions& options, const LiveModel& model);

/// What the decoder reads: the ids as they are, or the start token and the tokens of the text; the start
/// token alone when neither was given. Empty for models without a decoder. Errors: InvalidInput (given for
/// such a model), Missing.
Result<TokenizedText> read_decoder_tokens(const DecoderOptions& options, const LiveModel& model);

/// Tokens of a text; without a tokenizer the text holds ids ("12, 7 99"). Errors: InvalidInput naming the
/// word.
Result<TokenizedText> tokens_of_text(const ModelInfo& model, const std::string& text);

/// Does the model read two sentences as one text? Its tokenizer says how, and no token is kept from those
/// behind it.
bool takes_pairs(const ModelInfo& model);

/// What takes_pairs() lacks, as an error that names the model: Unsupported, or the tokenizer's.
Result<TokenizedText> tokens_of_pair(const ModelInfo& model, const std::string& first,
                                     const std::string& second);

/// What the model reads of two boxes: `second` is sentence B where the model takes pairs and has no decoder,
/// and something is in it. Errors: as tokens_of_text.
Result<TokenizedText> tokens_of_boxes(const ModelInfo& model, const std::string& text,
                                      const std::string& second);

/// What the decoder reads for a text, as the reference shifts its labels right: the model's start token, then
/// the tokens of the text without the token that ends them; without a known start token the last token moves
/// to the front (mBART's language code). Errors: as tokens_of_text.
Result<TokenizedText> decoder_tokens_of_text(const ModelInfo& model, const std::string& text);

/// Errors: InvalidInput when there are more tokens than positions or an id that the model does not know; the
/// message names the numbers, the token and the model.
Status check_tokens(const ModelSpec& spec, const TokenizedText& tokens);
/// The same for a model whose texts may be longer than it was made for.
Status check_tokens(const ModelInfo& model, const TokenizedText& tokens);

/// "beyond the 2048 tokens that it was made for": what a run of so many tokens is; empty where it is not.
std::string beyond_words(const ModelSpec& spec, std::size_t num_tokens);

/// Tokens that have nothing but their number: "#12".
TokenizedText unnamed_tokens(std::span<const std::int32_t> ids);

/// The tokens of given ids as the model's tokenizer knows them; the number where it does not.
TokenizedText tokens_of_ids(const ModelInfo& model, std::span<const std::int32_t> ids);

}  // namespace headlight
