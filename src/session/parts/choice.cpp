// Selection and undo.
#include "session/parts/choice.h"

#include "session/parts/ablation.h"
#include "session/parts/selection_bounds.h"
#include "session/parts/text_runs.h"
#include "session/saved/notes_state.h"

namespace headlight {

Choice::Choice(SessionCore& core, TextRuns& text, Ablation& ablation)
    : core_(core), text_(text), ablation_(ablation) {
    reset_history();
}

void Choice::select(HeadId head, bool adds) {
    Selection next = wanted_;
    head = clamp_head(head, core_.snapshot);
    next.head = core_.snapshot.selection.head;
    if (adds) {
        toggle_head(next, head);
    } else {
        next.head = head;
        next.others.clear();
    }
    change(std::move(next));
}

void Choice::set_query(int query) {
    Selection next = wanted_;
    next.query = token_of(core_.snapshot, TokenAxis::Query, query);
    next.queries.clear();
    change(std::move(next));
}

void Choice::set_token(TokenAxis axis, int token) {
    Selection next = wanted_;
    if (axis == TokenAxis::Key) {
        next.key = token;
    } else {
        next.query = token;
        next.queries.clear();
    }
    change(std::move(next));
}

void Choice::follow(int query) {
    wanted_.query = query;
    wanted_.queries.clear();
    refresh();
}

void Choice::toggle_query(int query) {
    Selection next = wanted_;
    next.query = core_.snapshot.token_selection.query;
    query = token_of(core_.snapshot, TokenAxis::Query, query);
    if (std::erase(next.queries, query) == 0 && query != next.query) next.queries.push_back(query);
    change(std::move(next));
}

void Choice::set_key(int key) {
    Selection next = wanted_;
    next.key = token_of(core_.snapshot, TokenAxis::Key, key);
    change(std::move(next));
}

void Choice::change(Selection selection) {
    wanted_ = std::move(selection);
    refresh();
    record();
}

void Choice::refresh() {
    Snapshot& snapshot = core_.snapshot;
    snapshot.token_selection = clamp_selection(wanted_, snapshot);
    snapshot.selection = selection_in_units(snapshot.token_selection, snapshot);
    core_.is_changed = true;
}

void Choice::forget_tokens() {
    wanted_.query = wanted_.key = -1;
    wanted_.queries.clear();
    refresh();
}

void Choice::forget() {
    if (model_id_ != 0) wanted_ = {};
    model_id_ = core_.open_now().model_id;
    ablation_.forget_interventions();
    reset_history();
    refresh();
}

void Choice::drop_strangers() {
    if (model_id_ != core_.open_now().model_id) forget();
}

HistoryState Choice::now() const {
    const Snapshot& snapshot = core_.snapshot;
    return {snapshot.typed_text,    wanted_,
            snapshot.interventions, snapshot.typed_decoder_text,
            snapshot.written_text,  snapshot.part<NotesState>().notes};
}

bool Choice::restore(const HistoryState* state) {
    if (state == nullptr) return false;
    const Snapshot& snapshot = core_.snapshot;
    wanted_ = state->selection;
    const InterventionsPtr interventions = state->interventions;
    if (state->text != snapshot.typed_text || state->decoder_text != snapshot.typed_decoder_text ||
        state->written != snapshot.written_text)
        text_.change({state->text, state->decoder_text, state->written});
    if (interventions != snapshot.interventions) ablation_.use(interventions);
    if (state->notes != snapshot.part<NotesState>().notes) {
        NotesState notes = snapshot.part<NotesState>();
        notes.notes = state->notes;
        core_.snapshot.parts.put(std::move(notes));
    }
    refresh();
    return true;
}

}  // namespace headlight
