#include "tokenize/files/file_pipeline.h"

#include <optional>
#include <string>

namespace headlight {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kDeepest = 32;  // sequences in sequences

/// What the steps say; nullopt where none is about it.
struct FileSteps {
    bool lowers = false, strips_accents = false, splits_punctuation = false;
    std::optional<bool> bert_accents, splits_chinese, has_prefix_space, trims;
};

void note_step(const json& step, FileSteps& out) {
    const std::string type = step.value("type", std::string());
    if (type == "Lowercase") out.lowers = true;
    if (type == "StripAccents") out.strips_accents = true;
    if (type == "Punctuation") out.splits_punctuation = true;
    if (type == "Prepend") out.has_prefix_space = true;
    if (type == "BertNormalizer") {
        out.lowers |= step.value("lowercase", true);
        out.splits_chinese = step.value("handle_chinese_chars", true);
        if (const auto strips = step.find("strip_accents"); strips != step.end() && strips->is_boolean())
            out.bert_accents = strips->get<bool>();
        else
            out.bert_accents = step.value("lowercase", true);  // null: as the case
    }
    if (type == "Metaspace") {
        const std::string fallback = step.value("add_prefix_space", true) ? "always" : "never";
        out.has_prefix_space = step.value("prepend_scheme", fallback) != "never";
    }
    if (type == "RobertaProcessing") out.trims = step.value("trim_offsets", true);
}

void note_steps(const json& node, FileSteps& out, int depth = 0) {
    if (!node.is_object() || depth > kDeepest) return;
    note_step(node, out);
    for (const char* members : {"normalizers", "pretokenizers", "processors"}) {
        const auto list = node.find(members);
        if (list == node.end() || !list->is_array()) continue;
        for (const json& step : *list)
            note_steps(step, out, depth + 1);
    }
}

/// The prefix space of a ByteLevel counts before the words only: its twin among the post-processors says what
/// spans do.
void note_byte_level(const json& node, FileSteps& out, int depth = 0) {
    if (!node.is_object() || depth > kDeepest) return;
    if (node.value("type", std::string()) == "ByteLevel")
        out.has_prefix_space = node.value("add_prefix_space", true);
    if (const auto list = node.find("pretokenizers"); list != node.end() && list->is_array()) {
        for (const json& step : *list)
            note_byte_level(step, out, depth + 1);
    }
}

bool differs(const ordered_json& config, const char* key, std::optional<bool> in_file) {
    const auto said = config.find(key);
    return in_file && said != config.end() && said->is_boolean() && said->get<bool>() != *in_file;
}

}  // namespace

bool contradicts_file(const ordered_json& config, const json& file) {
    FileSteps steps;
    for (const char* part : {"normalizer", "pre_tokenizer", "post_processor"}) {
        const auto found = file.find(part);
        if (found == file.end()) continue;
        note_steps(*found, steps);
        if (std::string(part) == "pre_tokenizer") note_byte_level(*found, steps);
    }
    return differs(config, "do_lower_case", steps.lowers) ||
           differs(config, "strip_accents", steps.bert_accents) ||
           differs(config, "keep_accents", !steps.strips_accents) ||
           differs(config, "split_by_punct", steps.splits_punctuation) ||
           differs(config, "tokenize_chinese_chars", steps.splits_chinese) ||
           differs(config, "add_prefix_space", steps.has_prefix_space) ||
           differs(config, "trim_offsets", steps.trims);
}

}  // namespace headlight
