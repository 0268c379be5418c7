// One token for each character of a vocabulary file:
//   characters.json = {"type": "characters", "vocab": ["<unk>", "<s>", "a", "b", ...], "unk": "<unk>", "bos":
//   "<s>"}
// The id is the place in the list. Entries are single characters, except those that "unk" and "bos" name. A
// character that is not in the list becomes "unk", so "unk" must be there; "bos" may be left out.
//   meta.pkl = {"vocab_size": n, "itos": {0: "a", ...}, "stoi": {"a": 0, ...}}, as nanoGPT writes it, is the
// same list without "unk": a text with another character has no tokens. Read as data, never run.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/mapped_file.h"
#include "base/utf8.h"
#include "io/json_file.h"
#include "io/torch/pickle.h"
#include "tokenize/files/tokenizer_files.h"
#include "tokenize/text/clean_text.h"
#include "tokenize/text/display_form.h"
#include "tokenize/tokenizer.h"
#include "tokenize/words/word_model.h"

namespace headlight {
namespace {

constexpr const char* kId = "characters";
constexpr const char* kFileName = "characters.json";
constexpr const char* kPickleName = "meta.pkl";

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
        auto tokens = try_encode(text, add_special);
        return tokens ? *std::move(tokens) : TokenizedText{{std::string(text)}};
    }

    Result<TokenizedText> try_encode(std::string_view text, bool add_special) const override {
        const CleanText clean(text);
        TokenizedText out;
        out.text = text;
        if (add_special && bos >= 0) out.tokens.push_back(dressed(bos));
        for (std::size_t i = 0; i < clean.text().size();) {
            const std::size_t length = utf8::decode(clean.text(), i).size_bytes;
            const auto found = ids.find(clean.text().substr(i, length));
            if (found == ids.end() && unknown < 0) return fail(unspelled(clean.text().substr(i, length), {}));
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

Result<TokenizerPtr> build(const nlohmann::json& file, const std::string& path, bool may_lack_unknown) {
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
    if (tokenizer->unknown < 0 && !may_lack_unknown) {
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

bool is_named_so(const std::filesystem::path& path) {
    return path.filename() == kFileName || path.filename() == kPickleName;
}

std::string file_of(const std::string& path) {
    if (is_named_so(path)) return path;
    const std::filesystem::path folder = tokenizer_folder(path);
    const std::string json = (folder / kFileName).string();
    return is_regular_file(json) ? json : (folder / kPickleName).string();
}

/// {"itos": {0: "a", ...}} as the list that characters.json would hold.
Result<nlohmann::json> read_meta(const std::string& path) {
    HEADLIGHT_TRY(const auto file, MappedFile::open(path));
    HEADLIGHT_TRY(const PickleTree tree, read_pickle(file->bytes(), path, 0));
    HEADLIGHT_CHECK(file->check_unchanged());
    const PickleNode* names = tree.find(tree[tree.root], "itos");
    const bool is_dict = names != nullptr && names->kind == PickleKind::Dict;
    std::vector<std::string> vocab(is_dict ? names->items.size() / 2 : 0);
    for (std::size_t i = 0; i < vocab.size(); ++i) {
        const PickleNode &id = tree[names->items[2 * i]], &text = tree[names->items[2 * i + 1]];
        const bool is_entry = id.kind == PickleKind::Int && text.kind == PickleKind::Text && id.number >= 0 &&
                              id.number < std::ssize(vocab);
        if (is_entry) vocab[static_cast<std::size_t>(id.number)] = text.text;
    }
    if (vocab.empty()) {
        return fail(ErrorKind::Unsupported,
                    "expected nanoGPT's dict with 'itos': {{0: \"a\", 1: \"b\", ...}}; write the characters "
                    "as characters.json beside the weights");
    }
    return nlohmann::json{{"type", "characters"}, {"vocab", std::move(vocab)}};
}

bool can_open(const std::string& path) {
    std::error_code code;
    const bool is_named = is_named_so(path);
    return (is_named || std::filesystem::is_directory(path, code)) && is_regular_file(file_of(path));
}

Result<TokenizerPtr> open(const std::string& path) {
    const std::string file = file_of(path);
    const bool is_pickle = file.ends_with(kPickleName);
    auto parsed = is_pickle ? read_meta(file) : read_json_file(file);
    if (!parsed) return fail(std::move(parsed).error().in_file(file));
    auto opened = build(*parsed, file, is_pickle);
    if (!opened) return fail(std::move(opened).error().in_file(file));
    return opened;
}

}  // namespace

extern const TokenizerFamily k_tokenizer_characters = {
    kId, "Characters", "characters.json; meta.pkl of nanoGPT", can_open, open};

}  // namespace headlight
