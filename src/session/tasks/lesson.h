// Lessons at work: which step is open, what was answered, and what was open before.
#pragma once

#include <string>
#include <vector>

#include "core/lesson.h"
#include "run/saved/saved_session.h"
#include "session/lessons/claims.h"
#include "session/lessons/library.h"

namespace headlight {

class Session;
struct CommandContext;
struct Snapshot;

/// To the question of one step.
struct LessonAnswer {
    std::string given;  // what was answered last; empty: nothing
    int num_tries = 0;
    bool is_checking = false, is_right = false, is_revealed = false;
    std::string expected;  // when right or revealed: what the numbers of the window say
    std::string problem;   // why it could not be checked
    bool is_settled() const { return is_right || is_revealed; }
};

struct LessonState {
    LessonPtr lesson;            // null: none is open
    bool shows_list = false;     // in place of a lesson: all of them, to choose from
    std::vector<LessonPtr> own;  // of files of the user's, behind the bundled ones
    int step = 0;
    bool is_setting = false;            // its commands are being run
    std::string problem;                // why its scene could not be set
    std::vector<LessonAnswer> answers;  // of each step
    std::vector<ClaimCheck> checks;     // of the step's claims, once its scene is set
    SavedSessionPtr before;             // what was open before the first lesson, and comes back

    bool is_open() const { return lesson || shows_list; }
    /// Of the open lesson.
    const LessonStep& shown() const { return lesson->steps[static_cast<std::size_t>(step)]; }
    const LessonAnswer& answer() const { return answers[static_cast<std::size_t>(step)]; }
    bool is_last() const { return static_cast<std::size_t>(step) + 1 >= lesson->steps.size(); }
};

/// Opens a lesson at a step (0-based, clamped); what is open now comes back when it ends.
void start_lesson(Session& session, LessonPtr lesson, int step);

/// What lessons have under way: commands of a scene, claims and answers that are being checked.
bool is_lesson_busy(const Snapshot& now);

/// Call after Session::pump() while is_lesson_busy(): runs the commands of a step, each when the one before
/// is done, then checks what the step says.
void step_lesson(CommandContext& context);

}  // namespace headlight
