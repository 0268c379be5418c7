// The tokenizer inside a GGUF file: its metadata is turned into what a tokenizer.json would say.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "io/gguf/gguf_file.h"
#include "tokenize/files/tokenizer_files.h"
#include "tokenize/files/tokenizer_json.h"
#include "tokenize/text/word_patterns.h"
#include "tokenize/words/bpe_model.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr const char* kId = "gguf";
constexpr std::size_t kLongestPiece = 1024;  // bytes; longer ones have no merges

enum TokenType { kUnknown = 2, kControl = 3, kUserDefined = 4 };

/// Lists of the metadata, checked.
struct Vocabulary {
    std::vector<std::string_view> pieces;  // of the file
    std::vector<int> types;                // per piece; 1 where none is given
    std::vector<double> scores;            // per piece, empty if none are given
};

/// All that becomes a tokenizer: the content of a tokenizer.json around a model of words.
struct GgufContent {
    json steps;
    std::shared_ptr<const WordModel> model;
};

Error malformed(const std::string& file, const std::string& what) {
    return make_error(ErrorKind::Corrupt, "the tokenizer of the GGUF file is malformed: {}", what)
        .in_file(file);
}

/// One number for each of `count` tokens, or none. Errors: Corrupt.
template <class Number>
Status read_numbers(const GgufFile& gguf, const char* key, std::size_t count, std::vector<Number>& out) {
    const auto list = gguf.metadata.find(key);
    if (list == gguf.metadata.end() && gguf.find_texts(key) == nullptr) return {};
    const bool fits =
        list != gguf.metadata.end() && list->is_array() && (list->empty() || list->size() == count) &&
        std::all_of(list->begin(), list->end(), [](const json& item) { return item.is_number(); });
    if (!fits)
        return fail(malformed(gguf.file->path(), "token types or scores are not one number for each token"));
    if (list->empty()) return {};
    out.clear();
    for (const json& item : *list)
        out.push_back(item.get<Number>());
    return {};
}

Result<Vocabulary> read_vocabulary(const GgufFile& gguf) {
    const auto* const pieces = gguf.find_texts("tokenizer.ggml.tokens");
    if (pieces == nullptr || pieces->empty())
        return fail(malformed(gguf.file->path(), "tokenizer.ggml.tokens is no list of texts"));
    Vocabulary vocabulary;
    vocabulary.pieces = *pieces;
    vocabulary.types.assign(pieces->size(), 1);
    HEADLIGHT_CHECK(read_numbers(gguf, "tokenizer.ggml.token_type", pieces->size(), vocabulary.types));
    HEADLIGHT_CHECK(read_numbers(gguf, "tokenizer.ggml.scores", pieces->size(), vocabulary.scores));
    return vocabulary;
}

json added_tokens(const Vocabulary& vocabulary) {
    json added = json::array();
    for (std::size_t id = 0; id < vocabulary.types.size(); ++id) {
        const int type = vocabulary.types[id];
        if (type != kControl && type != kUserDefined && type != kUnknown) continue;
        added.push_back({{"id", id},
                         {"content", vocabulary.pieces[id]},
                         {"special", type != kUserDefined},
                         {"normalized", false},
                         {"single_word", false},
                         {"lstrip", false},
                         {"rstrip", false}});
    }
    return added;
}

/// Of two tokens of one text the first counts.
BpeModel::Vocabulary ids_by_piece(const Vocabulary& vocabulary) {
    BpeModel::Vocabulary ids;
    ids.reserve(vocabulary.pieces.size());
    for (std::size_t id = 0; id < vocabulary.pieces.size(); ++id)
        ids.emplace(vocabulary.pieces[id], static_cast<std::int32_t>(id));
    return ids;
}

Result<std::shared_ptr<const WordModel>> make_model(const GgufFile& gguf, const Vocabulary& vocabulary,
                                                    std::span<const BpeModel::Pair> merges,
                                                    BpeModel::Options options) {
    auto model = BpeModel::create(ids_by_piece(vocabulary), merges, std::move(options));
    if (!model) return fail(std::move(model).error().in_file(gguf.file->path()));
    return std::make_shared<const BpeModel>(*std::move(model));
}

/// "left right", as merges.txt has them. Errors: Corrupt.
Result<std::vector<BpeModel::Pair>> listed_merges(const GgufFile& gguf) {
    std::vector<BpeModel::Pair> merges;
    const auto* const list = gguf.find_texts("tokenizer.ggml.merges");
    if (list == nullptr) return merges;
    merges.reserve(list->size());
    for (const std::string_view text : *list) {
        auto pair = BpeModel::pair_of(text);
        if (!pair) {
            return fail(malformed(gguf.file->path(),
                                  fmt::format("merge {} is '{}', expected two pieces with a space between",
                                              merges.size(), text.substr(0, 60))));
        }
        merges.push_back(*std::move(pair));
    }
    return merges;
}

