// Writing on: branches of what was written, and what others ask of the part.
#include "session/tasks/generation.h"

#include <algorithm>

#include "run/generate/writing_run.h"
#include "session/tasks/generation/generation_part.h"

namespace headlight {
namespace {

GenerationPart& generation_of(Session& session) {
    return task_of<GenerationPart>(session);
}

}  // namespace

/// Shows the branch up to `node` with that row under the bar, as one step of undo.
void GenerationPart::go_to(int node, int query) {
    set([node](WritingState& next) {
        next.node = node;
        next.stop = WritingStop::Paused;
    });
    rebuild_words();
    followed_ = -1;
    show();
    choice_.follow(std::min(query, std::max(0, state().num_prompt() + num_shown_ - 1)));
    choice_.record();
}

Status GenerationPart::branch(int step, std::int32_t id) {
    const ModelInfo& model = *core_.snapshot.model;
    if (id < 0 || id >= model.spec.vocab_size)
        return fail(ErrorKind::InvalidInput, "{} knows the tokens 0 to {}, not {}", model.spec.name,
                    model.spec.vocab_size - 1, id);
    const int left = state().num_wanted;
    if (left > 0) {
        halt();
        finish(WritingStop::Paused);
    }
    if (!state().has_text()) HEADLIGHT_CHECK(locate());  // also when it waited for its text
    const std::vector<int> path = state().tree->path(state().node);
    if (step < 0 || step > static_cast<int>(path.size()))
        return fail(ErrorKind::InvalidInput, "there is no step {}; {} tokens were written", step,
                    path.size());
    const auto at = static_cast<std::size_t>(step);
    const int parent = step == 0 ? WritingTree::kPrompt : path[at - 1];
    WrittenStep chosen;
    chosen.is_chosen = true;
    if (at < path.size()) {  // the same row: what the model found likely there
        const WrittenStep& instead = state().tree->step(path[at]);
        chosen.token.likeliest = instead.token.likeliest;
        chosen.likeliest_display = instead.likeliest_display;
    }
    chosen.token.id = id;
    chosen.display = display_of_token(model, id);
    for (const TokenPrediction& likely : chosen.token.likeliest)
        if (likely.id == id) chosen.token.own_probability = likely.probability;
    auto tree = std::make_shared<WritingTree>(*state().tree);
    const auto node = tree->add(parent, std::move(chosen));
    if (!node) return fail(ErrorKind::InvalidInput, "{} tokens are kept; delete a branch", tree->size());
    const int end = tree->newest_leaf(*node);
    set([&tree](WritingState& next) { next.tree = std::move(tree); });
    go_to(end, state().num_prompt() - 1 + step);
    if (left > 0) start(left);
    return {};
}

Result<int> GenerationPart::leaf_at(int index) const {
    if (!state().has_text()) return fail(ErrorKind::Missing, "nothing was written yet");
    if (state().is_playing()) return fail(ErrorKind::Missing, "it is being written; pause first");
    const std::vector<int> leaves = state().tree->leaves();
    if (index >= 0 && index < static_cast<int>(leaves.size())) return leaves[static_cast<std::size_t>(index)];
    return fail(ErrorKind::InvalidInput, "there is no branch {}; there are {}", index, leaves.size());
}

Status GenerationPart::choose(int index) {
    HEADLIGHT_TRY(const int leaf, leaf_at(index));
    go_to(leaf, core_.snapshot.token_selection.query);
    return {};
}

Status GenerationPart::remove(int index) {
    HEADLIGHT_TRY(const int leaf, leaf_at(index));
    auto tree = std::make_shared<WritingTree>(*state().tree);
    const int before = state().num_written();
    const int node = tree->remove_branch(leaf, state().node);
    set([&](WritingState& next) {
        next.tree = std::move(tree);
        next.node = node;
    });
    if (state().num_written() != before) go_to(node, core_.snapshot.token_selection.query);
    return {};
}

Result<ComparisonState> GenerationPart::comparison(int index) {
    HEADLIGHT_TRY(const int leaf, leaf_at(index));
    if (core_.snapshot.has_decoder())
        return fail(ErrorKind::Unsupported, "branches are compared in models that read one text");
    WrittenWords words(*core_.snapshot.model, *state().prompt);
    for (const int node : state().tree->path(leaf))
        words.add(state().tree->step(node).token.id);
    ComparisonState out;
    out.with = ComparedWith::Text;
    out.other = words.text().text;
    out.other_tokens = std::make_shared<const TokenizedText>(words.text());
    return out;
}

bool is_written_text(const WritingState& state, const AnalyzedText* text) {
    return state.has_text() && text != nullptr && state.run_id == text->run_id;
}

int step_of_query(const WritingState& state, int query) {
    return query - (state.num_prompt() - 1);
}

std::optional<Error> why_no_writing(const Snapshot& now) {
    if (!now.model) return make_error(ErrorKind::Missing, "Open a model first.");
    if (now.model->spec.prediction != Prediction::NextToken)
        return make_error(ErrorKind::Unsupported, "{} predicts no next token, so it writes none.",
                          now.model->spec.name);
    return std::nullopt;
}

void start_writing(Session& session, int count) {
    generation_of(session).start(count);
}

void pause_writing(Session& session) {
    generation_of(session).pause();
}

Status branch_writing(Session& session, int step, std::int32_t id) {
    if (!session.snapshot().model) return fail(ErrorKind::Missing, "no model is open");
    return generation_of(session).branch(step, id);
}

Status choose_branch(Session& session, int index) {
    return generation_of(session).choose(index);
}

Status delete_branch(Session& session, int index) {
    return generation_of(session).remove(index);
}

Status compare_branch(Session& session, int index) {
    HEADLIGHT_TRY(ComparisonState next, generation_of(session).comparison(index));
    compare_with(session, std::move(next));
    return {};
}

void restore_writing(Session& session, WritingState state) {
    generation_of(session).restore(std::move(state));
}

void set_writing(Session& session, const WritingSettings& settings) {
    generation_of(session).set([&](WritingState& next) { next.settings = settings; });
}

void set_made_from_scope(Session& session, MadeFromScope scope) {
    generation_of(session).set([scope](WritingState& next) { next.scope = scope; });
}

Status mark_text_part(Session& session, TextPart part) {
    GenerationPart& writing = generation_of(session);
    const Snapshot& now = session.snapshot();
    if (!is_written_text(now.part<WritingState>(), now.base_text.get())) HEADLIGHT_CHECK(writing.locate());
    const WritingState& state = now.part<WritingState>();
    const int most =
        state.encoder_ids.empty() ? state.num_prompt() : static_cast<int>(state.encoder_ids.size());
    if (part.begin < 0 || part.end > most)
        return fail(ErrorKind::InvalidInput, "parts are of the prompt: tokens 0 to {}", most - 1);
    writing.set([&](WritingState& next) { next.parts = mark_part(next.parts, std::move(part)); });
    return {};
}

Status clear_text_parts(Session& session) {
    GenerationPart& writing = generation_of(session);
    HEADLIGHT_CHECK(writing.locate());
    const AnalyzedText& text = *session.snapshot().kinds.back();
    writing.set([&](WritingState& next) { next.parts = own_parts(next, text); });
    return {};
}

extern const TaskDescriptor k_task_generation = {
    [](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
        return std::make_unique<GenerationPart>(setting);
    }};

}  // namespace headlight
