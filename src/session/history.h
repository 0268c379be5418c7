// Undo and redo of texts, selection, replaced attention and notes.
#pragma once

#include <string>
#include <vector>

#include "core/notes.h"
#include "core/selection.h"
#include "run/analyzed_text.h"
#include "session/ablation_state.h"

namespace headlight {

struct HistoryState {
    std::string text;
    Selection selection;
    InterventionsPtr interventions = nullptr;
    std::string decoder_text;
    WrittenTextPtr written = nullptr;
    NotesPtr notes = nullptr;
    bool operator==(const HistoryState&) const = default;
};

class History {
  public:
    /// Forgets everything and starts from `state`.
    void reset(HistoryState state);
    /// Notes a state that the user brought about. Typing on at one place up to the end of a word, and moving
    /// only the query or key, go into the step before.
    void record(HistoryState state);
    /// Null when there is nothing to undo or redo. Valid until the next call.
    const HistoryState* undo();
    const HistoryState* redo();

  private:
    std::vector<HistoryState> states_{1};
    std::size_t current_ = 0;
    bool may_merge_ = false;  // false right after reset, undo and redo
};

/// True if `after` comes from `before` and `now` from `after` by one gesture: typing on, or deleting on.
/// (Exposed for tests.)
bool is_one_gesture(const HistoryState& before, const HistoryState& after, const HistoryState& now);

}  // namespace headlight
