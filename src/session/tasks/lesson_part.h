// The part of the session that gives lessons: for its own two files.
#pragma once

#include <optional>
#include <string>

#include "session/history.h"
#include "session/script.h"
#include "session/tasks/lesson.h"
#include "session/tasks/task_part.h"

namespace headlight {

class LessonPart final : public SessionPart {
  public:
    explicit LessonPart(const TaskSetting& setting);

    const LessonState& state() const { return core_.snapshot.part<LessonState>(); }

    void start(LessonPtr lesson, int step);
    void show_list();
    void go_to(int step);
    /// The step after this one; behind the last the lesson is done and the list comes.
    void next();
    /// Brings back what was open before.
    void end(Session& session);
    /// Reads files of the user's beside everything else, and opens the first lesson in them.
    void read(const std::string& path);
    /// Errors: Missing (no lesson, no question, nothing chosen), InvalidInput (no such answer).
    Status answer(CommandContext& context, const std::string& words);
    Status reveal(CommandContext& context);
    void dismiss_invitation();
    void step(CommandContext& context);

  private:
    template <class Change>
    void change(const Change& what) {
        LessonState next = state();
        what(next);
        core_.snapshot.parts.put(std::move(next));
        core_.is_changed = true;
    }
    void remember(const Session& session);
    bool is_model_of_before() const;
    void return_to_before(Session& session);
    void set_scene();
    std::string scene_text(const Lesson& lesson, const LessonStep& step) const;
    void run_script(CommandContext& context);
    void end_script(Session& session, const std::string& problem);
    void check(Session& session);
    void note_progress(bool is_done = false);

    SessionCore& core_;
    Choice& choice_;
    std::string demo_;              // the bundled model; empty: it is not there
    std::optional<Script> script_;  // of the scene, or the way back
    struct Before {
        Settings settings;
        History history;
        std::string model_path;
        SavedSessionPtr saved;
    };
    std::optional<Before> before_;
};

}  // namespace headlight
