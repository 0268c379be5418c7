#include "tokenize/sentencepiece_content.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "tokenize/base64.h"
#include "tokenize/tokenizer_class.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr const char* kConverted[] = {"AlbertTokenizer", "DebertaV2Tokenizer", "MBartTokenizer",
                                      "T5Tokenizer", "XLMRobertaTokenizer"};
constexpr const char* kGemma = "GemmaTokenizer";
constexpr std::size_t kLongestMerged = 256;  // bytes; longer pieces come of no merge
constexpr int kMostExtraIds = 20000;

// Languages of mBART in the order of their ids.
constexpr const char* kMbartLanguages[] = {"ar_AR", "cs_CZ", "de_DE", "en_XX", "es_XX", "et_EE", "fi_FI",
                                           "fr_XX", "gu_IN", "hi_IN", "it_IT", "ja_XX", "kk_KZ", "ko_KR",
                                           "lt_LT", "lv_LV", "my_MM", "ne_NP", "nl_XX", "ro_RO", "ru_RU",
                                           "si_LK", "tr_TR", "vi_VN", "zh_CN"};

/// The content while it is put together.
struct Draft {
    json vocabulary = json::array();  // [id] of [piece, score]
    json added = json::array();
    json normalizers = json::array(), pre_tokenizers = json::array();
    std::vector<std::string> before, after;  // special tokens around the text
    int unknown_id = 0;

    std::unordered_map<std::string, std::size_t> ids,
        specials;             // piece -> id, special token -> place in `added`
    std::size_t next_id = 0;  // behind all pieces and special tokens

    void add_piece(const std::string& piece, double score) {
        ids.emplace(piece, vocabulary.size());
        vocabulary.push_back(json::array({piece, score}));
        next_id = vocabulary.size();
    }
    std::size_t id_of(const std::string& piece) const {
        const auto special = specials.find(piece);
        if (special != specials.end()) return added[special->second]["id"].get<std::size_t>();
        const auto found = ids.find(piece);
        return found != ids.end() ? found->second : 0;
    }
    /// A special token that is found when it is typed; one that is no piece comes behind them.
    void add_special(const std::string& content, bool strips_left = false) {
        if (content.empty()) return;
        const auto [place, is_new] = specials.emplace(content, added.size());
        if (!is_new) {
            added[place->second]["lstrip"] = strips_left;
            return;
        }
        const auto found = ids.find(content);
        const std::size_t id = found != ids.end() ? found->second : next_id++;
        added.push_back({{"id", id},
                         {"content", content},
                         {"special", true},
                         {"normalized", false},
                         {"lstrip", strips_left},
                         {"rstrip", false},
                         {"single_word", false}});
    }
};

void split_at_spaces(Draft& draft) {
    draft.pre_tokenizers.push_back({{"type", "WhitespaceSplit"}});
}

void mark_words(Draft& draft) {
    draft.pre_tokenizers.push_back(
        {{"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", "always"}, {"split", true}});
}

void replace(Draft& draft, const char* kind, const char* pattern, const char* content) {
    draft.normalizers.push_back({{"type", "Replace"}, {"pattern", {{kind, pattern}}}, {"content", content}});
}

void map_characters(const SentencePieceProto& proto, Draft& draft) {
    if (!proto.character_map.empty())
        draft.normalizers.push_back(
            {{"type", "Precompiled"}, {"precompiled_charsmap", to_base64(proto.character_map)}});
}

void copy_pieces(const SentencePieceProto& proto, std::size_t first, Draft& draft) {
    for (std::size_t i = first; i < proto.pieces.size(); ++i)
        draft.add_piece(proto.pieces[i].text, proto.pieces[i].score);
}

void add_control_pieces(const SentencePieceProto& proto, Draft& draft) {
    for (const SentencePiece& piece : proto.pieces) {
        if (piece.type == PieceType::Control || piece.type == PieceType::UserDefined ||
            piece.type == PieceType::Unknown)
            draft.add_special(piece.text);
    }
}

void draft_t5(const SentencePieceProto& proto, const json& config, Draft& draft) {
    copy_pieces(proto, 0, draft);
    add_control_pieces(proto, draft);
    const int extra = std::clamp(config.value("extra_ids", 100), 0, kMostExtraIds);
    for (int i = extra; i-- > 0;)
        draft.add_piece("<extra_id_" + std::to_string(i) + ">", 0);
    for (int i = extra; i-- > 0;)
        draft.add_special("<extra_id_" + std::to_string(i) + ">");
    draft.unknown_id = proto.unknown_id;
    map_characters(proto, draft);
    split_at_spaces(draft);
    mark_words(draft);
    draft.after = {special_token_name(config, "eos_token", "</s>")};
}

