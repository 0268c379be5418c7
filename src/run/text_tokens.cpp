#include "run/text_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text_file.h"

namespace headlight {
namespace {

bool is_id_separator(char c) {
    return c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Texts of a model without a tokenizer: ids in decimal, each the span of its digits.
Result<TokenizedText> tokens_of_number_list(const std::string& text) {
    TokenizedText out;
    out.text = text;
    for (std::size_t begin = 0; begin < text.size();) {
        if (is_id_separator(text[begin])) {
            ++begin;
            continue;
        }
        std::size_t end = begin;
        while (end < text.size() && !is_id_separator(text[end]))
            ++end;
        std::int32_t id = 0;
        const auto parsed = std::from_chars(text.data() + begin, text.data() + end, id);
        const std::string word = text.substr(begin, std::min<std::size_t>(end - begin, 40));
        if (parsed.ec != std::errc{} || parsed.ptr != text.data() + end || id < 0) {
            return fail(
                ErrorKind::InvalidInput,
                "this model has no tokenizer, so its text is a list of token ids such as \"12, 7, 99\"; "
                "'{}' is no id",
                word);
        }
        out.tokens.push_back({id, word, word, begin, end, false});
        begin = end;
    }
    return out;
}

Status check_ids_known(const ModelSpec& spec, const TokenizedText& tokens) {
    const auto count = tokens.tokens.size();
    for (std::size_t i = 0; i < count; ++i) {
        const Token& token = tokens.tokens[i];
        if (token.id >= 0 && token.id < spec.vocab_size) continue;
        return fail(
            ErrorKind::InvalidInput,
            "token {} ('{}') has id {}, but {} knows ids 0 to {}; the tokenizer does not belong to this "
            "model",
            i, token.display, token.id, spec.name, spec.vocab_size - 1);
    }
    return {};
}

TokenizedText cut_to_model(TokenizedText tokens, const TextOptions& options, const ModelSpec& spec) {
    const auto most = static_cast<std::size_t>(std::max(0, spec.max_positions));
    return cut_text(std::move(tokens), most, options.cut);
}

}  // namespace

Result<TokenizedText> tokens_of_text(const ModelInfo& model, const std::string& text) {
    if (!model.tokenizer) return tokens_of_number_list(text);
    return model.tokenizer->try_encode(text);
}

bool takes_pairs(const ModelInfo& model) {
    return model.tokenizer && model.tokenizer->has_pair_form() && !model.spec.is_causal;
}

Result<TokenizedText> tokens_of_pair(const ModelInfo& model, const std::string& first,
                                     const std::string& second) {
    if (model.spec.is_causal) {
        return fail(ErrorKind::Unsupported,
                    "{} ({}) reads one text, from left to right: a second sentence (--text-pair) is for "
                    "encoders such as BERT and RoBERTa; put both into one text",
                    model.spec.name, model.spec.family_label);
    }
    if (!model.tokenizer)
        return fail(ErrorKind::Missing, "a pair of sentences needs a tokenizer; {} has none",
                    model.spec.name);
    return model.tokenizer->encode_pair(first, second);
}

Result<TokenizedText> tokens_of_boxes(const ModelInfo& model, const std::string& text,
                                      const std::string& second) {
    if (second.empty() || model.spec.has_decoder || !takes_pairs(model)) return tokens_of_text(model, text);
    return tokens_of_pair(model, text, second);
}

Result<TokenizedText> decoder_tokens_of_text(const ModelInfo& model, const std::string& text) {
    HEADLIGHT_TRY(TokenizedText out, tokens_of_text(model, text));
    const std::int32_t start = model.spec.decoder_start_id;
    std::vector<Token>& tokens = out.tokens;
    if (start < 0) {
        if (!tokens.empty()) std::rotate(tokens.begin(), tokens.end() - 1, tokens.end());
        return out;
    }
    if (!tokens.empty() && tokens.back().is_special) tokens.pop_back();
    Token first{start, std::to_string(start), std::to_string(start), 0, 0, true};
    if (model.tokenizer) {
        if (const auto known = model.tokenizer->token(start)) {
            first.piece = known->piece;
            first.display = known->display;
        }
    }
    tokens.insert(tokens.begin(), std::move(first));
    return out;
}

Status check_tokens(const ModelSpec& spec, const TokenizedText& tokens) {
    const auto count = tokens.tokens.size();
    if (!beyond_words(spec, count).empty()) {
        return fail(ErrorKind::InvalidInput,
                    "the text has {} tokens, but {} takes at most {}; shorten it by {}, cut it with "
                    "--truncate, or run it "
                    "all the same with --beyond where the model's positions have no end",
                    count, spec.name, spec.max_positions,
                    count - static_cast<std::size_t>(spec.max_positions));
    }
    return check_ids_known(spec, tokens);
}

Status check_tokens(const ModelInfo& model, const TokenizedText& tokens) {
    return model.runs_beyond ? check_ids_known(model.spec, tokens) : check_tokens(model.spec, tokens);
}

std::string beyond_words(const ModelSpec& spec, std::size_t num_tokens) {
    if (spec.max_positions <= 0 || num_tokens <= static_cast<std::size_t>(spec.max_positions)) return {};
    return fmt::format("beyond the {} tokens that the model was made for", spec.max_positions);
}

Result<TokenizedText> read_tokens(const TextOptions& options, const LiveModel& model) {
    if (!options.ids.empty()) {
        if (options.pair)
            return fail(ErrorKind::InvalidInput, "--text-pair goes with --text or --text-file, not with ids");
        HEADLIGHT_TRY(TokenizedText tokens, model.tokenizer() ? model.tokenizer()->from_ids(options.ids)
                                                              : unnamed_tokens(options.ids));
        return cut_to_model(std::move(tokens), options, model.spec());
    }
    std::string text = options.text;
    if (!options.text_file.empty()) {
        HEADLIGHT_TRY(text, read_text(options.text_file));
    } else if (!options.has_text) {
        return fail(ErrorKind::InvalidInput,
                    "no text was given; use --text \"...\", --text-file FILE or --ids 1,2,3 (--image FILE "
                    "for a model "
                    "that reads pictures)");
    }
    HEADLIGHT_CHECK(check_utf8(text, options.is_picture ? "--image" : "--text"));
    if (options.is_picture && !model.runner->takes_pictures()) {
        return fail(ErrorKind::InvalidInput, "{} reads text, no pictures; give --text in place of --image",
                    model.spec().name);
    }
    if (!model.tokenizer()) {
        Error error = model.tokenizer_error.value_or(Error{});
        if (!model.runner->takes_pictures())
            error.message += " (a text needs a tokenizer: name one with --tokenizer, or give --ids)";
        return fail(std::move(error));
    }
    if (options.pair && !options.pair->empty()) {  // an empty one is none, as in the reference
        if (options.cut != CutEnd::None)
            return fail(ErrorKind::InvalidInput,
                        "--truncate cuts one text; shorten the two of a pair yourself");
        if (options.is_chat)
            return fail(ErrorKind::InvalidInput,
                        "--text-pair is a second sentence, which a chat does not have");
        HEADLIGHT_CHECK(check_utf8(*options.pair, "--text-pair"));
        return tokens_of_pair(*model.info, text, *options.pair);
    }
    HEADLIGHT_TRY(TokenizedText tokens, options.is_chat ? encode_chat(*model.tokenizer(), text, options.chat)
                                                        : model.tokenizer()->try_encode(text));
    if (tokens.tokens.empty())
        return fail(ErrorKind::InvalidInput, "the text has no token; there is nothing to analyse");
    return cut_to_model(std::move(tokens), options, model.spec());
}

Result<TokenizedText> read_decoder_tokens(const DecoderOptions& options, const LiveModel& model) {
    const ModelSpec& spec = model.spec();
    if (!spec.has_decoder) {
        if (!options.is_given()) return TokenizedText{};
        return fail(
            ErrorKind::InvalidInput,
            "{} is no encoder-decoder; --decoder-text and --decoder-ids are for models with two texts",
            spec.name);
    }
    if (!options.ids.empty()) {
        if (!model.tokenizer()) return unnamed_tokens(options.ids);
        return model.tokenizer()->from_ids(options.ids);
    }
    if (options.has_text && !model.tokenizer()) {
        return fail(ErrorKind::Missing,
                    "--decoder-text needs a tokenizer: name one with --tokenizer, or give --decoder-ids");
    }
    if (options.has_text) {
        HEADLIGHT_CHECK(check_utf8(options.text, "--decoder-text"));
        HEADLIGHT_TRY(TokenizedText tokens, decoder_tokens_of_text(*model.info, options.text));
        if (!tokens.tokens.empty()) return tokens;
    } else if (spec.decoder_start_id >= 0) {
        const std::int32_t start[] = {spec.decoder_start_id};
        return model.tokenizer() ? model.tokenizer()->from_ids(start) : unnamed_tokens(start);
    }
    return fail(
        ErrorKind::InvalidInput,
        "the config of {} does not say what its decoder reads first; give --decoder-text or --decoder-ids",
        spec.name);
}

TokenizedText unnamed_tokens(std::span<const std::int32_t> ids) {
    TokenizedText out;
    for (const std::int32_t read : ids) {
        Token token;
        const std::int32_t id = token.id = id_of_read(read);
        token.segment = segment_of_read(read);
        token.piece = fmt::format("<{}>", id);
        token.display = fmt::format("#{}", id);
        out.tokens.push_back(std::move(token));
    }
    return out;
}

TokenizedText tokens_of_ids(const ModelInfo& model, std::span<const std::int32_t> ids) {
    TokenizedText out;
    for (const std::int32_t read : ids) {
        Token token;
        const std::int32_t id = id_of_read(read);
        if (model.tokenizer) {
            if (auto known = model.tokenizer->token(id)) token = std::move(*known);
        }
        token.id = id;
        token.segment = segment_of_read(read);
        if (token.display.empty()) token.display = token.piece = std::to_string(id);
        out.tokens.push_back(std::move(token));
    }
    return out;
}

}  // namespace headlight
