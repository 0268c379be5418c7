#include "session/parts/long_text.h"

#include <fmt/format.h>

#include "run/text_tokens.h"

namespace headlight {
namespace {

std::string length_words(const ModelSpec& spec, const TokenizedText& tokens, const char* what) {
    return fmt::format("the {} has {} tokens, but {} was made for at most {}", what, tokens.tokens.size(),
                       spec.name, spec.max_positions);
}

}  // namespace

std::optional<LongText> find_long_text(const LiveModel& live, const std::string& text,
                                       const std::string& decoder_text, const WrittenText* written) {
    const ModelSpec& spec = live.spec();
    const bool is_written = written && !spec.has_decoder;
    const auto tokens =
        is_written ? Result<TokenizedText>(written->tokens) : tokens_of_boxes(*live.info, text, decoder_text);
    if (!tokens) return std::nullopt;
    TokenizedText decoder;
    if (spec.has_decoder) {
        auto read = written ? Result<TokenizedText>(written->tokens)
                            : decoder_tokens_of_text(*live.info, decoder_text);
        if (!read) return std::nullopt;
        decoder = std::move(*read);
    }
    const bool is_long = !beyond_words(spec, tokens->tokens.size()).empty();
    if (!is_long && beyond_words(spec, decoder.tokens.size()).empty()) return std::nullopt;
    LongText out;
    out.words = is_long ? length_words(spec, *tokens, "text") : length_words(spec, decoder, "decoder's text");
    out.can_cut = !spec.has_decoder && !tokens->is_pair();
    out.can_run_beyond =
        !live.info->runs_beyond && live.runner && live.runner->check_length(tokens->ids(), decoder.ids());
    return out;
}

Result<TokenizedText> cut_long_text(const ModelInfo& model, const std::string& text,
                                    const std::string& second, const WrittenText* written, CutEnd end) {
    HEADLIGHT_TRY(TokenizedText tokens,
                  written ? Result<TokenizedText>(written->tokens) : tokens_of_boxes(model, text, second));
    if (model.spec.has_decoder || tokens.is_pair())
        return fail(ErrorKind::Unsupported, "one text is cut; shorten the two texts of {} yourself",
                    model.spec.name);
    if (beyond_words(model.spec, tokens.tokens.size()).empty()) {
        return fail(ErrorKind::InvalidInput,
                    "the text has {} tokens, which is no more than {} takes: nothing is to be cut",
                    tokens.tokens.size(), model.spec.name);
    }
    return cut_text(std::move(tokens), static_cast<std::size_t>(model.spec.max_positions), end);
}

}  // namespace headlight
