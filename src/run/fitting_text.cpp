#include "run/fitting_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <vector>

#include "base/mapped_file.h"
#include "base/utf8.h"
#include "io/attention/attention_dump.h"
#include "io/checkpoint/model_files.h"
#include "run/text_tokens.h"
#include "tokenize/excluded_ids.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostSampleBytes = std::size_t{64} << 10;
constexpr std::uintmax_t kMostTraceBytes = std::uintmax_t{32} << 20;  // more would keep the user waiting
constexpr int kFewTokens = 512;           // of a vocabulary that does not spell every text
constexpr int kMostSumPositions = 16;     // of a model whose texts are sums
constexpr std::size_t kMostWords = 4096;  // to draw from; of a large vocabulary the first, which are frequent
constexpr std::size_t kSampleTokens = 12;
constexpr unsigned kSampleSeed = 7;
constexpr int kMostCuts = 16;
constexpr const char* kFromFolder = "from the model's folder";
constexpr const char* kFromVocabulary = "a sample of its vocabulary";

bool takes(const ModelInfo& model, const std::string& text) {
    const auto tokens = tokens_of_text(model, text);
    return tokens && !tokens->tokens.empty() && check_tokens(model, *tokens);
}

/// The longest beginning of `text`, by whole tokens, that the model takes; empty: there is none.
std::string cut_to_fit(const ModelInfo& model, const std::string& text) {
    const auto encoded = tokens_of_text(model, text);
    if (!encoded) return {};
    const auto is_known = [&](const Token& token) {
        return token.id >= 0 && token.id < model.spec.vocab_size;
    };
    const std::vector<Token>& all = encoded->tokens;
    auto keep = static_cast<std::size_t>(std::find_if_not(all.begin(), all.end(), is_known) - all.begin());
    if (model.spec.max_positions > 0)
        keep = std::min(keep, static_cast<std::size_t>(model.spec.max_positions));
    // Tokens that are added at the end, and pieces that end differently at a cut, need some room.
    for (int i = 0; i < kMostCuts && keep > 0; ++i, --keep) {
        std::size_t end = all[keep - 1].byte_end;
        while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
            --end;
        std::string cut = text.substr(0, std::min(end, text.size()));
        if (!cut.empty() && takes(model, cut)) return cut;
    }
    return {};
}

/// No token stands for something that the vocabulary does not have.
bool is_spelled(const ModelInfo& model, const std::string& text) {
    const auto tokens = tokens_of_text(model, text);
    if (!tokens) return false;
    return std::none_of(tokens->tokens.begin(), tokens->tokens.end(), [](const Token& token) {
        return token.piece == "<unk>" || token.piece == "[UNK]" || token.piece == "<|unk|>";
    });
}

bool is_operator(const std::string& piece) {
    return piece == "=" || piece == "+" || piece == "-" || piece == "*" || piece == "/";
}

/// As the tokenizer puts them together, and with spaces between them: ids, or words of a list.
std::vector<std::string> texts_of_tokens(const ModelInfo& model, const std::vector<Token>& tokens) {
    std::vector<std::string> out;
    std::vector<std::int32_t> ids;
    std::string spaced;
    for (const Token& token : tokens) {
        ids.push_back(token.id);
        spaced += (spaced.empty() ? "" : " ") + (model.tokenizer ? token.piece : std::to_string(token.id));
    }
    if (model.tokenizer) {
        if (auto decoded = model.tokenizer->from_ids(ids)) out.push_back(std::move(decoded->text));
    }
    out.push_back(std::move(spaced));
    return out;
}

/// Its texts are as short as "35=", and "=" is among its tokens.
bool reads_sums(const ModelInfo& model) {
    const bool is_short = model.spec.max_positions > 0 && model.spec.max_positions <= kMostSumPositions;
    return is_short && model.tokenizer && takes(model, "=") && is_spelled(model, "=");
}

/// Tokens that people can type, by id; operators of sums apart.
struct Vocabulary {
    std::vector<Token> words, operators;
    const Token* find(const char* piece) const {
        const auto is_it = [piece](const Token& token) { return token.piece == piece; };
        const auto found = std::find_if(operators.begin(), operators.end(), is_it);
        return found == operators.end() ? nullptr : &*found;
    }
};

Vocabulary read_vocabulary(const ModelInfo& model) {
    Vocabulary out;
    if (!model.tokenizer) {
        for (std::int32_t id = 0; id < std::min(model.spec.vocab_size, static_cast<int>(kMostWords)); ++id)
            out.words.push_back({id, {}, {}, 0, 0, false});
        return out;
    }
    const std::vector<bool> excluded = excluded_ids(*model.tokenizer, model.spec.vocab_size);
    for (std::size_t id = 0; id < excluded.size() && out.words.size() < kMostWords; ++id) {
        if (excluded[id]) continue;
        auto token = model.tokenizer->token(static_cast<std::int32_t>(id));
        if (!token || token->piece.empty() || !is_spelled(model, token->piece)) continue;
        token->id = static_cast<std::int32_t>(id);
        (is_operator(token->piece) ? out.operators : out.words).push_back(std::move(*token));
    }
    return out;
}

