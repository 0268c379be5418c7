// What the user chose: heads and tokens, and the steps that undo takes back.
#pragma once

#include <cstdint>
#include <utility>

#include "session/history.h"
#include "session/parts/session_core.h"

namespace headlight {

class Ablation;
class TextRuns;

class Choice final : public SessionPart {
  public:
    Choice(SessionCore& core, TextRuns& text, Ablation& ablation);

    /// Clamped to the sizes; `adds` toggles `head` in Selection::others.
    void select(HeadId head, bool adds);
    /// In tokens.
    void choose(Selection selection) { change(std::move(selection)); }
    void set_query(int query);
    /// Adds a query to the chosen edge, or takes it out.
    void toggle_query(int query);
    /// Chooses a query that nobody chose by hand: no step of undo.
    void follow(int query);
    /// As it was chosen, though the shown text may not be that long yet.
    int wanted_query() const { return wanted_.query; }
    const Selection& wanted() const { return wanted_; }
    void set_key(int key);
    void set_token(TokenAxis axis, int token);

    bool undo() { return restore(history_.undo()); }
    bool redo() { return restore(history_.redo()); }
    /// Notes what the user brought about.
    void record() { history_.record(now()); }
    void reset_history() { history_.reset(now()); }
    /// The steps as they are, and put back later over the same model.
    const History& history() const { return history_; }
    void use_history(History history) { history_ = std::move(history); }

    /// The sizes may be others: puts the choice inside them.
    void refresh();
    /// Tokens were chosen in a text that is no more.
    void forget_tokens();
    /// Selection, replaced attention and undo steps were of other heads.
    void forget();

    void drop_strangers() override;

  private:
    HistoryState now() const;
    bool restore(const HistoryState* state);
    void change(Selection selection);

    SessionCore& core_;
    TextRuns& text_;
    Ablation& ablation_;

    // As the user chose it, in tokens; Snapshot::token_selection is this inside the text's sizes, and
    // Snapshot::selection that in the units of the text.
    Selection wanted_;
    std::uint64_t model_id_ = 0;  // that all this is of; 0: it was chosen for the model that comes first
    History history_;
};

}  // namespace headlight
