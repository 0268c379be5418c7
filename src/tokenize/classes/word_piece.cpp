// Classes that cut words as BERT does: vocab.txt, or the vocabulary of a tokenizer.json.
#include "tokenize/files/class_build.h"

namespace headlight {
namespace {

using nlohmann::json;

json bert_normalizer(const ClassBuild& b) {
    return {{"type", "BertNormalizer"},
            {"clean_text", b.flag("clean_text", true)},
            {"handle_chinese_chars", b.flag("tokenize_chinese_chars", true)},
            {"strip_accents", b.setting("strip_accents", json())},
            {"lowercase", b.flag("do_lower_case", true)}};
}

void build_words(ClassBuild& b, const char* prefix = "##") {
    b.set_model({{"type", "WordPiece"},
                 {"unk_token", b.text_of("unk_token")},
                 {"continuing_subword_prefix", "##"},
                 {"max_input_chars_per_word", 100}});
    b.content["normalizer"] = bert_normalizer(b);
    b.content["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
    b.content["decoder"] = {{"type", "WordPiece"}, {"prefix", prefix}};
}

void set_bert_roles(ClassBuild& b) {
    b.set_default("unk_token", "[UNK]");
    b.set_default("sep_token", "[SEP]");
    b.set_default("pad_token", "[PAD]");
    b.set_default("cls_token", "[CLS]");
    b.set_default("mask_token", "[MASK]");
}

// A class without a token of the role puts the id that BERT's own vocabulary has for it.
json around_text(const ClassBuild& b, int first_id, int last_id) {
    json made = bert_template(b.text_of("cls_token"), b.text_of("sep_token"));
    if (!b.has("cls_token")) made["special_tokens"]["None"]["ids"] = json::array({first_id});
    if (!b.has("sep_token")) made["special_tokens"]["None"]["ids"] = json::array({last_id});
    return made;
}

Status build_bert(ClassBuild& b) {
    b.settings().erase("clean_text");  // no setting of this class
    set_bert_roles(b);
    if (!b.vocab.is_null()) build_words(b);
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(around_text(b, 2, 3));
    return {};
}

// Its constructor keeps `do_lower_case` to itself, so that BERT's default counts.
Status build_dpr(ClassBuild& b) {
    b.settings().erase("do_lower_case");
    return build_bert(b);
}

Status build_splinter(ClassBuild& b) {
    b.settings().erase("clean_text");
    set_bert_roles(b);
    b.set_default("question_token", "[QUESTION]");
    build_words(b);
    HEADLIGHT_CHECK(b.add_tokens());
    if (!b.has("cls_token") || !b.has("sep_token")) return {};
    json around = around_text(b, 2, 3);
    around["pair"] = json::array();  // a question and its text are put together in a way of their own
    b.set_post_processor(std::move(around));
    return {};
}

Status build_funnel(ClassBuild& b) {
    b.set_default("unk_token", "<unk>");
    b.set_default("sep_token", "<sep>");
    b.set_default("pad_token", "<pad>");
    b.set_default("cls_token", "<cls>");
    b.set_default("mask_token", "<mask>");
    b.set_default("bos_token", "<s>");
    b.set_default("eos_token", "</s>");
    build_words(b);
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(bert_template(b.text_of("cls_token"), b.text_of("sep_token"), 2));
    return {};
}

Status build_mpnet(ClassBuild& b) {
    b.settings().erase("clean_text");
    b.set_default("bos_token", "<s>");
    b.set_default("eos_token", "</s>");
    b.set_default("sep_token", "</s>");
    b.set_default("cls_token", "<s>");
    b.set_default("unk_token", "[UNK]");
    b.set_default("pad_token", "<pad>");
    b.set_default("mask_token", "<mask>");
    build_words(b);
    b.let_strip_left("mask_token");
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(
        {{"type", "RobertaProcessing"},
         {"sep", json::array({b.text_of("sep_token"), b.has("sep_token") ? json() : json(2)})},
         {"cls", json::array({b.text_of("cls_token"), b.has("cls_token") ? json() : json(0)})},
         {"trim_offsets", true},
         {"add_prefix_space", false}});
    return {};
}

constexpr TokenizerClassRules kWordPieceRules[] = {
    {"BertTokenizer", "WordPiece", "vocab.txt", build_bert},
    {"DPRReaderTokenizer", "WordPiece", "vocab.txt", build_dpr},
    {"ConvBertTokenizer", "WordPiece", "vocab.txt", build_bert, true},
    {"SplinterTokenizer", "WordPiece", "vocab.txt", build_splinter},
    {"FunnelTokenizer", "WordPiece", "vocab.txt", build_funnel},
    {"MPNetTokenizer", "WordPiece", "vocab.txt", build_mpnet},
};

}  // namespace

std::span<const TokenizerClassRules> word_piece_classes() {
    return kWordPieceRules;
}

}  // namespace headlight
