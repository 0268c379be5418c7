// The tokenizer inside a GGUF file: its metadata is turned into what a tokenizer.json would say.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "io/gguf/gguf_file.h"
#include "tokenize/files/tokenizer_files.h"
#include "tokenize/files/tokenizer_json.h"
#include "tokenize/text/word_patterns.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr const char* kId = "gguf";
constexpr std::size_t kLongestPiece = 1024;  // bytes; longer ones have no merges

enum TokenType { kUnknown = 2, kControl = 3, kUserDefined = 4 };

/// Lists of the metadata, checked.
struct Vocabulary {
    json pieces;                 // texts
    std::vector<int> types;      // per piece; 1 where none is given
    std::vector<double> scores;  // per piece, empty if none are given
};

Error malformed(const std::string& file, const std::string& what) {
    return make_error(ErrorKind::Corrupt, "the tokenizer of the GGUF file is malformed: {}", what)
        .in_file(file);
}

Result<Vocabulary> read_vocabulary(const json& metadata, const std::string& file) {
    Vocabulary vocabulary;
    vocabulary.pieces = metadata.value("tokenizer.ggml.tokens", json());
    const bool is_list = vocabulary.pieces.is_array() && !vocabulary.pieces.empty() &&
                         std::all_of(vocabulary.pieces.begin(), vocabulary.pieces.end(),
                                     [](const json& piece) { return piece.is_string(); });
    if (!is_list) return fail(malformed(file, "tokenizer.ggml.tokens is no list of texts"));
    const std::size_t count = vocabulary.pieces.size();
    vocabulary.types.assign(count, 1);
    const json types = metadata.value("tokenizer.ggml.token_type", json::array());
    const json scores = metadata.value("tokenizer.ggml.scores", json::array());
    for (const json* list : {&types, &scores}) {
        const bool fits =
            list->is_array() && (list->empty() || list->size() == count) &&
            std::all_of(list->begin(), list->end(), [](const json& item) { return item.is_number(); });
        if (!fits) return fail(malformed(file, "token types or scores are not one number for each token"));
    }
    for (std::size_t i = 0; i < types.size(); ++i)
        vocabulary.types[i] = types[i].get<int>();
    for (const json& score : scores)
        vocabulary.scores.push_back(score.get<double>());
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

json vocabulary_object(const Vocabulary& vocabulary) {
    json object = json::object();
    // Of two tokens of one text the first counts.
    for (std::size_t id = 0; id < vocabulary.types.size(); ++id)
        object.emplace(vocabulary.pieces[id].get<std::string>(), id);
    return object;
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
    const std::string name = vocabulary.pieces[static_cast<std::size_t>(bos)].get<std::string>();
    const json first = {{"SpecialToken", {{"id", name}, {"type_id", 0}}}};
    const json text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
    return {{"type", "TemplateProcessing"},
            {"single", json::array({first, text})},
            {"pair", json::array({first, text})},
            {"special_tokens",
             {{name, {{"id", name}, {"ids", json::array({bos})}, {"tokens", json::array({name})}}}}}};
}

Result<json> byte_level_content(const json& metadata, const Vocabulary& vocabulary, const std::string& file) {
    const auto name = metadata.value("tokenizer.ggml.pre", std::string("(not given)"));
    const json words = pre_tokenizer_of(name);
    if (words.is_null()) {
        return fail(make_error(ErrorKind::Unsupported,
                               "the GGUF file cuts words the way '{}', which is not known here; put "
                               "the model's tokenizer.json beside the file and name it with --tokenizer",
                               name.substr(0, 60))
                        .in_file(file));
    }
    const bool is_llama3 = name == "llama-bpe" || name == "llama3" || name == "smaug-bpe";
    const json model = {{"type", "BPE"},
                        {"vocab", vocabulary_object(vocabulary)},
                        {"ignore_merges", is_llama3},
                        {"merges", metadata.value("tokenizer.ggml.merges", json::array())}};
    return json{{"pre_tokenizer", words},
                {"model", model},
                {"decoder", byte_level(true)},
                {"post_processor", post_processor(metadata, vocabulary, false)},
                {"added_tokens", added_tokens(vocabulary)}};
}

/// Merges of a SentencePiece BPE vocabulary: every piece out of two others, the best score first.
json merges_by_score(const Vocabulary& vocabulary) {
    struct Merge {
        double score;
        std::size_t left, right;  // ids
        std::string first, second;
    };
    std::unordered_map<std::string, std::size_t> ids;
    for (std::size_t id = 0; id < vocabulary.types.size(); ++id) {
        if (vocabulary.types[id] == 1) ids.emplace(vocabulary.pieces[id].get<std::string>(), id);
    }
    std::vector<Merge> merges;
    for (const auto& [piece, id] : ids) {
        if (piece.size() > kLongestPiece) continue;
        for (std::size_t cut = 1; cut < piece.size(); ++cut) {
            const auto left = ids.find(piece.substr(0, cut)), right = ids.find(piece.substr(cut));
            if (left == ids.end() || right == ids.end()) continue;
            merges.push_back({vocabulary.scores[id], left->second, right->second, left->first, right->first});
        }
    }
    std::sort(merges.begin(), merges.end(), [](const Merge& a, const Merge& b) {
        if (a.score != b.score) return a.score > b.score;
        return std::pair(a.left, a.right) < std::pair(b.left, b.right);
    });
    json list = json::array();
    for (Merge& merge : merges)
        list.push_back(json::array({std::move(merge.first), std::move(merge.second)}));
    return list;
}

Result<json> sentencepiece_content(const json& metadata, const Vocabulary& vocabulary,
                                   const std::string& file) {
    if (vocabulary.scores.empty()) return fail(malformed(file, "a SentencePiece vocabulary without scores"));
    json steps = json::array();
    if (metadata.value("tokenizer.ggml.add_space_prefix", true))
        steps.push_back({{"type", "Prepend"}, {"prepend", "▁"}});
    steps.push_back({{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "▁"}});
    json model = {{"type", "BPE"},
                  {"vocab", vocabulary_object(vocabulary)},
                  {"merges", merges_by_score(vocabulary)},
                  {"byte_fallback", true},
                  {"fuse_unk", true}};
    const auto unknown = metadata.value("tokenizer.ggml.unknown_token_id", std::int64_t{-1});
    if (unknown >= 0 && unknown < static_cast<std::int64_t>(vocabulary.types.size()))
        model["unk_token"] = vocabulary.pieces[static_cast<std::size_t>(unknown)];
    const json decoder = {
        {"type", "Sequence"},
        {"decoders", json::array({{{"type", "Replace"}, {"pattern", {{"String", "▁"}}}, {"content", " "}},
                                  {{"type", "ByteFallback"}},
                                  {{"type", "Fuse"}},
                                  {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}})}};
    return json{{"normalizer", {{"type", "Sequence"}, {"normalizers", steps}}},
                {"model", model},
                {"decoder", decoder},
                {"post_processor", post_processor(metadata, vocabulary, true)},
                {"added_tokens", added_tokens(vocabulary)}};
}

bool can_open(const std::string& path) {
    return gguf_files(path).size() == 1;
}

Result<TokenizerPtr> make(const json& metadata, const std::string& file) {
    HEADLIGHT_TRY(const Vocabulary vocabulary, read_vocabulary(metadata, file));
    const auto kind = metadata.value("tokenizer.ggml.model", std::string("(not given)"));
    json content;
    if (kind == "gpt2") {
        HEADLIGHT_TRY(content, byte_level_content(metadata, vocabulary, file));
    } else if (kind == "llama") {
        HEADLIGHT_TRY(content, sentencepiece_content(metadata, vocabulary, file));
    } else {
        return fail(make_error(ErrorKind::Unsupported,
                               "the GGUF file's tokenizer is of kind '{}'; these are read: gpt2 "
                               "(byte-level BPE), llama (SentencePiece BPE)",
                               kind.substr(0, 60))
                        .in_file(file));
    }
    json config = json::object();
    for (const char* role : {"bos", "eos", "mask"}) {
        const auto id = metadata.value(fmt::format("tokenizer.ggml.{}_token_id", role), std::int64_t{-1});
        if (id >= 0 && id < static_cast<std::int64_t>(vocabulary.types.size()))
            config[fmt::format("{}_token", role)] = vocabulary.pieces[static_cast<std::size_t>(id)];
    }
    return make_json_tokenizer(content, config, file, kId);
}

Result<TokenizerPtr> open(const std::string& path) {
    const std::string file = gguf_files(path).front();
    HEADLIGHT_TRY(const GgufFile gguf, read_gguf(file));
    try {
        return make(gguf.metadata, file);
    } catch (const json::exception& problem) {  // a value of another type than the format says
        return fail(malformed(file, problem.what()));
    }
}

}  // namespace

extern const TokenizerFamily k_tokenizer_gguf = {kId, "the tokenizer of a GGUF file (BPE)", "*.gguf",
                                                 can_open, open};

}  // namespace headlight
