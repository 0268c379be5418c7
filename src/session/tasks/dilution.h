// Dilution: the shown text behind growing filler, and what its rows still give to a fact.
#pragma once

#include <string>
#include <vector>

#include "run/dilute/dilution.h"
#include "session/task.h"

namespace headlight {

class Session;
struct Snapshot;

/// What is asked: stays while models and texts change.
struct DilutionQuestion {
    std::string target, fact;
    std::vector<int> lengths;  // ascending
    std::vector<FactPlace> places = {FactPlace::Start};
    bool operator==(const DilutionQuestion&) const = default;
};

struct DilutionState {
    DilutionQuestion question;  // of `task`, once one was started
    Task<DilutionResult> task;
};

/// Measures in the background; the result is in Snapshot::part<DilutionState>(). A notice says why it cannot.
void start_dilution(Session& session, const DilutionQuestion& question);
void stop_dilution(Session& session);

/// Target and fact by the tokens that are chosen (Selection::queries and query): the fact is what reaches
/// from the first to the last of them, the target is the text behind it. Errors: Missing.
Result<DilutionQuestion> question_of_selection(const Snapshot& now);
/// Lengths that a window measures when nobody says: doubling up to 1,024 or the model's positions.
std::vector<int> window_lengths(const Snapshot& now, const DilutionQuestion& question);

}  // namespace headlight
