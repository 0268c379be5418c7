// Classes over bytes or letters with merges: vocab.json with merges.txt, or the vocabulary of a
// tokenizer.json.
#include "tokenize/files/class_build.h"
#include "tokenize/text/word_patterns.h"

namespace headlight {
namespace {

using nlohmann::json;

void build_bytes(ClassBuild& b, bool has_prefix_space) {
    b.set_model({{"type", "BPE"}});
    b.content["normalizer"] = json();
    b.content["pre_tokenizer"] = byte_level(has_prefix_space);
    b.content["decoder"] = {{"type", "ByteLevel"}};
}

void split_words(ClassBuild& b, const char* pattern) {
    const json words = {
        {"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
    b.content["pre_tokenizer"] =
        sequence("pretokenizers", {words, byte_level(b.setting("add_prefix_space", json()) == true, false)});
}

json roberta_processing(const ClassBuild& b, const char* last, const char* first, bool trims,
                        bool has_prefix_space) {
    return {{"type", "RobertaProcessing"},
            {"sep", json::array({b.text_of(last), json()})},
            {"cls", json::array({b.text_of(first), json()})},
            {"trim_offsets", trims},
            {"add_prefix_space", has_prefix_space}};
}

void set_roberta_roles(ClassBuild& b) {
    b.set_default("bos_token", "<s>");
    b.set_default("eos_token", "</s>");
    b.set_default("sep_token", "</s>");
    b.set_default("cls_token", "<s>");
    b.set_default("unk_token", "<unk>");
    b.set_default("pad_token", "<pad>");
    b.set_default("mask_token", "<mask>");
}

void set_document_roles(ClassBuild& b) {
    for (const char* role : {"unk_token", "bos_token", "eos_token"})
        b.set_default(role, "<|endoftext|>");
}

Status build_gpt2(ClassBuild& b) {
    set_document_roles(b);
    build_bytes(b, b.flag("add_prefix_space", false));
    return b.add_tokens();
}

Status build_codegen(ClassBuild& b) {
    set_document_roles(b);
    build_bytes(b, b.flag("add_prefix_space", false));
    if (!b.content.contains("post_processor") || b.content["post_processor"].is_null())
        b.set_post_processor({{"type", "ByteLevel"},
                              {"add_prefix_space", true},
                              {"trim_offsets", false},
                              {"use_regex", true}});
    return b.add_tokens();
}

Status build_gpt_neox(ClassBuild& b) {
    set_document_roles(b);
    b.set_default("pad_token", "<|padding|>");
    build_bytes(b, b.flag("add_prefix_space", false));
    b.content["normalizer"] = {{"type", "NFC"}};
    HEADLIGHT_CHECK(b.add_tokens());
    b.update_post_processor();
    return {};
}

Status build_roberta(ClassBuild& b) {
    set_roberta_roles(b);
    const bool has_prefix_space = b.flag("add_prefix_space", false);
    build_bytes(b, has_prefix_space);
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(
        roberta_processing(b, "sep_token", "cls_token", b.flag("trim_offsets", true), has_prefix_space));
    return {};
}

Status build_blenderbot(ClassBuild& b) {
    set_roberta_roles(b);
    b.let_strip_left("mask_token");
    build_bytes(b, b.flag("add_prefix_space", true));
    return b.add_tokens();
}

Status build_deberta(ClassBuild& b) {
    b.set_default("bos_token", "[CLS]");
    b.set_default("eos_token", "[SEP]");
    b.set_default("sep_token", "[SEP]");
    b.set_default("cls_token", "[CLS]");
    b.set_default("unk_token", "[UNK]");
    b.set_default("pad_token", "[PAD]");
    b.set_default("mask_token", "[MASK]");
    build_bytes(b, b.flag("add_prefix_space", false));
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(doubled_template(b.text_of("cls_token"), b.text_of("sep_token")));
    return {};
}

void set_qwen_roles(ClassBuild& b) {
    for (const char* role : {"unk_token", "eos_token", "pad_token"})
        b.set_default(role, "<|endoftext|>");
}

Status build_qwen2(ClassBuild& b) {
    set_qwen_roles(b);
    build_bytes(b, false);
    b.content["normalizer"] = {{"type", "NFC"}};
    split_words(b, kQwenWords);
    HEADLIGHT_CHECK(b.add_tokens());
    TokenSpec plain;
    plain.is_special = true;
    for (const ClassBuild::Role& role : b.role_list()) {
        if (!role.second) continue;
        plain.content = role.second->content;
        b.add(plain);
    }
    for (const TokenSpec& token : b.extra()) {
        plain.content = token.content;
        b.add(plain);
    }
    return {};
}

Status build_qwen35(ClassBuild& b) {
    set_qwen_roles(b);
    build_bytes(b, false);
    b.content["normalizer"] = {{"type", "NFC"}};
    split_words(b, kQwen35Words);
    return b.add_tokens();
}

Status build_cohere(ClassBuild& b) {
    b.set_default("unk_token", "<UNK>");
    b.set_default("bos_token", "<BOS_TOKEN>");
    b.set_default("eos_token", "<|END_OF_TURN_TOKEN|>");
    b.set_default("pad_token", "<PAD>");
    b.set_default("cls_token", "<CLS>");
    b.set_default("sep_token", "<SEP>");
    b.set_default("mask_token", "<MASK_TOKEN>");
    build_bytes(b, false);
    b.content["normalizer"] = {{"type", "NFC"}};
    b.content["pre_tokenizer"] = sequence("pretokenizers", {{{"type", "Digits"}, {"individual_digits", true}},
                                                            byte_level(b.flag("add_prefix_space", false))});
    HEADLIGHT_CHECK(b.add_tokens());
    b.add_special_tokens_again();
    return {};
}

Status build_clip(ClassBuild& b) {
    b.set_default("unk_token", "<|endoftext|>");
    b.set_default("bos_token", "<|startoftext|>");
    b.set_default("eos_token", "<|endoftext|>");
    b.set_default("pad_token", "<|endoftext|>");
    b.set_model({{"type", "BPE"}, {"end_of_word_suffix", "</w>"}, {"unk_token", b.text_of("unk_token")}});
    b.content["normalizer"] =
        sequence("normalizers", {{{"type", "NFC"}}, replace_pattern("\\s+", " "), {{"type", "Lowercase"}}});
    const json words = {
        {"type", "Split"}, {"pattern", {{"Regex", kClipWords}}}, {"behavior", "Removed"}, {"invert", true}};
    b.content["pre_tokenizer"] = sequence("pretokenizers", {words, byte_level(false)});
    b.content["decoder"] = {{"type", "ByteLevel"}};
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(roberta_processing(b, "eos_token", "bos_token", false, false));
    return {};
}

Status build_openai_gpt(ClassBuild& b) {
    b.set_default("unk_token", "<unk>");
    b.set_model({{"type", "BPE"}, {"end_of_word_suffix", "</w>"}, {"unk_token", b.text_of("unk_token")}});
    b.content["normalizer"] = {{"type", "BertNormalizer"},
                               {"clean_text", true},
                               {"handle_chinese_chars", true},
                               {"lowercase", true}};
    b.content["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
    b.content["decoder"] = {{"type", "BPEDecoder"}, {"suffix", "</w>"}};
    return b.add_tokens();
}

Status build_herbert(ClassBuild& b) {
    b.set_default("cls_token", "<s>");
    b.set_default("unk_token", "<unk>");
    b.set_default("pad_token", "<pad>");
    b.set_default("mask_token", "<mask>");
    b.set_default("sep_token", "</s>");
    b.set_model({{"type", "BPE"}, {"end_of_word_suffix", "</w>"}, {"unk_token", b.text_of("unk_token")}});
    b.content["normalizer"] = {{"type", "BertNormalizer"},
                               {"clean_text", true},
                               {"handle_chinese_chars", true},
                               {"lowercase", false},
                               {"strip_accents", false}};
    b.content["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
    b.content["decoder"] = {{"type", "BPEDecoder"}, {"suffix", "</w>"}};
    HEADLIGHT_CHECK(b.add_tokens());
    b.set_post_processor(
        {{"type", "BertProcessing"},
         {"sep", json::array({b.text_of("sep_token"), 2})},
         {"cls", json::array({b.text_of("cls_token"), 0})}});  // these ids, whatever the vocabulary says
    return {};
}

// A text is what the decoder writes: start of transcript, no timestamps unless they are predicted, the text,
// the end.
Status build_whisper(ClassBuild& b) {
    for (const char* key : {"language", "task"}) {
        if (!b.setting(key, json()).is_null())
            return fail(ErrorKind::Unsupported,
                        "WhisperTokenizer with '{}' set in tokenizer_config.json is not read", key);
    }
    set_document_roles(b);
    build_bytes(b, b.flag("add_prefix_space", false));
    HEADLIGHT_CHECK(b.add_tokens());
    std::vector<std::string> before = {"<|startoftranscript|>"};
    if (!b.truth("predict_timestamps", false)) before.push_back("<|notimestamps|>");
    b.set_post_processor(template_of(before, {b.text_of("eos_token")}));
    return {};
}

constexpr TokenizerClassRules kByteLevelRules[] = {
    {"GPT2Tokenizer", "BPE", "vocab.json", build_gpt2},
    {"CodeGenTokenizer", "BPE", "vocab.json", build_codegen},
    {"GPTNeoXTokenizer", "BPE", "vocab.json", build_gpt_neox},
    {"RobertaTokenizer", "BPE", "vocab.json", build_roberta},
    {"BlenderbotTokenizer", "BPE", "vocab.json", build_blenderbot},
    {"DebertaTokenizer", "BPE", "vocab.json", build_deberta},
    {"Qwen2Tokenizer", "BPE", "vocab.json", build_qwen2},
    {"Qwen3_5Tokenizer", "BPE", nullptr, build_qwen35},
    {"CohereTokenizer", "BPE", "vocab.json", build_cohere},
    {"CLIPTokenizer", "BPE", "vocab.json", build_clip},
    {"OpenAIGPTTokenizer", "BPE", "vocab.json", build_openai_gpt},
    {"HerbertTokenizer", "BPE", "vocab.json", build_herbert},
    {"WhisperTokenizer", "BPE", "vocab.json", build_whisper},
};

}  // namespace

std::span<const TokenizerClassRules> byte_level_classes() {
    return kByteLevelRules;
}

}  // namespace headlight
