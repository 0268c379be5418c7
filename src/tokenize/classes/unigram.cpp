// Classes of SentencePiece models with likelihoods: ALBERT, T5, DeBERTa v2, Pegasus ...
#include "tokenize/files/class_build.h"

namespace headlight {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kMostSentinels = 20000;

json likelihood_model(int unknown_id) {
    return {{"type", "Unigram"}, {"unk_id", unknown_id}, {"byte_fallback", false}};
}

json words_then_marks(const char* scheme) {
    return sequence("pretokenizers", {{{"type", "WhitespaceSplit"}}, metaspace(scheme)});
}

/// Place of [piece, 0.0] in the vocabulary from `begin` on; -1 if it is not there with that score.
int place_of(const json& vocab, const std::string& piece, std::size_t begin = 0) {
    for (std::size_t id = begin; vocab.is_array() && id < vocab.size(); ++id)
        if (vocab[id][0] == piece && vocab[id][1] == 0.0) return static_cast<int>(id);
    return -1;
}

const char* prepend_scheme_of(const ClassBuild& b) {
    return b.truth("add_prefix_space", true) ? "always" : "never";
}

std::vector<json> quotes() {
    return {replace_text("``", "\""), replace_text("''", "\"")};
}

void set_bracket_roles(ClassBuild& b, const char* unknown, const char* pad) {
    b.set_default("bos_token", "[CLS]");
    b.set_default("eos_token", "[SEP]");
    b.set_default("unk_token", unknown);
    b.set_default("sep_token", "[SEP]");
    b.set_default("pad_token", pad);
    b.set_default("cls_token", "[CLS]");
    b.set_default("mask_token", "[MASK]");
}

Status build_fnet(ClassBuild& b) {
    if (b.model != nullptr) follow_model(b, true);  // its own names of roles come before the class's
    set_bracket_roles(b, "<unk>", "<pad>");
    return b.add_tokens();
}

Status build_albert(ClassBuild& b) {
    set_bracket_roles(b, "<unk>", "<pad>");
    b.set_model(likelihood_model(1));
    std::vector<json> steps = quotes();
    if (!b.truth("keep_accents", false)) {
        steps.push_back({{"type", "NFKD"}});
        steps.push_back({{"type", "StripAccents"}});
    }
    if (b.truth("do_lower_case", true)) steps.push_back({{"type", "Lowercase"}});
    steps.push_back(precompiled(b.character_map));
    b.content["normalizer"] = sequence("normalizers", std::move(steps));
    b.content["pre_tokenizer"] = words_then_marks(prepend_scheme_of(b));
    b.content["decoder"] = metaspace(prepend_scheme_of(b));
    if (!b.content.contains("post_processor") || b.content["post_processor"].is_null()) {
        json around = bert_template("[CLS]", "[SEP]");
        around["special_tokens"]["[CLS]"]["tokens"] = json::array({b.text_of("cls_token")});
        around["special_tokens"]["[SEP]"]["tokens"] = json::array({b.text_of("sep_token")});
        b.set_post_processor(std::move(around));
    }
    return b.add_tokens();
}

Status build_t5(ClassBuild& b) {
    b.set_default("eos_token", "</s>");
    b.set_default("unk_token", "<unk>");
    b.set_default("pad_token", "<pad>");
    const int extra_ids = b.setting("extra_ids", 100).get<int>();
    if (extra_ids < 0 || extra_ids > kMostSentinels)
        return fail(ErrorKind::Corrupt, "'extra_ids' is {}, expected 0 to {}", extra_ids, kMostSentinels);
    ordered_json additional = b.additional();
    int num_given = 0;
    if (additional.is_array()) {
        for (const ordered_json& item : additional) {
            const auto token = token_spec(item);
            num_given += token && token->content.find("<extra_id_") != std::string::npos ? 1 : 0;
        }
        if (num_given > 0 && extra_ids > 0 && num_given != extra_ids)
            return fail(ErrorKind::Corrupt,
                        "'extra_ids' is {}, but additional_special_tokens holds {} of them", extra_ids,
                        num_given);
    } else {
        additional = ordered_json::array();
    }
    for (int i = 0; num_given == 0 && i < extra_ids; ++i)
        additional.push_back("<extra_id_" + std::to_string(i) + ">");
    b.set_additional(std::move(additional));
    for (int i = b.model != nullptr ? extra_ids : 0; i-- > 0;)
        b.vocab.push_back(json::array({"<extra_id_" + std::to_string(i) + ">", 0.0}));
    b.set_model(likelihood_model(2));
    b.content["normalizer"] = precompiled(b.character_map);
    b.content["pre_tokenizer"] = words_then_marks("always");
    b.content["decoder"] = metaspace("always");
    HEADLIGHT_CHECK(b.add_tokens());
    json after = template_of({}, {"</s>"}, {{"$A", 0}, {"</s>", 0}, {"$B", 0}, {"</s>", 0}});
    after["special_tokens"]["</s>"]["tokens"] = json::array({b.text_of("eos_token")});
    b.set_post_processor(std::move(after));
    return {};
}

Status build_deberta_v2(ClassBuild& b) {
    set_bracket_roles(b, "[UNK]", "[PAD]");
    const int found = place_of(b.vocab, b.text_of("unk_token"));
    b.set_model(likelihood_model(found >= 0 ? found : b.setting("unk_id", 1).get<int>()));
    const bool lowers = b.truth("do_lower_case", false),
               splits_punctuation = b.truth("split_by_punct", false);
    std::vector<json> steps;
    if (lowers) steps.push_back({{"type", "Lowercase"}});
    if (b.model == nullptr || b.character_map.is_null()) {
        steps.push_back(replace_pattern("\\s{2,}|[\\n\\r\\t]", " "));
        steps.push_back({{"type", "NFC"}});
        steps.push_back({{"type", "Strip"}, {"strip_left", false}, {"strip_right", true}});
    } else {  // the class leaves the model's table out, which the model was trained with and its
              // tokenizer.json keeps
        steps.push_back({{"type", "Strip"}, {"strip_left", true}, {"strip_right", true}});
        steps.push_back(precompiled(b.character_map));
        steps.push_back(replace_pattern(" {2,}", " "));
    }
    b.content["normalizer"] = sequence("normalizers", std::move(steps));
    std::vector<json> cuts;
    if (splits_punctuation) cuts.push_back({{"type", "Punctuation"}, {"behavior", "Isolated"}});
    const char* scheme = b.truth("add_prefix_space", true) ? "always" : "first";
    cuts.push_back(metaspace(scheme));
    b.content["pre_tokenizer"] = sequence("pretokenizers", std::move(cuts));
    b.content["decoder"] = metaspace(scheme);
    HEADLIGHT_CHECK(b.add_tokens());
    json around = bert_template(b.text_of("cls_token"), b.text_of("sep_token"));
    if (!b.has("cls_token") || !b.has("sep_token"))
        around["special_tokens"]["None"]["ids"] = json::array({0});
    b.set_post_processor(std::move(around));
    return {};
}

/// Pegasus puts its masks and unknown tokens where the model file has two pieces. The names of the masks are
/// not those of the class unless the settings give them.
json pegasus_vocabulary(const ClassBuild& b, int offset) {
    const bool names_mask = b.settings().contains("mask_token");
    const std::string mask = names_mask ? b.text_of("mask_token") : "<mask_1>";
    const json given = b.setting("mask_token_sent", "<mask_2>");
    const std::string sentence_mask = given.is_string() ? given.get<std::string>() : "None";
    json made = json::array();
    const auto put = [&](const std::string& piece, double score) {
        made.push_back(json::array({piece, score}));
    };
    put(b.text_of("pad_token"), 0.0);
    put(b.text_of("eos_token"), 0.0);
    if (mask != "None") put(mask, 0.0);
    if (sentence_mask != "None" && sentence_mask != mask) put(sentence_mask, 0.0);
    for (int i = 2; i < offset; ++i)
        put("<unk_" + std::to_string(i) + ">", -100.0);
    for (std::size_t id = 2; id < b.vocab.size(); ++id)
        made.push_back(b.vocab[id]);
    return made;
}

Status build_pegasus(ClassBuild& b) {
    b.set_default("pad_token", "<pad>");
    b.set_default("eos_token", "</s>");
    b.set_default("unk_token", "<unk>");
    const json sentence_mask = b.setting("mask_token_sent", "<mask_1>");
    const int offset = b.setting("offset", 103).get<int>();
    if (offset < 0 || offset > kMostSentinels)
        return fail(ErrorKind::Corrupt, "'offset' is {}, expected 0 to {}", offset, kMostSentinels);
    if (b.model != nullptr) b.vocab = pegasus_vocabulary(b, offset);
    b.set_default("mask_token", "<mask_2>");
    const ordered_json given = b.additional();
    bool is_given = false;
    for (const ordered_json& token : given)
        is_given |= token.is_string() && token == ordered_json(sentence_mask);
    ordered_json additional = ordered_json::array();
    if (!is_given && sentence_mask.is_string()) additional.push_back(sentence_mask.get<std::string>());
    for (int i = 2; i < offset; ++i)
        additional.push_back("<unk_" + std::to_string(i) + ">");
    b.set_additional(std::move(additional));
    const int unknown_id = place_of(b.vocab, b.text_of("unk_token"), 1);
    if (unknown_id < 0)
        return fail(ErrorKind::Corrupt,
                    "the vocabulary has no unknown piece '{}' with score 0 behind its first piece",
                    b.text_of("unk_token"));
    b.set_model({{"type", "Unigram"}, {"unk_id", unknown_id}, {"byte_fallback", false}});
    const json first = b.character_map.is_null() ? replace_pattern("\\n", " ") : precompiled(b.character_map);
    b.content["normalizer"] = sequence("normalizers", {first, replace_pattern(" {2,}", " ")});
    b.content["pre_tokenizer"] = b.content["decoder"] = metaspace("always");
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(template_of({}, {b.text_of("eos_token")}));
    return {};
}

Status build_rembert(ClassBuild& b) {
    set_bracket_roles(b, "<unk>", "<pad>");
    b.set_model(likelihood_model(2));
    std::vector<json> steps = quotes();
    steps.push_back(replace_pattern(" {2,}", " "));
    if (!b.truth("keep_accents", true)) {
        steps.push_back({{"type", "NFKD"}});
        steps.push_back({{"type", "StripAccents"}});
    }
    if (b.truth("do_lower_case", false)) steps.push_back({{"type", "Lowercase"}});
    steps.push_back(precompiled(b.character_map));
    b.content["normalizer"] = sequence("normalizers", std::move(steps));
    b.content["pre_tokenizer"] = b.content["decoder"] = metaspace(prepend_scheme_of(b));
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(bert_template(b.text_of("cls_token"), b.text_of("sep_token")));
    b.add_special_tokens_again();  // which takes the template back where the files brought none
    return {};
}

Status build_big_bird(ClassBuild& b) {
    b.set_default("unk_token", "<unk>");
    b.set_default("bos_token", "<s>");
    b.set_default("eos_token", "</s>");
    b.set_default("pad_token", "<pad>");
    b.set_default("sep_token", "[SEP]");
    b.set_default("mask_token", "[MASK]");
    b.set_default("cls_token", "[CLS]");
    b.let_strip_left("mask_token");
    const int found = place_of(b.vocab, b.text_of("unk_token"));
    b.set_model(likelihood_model(found >= 0 ? found : 100));
    b.content["normalizer"] = sequence(
        "normalizers",
        {{{"type", "Strip"}, {"strip_left", false}, {"strip_right", false}}, replace_pattern(" {2,}", "▁")});
    b.content["pre_tokenizer"] = b.content["decoder"] = metaspace(prepend_scheme_of(b));
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(bert_template(b.text_of("cls_token"), b.text_of("sep_token")));
    return {};
}

Status build_xlnet(ClassBuild& b) {
    b.set_default("bos_token", "<s>");
    b.set_default("eos_token", "</s>");
    b.set_default("unk_token", "<unk>");
    b.set_default("sep_token", "<sep>");
    b.set_default("pad_token", "<pad>");
    b.set_default("cls_token", "<cls>");
    b.set_default("mask_token", "<mask>");
    if (b.additional().is_null()) b.set_additional({"<eop>", "<eod>"});
    b.set_model(likelihood_model(b.setting("unk_id", 0).get<int>()));
    std::vector<json> steps = quotes();
    steps.push_back({{"type", "NFKD"}});
    steps.push_back({{"type", "StripAccents"}});
    if (b.truth("do_lower_case", false)) steps.push_back({{"type", "Lowercase"}});
    steps.push_back(precompiled(b.character_map));
    b.content["normalizer"] = sequence("normalizers", std::move(steps));
    b.content["pre_tokenizer"] = words_then_marks("always");
    b.content["decoder"] = metaspace("always");
    b.let_strip_left("mask_token");
    HEADLIGHT_CHECK(b.add_tokens());
    const std::string last = b.text_of("sep_token"), summary = b.text_of("cls_token");
    b.set_post_processor(
        template_of({}, {last, summary}, {{"$A", 0}, {last, 0}, {"$B", 1}, {last, 1}, {summary, 2}}));
    return {};
}

constexpr TokenizerClassRules kUnigramRules[] = {
    {"AlbertTokenizer", "Unigram", "*.model", build_albert},
    {"FNetTokenizer", "Unigram", "*.model", build_fnet, true},
    {"T5Tokenizer", "Unigram", "*.model", build_t5},
    {"DebertaV2Tokenizer", "Unigram", "*.model", build_deberta_v2},
    {"PegasusTokenizer", "Unigram", "*.model", build_pegasus},
    {"RemBertTokenizer", "Unigram", "*.model", build_rembert},
    {"BigBirdTokenizer", "Unigram", "*.model", build_big_bird},
    {"XLNetTokenizer", "Unigram", "*.model", build_xlnet},
};

}  // namespace

std::span<const TokenizerClassRules> unigram_classes() {
    return kUnigramRules;
}

}  // namespace headlight
