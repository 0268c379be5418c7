// Tokenizer families behind one interface. Immutable after opening; safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/token.h"

namespace headlight {

class Tokenizer {
  public:
    virtual ~Tokenizer() = default;

    /// Registry id ("byte_level_bpe") and the file it was read from.
    virtual std::string family() const = 0;
    virtual std::string source() const = 0;
    /// Ids run from 0 to vocab_size() - 1 (added tokens included).
    virtual int vocab_size() const = 0;

    /// Ids, pieces, display forms and byte spans of a text. `text` may hold invalid UTF-8 (replaced by U+FFFD
    /// as the reference does; spans still point into the bytes given). Special tokens (BOS ...) are added as
    /// the tokenizer's files say unless `add_special` is false. Never fails: every text has tokens, the empty
    /// one maybe none.
    virtual TokenizedText encode(std::string_view text, bool add_special = true) const = 0;

    /// encode(), where a text may hold what the tokenizer cannot take: characters that have no token while
    /// none stands for the unknown, or a stretch in which one of its patterns goes back and forth too long;
    /// encode() gives no tokens there. Errors: InvalidInput, Unsupported.
    virtual Result<TokenizedText> try_encode(std::string_view text, bool add_special = true) const {
        return encode(text, add_special);
    }

    /// Do the files say how two texts are read together, with tokens between them?
    virtual bool has_pair_form() const { return false; }
    /// Two texts as one, with the segments and special tokens of the files: TokenizedText::second_token says
    /// where the second begins. Errors: as try_encode(); Unsupported where there is no form for two.
    virtual Result<TokenizedText> encode_pair(std::string_view first, std::string_view second,
                                              bool add_special = true) const;

    /// The token of an id: piece, display, special flag. Errors: InvalidInput when out of range.
    virtual Result<Token> token(std::int32_t id) const = 0;

    /// Tokens for given ids, with text and spans made by decoding.
    virtual Result<TokenizedText> from_ids(std::span<const std::int32_t> ids) const;

    /// Id of BOS (or the document token that this model starts with), -1 if it has none.
    virtual std::int32_t bos_id() const = 0;
    /// Id that ends a text or separates two ("</s>", "<|endoftext|>", "[SEP]"), -1 if there is none.
    virtual std::int32_t eos_id() const { return -1; }
    /// Id that a masked model predicts ("[MASK]", "<mask>"), -1 if there is none.
    virtual std::int32_t mask_id() const { return -1; }
    /// Texts of the tokens that have a role, by its name in settings ("bos_token"), as chat templates are
    /// given them.
    virtual std::map<std::string, std::string> special_tokens() const { return {}; }
};

using TokenizerPtr = std::shared_ptr<const Tokenizer>;

struct TokenizerFamily {
    const char* id;
    const char* label;
    const char* files;  // "tokenizer.json (BPE, byte-level); vocab.json + merges.txt"
    /// Can it take this file? Cheap, never fails.
    bool (*can_open)(const std::string& path);
    Result<TokenizerPtr> (*open)(const std::string& path);
    /// As a folder's tokenizer, where that differs from the file named for itself; null: it does not.
    Result<TokenizerPtr> (*open_of_folder)(const std::string& path) = nullptr;
};

std::span<const TokenizerFamily* const> tokenizer_families();

/// One of the tokenizers that a folder holds.
struct TokenizerChoice {
    std::string family;  // registry id
    std::string file;    // open_tokenizer() takes it
    std::string label;   // "tokenizer.json: Byte-level BPE"
    bool is_default = false;
};

/// Tokenizers of a folder (or of the folder that a file lies in), in the order of preference of the
/// reference: tokenizer.json, then SentencePiece or ranked bytes, then vocabulary files; the first is the
/// default. Looks at names and first bytes only, so one that is listed may still turn out to be broken.
/// `path` may be a name in the Hugging Face cache.
std::vector<TokenizerChoice> list_tokenizers(const std::string& path);

/// The tokenizer that the reference would use for a checkpoint folder (or beside a file of weights), or the
/// one in a given file as the settings beside it say; a SentencePiece model without any is that model and
/// nothing else. `path` may also be a name in the Hugging Face cache. Errors: Missing (no tokenizer; says
/// which files were looked for), Corrupt, Unsupported.
Result<TokenizerPtr> open_tokenizer(const std::string& path);

}  // namespace headlight
