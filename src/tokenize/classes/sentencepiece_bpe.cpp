// Classes of SentencePiece models with merges (Llama, Gemma ...), and what a model of no class says by its
// own settings.
#include <algorithm>
#include <set>

#include "base/utf8.h"
#include "tokenize/files/class_build.h"
#include "tokenize/files/sentencepiece_content.h"
#include "tokenize/text/pre_tokenizer.h"

namespace headlight {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

json byte_fallback_decoder(bool strips_first_space) {
    std::vector<json> steps = {replace_text("▁", " "), {{"type", "ByteFallback"}}, {{"type", "Fuse"}}};
    if (strips_first_space) steps.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
    return sequence("decoders", std::move(steps));
}

Status build_llama(ClassBuild& b) {
    b.set_default("unk_token", "<unk>");
    b.set_default("bos_token", "<s>");
    b.set_default("eos_token", "</s>");
    const bool has_prefix_space = b.setting("add_prefix_space", json()) != false;
    // The key stands in some files as null, which is neither false nor the default.
    const ordered_json legacy = b.setting("legacy", false);
    b.set_model({{"type", "BPE"}, {"fuse_unk", true}, {"byte_fallback", true}});
    b.content["normalizer"] = json();
    b.content["pre_tokenizer"] = metaspace(!has_prefix_space ? "never"
                                           : is_true(legacy) ? "always"
                                                             : "first",
                                           false);
    // The class loses a space at the front that such a model, and the tokenizer.json made of it, keep.
    if (b.model != nullptr && is_true(legacy)) b.content["pre_tokenizer"][kDoublesFirst] = true;
    b.content["decoder"] = byte_fallback_decoder(has_prefix_space);
    return b.add_tokens();
}

Status build_code_llama(ClassBuild& b) {
    b.set_default("unk_token", "<unk>");
    b.set_default("bos_token", "<s>");
    b.set_default("eos_token", "</s>");
    if (!b.settings().contains("add_bos_token")) b.settings()["add_bos_token"] = true;
    // What the settings name these tokens is added as well, but the class adds its own names all the same.
    ordered_json additional = b.additional().is_array() ? b.additional() : ordered_json::array();
    const std::pair<const char*, const char*> marks[] = {{"prefix_token", "▁<PRE>"},
                                                         {"middle_token", "▁<MID>"},
                                                         {"suffix_token", "▁<SUF>"},
                                                         {"eot_token", "▁<EOT>"},
                                                         {"fill_token", "<FILL_ME>"}};
    for (const auto& [role, text] : marks) {
        b.set_default(role, text);
        if (b.has(role)) additional.push_back(b.text_of(role));
    }
    b.set_additional(std::move(additional));
    const bool has_prefix_space = b.setting("add_prefix_space", json()) != false;
    b.set_model({{"type", "BPE"},
                 {"fuse_unk", true},
                 {"byte_fallback", true},
                 {"unk_token", b.text_of("unk_token")}});
    b.content["normalizer"] = json();
    b.content["pre_tokenizer"] = metaspace(has_prefix_space ? "first" : "never", false);
    b.content["decoder"] = byte_fallback_decoder(true);
    if (b.has("fill_token")) b.content["infilling_mark"] = b.text_of("fill_token");
    return b.add_tokens();
}

Status build_gemma(ClassBuild& b) {
    b.set_default("unk_token", "<unk>");
    b.set_default("bos_token", "<bos>");
    b.set_default("eos_token", "<eos>");
    b.set_default("pad_token", "<pad>");
    b.set_default("mask_token", "<mask>");
    b.set_model({{"type", "BPE"},
                 {"fuse_unk", true},
                 {"byte_fallback", true},
                 {"unk_token", b.text_of("unk_token")}});
    b.content["normalizer"] = replace_text(" ", "▁");
    b.content["pre_tokenizer"] = {{"type", "Split"},
                                  {"pattern", {{"String", " "}}},
                                  {"behavior", "MergedWithPrevious"},
                                  {"invert", false}};
    b.content["decoder"] = byte_fallback_decoder(false);
    return b.add_tokens();
}

Status build_reformer(ClassBuild& b) {
    b.set_default("eos_token", "</s>");
    b.set_default("unk_token", "<unk>");
    b.set_model({{"type", "BPE"}, {"fuse_unk", true}, {"unk_token", b.text_of("unk_token")}});
    b.content["normalizer"] = json();
    if (!b.character_map.is_null())
        b.content["normalizer"] =
            sequence("normalizers", {precompiled(b.character_map), replace_pattern(" {2,}", " ")});
    b.content["pre_tokenizer"] = b.content["decoder"] = metaspace("always");
    HEADLIGHT_CHECK(b.add_tokens());
    b.add_special_tokens_again();
    return {};
}

std::string escaped(const std::string& text) {
    constexpr std::string_view kMarks = "()[]{}?*+-|^$\\.&~# \t\n\r\v\f";
    std::string out;
    for (const char c : text) {
        if (kMarks.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

// SentencePiece writes the pieces that its user defined whole, whatever stands around them.
json user_defined_split(const SentencePieceProto& model, const std::vector<std::string>& pieces) {
    std::vector<std::string> defined;
    for (std::size_t id = 0; id < pieces.size(); ++id)
        if (model.pieces[id].type == PieceType::UserDefined) defined.push_back(pieces[id]);
    if (defined.empty()) return {};
    std::stable_sort(defined.begin(), defined.end(), [](const std::string& a, const std::string& b) {
        return utf8::count_code_points(a) > utf8::count_code_points(b);
    });
    std::string pattern;
    for (const std::string& text : defined)
        pattern += (pattern.empty() ? "" : "|") + escaped(text);
    return {
        {"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
}

/// Texts of a model's pieces; those that the settings rename, unless another piece has that name already.
std::vector<std::string> renamed_pieces(const SentencePieceProto& model,
                                        const std::map<std::int64_t, TokenSpec>& added) {
    std::vector<std::string> pieces = pieces_of(model);
    std::set<std::string> kept;
    for (std::size_t id = 0; id < pieces.size(); ++id)
        if (added.count(static_cast<std::int64_t>(id)) == 0) kept.insert(pieces[id]);
    for (const auto& [id, token] : added)
        if (id >= 0 && id < static_cast<std::int64_t>(pieces.size()) && kept.count(token.content) == 0)
            pieces[static_cast<std::size_t>(id)] = token.content;
    return pieces;
}

void set_decoder(ClassBuild& b, const SentencePieceProto& model) {
    std::vector<json> steps = {replace_text("▁", " ")};
    if (model.has_byte_fallback) steps.push_back({{"type", "ByteFallback"}});
    steps.push_back({{"type", "Fuse"}});
    if (model.adds_prefix_space)
        steps.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
    b.content["decoder"] = sequence("decoders", std::move(steps));
}

void set_normalizer(ClassBuild& b, const SentencePieceProto& model, bool is_legacy) {
    std::vector<json> steps = {precompiled(b.character_map)};
    if (model.removes_extra_spaces) {
        steps.push_back(replace_pattern("\\A +| +\\z", ""));
        steps.push_back(replace_pattern(" {2,}", " "));
    }
    if (model.escapes_spaces) steps.push_back(replace_text(" ", "▁"));
    // A text that begins with the mark gets another one before it.
    if (model.adds_prefix_space && is_legacy) steps.push_back(replace_pattern("\\A▁", "▁▁"));
    b.content["normalizer"] = sequence("normalizers", std::move(steps));
}

// tokenizer.json as it is, or a SentencePiece model by its own settings.
Status build_plain(ClassBuild& b) {
    if (b.model != nullptr) follow_model(b);
    return b.add_tokens();
}

constexpr TokenizerClassRules kSentencePieceRules[] = {
    {"TokenizersBackend", nullptr, "*.model", build_plain, true},
    {"LlamaTokenizer", "BPE", "*.model", build_llama},
    {"CodeLlamaTokenizer", "BPE", "*.model", build_code_llama},
    {"GemmaTokenizer", "BPE", "*.model", build_gemma},
    {"ReformerTokenizer", "BPE", "*.model", build_reformer},
};

}  // namespace

void follow_model(ClassBuild& b, bool as_likelihoods) {
    const SentencePieceProto& model = *b.model;
    const bool is_legacy = b.truth("legacy", true), has_likelihoods = as_likelihoods || model.is_unigram;
    std::vector<std::string> pieces =
        has_likelihoods ? pieces_of(model) : renamed_pieces(model, b.merged().added);
    const json split = user_defined_split(model, pieces);
    if (has_likelihoods) {
        b.vocab = likelihoods_of(model);
        b.set_model(
            {{"type", "Unigram"}, {"unk_id", model.unknown_id}, {"byte_fallback", model.has_byte_fallback}});
    } else {
        b.vocab = ids_of(pieces);
        b.merges = merges_by_score(model, pieces);
        b.set_model({{"type", "BPE"},
                     {"unk_token", model.unknown_piece},
                     {"fuse_unk", true},
                     {"byte_fallback", model.has_byte_fallback},
                     {"ignore_merges", !split.is_null()}});
    }
    set_normalizer(b, model, is_legacy);
    std::vector<json> steps;
    if (model.adds_prefix_space) steps.push_back(metaspace(is_legacy ? "always" : "first", false));
    if (!split.is_null()) steps.push_back(split);
    b.content["pre_tokenizer"] = steps.empty() ? json() : sequence("pretokenizers", std::move(steps));
    set_decoder(b, model);
    ordered_json kept = ordered_json::array();  // user-defined pieces are the pipeline's
    for (const ordered_json& token : b.additional())
        if (token["special"] == true) kept.push_back(token);
    b.set_additional(std::move(kept));
    if (model.adds_prefix_space) {
        for (auto& [id, token] : b.merged().added)
            token.normalized = false;
    }
    if (model.bos_id >= 0) b.set_default("bos_token", model.bos_piece.c_str());
    if (model.eos_id >= 0) b.set_default("eos_token", model.eos_piece.c_str());
    b.set_default("unk_token", model.unknown_piece.c_str());
}

std::span<const TokenizerClassRules> sentencepiece_bpe_classes() {
    return kSentencePieceRules;
}

}  // namespace headlight