/// "a =" of three tokens is "a b =", with a plus sign "a + b =".
std::vector<Token> sample_tokens(const Vocabulary& vocabulary, std::size_t most) {
    std::mt19937 random(kSampleSeed);  // its numbers are the same everywhere
    const auto word = [&] { return vocabulary.words[random() % vocabulary.words.size()]; };
    const Token *equals = vocabulary.find("="), *plus = vocabulary.find("+");
    std::vector<Token> out;
    if (equals && most >= 3) {
        out.push_back(word());
        if (plus && most >= 4) out.push_back(*plus);
        out.push_back(word());
        out.push_back(*equals);
        return out;
    }
    while (out.size() < most)
        out.push_back(word());
    return out;
}

std::string sample_of_vocabulary(const ModelInfo& model) {
    const Vocabulary vocabulary = read_vocabulary(model);
    if (vocabulary.words.empty()) return {};
    std::size_t most = kSampleTokens;
    if (model.spec.max_positions > 0)
        most = std::min(most, static_cast<std::size_t>(model.spec.max_positions));
    for (; most > 0; --most) {  // a tokenizer may add tokens of its own
        for (std::string& text : texts_of_tokens(model, sample_tokens(vocabulary, most))) {
            if (takes(model, text) && is_spelled(model, text)) return std::move(text);
        }
    }
    return {};
}

/// sample.txt, in the model's folder or beside its training log; else the text of a stored trace.
std::string text_of_folder(const std::string& path) {
    const fs::path folder = folder_of_path(path);
    for (const fs::path& file : {folder / "sample.txt", folder / "training" / "sample.txt"}) {
        std::error_code code;
        if (!fs::is_regular_file(file, code)) continue;
        auto text = read_text_file(file.string(), kMostSampleBytes);
        if (!text || !utf8::is_valid(*text)) continue;
        text->erase(text->find_last_not_of(" \t\r\n") + 1);
        if (!text->empty()) return *text;
    }
    const fs::path trace = folder / "trace.safetensors";
    std::error_code code;
    const bool is_small = fs::is_regular_file(trace, code) && fs::file_size(trace, code) <= kMostTraceBytes;
    if (!is_small || code) return {};
    const auto dump = read_attention_dump(trace.string());
    return dump ? dump->tokens.text : std::string();
}

std::string count_words(const ModelInfo& model, const std::string& text) {
    const auto tokens = tokens_of_text(model, text);
    const std::size_t count = tokens ? tokens->tokens.size() : 0;
    return fmt::format("your text, cut to {} token{}", count, count == 1 ? "" : "s");
}

/// A text for the encoder, or the only one.
std::optional<FittingText> first_text(const ModelInfo& model, const std::string& path,
                                      const std::string& text) {
    const std::string own = cut_to_fit(model, text_of_folder(path));
    if (!own.empty()) return FittingText{own, {}, kFromFolder};
    const std::string cut = cut_to_fit(model, text);
    const bool has_few = model.spec.vocab_size <= kFewTokens;
    const bool is_apt = !has_few || (is_spelled(model, cut) && !reads_sums(model));
    if (!cut.empty() && is_apt) return FittingText{cut, {}, count_words(model, cut)};
    if (const std::string sample = sample_of_vocabulary(model); !sample.empty())
        return FittingText{sample, {}, kFromVocabulary};
    if (cut.empty()) return std::nullopt;
    return FittingText{cut, {}, count_words(model, cut)};
}

}  // namespace

std::optional<Error> why_text_does_not_fit(const ModelInfo& model, const std::string& text,
                                           const std::string& decoder_text) {
    const auto tokens = tokens_of_boxes(model, text, decoder_text);
    if (!tokens) return tokens.error();
    if (const Status status = check_tokens(model, *tokens); !status) return status.error();
    if (!model.spec.has_decoder) return std::nullopt;
    const auto decoder_tokens = decoder_tokens_of_text(model, decoder_text);
    if (!decoder_tokens) return decoder_tokens.error();
    if (const Status status = check_tokens(model, *decoder_tokens); !status) return status.error();
    return std::nullopt;
}

std::optional<FittingText> fitting_text(const ModelInfo& model, const std::string& path,
                                        const std::string& text, const std::string& decoder_text) {
    auto out = first_text(model, path, text);
    if (!out || !model.spec.has_decoder) return out;
    for (const std::string& candidate : {decoder_text, cut_to_fit(model, decoder_text), std::string()}) {
        out->decoder_text = candidate;
        if (!why_text_does_not_fit(model, out->text, candidate)) return out;
    }
    return std::nullopt;
}

}  // namespace headlight
