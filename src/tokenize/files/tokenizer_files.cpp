#include "tokenize/files/tokenizer_files.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/mapped_file.h"
#include "io/json_file.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

// Names in order of preference; a name with a star stands for all files of that ending, in alphabetical
// order.
constexpr const char* kCandidates[] = {"tokenizer.json", "tokenizer.model",
                                       "spiece.model",   "sentencepiece.bpe.model",
                                       "spm.model",      "sentencepiece.model",
                                       "tiktoken.model", "*.tiktoken",
                                       "source.spm",     "vocab.json",
                                       "vocab.txt",      "characters.json",
                                       "meta.pkl",       "*.gguf",
                                       "target.spm",     "tokenizer_config.json",
                                       "config.json"};
constexpr std::size_t kMostFiles = 10000;  // of a folder that are looked at

struct NamedKind {
    std::string_view type;
    TokenizerJsonKind kind;
};

// The first of these that a file names says what it is.
constexpr NamedKind kNamedKinds[] = {{"WordPiece", TokenizerJsonKind::WordPiece},
                                     {"Unigram", TokenizerJsonKind::Unigram},
                                     {"WordLevel", TokenizerJsonKind::WordLevel},
                                     {"ByteLevel", TokenizerJsonKind::ByteLevelBpe},
                                     {"BPE", TokenizerJsonKind::ByteFallbackBpe}};

/// What the values of "type": "..." in the text say, with any white space after the colon. One pass: the
/// files are long, and each family asks.
TokenizerJsonKind kind_named_in(std::string_view text) {
    constexpr std::string_view kKey = "\"type\"";
    std::size_t best = std::size(kNamedKinds);
    while (const void* found = ::memmem(text.data(), text.size(), kKey.data(), kKey.size())) {
        const auto* const key = static_cast<const char*>(found);
        text.remove_prefix(static_cast<std::size_t>(key - text.data()) + kKey.size());
        const std::size_t begin = text.find_first_not_of(" :\n");
        if (begin == std::string_view::npos || text[begin] != '"') continue;
        const std::string_view value = text.substr(begin + 1);
        for (std::size_t i = 0; i < best; ++i) {
            const std::string_view type = kNamedKinds[i].type;
            if (value.starts_with(type) && value.substr(type.size()).starts_with('"')) best = i;
        }
    }
    return best < std::size(kNamedKinds) ? kNamedKinds[best].kind : TokenizerJsonKind::Other;
}

}  // namespace

std::string tokenizer_folder(const std::string& path) {
    std::error_code code;
    return fs::is_directory(path, code) ? path : fs::path(path).parent_path().string();
}

std::vector<std::string> tokenizer_candidates(const std::string& folder) {
    std::vector<std::string> names, found;
    std::error_code code;
    for (fs::directory_iterator entry(folder, code), end; !code && entry != end && names.size() < kMostFiles;
         entry.increment(code))
        names.push_back(entry->path().filename().string());
    std::sort(names.begin(), names.end());
    for (const std::string_view wanted : kCandidates) {
        for (const std::string& name : names) {
            const bool is_it = wanted.starts_with('*') ? name.ends_with(wanted.substr(1)) : name == wanted;
            const std::string file = (fs::path(folder) / name).string();
            if (is_it && is_regular_file(file)) found.push_back(file);
        }
    }
    return found;
}

bool is_regular_file(const std::string& path) {
    std::error_code code;
    return fs::is_regular_file(path, code);
}

std::string tokenizer_json_path(const std::string& path) {
    std::error_code code;
    if (fs::is_directory(path, code)) {
        const std::string file = (fs::path(path) / "tokenizer.json").string();
        return is_regular_file(file) ? file : std::string();
    }
    const fs::path name = fs::path(path).filename();
    const bool is_other = name == "vocab.json" || name == "characters.json" ||
                          name == "tokenizer_config.json" || name == "config.json";
    return name.extension() == ".json" && !is_other && is_regular_file(path) ? path : std::string();
}

TokenizerJsonKind tokenizer_json_kind(const std::string& path) {
    const std::string file = tokenizer_json_path(path);
    if (file.empty()) return TokenizerJsonKind::None;
    const auto mapped = MappedFile::open(file);
    if (!mapped) return TokenizerJsonKind::Other;
    const auto bytes = (*mapped)->bytes();
    return kind_named_in({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool has_tokenizer_settings(const std::string& folder) {
    constexpr const char* kNames[] = {"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
                                      "config.json"};
    std::error_code code;
    return std::any_of(std::begin(kNames), std::end(kNames),
                       [&](const char* name) { return fs::exists(fs::path(folder) / name, code); });
}

std::string token_content(const nlohmann::json& entry) {
    if (entry.is_string()) return entry.get<std::string>();
    const auto content = entry.is_object() ? entry.find("content") : entry.end();
    return content != entry.end() && content->is_string() ? content->get<std::string>() : std::string();
}

Error describe_missing_tokenizer(const std::string& path) {
    const std::string file = tokenizer_json_path(path);
    if (!file.empty()) {
        const auto parsed = read_json_file(file);
        if (!parsed) return parsed.error();
        const nlohmann::json model =
            parsed->is_object() ? parsed->value("model", nlohmann::json()) : nlohmann::json();
        if (!model.is_object()) {
            return make_error(ErrorKind::Corrupt, "this is JSON, but no tokenizer: it has no object 'model'")
                .in_file(file);
        }
        const bool has_name = model.contains("type") && model["type"].is_string();
        const std::string name = has_name ? model["type"].get<std::string>() : "unnamed";
        return make_error(
                   ErrorKind::Unsupported,
                   "the tokenizer's model is of type '{}'; supported are BPE, WordPiece, Unigram and "
                   "WordLevel, SentencePiece .model files, vocab.json + merges.txt, vocab.txt, .tiktoken, "
                   "source.spm + vocab.json, and characters.json",
                   name.substr(0, 60))
            .in_file(file);
    }
    return make_error(ErrorKind::Missing,
                      "no tokenizer found. Looked for tokenizer.json, tokenizer.model, spiece.model, "
                      "sentencepiece.bpe.model, spm.model, sentencepiece.model, *.tiktoken, source.spm, "
                      "vocab.json + merges.txt, "
                      "vocab.txt, characters.json, meta.pkl of nanoGPT, and *.gguf")
        .in_file(path);
}

}  // namespace headlight
