// What a lesson says about the numbers of the window, checked against them; and the answers to its questions.
#pragma once

#include <string>
#include <vector>

#include "core/lesson.h"
#include "session/lessons/measures.h"

namespace headlight {

/// "weight 1.5 12 4 > 0.8", "metric 0.2 previous_mass = 0.99 within 0.01", "tag 1.5 induction".
struct Claim {
    enum class Relation { Greater, Less, Equal };
    Measure left;
    Relation relation = Relation::Equal;
    Measure right;
    double tolerance = 0;  // of Equal
};

/// Without a relation: the measure is 1. Errors: InvalidInput.
Result<Claim> parse_claim(const std::string& words);

struct ClaimCheck {
    std::string words;
    Reading::State state = Reading::State::Pending;
    bool holds = false;
    std::string found;  // "0.31, which is not > 0.8", or why it could not be measured; empty where it holds
};

/// Call again while it is pending.
ClaimCheck check_claim(Session& session, const std::string& words);

/// What somebody answered.
struct GivenAnswer {
    std::string words;  // as typed or said: "0.62", "62 %", "L1H5", "2"
    double number = 0;  // Number; a token, key or choice (from 1)
    HeadId head;
};

/// Errors: InvalidInput: it is no answer to such a question ("62 %" reads as 0.62).
Result<GivenAnswer> parse_given_answer(const LessonQuestion& question, const std::string& words);

struct AnswerCheck {
    Reading::State state = Reading::State::Pending;
    bool is_right = false;
    std::string expected;  // of a ready one: "0.62", "L1H5", "4", the words of a choice
    std::string problem;   // when Failed
};

/// Call again while it is pending: the right answer is read from the numbers of the window.
AnswerCheck check_answer(Session& session, const LessonQuestion& question, const GivenAnswer& given);

/// Whether commands, claims and answers mean something: every command is there and one that a lesson may use
/// (none that reads or writes files, opens or closes). Errors: Corrupt with the file and line.
Status check_lesson(const Lesson& lesson);

}  // namespace headlight
