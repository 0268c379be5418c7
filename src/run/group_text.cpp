#include "run/group_text.h"

#include "analysis/patterns/sentence_masses.h"
#include "analysis/words/text_units.h"
#include "core/units/grouped_trace.h"
#include "run/text_run.h"

namespace headlight {
Result<std::shared_ptr<const AnalyzedText>> group_text(const std::shared_ptr<const AnalyzedText>& text,
                                                       UnitChoice choice, std::uint64_t id, int num_threads,
                                                       const JobContext& job) {
    const TokenizedText& keys = text->keys();
    const auto groups = text_groups(text->tokens, keys, choice.unit, choice.from);
    auto out = std::make_shared<AnalyzedText>();
    out->id = id;
    out->run_id = text->run_id;
    out->model_id = text->model_id;
    out->tokenizer_id = text->tokenizer_id;
    out->tokens = text_of_units(text->tokens, groups->queries);
    if (text->key_tokens)
        out->key_tokens = std::make_shared<const TokenizedText>(text_of_units(keys, groups->keys));
    out->input_tokens = text->input_tokens;
    if (!out->key_tokens) out->key_sets = text_key_sets(out->tokens);
    out->trace = std::make_shared<const GroupedTrace>(text->trace, groups, false, out->key_sets);
    out->groups = groups;
    out->of_tokens = text;
    out->tokenize_ms = text->tokenize_ms;
    out->run_ms = text->run_ms;
    out->num_reused = text->num_reused;
    out->num_threads = text->num_threads;
    out->was_measured_now = text->was_measured_now;
    if (text->num_prompt >= 0) {  // a unit that the model only ended is one of the prompt's
        const int first = unit_of(groups->queries, text->num_prompt);
        const bool is_split =
            first >= 0 && groups->queries[static_cast<std::size_t>(first)].begin < text->num_prompt;
        out->num_prompt = first < 0 ? static_cast<int>(groups->queries.size()) : first + (is_split ? 1 : 0);
    }
    HEADLIGHT_CHECK(analyze_into(*out, num_threads, job));
    return std::shared_ptr<const AnalyzedText>(std::move(out));
}

Result<TextKinds> group_kinds(const TextKinds& kinds, UnitChoice choice, std::uint64_t first_id,
                              int num_threads, const JobContext& job) {
    TextKinds out;
    if (choice.unit == TextUnit::Token) return out;
    for (const auto& text : kinds) {
        if (!text->trace) continue;
        HEADLIGHT_TRY(std::shared_ptr<const AnalyzedText> grouped,
                      group_text(text, choice, first_id + out.size(), num_threads, job));
        out.push_back(std::move(grouped));
    }
    return out;
}

}  // namespace headlight
