#include "views/tokens/shown_run.h"

#include <fmt/format.h>

#include <algorithm>

namespace headlight {
namespace {

Compare shown_in_panel(const Snapshot& snapshot, bool has_difference) {
    const Compare shown = snapshot.shown();
    return shown == Compare::Difference && !has_difference ? Compare::After : shown;
}

}  // namespace

std::string titled(std::string_view title, const Snapshot& snapshot, bool has_difference) {
    if (!snapshot.has_interventions()) return std::string(title);
    return fmt::format("{} · {}", title, to_string(shown_in_panel(snapshot, has_difference)));
}

std::string intervention_words(const Snapshot& snapshot) {
    if (!snapshot.has_interventions() || !snapshot.model) return {};
    const ModelSpec& spec = snapshot.model->spec;
    return describe_all(*snapshot.interventions, spec.num_layers, spec.num_heads);
}

std::string run_words(const Snapshot& snapshot, bool has_difference) {
    if (!snapshot.has_interventions()) return {};
    const std::string what = intervention_words(snapshot);
    if (!snapshot.ablation_error.empty()) return fmt::format("unchanged; {} could not be measured", what);
    if (snapshot.is_ablation_pending) return fmt::format("unchanged; {} is being computed", what);
    switch (shown_in_panel(snapshot, has_difference)) {
        case Compare::Before:
            return fmt::format("unchanged, without {}", what);
        case Compare::After:
            return what;
        case Compare::Difference:
            return fmt::format("after − before, {}", what);
    }
    return what;
}

std::string left_over_words(const Snapshot& snapshot) {
    return snapshot.is_text_left_over() ? "of the text before" : "";
}

std::string written_words(const AnalyzedText* text) {
    if (text == nullptr || !text->trace || text->num_prompt < 0) return {};
    const int num_rows = text->trace->num_queries(), num_written = num_rows - text->num_prompt;
    if (num_written <= 0) return {};
    return fmt::format("{} of {} rows written by the model", num_written, num_rows);
}

std::string with_run(const Snapshot& snapshot, std::string_view context, bool has_difference) {
    std::string out = left_over_words(snapshot);
    const auto add = [&out](std::string_view part) {
        if (!part.empty()) out += (out.empty() ? "" : " · ") + std::string(part);
    };
    add(run_words(snapshot, has_difference));
    add(written_words(snapshot.text.get()));
    add(context);
    if (snapshot.model) add(snapshot.model->spec.dtype);
    return out;
}

const char* kind_word(AttentionKind kind) {
    return kind == AttentionKind::Self ? "" : kind_name(kind);
}

std::string with_kind(std::string_view title, const Snapshot& snapshot) {
    const std::string_view kind = snapshot.text ? kind_word(snapshot.text->kind()) : "";
    if (kind.empty()) return std::string(title);
    return fmt::format("{}{} · {}", static_cast<char>(kind[0] - 'a' + 'A'), kind.substr(1), title);
}

bool shares_kv_heads(const ModelSpec& spec, const TraceInfo& info) {
    const bool is_of_spec = info.kind == AttentionKind::Self || info.kind == AttentionKind::Encoder;
    return is_of_spec && spec.num_kv_heads > 0 && spec.num_kv_heads < spec.num_heads &&
           spec.num_heads == info.num_heads && spec.num_heads % spec.num_kv_heads == 0;
}

std::string absent_words(const AttentionTrace& trace, const std::vector<HeadId>& heads) {
    const auto is_there = [&](HeadId head) { return !trace.is_absent(head.layer); };
    if (heads.empty() || std::any_of(heads.begin(), heads.end(), is_there)) return {};
    return fmt::format("Layer {} has no softmax attention", heads.front().layer);
}

}  // namespace headlight
