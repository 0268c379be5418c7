#include "tokenize/files/tokenizer_json.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/guard.h"
#include "tokenize/files/tokenizer_files.h"
#include "tokenize/named_ids.h"
#include "tokenize/text/display_form.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr std::size_t kMostAddedBytes = std::size_t{4} << 20;  // each becomes a node of a tree

constexpr const char* kDocumentTokens[] = {
    "<s>", "<bos>", "<|begin_of_text|>", "<|startoftext|>", "<BOS_TOKEN>", "<|endoftext|>"};
constexpr const char* kEndTokens[] = {"</s>",        "<eos>",         "<|end_of_text|>",
                                      "<EOS_TOKEN>", "<|endoftext|>", "[SEP]"};
// Gemma lists a "<mask>" too, as the reference does: whether a model predicts it is for its config to say.
constexpr const char* kMaskTokens[] = {"[MASK]", "<mask>"};

const json& member(const json& object, const char* key) {
    static const json none;
    const auto found = object.find(key);
    return found != object.end() ? *found : none;
}

AddedToken added_token(const json& entry) {
    AddedToken token;
    token.content = entry.value("content", std::string());
    token.is_single_word = entry.value("single_word", false);
    token.strips_left = entry.value("lstrip", false);
    token.strips_right = entry.value("rstrip", false);
    token.is_special = entry.value("special", false);
    token.is_normalized = entry.value("normalized", !token.is_special);
    return token;
}

/// As the reference numbers them: a piece of the vocabulary keeps its id there, the others count on from the
/// number of pieces, whatever ids the list says. What the list says last of a token holds. Behind the first
/// `num_own`, a tokenizer.json's own, all count on from the largest id so far, which may be that of a
/// vocabulary with gaps.
Status read_added_tokens(const json& list, std::size_t num_own, bool splits_special, TokenizerParts& parts) {
    if (list.is_null()) return {};
    if (!list.is_array()) return fail(ErrorKind::Corrupt, "'added_tokens' is no list");
    std::size_t total_bytes = 0;
    std::int32_t next_id = parts.model->num_pieces(), most = -1;
    std::unordered_map<std::string, std::int32_t> ids;
    std::map<std::int32_t, AddedToken> tokens;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const json& entry = list[i];
        if (!entry.is_object()) return fail(ErrorKind::Corrupt, "an entry of 'added_tokens' is no object");
        if (i == num_own) next_id = std::max(next_id, most + 1);
        AddedToken token = added_token(entry);
        total_bytes += token.content.size();
        if (total_bytes > kMostAddedBytes)
            return fail(ErrorKind::Corrupt, "the texts of 'added_tokens' are longer than {} bytes in all",
                        kMostAddedBytes);
        if (token.content.empty()) continue;
        const auto [known, is_new] = ids.emplace(token.content, parts.model->id_of(token.content));
        if (is_new && known->second < 0) known->second = next_id++;
        most = std::max(most, known->second);
        token.id = known->second;
        token.is_split = splits_special && token.is_special;
        tokens.insert_or_assign(token.id, std::move(token));
    }
    for (auto& [id, token] : tokens) {
        std::string matched = token.content;
        if (token.is_normalized) {
            HEADLIGHT_TRY(const AlignedText normalized,
                          parts.normalizer.apply(AlignedText(token.content, 0)));
            matched = normalized.text();
            if (matched.empty()) {
                return fail(ErrorKind::Unsupported,
                            "the normalizer leaves nothing of the added token '{}': the reference would cut "
                            "every text between "
                            "its bytes",
                            display_form(token.content));
            }
        }
        parts.added.add(std::move(token), matched);
    }
    return {};
}

// Decoders of SentencePiece-like files: Replace "▁", ByteFallback, Fuse, Strip; or Metaspace.
void read_decoding(const json& decoder, PieceDecoding& decoding, int depth = 0) {
    if (!decoder.is_object() || depth > 4) return;
    const std::string type = decoder.value("type", std::string());
    if (type == "Sequence" && decoder.contains("decoders") && decoder["decoders"].is_array()) {
        for (const json& part : decoder["decoders"])
            read_decoding(part, decoding, depth + 1);
    } else if (type == "Metaspace") {
        decoding.has_space_marks = true;
        const std::string fallback = decoder.value("add_prefix_space", true) ? "always" : "never";
        decoding.strips_first_space = decoder.value("prepend_scheme", fallback) != "never";
    } else if (type == "ByteLevel") {
        decoding.is_byte_alphabet = true;
    } else if (type == "WordPiece") {
        decoding.continuing_prefix = decoder.value("prefix", std::string("##"));
    } else if (type == "Replace" || type == "ByteFallback") {
        decoding.has_space_marks = true;
    } else if (type == "Strip") {
        decoding.strips_first_space |= decoder.value("start", 0) > 0;
    }
}