// fairseq puts four tokens where SentencePiece has three, so all ids after them are one more.
void draft_fairseq(const SentencePieceProto& proto, const json& config, bool is_mbart, Draft& draft) {
    const std::string first = special_token_name(config, "bos_token", "<s>"),
                      last = special_token_name(config, "eos_token", "</s>");
    const std::string mask = special_token_name(config, "mask_token", "<mask>");
    for (const std::string& piece : {first, special_token_name(config, "pad_token", "<pad>"), last,
                                     special_token_name(config, "unk_token", "<unk>")})
        draft.add_piece(piece, 0);
    copy_pieces(proto, 3, draft);
    for (int id = 0; id < 4; ++id)
        draft.add_special(draft.vocabulary[static_cast<std::size_t>(id)][0]);
    if (is_mbart) {
        for (const char* language : kMbartLanguages) {
            draft.add_piece(language, 0);
            draft.add_special(language);
        }
    }
    draft.add_piece(mask, 0);
    draft.add_special(mask, true);
    draft.unknown_id = 3;
    map_characters(proto, draft);
    split_at_spaces(draft);
    mark_words(draft);
    if (is_mbart) {
        draft.after = {last, special_token_name(config, "src_lang", "en_XX")};
    } else {
        draft.before = {first};
        draft.after = {last};
    }
}

// A digit and a comma are never one token in ALBERT: such pieces are made so unlikely that another way is
// always taken.
bool is_number_with_comma(const std::string& piece) {
    return piece.size() >= 2 && piece.back() == ',' && piece[piece.size() - 2] >= '0' &&
           piece[piece.size() - 2] <= '9';
}

void draft_albert(const SentencePieceProto& proto, const json& config, Draft& draft) {
    for (const SentencePiece& piece : proto.pieces)
        draft.add_piece(piece.text, is_number_with_comma(piece.text) ? piece.score - 100.0 : piece.score);
    add_control_pieces(proto, draft);
    replace(draft, "String", "``", "\"");
    replace(draft, "String", "''", "\"");
    if (!config.value("keep_accents", false)) {
        draft.normalizers.push_back({{"type", "NFKD"}});
        draft.normalizers.push_back({{"type", "StripAccents"}});
    }
    if (config.value("do_lower_case", true)) draft.normalizers.push_back({{"type", "Lowercase"}});
    map_characters(proto, draft);
    replace(draft, "Regex", " {2,}", " ");
    split_at_spaces(draft);
    mark_words(draft);
}

void draft_deberta(const SentencePieceProto& proto, const json& config, Draft& draft) {
    copy_pieces(proto, 0, draft);
    add_control_pieces(proto, draft);
    if (config.value("do_lower_case", false)) draft.normalizers.push_back({{"type", "Lowercase"}});
    draft.normalizers.push_back({{"type", "Strip"}, {"strip_left", true}, {"strip_right", true}});
    map_characters(proto, draft);
    replace(draft, "Regex", " {2,}", " ");
    if (config.value("split_by_punct", false))
        draft.pre_tokenizers.push_back({{"type", "Punctuation"}, {"behavior", "Isolated"}});
    mark_words(draft);
}

// [CLS] text [SEP], with a mask that may be no piece of the model.
void wrap_as_bert(const SentencePieceProto& proto, const json& config, bool mask_strips_left, Draft& draft) {
    draft.unknown_id = proto.unknown_id;
    draft.before = {special_token_name(config, "cls_token", "[CLS]")};
    draft.after = {special_token_name(config, "sep_token", "[SEP]")};
    for (const char* role : {"pad_token", "unk_token", "cls_token", "sep_token"})
        draft.add_special(special_token_name(config, role, ""));
    draft.add_special(special_token_name(config, "mask_token", "[MASK]"), mask_strips_left);
}