json split_words(const char* pattern) {
    return {
        {"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
}

json byte_level(bool has_words) {
    return {
        {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", has_words}};
}

/// How texts are cut into words, by the name that llama.cpp gives it; null for an unknown one.
json pre_tokenizer_of(const std::string& name) {
    const json digits = {{"type", "Digits"}, {"individual_digits", true}};
    const auto sequence = [](json first, json second) {
        return json{{"type", "Sequence"},
                    {"pretokenizers", json::array({std::move(first), std::move(second)})}};
    };
    const auto is_one_of = [&name](std::initializer_list<const char*> names) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (is_one_of({"gpt-2", "phi-2", "mpt", "olmo", "jais", "dbrx", "roberta-bpe"})) return byte_level(true);
    if (is_one_of({"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"}))
        return sequence(digits, byte_level(true));
    if (name == "gpt-4o" || name == "llama4") return sequence(split_words(kGpt4oWords), byte_level(false));
    if (name == "llama-bpe" || name == "llama3" || name == "smaug-bpe")
        return sequence(split_words(kGpt4Words), byte_level(false));
    if (is_one_of({"qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan", "megrez"}))
        return sequence(split_words(kQwenWords), byte_level(false));
    return nullptr;
}

/// BOS in front where the file says so.
json post_processor(const json& metadata, const Vocabulary& vocabulary, bool adds_bos_by_default) {
    const auto bos = metadata.value("tokenizer.ggml.bos_token_id", std::int64_t{-1});
    const bool adds_bos = metadata.value("tokenizer.ggml.add_bos_token", adds_bos_by_default);
    if (!adds_bos || bos < 0 || bos >= static_cast<std::int64_t>(vocabulary.types.size())) return nullptr;
    const std::string name(vocabulary.pieces[static_cast<std::size_t>(bos)]);
    const json first = {{"SpecialToken", {{"id", name}, {"type_id", 0}}}};
    const json text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
    return {{"type", "TemplateProcessing"},
            {"single", json::array({first, text})},
            {"pair", json::array({first, text})},
            {"special_tokens",
             {{name, {{"id", name}, {"ids", json::array({bos})}, {"tokens", json::array({name})}}}}}};
}

Result<GgufContent> byte_level_content(const GgufFile& gguf, const Vocabulary& vocabulary) {
    const json& metadata = gguf.metadata;
    const auto name = metadata.value("tokenizer.ggml.pre", std::string("(not given)"));
    const json words = pre_tokenizer_of(name);
    if (words.is_null()) {
        return fail(make_error(ErrorKind::Unsupported,
                               "the GGUF file cuts words the way '{}', which is not known here; put "
                               "the model's tokenizer.json beside the file and name it with --tokenizer",
                               name.substr(0, 60))
                        .in_file(gguf.file->path()));
    }
    HEADLIGHT_TRY(const std::vector<BpeModel::Pair> merges, listed_merges(gguf));
    BpeModel::Options options;
    options.is_byte_level = true;
    options.ignores_merges = name == "llama-bpe" || name == "llama3" || name == "smaug-bpe";
    GgufContent content;
    HEADLIGHT_TRY(content.model, make_model(gguf, vocabulary, merges, std::move(options)));
    content.steps = {{"pre_tokenizer", words},
                     {"decoder", byte_level(true)},
                     {"post_processor", post_processor(metadata, vocabulary, false)},
                     {"added_tokens", added_tokens(vocabulary)}};
    return content;
}

/// Merges of a SentencePiece BPE vocabulary: every piece out of two others, the best score first.
std::vector<BpeModel::Pair> merges_by_score(const Vocabulary& vocabulary) {
    struct Merge {
        double score;
        std::size_t left, right;  // ids
    };
    std::unordered_map<std::string_view, std::size_t> ids;
    ids.reserve(vocabulary.pieces.size());
    for (std::size_t id = 0; id < vocabulary.types.size(); ++id) {
        if (vocabulary.types[id] == 1) ids.emplace(vocabulary.pieces[id], id);
    }
    std::vector<Merge> merges;
    for (const auto& [piece, id] : ids) {
        if (piece.size() > kLongestPiece) continue;
        for (std::size_t cut = 1; cut < piece.size(); ++cut) {
            const auto left = ids.find(piece.substr(0, cut)), right = ids.find(piece.substr(cut));
            if (left == ids.end() || right == ids.end()) continue;
            merges.push_back({vocabulary.scores[id], left->second, right->second});
        }
    }
    std::sort(merges.begin(), merges.end(), [](const Merge& a, const Merge& b) {
        if (a.score != b.score) return a.score > b.score;
        return std::pair(a.left, a.right) < std::pair(b.left, b.right);
    });
    std::vector<BpeModel::Pair> pairs;
    pairs.reserve(merges.size());
    for (const Merge& merge : merges)
        pairs.emplace_back(vocabulary.pieces[merge.left], vocabulary.pieces[merge.right]);
    return pairs;
}

Result<GgufContent> sentencepiece_content(const GgufFile& gguf, const Vocabulary& vocabulary) {
    const json& metadata = gguf.metadata;
    if (vocabulary.scores.empty())
        return fail(malformed(gguf.file->path(), "a SentencePiece vocabulary without scores"));
    json steps = json::array();
    if (metadata.value("tokenizer.ggml.add_space_prefix", true))
        steps.push_back({{"type", "Prepend"}, {"prepend", "▁"}});
    steps.push_back({{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "▁"}});
    BpeModel::Options options;
    options.has_byte_fallback = options.fuses_unknown = true;
    const auto unknown = metadata.value("tokenizer.ggml.unknown_token_id", std::int64_t{-1});
    if (unknown >= 0 && unknown < static_cast<std::int64_t>(vocabulary.types.size()))
        options.unknown = vocabulary.pieces[static_cast<std::size_t>(unknown)];
    GgufContent content;
    HEADLIGHT_TRY(content.model,
                  make_model(gguf, vocabulary, merges_by_score(vocabulary), std::move(options)));
    const json decoder = {
        {"type", "Sequence"},
        {"decoders", json::array({{{"type", "Replace"}, {"pattern", {{"String", "▁"}}}, {"content", " "}},
                                  {{"type", "ByteFallback"}},
                                  {{"type", "Fuse"}},
                                  {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}})}};
    content.steps = {{"normalizer", {{"type", "Sequence"}, {"normalizers", steps}}},
                     {"decoder", decoder},
                     {"post_processor", post_processor(metadata, vocabulary, true)},
                     {"added_tokens", added_tokens(vocabulary)}};
    return content;
}

bool can_open(const std::string& path) {
    return gguf_files(path).size() == 1;
}

Result<TokenizerPtr> make(const GgufFile& gguf) {
    HEADLIGHT_TRY(const Vocabulary vocabulary, read_vocabulary(gguf));
    const auto kind = gguf.metadata.value("tokenizer.ggml.model", std::string("(not given)"));
    GgufContent content;
    if (kind == "gpt2") {
        HEADLIGHT_TRY(content, byte_level_content(gguf, vocabulary));
    } else if (kind == "llama") {
        HEADLIGHT_TRY(content, sentencepiece_content(gguf, vocabulary));
    } else {
        return fail(make_error(ErrorKind::Unsupported,
                               "the GGUF file's tokenizer is of kind '{}'; these are read: gpt2 "
                               "(byte-level BPE), llama (SentencePiece BPE)",
                               kind.substr(0, 60))
                        .in_file(gguf.file->path()));
    }
    json config = json::object();
    for (const char* role : {"bos", "eos", "mask"}) {
        const auto id =
            gguf.metadata.value(fmt::format("tokenizer.ggml.{}_token_id", role), std::int64_t{-1});
        if (id >= 0 && id < static_cast<std::int64_t>(vocabulary.types.size()))
            config[fmt::format("{}_token", role)] = vocabulary.pieces[static_cast<std::size_t>(id)];
    }
    return make_json_tokenizer(content.steps, config, gguf.file->path(), kId, std::move(content.model));
}

Result<TokenizerPtr> open(const std::string& path) {
    const std::string file = gguf_files(path).front();
    HEADLIGHT_TRY(const GgufFile gguf, read_gguf(file));
    try {
        auto made = make(gguf);
        HEADLIGHT_CHECK(gguf.file->check_unchanged());
        return made;
    } catch (const json::exception& problem) {  // a value of another type than the format says
        return fail(malformed(file, problem.what()));
    }
}

}  // namespace

extern const TokenizerFamily k_tokenizer_gguf = {kId, "the tokenizer of a GGUF file (BPE)", "*.gguf",
                                                 can_open, open};

}  // namespace headlight