/// Tokens that are put around every text must be in the vocabulary.
Status check_special_ids(const TokenizerParts& parts) {
    for (const std::int32_t id : parts.post_processor.special_ids()) {
        const bool is_known = (id >= 0 && id < parts.model->vocab_size()) || parts.added.find(id) != nullptr;
        if (is_known) continue;
        return fail(
            ErrorKind::Corrupt,
            "its post_processor puts token {} around texts, which is neither one of the {} entries of the "
            "vocabulary nor an added token",
            id, parts.model->vocab_size());
    }
    return {};
}

Result<TokenizerPtr> build(const json& file, const json& config, const std::string& path,
                           const std::string& family, std::shared_ptr<const WordModel> read_model) {
    const json& model = member(file, "model");
    if (!read_model && !model.is_object())
        return fail(ErrorKind::Corrupt, "this is JSON, but no tokenizer: it has no object 'model'");
    if (const json& version = member(file, "version"); !version.is_null() && version != "1.0")
        return fail(ErrorKind::Unsupported, "the tokenizer's version is {}, expected \"1.0\"",
                    version.dump().substr(0, 60));
    TokenizerParts parts;
    parts.family = family;
    parts.source = path;
    HEADLIGHT_TRY(parts.normalizer, TextNormalizer::from_json(member(file, "normalizer")));
    HEADLIGHT_TRY(parts.pre_tokenizer, PreTokenizer::from_json(member(file, "pre_tokenizer")));
    parts.model = std::move(read_model);
    if (!parts.model) {
        HEADLIGHT_TRY(parts.model, read_word_model(model, parts.pre_tokenizer.ends_in_bytes()));
    }
    HEADLIGHT_CHECK(read_added_tokens(member(file, "added_tokens"),
                                      file.value("num_own_tokens", std::size_t{0}),
                                      file.value("split_special_tokens", false), parts));
    json processor = member(file, "post_processor");
    HEADLIGHT_CHECK(look_up_ids(processor, parts));
    HEADLIGHT_TRY(parts.post_processor, PostProcessor::from_json(processor));
    HEADLIGHT_CHECK(check_special_ids(parts));
    parts.decoding.is_byte_alphabet = parts.pre_tokenizer.is_byte_level();
    read_decoding(member(file, "decoder"), parts.decoding);
    note_named_ids(parts, config);
    // Those of a folder's class are known to the folder alone; else what has a role here.
    const json& named = file.contains("special_tokens") ? file["special_tokens"] : config;
    for (const auto& [role, token] : named.items())
        if (role.ends_with("_token")) parts.special_tokens[role] = token_content(token);
    parts.infilling_mark = file.value("infilling_mark", std::string());
    parts.tells_segments = file.value("tells_segments", true);
    return std::make_shared<PipelineTokenizer>(std::move(parts));
}

}  // namespace

namespace {

std::int32_t first_added(const TokenizerParts& parts, std::span<const char* const> names) {
    for (const char* name : names) {
        if (const AddedToken* added = parts.added.find(std::string_view(name))) return added->id;
    }
    return -1;
}

}  // namespace

void note_named_ids(TokenizerParts& parts, const json& config) {
    parts.bos_id = token_id(parts, token_content(member(config, "bos_token")));
    if (parts.bos_id < 0) parts.bos_id = parts.post_processor.first_token();
    if (parts.bos_id < 0) parts.bos_id = first_added(parts, kDocumentTokens);
    parts.eos_id = token_id(parts, token_content(member(config, "eos_token")));
    if (parts.eos_id < 0) parts.eos_id = token_id(parts, token_content(member(config, "sep_token")));
    if (parts.eos_id < 0) parts.eos_id = parts.post_processor.last_token();
    if (parts.eos_id < 0) parts.eos_id = first_added(parts, kEndTokens);
    parts.mask_id = token_id(parts, token_content(member(config, "mask_token")));
    if (parts.mask_id < 0) parts.mask_id = first_added(parts, kMaskTokens);
}

Result<TokenizerPtr> make_json_tokenizer(const json& content, const json& config, const std::string& source,
                                         const std::string& family, std::shared_ptr<const WordModel> model) {
    auto opened = translate_exceptions({"opening the tokenizer", source}, [&]() -> Result<TokenizerPtr> {
        try {
            return build(content, config, source, family, std::move(model));
        } catch (const json::exception& problem) {  // a value of another type than the format says
            return fail(ErrorKind::Corrupt, "the tokenizer file is malformed: {}", problem.what());
        }
    });
    if (opened) return opened;
    return fail(std::move(opened).error().in_file(source));
}

}  // namespace headlight
