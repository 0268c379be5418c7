// WordPiece (BERT, DistilBERT, ELECTRA, MPNet ...): tokenizer.json, or vocab.txt with what BERT's own tokenizer class implies.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/mapped_file.h"
#include "tokenize/tokenizer_class.h"
#include "tokenize/tokenizer_files.h"
#include "tokenize/tokenizer_json.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr const char* kId = "word_piece";
constexpr std::size_t kLongestVocabulary = std::size_t{64} << 20;
constexpr std::size_t kMostPieces = 1 << 22;

std::string vocab_txt(const std::string& path) {
    const bool is_named = std::filesystem::path(path).filename() == "vocab.txt";
    const std::string file = is_named ? path : (std::filesystem::path(tokenizer_folder(path)) / "vocab.txt").string();
    const bool is_ours = is_named || tokenizer_folder(path) == path;
    return is_ours && is_regular_file(file) ? file : std::string();
}

/// A line is a piece, its number the id; of two equal ones the later counts.
Result<json> read_vocabulary(const std::string& file) {
    HEADLIGHT_TRY(const std::string text, read_text_file(file, kLongestVocabulary));
    json vocabulary = json::object();
    std::size_t id = 0;
    for (std::size_t begin = 0; begin < text.size(); ++id) {
        if (id >= kMostPieces)
            return fail(make_error(ErrorKind::Corrupt, "the vocabulary has more than {} lines", kMostPieces).in_file(file));
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string piece = text.substr(begin, end - begin);
        if (piece.ends_with('\r')) piece.pop_back();
        vocabulary[piece] = id;
        begin = end + 1;
    }
    return vocabulary;
}

json special_token(const std::string& content, const json& id) {
    return {{"id", id}, {"content", content}, {"special", true}, {"normalized", false}};
}

/// What a tokenizer.json of BERT would say.
json content_of(const json& vocabulary, const json& config) {
    const auto name = [&](const char* role, const char* fallback) {
        const std::string given = config.contains(role) ? token_content(config[role]) : std::string();
        return given.empty() ? std::string(fallback) : given;
    };
    const std::string unknown = name("unk_token", "[UNK]"), first = name("cls_token", "[CLS]"), last = name("sep_token", "[SEP]");
    json added = json::array();
    for (const std::string& content : {name("pad_token", "[PAD]"), unknown, first, last, name("mask_token", "[MASK]")}) {
        if (vocabulary.contains(content)) added.push_back(special_token(content, vocabulary[content]));
    }
    json content = {
        {"normalizer", {{"type", "BertNormalizer"}, {"clean_text", true},
                        {"handle_chinese_chars", config.value("tokenize_chinese_chars", true)},
                        {"lowercase", config.value("do_lower_case", true)},
                        {"strip_accents", config.value("strip_accents", json())}}},
        {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
        {"model", {{"type", "WordPiece"}, {"vocab", vocabulary}, {"unk_token", unknown}}},
        {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}}},
        {"added_tokens", added}};
    if (vocabulary.contains(first) && vocabulary.contains(last)) {
        content["post_processor"] = {{"type", "BertProcessing"},
                                     {"cls", json::array({first, vocabulary[first]})},
                                     {"sep", json::array({last, vocabulary[last]})}};
    }
    return content;
}

bool can_open(const std::string& path) {
    const TokenizerJsonKind kind = tokenizer_json_kind(path);
    return kind == TokenizerJsonKind::WordPiece || (kind == TokenizerJsonKind::None && !vocab_txt(path).empty());
}

Result<TokenizerPtr> open(const std::string& path) {
    const std::string file = tokenizer_json_path(path);
    if (!file.empty()) return open_tokenizer_json(file, kId);
    const std::string vocabulary_file = vocab_txt(path);
    HEADLIGHT_TRY(const json vocabulary, read_vocabulary(vocabulary_file));
    const json config = read_tokenizer_settings(tokenizer_folder(vocabulary_file));
    try {
        return make_json_tokenizer(content_of(vocabulary, config), config, vocabulary_file, kId);
    } catch (const json::exception& problem) {
        return fail(make_error(ErrorKind::Corrupt, "tokenizer_config.json is malformed: {}", problem.what())
                        .in_file(tokenizer_folder(vocabulary_file) + "/tokenizer_config.json"));
    }
}

}  // namespace

extern const TokenizerFamily k_tokenizer_word_piece;
const TokenizerFamily k_tokenizer_word_piece = {kId, "WordPiece (BERT)", "tokenizer.json (WordPiece); vocab.txt", can_open, open};

}  // namespace headlight
