// One token for each character of a vocabulary file:
//   characters.json = {"type": "characters", "vocab": ["<unk>", "<s>", "a", "b", ...], "unk": "<unk>", "bos":
//   "<s>"}
// The id is the place in the list. Entries are single characters, except those that "unk" and "bos" name. A
// character that is not in the list becomes "unk", so "unk" must be there; "bos" may be left out.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/utf8.h"
#include "io/json_file.h"
#include "tokenize/files/tokenizer_files.h"
#include "tokenize/text/clean_text.h"
#include "tokenize/text/display_form.h"
#include "tokenize/tokenizer.h"

namespace headlight {
namespace {

constexpr const char* kId = "characters";
constexpr const char* kFileName = "characters.json";

class CharacterTokenizer final : public Tokenizer {
  public:
    std::string source_file;
    std::vector<std::string> vocab;  // [id]
    std::unordered_map<std::string, std::int32_t> ids;
    std::int32_t unknown = -1, bos = -1;

    std::string family() const override { return kId; }
    std::string source() const override { return source_file; }
    int vocab_size() const override { return static_cast<int>(vocab.size()); }
    std::int32_t bos_id() const override { return bos; }

    Result<Token> token(std::int32_t id) const override {
        if (id < 0 || id >= vocab_size()) {
            return fail(ErrorKind::InvalidInput,
                        "token id {} is out of range: the vocabulary has ids 0 to {}", id, vocab_size() - 1);
        }
        return dressed(id);
    }

    TokenizedText encode(std::string_view text, bool add_special) const override {
        const CleanText clean(text);
        TokenizedText out;
        out.text = text;
        if (add_special && bos >= 0) out.tokens.push_back(dressed(bos));
        for (std::size_t i = 0; i < clean.text().size();) {
            const std::size_t length = utf8::decode(clean.text(), i).size_bytes;
            const auto found = ids.find(clean.text().substr(i, length));
            Token token = dressed(found != ids.end() ? found->second : unknown);
            token.byte_begin = clean.given_offset(i);
            token.byte_end = clean.given_offset(i + length);
            out.tokens.push_back(std::move(token));
            i += length;
        }
        return out;
    }

  private:
    Token dressed(std::int32_t id) const {
        const std::string& piece = vocab[static_cast<std::size_t>(id)];
        return {id, piece, display_form(piece), 0, 0, id == bos};
    }
};

// Index of the entry that `key` names; -1 if the key is absent.
Result<std::int32_t> named_entry(const nlohmann::json& file, const char* key,
                                 const CharacterTokenizer& tokenizer) {
    if (!file.contains(key) || file[key].is_null()) return -1;
    const std::string name = file[key].is_string() ? file[key].get<std::string>() : std::string();
    const auto found = tokenizer.ids.find(name);
    if (found != tokenizer.ids.end()) return found->second;
    return fail(ErrorKind::Corrupt, "'{}' names no entry of 'vocab'", key);
}

Result<TokenizerPtr> build(const nlohmann::json& file, const std::string& path) {
    if (!file.is_object() || file.value("type", nlohmann::json()) != "characters" ||
        !file.contains("vocab") || !file["vocab"].is_array()) {
        return fail(ErrorKind::Corrupt,
                    "expected {{\"type\": \"characters\", \"vocab\": [...], \"unk\": ..., \"bos\": ...}}");
    }
    auto tokenizer = std::make_shared<CharacterTokenizer>();
    tokenizer->source_file = path;
    for (const auto& entry : file["vocab"]) {
        const std::string piece = entry.is_string() ? entry.get<std::string>() : std::string();
        const auto id = static_cast<std::int32_t>(tokenizer->vocab.size());
        if (piece.empty() || !tokenizer->ids.emplace(piece, id).second) {
            return fail(ErrorKind::Corrupt, "entry {} of 'vocab' is no character, or stands there twice", id);
        }
        tokenizer->vocab.push_back(piece);
    }
    HEADLIGHT_TRY(tokenizer->unknown, named_entry(file, "unk", *tokenizer));
    HEADLIGHT_TRY(tokenizer->bos, named_entry(file, "bos", *tokenizer));
    if (tokenizer->unknown < 0) {
        return fail(ErrorKind::Unsupported,
                    "'unk' is absent: characters that are not in 'vocab' would have no token");
    }
    for (std::int32_t id = 0; id < tokenizer->vocab_size(); ++id) {
        const std::string& piece = tokenizer->vocab[static_cast<std::size_t>(id)];
        if (id != tokenizer->unknown && id != tokenizer->bos && utf8::count_code_points(piece) != 1) {
            return fail(ErrorKind::Corrupt, "entry {} of 'vocab' is '{}', expected one character", id,
                        piece.substr(0, 60));
        }
    }
    return TokenizerPtr(std::move(tokenizer));
}

std::string file_of(const std::string& path) {
    if (std::filesystem::path(path).filename() == kFileName) return path;
    return (std::filesystem::path(tokenizer_folder(path)) / kFileName).string();
}

bool can_open(const std::string& path) {
    std::error_code code;
    const bool is_named = std::filesystem::path(path).filename() == kFileName;
    return (is_named || std::filesystem::is_directory(path, code)) && is_regular_file(file_of(path));
}

Result<TokenizerPtr> open(const std::string& path) {
    const std::string file = file_of(path);
    HEADLIGHT_TRY(const nlohmann::json parsed, read_json_file(file));
    auto opened = build(parsed, file);
    if (!opened) return fail(std::move(opened).error().in_file(file));
    return opened;
}

}  // namespace

extern const TokenizerFamily k_tokenizer_characters = {kId, "Characters", kFileName, can_open, open};

}  // namespace headlight
