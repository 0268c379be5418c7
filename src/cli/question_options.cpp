#include "cli/question_options.h"

#include <CLI/CLI.hpp>

namespace headlight {

void add_question_options(CLI::App& app, QuestionOptions& options) {
    const std::string group = "Question";
    app.add_option("--at", options.at, "Position whose prediction is asked about (-1: the last)")
        ->capture_default_str()
        ->group(group);
    CLI::Option* answer =
        app.add_option("--answer", options.answer, "The answer, one token: \" Mary\"")->group(group);
    app.add_option("--answer-id", options.answer_id, "The answer as a token id")
        ->excludes(answer)
        ->group(group);
    CLI::Option* rival =
        app.add_option("--rival", options.rival,
                       "The other answer: logits are then compared with its; without one, with the mean")
            ->group(group);
    app.add_option("--rival-id", options.rival_id, "The other answer as a token id")
        ->excludes(rival)
        ->group(group);
}

}  // namespace headlight
