// What in a snapshot does not belong together.
#include "session/snapshot_faults.h"

#include <algorithm>
#include <utility>

#include "run/text_tokens.h"
#include "session/saved/notes_state.h"
#include "session/tasks/patching.h"
#include "session/tasks/question.h"

namespace headlight {
namespace {

class Expectations {
  public:
    /// `rule` is said when it does not hold.
    void expect(bool holds, std::string rule) {
        if (!holds) broken_.push_back(std::move(rule));
    }
    std::vector<std::string> take() { return std::move(broken_); }

  private:
    std::vector<std::string> broken_;
};

bool is_of_decoder(const AnalyzedText& text) {
    return text.kind() == AttentionKind::Decoder || text.kind() == AttentionKind::Cross;
}

void expect_text(Expectations& all, const AnalyzedText& text, const Snapshot& now) {
    const ModelInfo& model = *now.model;
    all.expect(text.model_id == model.id, "a shown text is of the open model");
    all.expect(text.tokenizer_id == model.tokenizer_id, "a shown text was read with the tokenizer in use");
    all.expect(now.base_text && text.run_id == now.base_text->run_id, "all kinds are of one run");
    if (!text.trace) return;
    const TraceInfo& info = text.trace->info();
    const bool is_decoder = is_of_decoder(text);
    const int layers = is_decoder ? model.spec.num_decoder_layers : model.spec.num_layers;
    const int heads = is_decoder ? model.spec.num_decoder_heads : model.spec.num_heads;
    all.expect(info.num_layers == layers && info.num_heads == heads,
               "a trace has the model's layers and heads");
    all.expect(info.num_queries == static_cast<int>(text.tokens.tokens.size()),
               "a trace has a row for each token");
    all.expect(info.num_keys == static_cast<int>(text.keys().tokens.size()),
               "a trace has a column for each key");
    all.expect(
        text.analysis.heads.size() == static_cast<std::size_t>(layers) * static_cast<std::size_t>(heads),
        "every head is analysed");
    if (!text.was_measured_now || text.num_prompt >= 0) return;
    const auto read = is_decoder
                          ? decoder_tokens_of_text(model, text.tokens.text)
                          : tokens_of_boxes(model, text.tokens.first_text(), text.tokens.second_text());
    all.expect(read && read->ids() == text.tokens.ids(),
               "a shown text has the tokens that the tokenizer gives");
}

/// Rows and columns that are units are of the tokens that they are said to be of.
void expect_units(Expectations& all, const AnalyzedText& text) {
    const TraceInfo &units = text.trace->info(), &tokens = text.of_tokens->trace->info();
    const auto count = [](const auto& list) { return static_cast<int>(list.size()); };
    all.expect(text.run_id == text.of_tokens->run_id && text.model_id == text.of_tokens->model_id,
               "units are of the run that they were made of");
    all.expect(units.num_queries == count(text.groups->queries) && units.num_keys == count(text.groups->keys),
               "a trace between units has a row and a column for each");
    all.expect(text.tokens.tokens.size() == text.groups->queries.size() &&
                   text.keys().tokens.size() == text.groups->keys.size(),
               "every unit has words");
    all.expect(text.groups->queries.empty() || text.groups->queries.back().end == tokens.num_queries,
               "units hold every token");
    all.expect(text.analysis.heads.size() == units.grid().size(), "every head is analysed between units");
}

void expect_base(Expectations& all, const Snapshot& now) {
    all.expect(now.kinds.empty() == !now.base_text, "there are kinds exactly when a text was run");
    all.expect((now.text != nullptr) == (now.base_text != nullptr),
               "a text is shown exactly when one was run");
    if (!now.base_text) return all.expect(!now.is_stale, "without a text nothing is left over");
    for (const auto& text : now.kinds)
        expect_text(all, *text, now);
    all.expect(std::find(now.kinds.begin(), now.kinds.end(), now.base_text) != now.kinds.end(),
               "the unchanged text is one of the run's kinds");
    const auto& shown_run = now.shown_tokens();
    all.expect(shown_run == now.base_text || (now.ablation && shown_run == now.ablation->after),
               "what is shown is the unchanged text or the changed one");
    all.expect(token_text(now.shown_base) == now.base_text, "the shown unchanged text is that text");
    if (now.text && now.shown_base) {
        all.expect(now.shown_base->unit() == now.unit(), "both are shown between the same units");
        if (now.text->groups) expect_units(all, *now.text);
    }
    if (now.is_stale || now.kinds.empty()) return;
    const AnalyzedText& last = *now.kinds.back();
    const std::string shown = last.input_tokens ? last.input_tokens->text : last.tokens.first_text();
    all.expect(!now.text_problem, "a text that was run has no problem");
    all.expect(shown == now.typed_text, "what is shown was typed");
    if (last.input_tokens)
        all.expect(last.tokens.text == now.typed_decoder_text, "what the decoder read was typed");
    if (last.tokens.is_pair())
        all.expect(last.tokens.second_text() == now.typed_decoder_text, "sentence B was typed");
}

void expect_changes(Expectations& all, const Snapshot& now) {
    const ModelSpec& spec = now.model->spec;
    if (now.text_problem) {
        all.expect(now.text_problem->model_id == now.model->id &&
                       now.text_problem->tokenizer_id == now.model->tokenizer_id,
                   "a text's problem is of the open model and its tokenizer");
        all.expect(!now.text_problem->reason.empty(), "a text's problem has a reason");
    }
    if (now.ablation && now.base_text) {
        const AblationResult& result = *now.ablation;
        all.expect(result.base_id == now.base_text->id, "the ablation is of the shown text");
        all.expect(result.after->tokens.ids() == now.base_text->tokens.ids(),
                   "the ablation has the text's tokens");
    }
    if (now.sweep && now.base_text) {
        all.expect(now.sweep->base_id == now.base_text->id, "the sweep is of the shown text");
        all.expect(now.sweep->num_heads == spec.num_layers * spec.num_heads,
                   "the sweep has the model's heads");
        all.expect(now.sweep->effects.size() <= static_cast<std::size_t>(now.sweep->num_heads),
                   "the sweep has at most one effect a head");
    }
    all.expect(now.base_text || (!now.ablation && !now.sweep), "without a text there is no ablation of it");
    if (!now.interventions || now.has_decoder()) return;
    for (const Intervention& change : *now.interventions) {
        for (const HeadId head : change.heads)
            all.expect(head.layer < spec.num_layers && head.head < spec.num_heads, "replaced heads exist");
    }
}

void expect_selection(Expectations& all, const Snapshot& now) {
    const AttentionTrace* trace = now.text ? now.text->trace.get() : nullptr;
    const int layers = trace ? trace->num_layers() : now.model->spec.num_layers;
    const int heads = trace ? trace->num_heads() : now.model->spec.num_heads;
    std::vector<HeadId> chosen = now.selection.others;
    chosen.push_back(now.selection.head);
    for (const HeadId head : chosen)
        all.expect(head.layer < layers && head.head < heads, "chosen heads exist");
    if (const Atlas* atlas = now.shown_atlas())
        all.expect(atlas->num_heads == heads, "a shown atlas has the shown heads");
    if (!trace) return;
    all.expect(now.selection.query < trace->num_queries(), "the chosen query exists");
    all.expect(now.selection.key < trace->num_keys(), "the chosen key exists");
    const AttentionTrace& tokens = *now.shown_tokens()->trace;
    all.expect(now.token_selection.query < tokens.num_queries(), "the chosen query's token exists");
    all.expect(now.token_selection.key < tokens.num_keys(), "the chosen key's token exists");
    all.expect(now.selection.head == now.token_selection.head, "one head is chosen");
    if (!now.text->groups) return;
    all.expect(now.selection.query == unit_of(now.text->groups->queries, now.token_selection.query),
               "the chosen query is the unit of the chosen token");
}

void expect_cause(Expectations& all, const Snapshot& now) {
    const PictureWeights& picture = now.picture;
    all.expect(!picture.trace || (now.text && picture.trace->raw() == now.text->trace),
               "pictures are of the shown text");
    all.expect(!picture.before || (now.shown_base && picture.before->raw() == now.shown_base->trace),
               "differences are to the unchanged text");
    const auto& question = now.part<QuestionState>().question;
    all.expect(!question || (now.base_text && now.base_text->trace &&
                             question->position < now.base_text->trace->num_queries() &&
                             question->answer < now.model->spec.vocab_size),
               "the question is of the text and the vocabulary");
    const std::uint64_t patched = now.part<PatchingState>().base_id;
    all.expect(patched == 0 || (now.base_text && patched == now.base_text->id),
               "the patching is of the shown text");
}

void expect_notes(Expectations& all, const Snapshot& now) {
    const NotesState& notes = now.part<NotesState>();
    all.expect(notes.all().empty() || notes.model_id == now.model->id, "notes are on the open model");
    all.expect(notes.base_id == 0 || (now.base_text && notes.base_id == now.base_text->id),
               "notes on cells are compared with the shown text");
}

void expect_files(Expectations& all, const Snapshot& now) {
    const ModelSpec& spec = now.model->spec;
    if (now.atlas && now.atlas_mismatch.empty())
        all.expect(now.atlas->atlas.model == spec.name && now.atlas->atlas.num_layers == spec.num_layers,
                   "an atlas without a mismatch is of the open model");
    all.expect(now.atlas_model_id == 0 || now.atlas_model_id == now.model->id,
               "an atlas's model is the open one");
    all.expect(now.training_model_id == 0 || now.training_model_id == now.model->id,
               "a log's model is the open one");
}

}  // namespace

std::vector<std::string> snapshot_faults(const Snapshot& now) {
    Expectations all;
    if (!now.model) {
        all.expect(!now.text && now.kinds.empty(), "without a model no text is shown");
        return all.take();
    }
    expect_base(all, now);
    expect_changes(all, now);
    expect_selection(all, now);
    expect_cause(all, now);
    expect_notes(all, now);
    expect_files(all, now);
    return all.take();
}

}  // namespace headlight
