// The options of all commands that ask a question of a model.
#pragma once

#include "run/cause/question_options.h"

namespace CLI {
class App;
}

namespace headlight {

/// --at, --answer, --answer-id, --rival, --rival-id.
void add_question_options(CLI::App& app, QuestionOptions& options);

}  // namespace headlight