// Merges are not in the file: every piece out of two others, in the order of the ids.
json merges_by_id(const SentencePieceProto& proto, const Draft& draft) {
    json merges = json::array();
    for (std::size_t id = 0; id < proto.pieces.size(); ++id) {
        const std::string& piece = proto.pieces[id].text;
        if (draft.ids.at(piece) != id || piece.size() > kLongestMerged) continue;
        for (std::size_t cut = 1; cut < piece.size(); ++cut) {
            if ((static_cast<unsigned char>(piece[cut]) & 0xC0) == 0x80) continue;
            std::string left = piece.substr(0, cut), right = piece.substr(cut);
            if (draft.ids.count(left) != 0 && draft.ids.count(right) != 0)
                merges.push_back(json::array({std::move(left), std::move(right)}));
        }
    }
    return merges;
}

json template_of(const Draft& draft) {
    json single = json::array(), names = json::object();
    const auto put = [&](const std::string& content) {
        single.push_back({{"SpecialToken", {{"id", content}, {"type_id", 0}}}});
        names[content] = {{"id", content},
                          {"ids", json::array({draft.id_of(content)})},
                          {"tokens", json::array({content})}};
    };
    for (const std::string& content : draft.before)
        put(content);
    single.push_back({{"Sequence", {{"id", "A"}, {"type_id", 0}}}});
    for (const std::string& content : draft.after)
        put(content);
    return {{"type", "TemplateProcessing"}, {"single", single}, {"special_tokens", names}};
}

}  // namespace

bool is_converted_class(const std::string& tokenizer_class, const SentencePieceProto& proto) {
    if (!proto.is_unigram) return tokenizer_class == kGemma;
    return std::find(std::begin(kConverted), std::end(kConverted), tokenizer_class) != std::end(kConverted);
}

namespace {

json gemma_content(const SentencePieceProto& proto, const json& config) {
    Draft draft;
    copy_pieces(proto, 0, draft);
    for (const SentencePiece& piece : proto.pieces) {
        if (piece.type != PieceType::Control && piece.type != PieceType::UserDefined &&
            piece.type != PieceType::Unknown)
            continue;
        draft.add_special(piece.text);
        if (piece.type == PieceType::UserDefined) draft.added.back()["special"] = false;
    }
    if (config.value("add_bos_token", true))
        draft.before = {special_token_name(config, "bos_token", "<bos>")};
    if (config.value("add_eos_token", false))
        draft.after = {special_token_name(config, "eos_token", "<eos>")};
    const json spaces = {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "▁"}};
    const json marks = {{"type", "Replace"}, {"pattern", {{"String", "▁"}}}, {"content", " "}};
    json vocabulary = json::object();
    for (const auto& [piece, id] : draft.ids)
        vocabulary[piece] = id;
    return {{"normalizer", spaces},
            {"model",
             {{"type", "BPE"},
              {"vocab", vocabulary},
              {"merges", merges_by_id(proto, draft)},
              {"byte_fallback", true},
              {"fuse_unk", true},
              {"unk_token", proto.pieces[static_cast<std::size_t>(proto.unknown_id)].text}}},
            {"post_processor", template_of(draft)},
            {"decoder",
             {{"type", "Sequence"},
              {"decoders", json::array({marks, {{"type", "ByteFallback"}}, {{"type", "Fuse"}}})}}},
            {"added_tokens", draft.added}};
}

}  // namespace

json content_from_sentencepiece(const SentencePieceProto& proto, const std::string& tokenizer_class,
                                const json& config) {
    if (tokenizer_class == kGemma) return gemma_content(proto, config);
    Draft draft;
    if (tokenizer_class == "T5Tokenizer") {
        draft_t5(proto, config, draft);
    } else if (tokenizer_class == "AlbertTokenizer") {
        draft_albert(proto, config, draft);
        wrap_as_bert(proto, config, true, draft);
    } else if (tokenizer_class == "DebertaV2Tokenizer") {
        draft_deberta(proto, config, draft);
        wrap_as_bert(proto, config, false, draft);
    } else {
        draft_fairseq(proto, config, tokenizer_class == "MBartTokenizer", draft);
    }
    const json metaspace = {
        {"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", "always"}, {"split", true}};
    return {{"normalizer", {{"type", "Sequence"}, {"normalizers", draft.normalizers}}},
            {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", draft.pre_tokenizers}}},
            {"model", {{"type", "Unigram"}, {"vocab", draft.vocabulary}, {"unk_id", draft.unknown_id}}},
            {"post_processor", template_of(draft)},
            {"decoder", metaspace},
            {"added_tokens", draft.added}};
}

}  // namespace headlight
