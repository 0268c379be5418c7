// Lessons at work.
#include "session/tasks/lesson.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/paths.h"
#include "io/lessons/read_lesson.h"
#include "session/command_arguments.h"
#include "session/saved/restore.h"
#include "session/tasks/lesson_part.h"

namespace headlight {
namespace {

/// What every step begins from, whatever the user did before.
constexpr const char* kFromHere =
    "clear_ablation\ncompare after\nquestion none\nclear_find\nweights raw\nweights linear\nunit token\n"
    "from_group mean\nform matrix\nthumbnails picture\ntint none\norder layer\nmetrics head\ntopk attends\n"
    "strip gives\nflow shares\nnumbers on\ngamma 0.6\ntopk 5\nfill_window none\nworkspace look\nfit\nkey "
    "none\nquery last\n";

std::string normal_path(const std::string& path) {
    return std::filesystem::path(path).lexically_normal().string();
}

/// Text and model are awaited, so that what follows speaks of them.
void add_scene(std::string& out, const std::vector<LessonLine>& scene) {
    for (const LessonLine& line : scene) {
        out += line.words + "\n";
        const std::string command = line.words.substr(0, line.words.find(' '));
        if (command == "text" || command == "decoder_text" || command == "text_pair") out += "wait\n";
    }
}

constexpr int kMostCommandsAtOnce = 200;

}  // namespace

LessonPart::LessonPart(const TaskSetting& setting) : core_(setting.core), choice_(setting.choice) {
    const std::string assets = assets_dir();
    std::error_code code;
    if (!assets.empty() && std::filesystem::exists(assets + "/demo/config.json", code))
        demo_ = assets + "/demo";
}

/// Once, before the first command of the first lesson.
void LessonPart::remember(const Session& session) {
    if (before_) return;
    const Snapshot& now = core_.snapshot;
    auto saved = std::make_shared<const SavedSession>(capture_session(session));
    before_ =
        Before{now.settings, choice_.history(), now.model ? now.model->spec.path : std::string(), saved};
    change([&](LessonState& next) { next.before = saved; });
}

void LessonPart::start(LessonPtr lesson, int step) {
    dismiss_invitation();
    const auto count = static_cast<int>(lesson->steps.size());
    change([&](LessonState& next) {
        next.answers.assign(lesson->steps.size(), {});
        next.lesson = std::move(lesson);
        next.shows_list = false;
        next.step = std::clamp(step, 0, count - 1);
    });
    set_scene();
}

void LessonPart::show_list() {
    dismiss_invitation();
    script_.reset();
    change([](LessonState& next) {
        next.lesson.reset();
        next.shows_list = true;
        next.is_setting = false;
        next.checks.clear();
        next.problem.clear();
    });
}

void LessonPart::go_to(int step) {
    change([&](LessonState& next) { next.step = step; });
    set_scene();
}

void LessonPart::next() {
    if (!state().is_last()) return go_to(state().step + 1);
    note_progress(true);
    show_list();
}

std::string LessonPart::scene_text(const Lesson& lesson, const LessonStep& step) const {
    std::string out;
    const std::string& path = lesson.model == "demo" ? demo_ : lesson.model;
    const auto& model = core_.snapshot.model;
    const bool is_there = model && normal_path(model->spec.path) == normal_path(path);
    if (lesson.model != "any" && !is_there) out += command_line({"open", {path}}) + "\nwait\n";
    out += kFromHere;
    add_scene(out, lesson.scene);
    add_scene(out, step.scene);
    return out + "wait\n";
}

void LessonPart::set_scene() {
    const LessonState& now = state();
    std::string problem;
    if (now.lesson->model == "demo" && demo_.empty())
        problem = "the bundled demo model is not there: the program's folder assets/demo is missing";
    if (now.lesson->model == "any" && !core_.snapshot.model)
        problem = "this lesson works on any model, and none is open: open one, then go on";
    auto script = Script::from_text(scene_text(*now.lesson, now.shown()), now.lesson->title);
    if (!script) problem = script.error().message;
    script_.reset();
    const bool is_sound = problem.empty();
    if (is_sound) script_ = std::move(*script);
    change([&](LessonState& next) {
        next.is_setting = is_sound;
        next.problem = problem;
        next.checks.clear();
    });
    note_progress();
}

void LessonPart::end(Session& session) {
    script_.reset();
    change([](LessonState& next) {
        next.lesson.reset();
        next.shows_list = next.is_setting = false;
        next.checks.clear();
        next.problem.clear();
    });
    if (!before_) return;
    // How the window looked; what is of the window itself stays as it is.
    session.update_settings([&](Settings& settings) {
        const Settings now = std::exchange(settings, before_->settings);
        settings.theme = now.theme;
        settings.ui_scale = now.ui_scale;
        settings.is_presenting = now.is_presenting;
        settings.window_width = now.window_width;
        settings.window_height = now.window_height;
        settings.left_share = now.left_share;
        settings.right_share = now.right_share;
        settings.recent = now.recent;
        settings.lessons = now.lessons;
        settings.invites_to_lessons = now.invites_to_lessons;
    });
    if (is_model_of_before() || before_->model_path.empty()) return return_to_before(session);
    auto script = Script::from_text(command_line({"open", {before_->model_path}}) + "\nwait\n",
                                    "what was open before", Script::AtError::GoOn);
    if (!script) return return_to_before(session);
    script_ = std::move(*script);
    change([](LessonState& next) { next.is_setting = true; });
}

bool LessonPart::is_model_of_before() const {
    const auto& model = core_.snapshot.model;
    return model && normal_path(model->spec.path) == normal_path(before_->model_path);
}

/// Its model is open, or could not be opened: then what is open stays.
void LessonPart::return_to_before(Session& session) {
    const Before before = *std::exchange(before_, std::nullopt);
    const auto& model = core_.snapshot.model;
    const bool is_there = model && normal_path(model->spec.path) == normal_path(before.model_path);
    change([](LessonState& next) {
        next.is_setting = false;
        next.problem.clear();
        next.before.reset();
    });
    if (is_there) {
        restore_state(session, *before.saved);
        choice_.use_history(before.history);
    }
    core_.snapshot.settings.last_text = before.settings.last_text;
    core_.settings_changed();
}

void LessonPart::read(const std::string& path) {
    core_.pool.submit(std::make_shared<JobControl>(), [this, core = &core_, path](const JobContext&) {
        auto read = guarded([&]() -> Result<std::vector<Lesson>> {
            HEADLIGHT_TRY(std::vector<Lesson> lessons, read_lessons(path));
            for (const Lesson& lesson : lessons)
                HEADLIGHT_CHECK(check_lesson(lesson));
            return lessons;
        });
        core->mailbox.post([this, core, read = std::move(read)] {
            if (!read) return core->notify_error("The lesson could not be read", read.error());
            LessonPtr first;
            change([&](LessonState& next) {
                for (const Lesson& lesson : *read) {
                    auto own = std::make_shared<const Lesson>(lesson);
                    std::erase_if(next.own, [&](const LessonPtr& old) { return old->source == own->source; });
                    next.own.push_back(own);
                    if (!first) first = own;
                }
            });
            if (read->size() == 1) return start(first, 0);
            show_list();
        });
    });
}

Status LessonPart::answer(CommandContext& context, const std::string& words) {
    using Kind = LessonQuestion::Kind;
    if (!state().lesson || !state().shown().question)
        return fail(ErrorKind::Missing, "no lesson asks a question now");
    if (state().answer().is_settled()) return {};
    const LessonQuestion& question = *state().shown().question;
    const Selection& chosen = context.session.snapshot().token_selection;
    std::string given = words;
    if (given.empty() && question.kind == Kind::Head)
        given = context.session.snapshot().selection.head.to_string();
    if (given.empty() && question.kind == Kind::Token) given = std::to_string(chosen.query);
    if (given.empty() && question.kind == Kind::Key && chosen.key >= 0) given = std::to_string(chosen.key);
    if (given.empty())
        return fail(ErrorKind::Missing, "{}",
                    question.kind == Kind::Key ? "no key is chosen: click a cell of the matrix first"
                                               : "an answer is missing");
    HEADLIGHT_CHECK(parse_given_answer(question, given));
    change([&](LessonState& next) {
        LessonAnswer& answer = next.answers[static_cast<std::size_t>(next.step)];
        answer.given = given;
        answer.is_checking = true;
        answer.problem.clear();
    });
    if (!state().is_setting) check(context.session);
    return {};
}

Status LessonPart::reveal(CommandContext& context) {
    if (!state().lesson || !state().shown().question)
        return fail(ErrorKind::Missing, "no lesson asks a question now");
    if (state().answer().is_settled()) return {};
    change([](LessonState& next) {
        LessonAnswer& answer = next.answers[static_cast<std::size_t>(next.step)];
        answer.is_revealed = answer.is_checking = true;
    });
    if (!state().is_setting) check(context.session);
    return {};
}

void LessonPart::step(CommandContext& context) {
    if (script_ && state().lesson) remember(context.session);
    if (script_) run_script(context);
    if (!state().is_setting && state().lesson) check(context.session);
}

void LessonPart::run_script(CommandContext& context) {
    std::string problem;
    for (int i = 0; script_ && i < kMostCommandsAtOnce; ++i) {
        const Status status = script_->step(context);
        if (!status) problem = status.error().message;
        if (script_->is_finished()) return end_script(context.session, problem);
        if (script_->is_waiting()) break;
    }
}

void LessonPart::end_script(Session& session, const std::string& problem) {
    script_.reset();
    const bool is_returning = !state().lesson && !state().shows_list;
    if (is_returning && before_) return return_to_before(session);
    change([&](LessonState& next) {
        next.is_setting = false;
        next.problem = problem;
        if (!next.lesson) return;
        for (const LessonLine& claim : next.shown().claims) {
            ClaimCheck check;
            check.words = claim.words;
            next.checks.push_back(std::move(check));
        }
    });
}

/// Asks again for what is not known yet.
void LessonPart::check(Session& session) {
    LessonState next = state();
    bool has_changed = false;
    for (ClaimCheck& check : next.checks) {
        if (check.state != Reading::State::Pending) continue;
        check = check_claim(session, check.words);
        has_changed |= check.state != Reading::State::Pending;
    }
    LessonAnswer& answer = next.answers[static_cast<std::size_t>(next.step)];
    if (answer.is_checking) {
        const LessonQuestion& question = *next.shown().question;
        const auto given = parse_given_answer(question, answer.given);
        const AnswerCheck checked = check_answer(session, question, given ? *given : GivenAnswer{});
        if (checked.state != Reading::State::Pending) {
            has_changed = true;
            answer.is_checking = false;
            answer.problem = checked.problem;
            answer.is_right = !answer.is_revealed && checked.is_right;
            if (!answer.is_revealed) ++answer.num_tries;
            if (answer.is_settled()) answer.expected = checked.expected;
        }
    }
    if (!has_changed) return;
    core_.snapshot.parts.put(std::move(next));
    core_.is_changed = true;
    note_progress();
}

void LessonPart::note_progress(bool is_done) {
    const LessonState& now = state();
    if (!now.lesson) return;
    auto& kept = core_.snapshot.settings.lessons;
    if (kept.size() >= kMostLessonsKept && !kept.contains(now.lesson->id)) return;
    LessonProgress& progress = kept[now.lesson->id];
    const LessonProgress before = progress;
    progress.step = is_done ? 0 : now.step;
    progress.is_done |= is_done;
    const auto num_right = std::count_if(now.answers.begin(), now.answers.end(),
                                         [](const LessonAnswer& answer) { return answer.is_right; });
    progress.num_right = std::max(progress.num_right, static_cast<int>(num_right));
    if (progress != before) core_.settings_changed();
}

void LessonPart::dismiss_invitation() {
    if (!core_.snapshot.settings.invites_to_lessons) return;
    core_.snapshot.settings.invites_to_lessons = false;
    core_.settings_changed();
}

void start_lesson(Session& session, LessonPtr lesson, int step) {
    task_of<LessonPart>(session).start(std::move(lesson), step);
}

bool is_lesson_busy(const Snapshot& now) {
    const LessonState& state = now.part<LessonState>();
    if (state.is_setting) return true;
    if (!state.lesson) return false;
    const auto is_pending = [](const ClaimCheck& check) { return check.state == Reading::State::Pending; };
    return state.answer().is_checking || std::any_of(state.checks.begin(), state.checks.end(), is_pending);
}

void step_lesson(CommandContext& context) {
    task_of<LessonPart>(context.session).step(context);
}

extern const TaskDescriptor k_task_lesson = {[](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
    return std::make_unique<LessonPart>(setting);
}};

}  // namespace headlight
