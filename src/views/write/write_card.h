// What the cards of written text share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "session/tasks/generation.h"
#include "ui/theme.h"
#include "views/view.h"

namespace headlight {

/// The branch that is written or chosen, kept while it is the same.
class WrittenBranch {
  public:
    /// Nodes of the branch, first token first.
    const std::vector<int>& nodes(const WritingState& state);

  private:
    std::shared_ptr<const WritingTree> tree_;
    int node_ = WritingTree::kPrompt;
    std::vector<int> nodes_;
};

const WritingState& writing_of(const ViewContext& context);

/// The card state while nothing was written: what to do, with its button, or why it cannot be. True when it
/// was drawn. Call inside the card.
bool draw_missing_writing(ViewContext& context);

/// Step under the bar, in [0, number of written tokens]: the last is the token that comes next. -1: a row of
/// the prompt is chosen, or another text is shown. While it writes and the text lags behind, the last that
/// was written.
int step_under_bar(const ViewContext& context);

/// Moves the bar.
void choose_step(ViewContext& context, int step);

/// “·Mary” (14): 92 %, at step 0.
std::string step_sentence(const WritingState& state, const WritingTree& tree, int node, int step);

/// Play or pause, back, on: for a card's controls.
void draw_play_buttons(ViewContext& context);

/// Colour of a part of the text.
ui::Rgba part_color(std::size_t index, std::string_view name);

}  // namespace headlight
