// What the cards about an answer share: states without one, names and colours of parts.
#pragma once

#include <string>

#include "core/cause/attribution.h"
#include "core/cause/patching.h"
#include "session/tasks/question.h"
#include "ui/card.h"
#include "ui/theme.h"
#include "views/view.h"

namespace headlight {

/// The question that is asked of the shown text; null: none, and the card says what to do. Call inside the
/// card.
const Question* asked_question(ViewContext& context);

/// False, and the card says what it waits for or what went wrong, until the value is there.
bool draw_until_ready(bool is_failed, const std::optional<Error>& error, double progress,
                      std::string_view what);
template <class T>
bool draw_until_ready(const Derived<T>& derived, std::string_view what) {
    if (derived.is_ready()) return true;
    return draw_until_ready(derived.state == Derived<T>::State::Failed, derived.error, derived.progress,
                            what);
}

/// "·Mary − ·John", "·Mary".
std::string question_label(const Snapshot& snapshot);
/// Which metric of the answer the window measures in.
AnswerMetric answer_metric(const Settings& settings);
/// "logits", "", "nats".
const char* unit_of(AnswerMetric metric);

/// "L23H3", "L28 MLP", "embedding".
std::string part_label(const Component& component);

/// Rose above zero, blue below, the card's colour at zero; `hi` gets the last colour.
ui::Rgba signed_fill(double value, double hi, double gamma);
/// The scale of signed_fill() from left to right.
void draw_signed_scale(ImDrawList* list, float left, float right, float top, double gamma);
/// For bars and lines: rose or blue at full strength.
ui::Rgba signed_ink(double value);
/// A bar from `zero` to the value's place.
void draw_signed_bar(ImDrawList* list, float zero, float reach, float middle, float half, ui::Rgba color);

/// The token of an id as titles show it.
std::string token_name(const Snapshot& snapshot, std::int32_t id);

/// One line of our own words at a place.
void put_words(ImVec2 pos, ui::Rgba color, std::string_view words);
void put_words_right(ImVec2 right_top, ui::Rgba color, std::string_view words);

}  // namespace headlight
