// A quiz for a class, on whatever model and text are open: what comes next, and where a head looks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/head_id.h"

namespace headlight {

struct CommandContext;
struct Snapshot;

enum class QuizKind {
    NextToken,  // which token does the model think comes next?
    LooksAt,    // which key does a row of a head give most to?
};

/// One of the tokens to choose from.
struct QuizOption {
    std::int32_t id = 0;
    std::string shown;       // "·cat"
    double probability = 0;  // that the model gives it
};

struct QuizState {
    bool is_on = false;
    QuizKind kind = QuizKind::NextToken;
    int number = 0;                   // of the question, from 1
    bool is_ready = false;            // there is a question
    std::string why_not;              // there can be none on this text
    std::uint64_t text_id = 0;        // AnalyzedText::id between tokens, that it is about
    int at = -1;                      // NextToken: the text up to this token is shown. LooksAt: the query
    HeadId head;                      // LooksAt
    std::vector<QuizOption> options;  // NextToken, in an order that says nothing
    int real_option = -1;             // the one that the text goes on with; -1: none of them
    int best = -1;                    // the right one: of the options, or of the keys
    int guess = -1;                   // the same, chosen; -1: nothing is
    std::string typed;                // a guess that is none of the options
    bool is_revealed = false;
    int num_asked = 0, num_right = 0;  // of questions that were revealed

    bool has_guess() const { return guess >= 0 || !typed.empty(); }
    bool is_right() const { return guess >= 0 && guess == best; }
};

/// A question is still being made.
bool is_quiz_busy(const Snapshot& now);
/// Call after Session::pump() while is_quiz_busy().
void step_quiz(CommandContext& context);

}  // namespace headlight
