// The question that is asked of the shown text: which answer, after which token, against which rival.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/cause/question.h"

namespace headlight {

class Session;

struct QuestionState {
    std::optional<AskedQuestion> asked;  // none: nothing was asked of this model and tokenizer
    std::optional<Question> question;    // the same for the text that is shown
    std::string answer, rival;           // as titles show the tokens: "·Mary"
    std::string why_not;                 // asked, but not to be asked of this text
};

/// Takes the place of an older question; nullopt: none is asked any more. Position and tokens may be of a
/// text that is on its way. The result is in Snapshot::part<QuestionState>().
void ask_question(Session& session, const std::optional<AskedQuestion>& asked);

}  // namespace headlight
