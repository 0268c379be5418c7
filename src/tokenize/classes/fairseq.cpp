// Classes of models that fairseq made: four tokens stand where the SentencePiece model has three, and
// languages may follow.
#include <algorithm>
#include <set>
#include <sstream>

#include "tokenize/files/class_build.h"
#include "tokenize/files/language_codes.h"
#include "tokenize/files/sentencepiece_proto.h"

namespace headlight {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kUnknownId = 3;

std::vector<std::string> words_of(const std::string& list) {
    std::istringstream stream(list);
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

std::vector<std::string> mbart50_languages() {
    return words_of(std::string(kMbartLanguages) + " " + kMbart50MoreLanguages);
}

void set_fairseq_roles(ClassBuild& b, bool has_mask = true, bool has_bos = true) {
    if (has_bos) b.set_default("bos_token", "<s>");
    b.set_default("eos_token", "</s>");
    b.set_default("sep_token", "</s>");
    b.set_default("cls_token", "<s>");
    b.set_default("unk_token", "<unk>");
    b.set_default("pad_token", "<pad>");
    if (has_mask) b.set_default("mask_token", "<mask>");
}

/// `first`, the vocabulary from its piece `from` on, and `last`, each at score 0.
json reordered(const json& vocab, const std::vector<std::string>& first, std::size_t from,
               const std::vector<std::string>& last) {
    json made = json::array();
    for (const std::string& piece : first)
        made.push_back(json::array({piece, 0.0}));
    for (std::size_t id = from; id < vocab.size(); ++id)
        made.push_back(vocab[id]);
    for (const std::string& piece : last)
        made.push_back(json::array({piece, 0.0}));
    return made;
}

void set_likelihoods(ClassBuild& b, int unknown_id) {
    b.set_model({{"type", "Unigram"}, {"unk_id", unknown_id}, {"byte_fallback", false}});
}

void mark_words(ClassBuild& b, const char* scheme) {
    b.content["pre_tokenizer"] =
        sequence("pretokenizers", {{{"type", "WhitespaceSplit"}}, metaspace(scheme)});
    b.content["decoder"] = metaspace(scheme);
}

const char* fairseq_scheme_of(const ClassBuild& b) {
    return b.truth("add_prefix_space", true) ? "always" : "never";
}

/// A language that is no token stands as the unknown one.
json with_language(const ClassBuild& b, const std::string& language, bool is_first) {
    const std::string last = b.text_of("eos_token");
    json made = is_first ? template_of({language}, {last}) : template_of({}, {last, language});
    made["special_tokens"][language]["tokens"] = json::array({language, b.text_of("unk_token")});
    return made;
}

std::string source_language(const ClassBuild& b, const char* fallback) {
    const json given = b.setting("src_lang", json());
    return given.is_string() ? given.get<std::string>() : fallback;
}

Status build_xlm_roberta(ClassBuild& b) {
    set_fairseq_roles(b);
    const std::string first = b.text_of("bos_token"), last = b.text_of("eos_token");
    if (b.model != nullptr)
        b.vocab = reordered(b.vocab, {first, b.text_of("pad_token"), last, b.text_of("unk_token")}, 3,
                            {b.text_of("mask_token")});
    set_likelihoods(b, kUnknownId);
    b.content["normalizer"] = precompiled(b.character_map);
    mark_words(b, fairseq_scheme_of(b));
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(doubled_template(first, last));
    return {};
}

Status build_mbart(ClassBuild& b) {
    set_fairseq_roles(b);
    const std::vector<std::string> languages = words_of(kMbartLanguages);
    if (b.model != nullptr) {
        std::vector<std::string> behind = languages;
        behind.push_back(b.text_of("mask_token"));
        b.vocab = reordered(
            b.vocab,
            {b.text_of("bos_token"), b.text_of("pad_token"), b.text_of("eos_token"), b.text_of("unk_token")},
            3, behind);
    }
    b.let_strip_left("mask_token");
    ordered_json additional = ordered_json::array();
    for (const std::string& language : languages)
        additional.push_back(language);
    for (const ordered_json& token : b.additional())
        if (std::find(additional.begin(), additional.end(), token) == additional.end())
            additional.push_back(token);
    b.set_additional(std::move(additional));
    set_likelihoods(b, kUnknownId);
    b.content["normalizer"] = json();
    mark_words(b, "always");
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(with_language(b, source_language(b, "en_XX"), false));
    return {};
}

Status build_mbart50(ClassBuild& b) {
    set_fairseq_roles(b, true, false);
    const std::vector<std::string> languages = mbart50_languages();
    std::vector<std::string> behind = languages;
    behind.push_back(b.text_of("mask_token"));
    const std::set<std::string> known(languages.begin(), languages.end());
    bool has_languages = false;
    for (const json& entry : b.vocab)
        has_languages |= known.count(entry[0].get<std::string>()) != 0;
    if (b.model != nullptr || !has_languages)
        b.vocab = reordered(
            b.vocab,
            {b.text_of("cls_token"), b.text_of("pad_token"), b.text_of("eos_token"), b.text_of("unk_token")},
            3, behind);
    b.let_strip_left("mask_token");
    ordered_json additional = b.additional().is_array() ? b.additional() : ordered_json::array();
    for (const std::string& language : languages)
        additional.push_back(language);
    b.set_additional(std::move(additional));
    set_likelihoods(b, kUnknownId);
    b.content["normalizer"] =
        sequence("normalizers", {precompiled(b.character_map), replace_pattern(" {2,}", " ")});
    b.content["pre_tokenizer"] = b.content["decoder"] = metaspace("always");
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(with_language(b, source_language(b, "en_XX"), true));
    return {};
}

Status build_camembert(ClassBuild& b) {
    set_fairseq_roles(b);
    if (b.model != nullptr) {
        json made =
            json::array({json::array({"<s>NOTUSED", 0.0}), json::array({b.text_of("pad_token"), 0.0}),
                         json::array({"</s>NOTUSED", 0.0}), json::array({b.text_of("unk_token"), 0.0}),
                         json::array({"<unk>NOTUSED", -100.0})});
        for (std::size_t id = 1; id < b.vocab.size(); ++id)
            made.push_back(b.vocab[id]);
        made.push_back(json::array({b.text_of("mask_token"), 0.0}));
        b.vocab = std::move(made);
    }
    b.let_strip_left("mask_token");
    if (b.additional().is_null()) b.set_additional({"<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"});
    int unknown_id = 0;
    for (std::size_t id = b.vocab.size(); id-- > 0;)
        if (b.vocab[id][0] == b.text_of("unk_token")) unknown_id = static_cast<int>(id);
    set_likelihoods(b, unknown_id);
    b.content["normalizer"] = precompiled(b.character_map);
    mark_words(b, fairseq_scheme_of(b));
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(doubled_template(b.text_of("bos_token"), b.text_of("eos_token")));
    return {};
}

Status build_barthez(ClassBuild& b) {
    set_fairseq_roles(b);
    b.let_strip_left("mask_token");
    set_likelihoods(b, kUnknownId);
    b.content["normalizer"] =
        sequence("normalizers", {replace_pattern("\\s{2,}|[\\n\\r\\t]", " "),
                                 {{"type", "NFC"}},
                                 {{"type", "Strip"}, {"strip_left", false}, {"strip_right", true}}});
    b.content["pre_tokenizer"] = b.content["decoder"] = metaspace(fairseq_scheme_of(b));
    return b.add_tokens();
}

Status build_xglm(ClassBuild& b) {
    set_fairseq_roles(b, false);
    ordered_json additional = b.additional().is_array() ? b.additional() : ordered_json::array();
    for (int i = 0; i < 7; ++i) {
        const ordered_json word = "<madeupword" + std::to_string(i) + ">";
        if (std::find(additional.begin(), additional.end(), word) == additional.end())
            additional.push_back(word);
    }
    b.set_additional(std::move(additional));
    set_likelihoods(b, kUnknownId);
    b.content["normalizer"] =
        sequence("normalizers", {precompiled(b.character_map), replace_pattern(" {2,}", " ")});
    b.content["pre_tokenizer"] = b.content["decoder"] = metaspace(fairseq_scheme_of(b));
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(template_of({b.text_of("eos_token")}, {}));
    return {};
}

Status build_nllb(ClassBuild& b) {
    set_fairseq_roles(b);
    if (b.model != nullptr) {
        json made = json::object();
        int first = 0;  // two roles of one text leave a gap, which the next piece may fill a second time
        for (const char* role : {"bos_token", "pad_token", "eos_token", "unk_token"})
            made[b.text_of(role)] = first++;
        for (const SentencePiece& piece : b.model->pieces)
            made.emplace(piece.text, made.size());
        b.vocab = std::move(made);
    }
    ordered_json& settings = b.settings();
    if (const auto newer = settings.find("extra_special_tokens");
        newer != settings.end() && !newer->is_null()) {
        b.set_additional(*newer);
    } else if (b.additional().is_null()) {
        ordered_json languages = ordered_json::array();
        for (const std::string& language : words_of(kNllbLanguages))
            languages.push_back(language);
        b.set_additional(std::move(languages));
    }
    settings["extra_special_tokens"] = b.additional();
    settings.erase("additional_special_tokens");
    const auto mask = token_spec(settings["mask_token"]);
    b.let_strip_left("mask_token");
    if (mask && mask->is_text) {
        settings["mask_token"]["normalized"] = true;
        settings["mask_token"]["special"] = true;
    }
    b.set_model({{"type", "BPE"}, {"unk_token", b.text_of("unk_token")}, {"fuse_unk", true}});
    b.content["normalizer"] = json();
    if (!b.character_map.is_null())
        b.content["normalizer"] =
            sequence("normalizers", {precompiled(b.character_map), replace_pattern(" {2,}", " ")});
    b.content["pre_tokenizer"] = b.content["decoder"] = metaspace("always");
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(
        with_language(b, source_language(b, "eng_Latn"), !b.truth("legacy_behaviour", false)));
    return {};
}

constexpr TokenizerClassRules kFairseqRules[] = {
    {"XLMRobertaTokenizer", "Unigram", "*.model", build_xlm_roberta},
    {"MBartTokenizer", "Unigram", "*.model", build_mbart},
    {"MBart50Tokenizer", "Unigram", "*.model", build_mbart50},
    {"CamembertTokenizer", nullptr, "*.model", build_camembert},
    {"BarthezTokenizer", nullptr, "*.model", build_barthez},
    {"XGLMTokenizer", "Unigram", nullptr, build_xglm},
    {"NllbTokenizer", "BPE", "*.model", build_nllb},
};

}  // namespace

std::span<const TokenizerClassRules> fairseq_classes() {
    return kFairseqRules;
}

}  // namespace headlight
