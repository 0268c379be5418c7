// Menu Help: lessons.
#include "session/command_arguments.h"
#include "session/tasks/lesson_part.h"

namespace headlight {
namespace {

LessonPart& lesson_part(CommandContext& context) {
    return task_of<LessonPart>(context.session);
}

Status check_lesson_open(const CommandContext& context) {
    if (context.session.snapshot().part<LessonState>().lesson) return {};
    return fail(ErrorKind::Missing, "no lesson is open; 'lesson' lists them");
}

bool has_lesson(const Snapshot& now) {
    return now.part<LessonState>().lesson != nullptr;
}

bool has_question(const Snapshot& now) {
    return has_lesson(now) && now.part<LessonState>().shown().question.has_value();
}

/// By its id: a bundled one, or one that was read from a file.
LessonPtr known_lesson(const Snapshot& now, const std::string& id) {
    if (LessonPtr found = find_bundled_lesson(id)) return found;
    for (const LessonPtr& own : now.part<LessonState>().own) {
        if (own->id == id) return own;
    }
    return nullptr;
}

Status run_lesson(CommandContext& context, Arguments arguments) {
    if (arguments.empty()) {
        lesson_part(context).show_list();
        return {};
    }
    const LessonPtr lesson = known_lesson(context.session.snapshot(), arguments[0]);
    const bool is_path = arguments[0].find('/') != std::string::npos || arguments[0].ends_with(".md");
    if (!lesson && is_path) {
        lesson_part(context).read(with_home(arguments[0]));
        return {};
    }
    if (!lesson) {
        std::string known;
        for (const LessonPtr& bundled : bundled_lessons())
            known += (known.empty() ? "" : ", ") + bundled->id;
        return fail(ErrorKind::InvalidInput, "there is no lesson '{}'; there are {}, or a file (./my.md)",
                    arguments[0].substr(0, 60), known);
    }
    const auto& progress = context.session.snapshot().settings.lessons;
    const auto kept = progress.find(lesson->id);
    int step = kept == progress.end() ? 0 : kept->second.step;
    if (arguments.size() > 1) {
        HEADLIGHT_TRY(const double number,
                      parse_number(arguments[1], "STEP", 1, static_cast<double>(lesson->steps.size())));
        step = static_cast<int>(number) - 1;
    }
    lesson_part(context).start(lesson, step);
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_lesson = {
    .id = "lesson",
    .label = "Lessons",
    .help =
        "Opens a lesson where it was left, or at a step; a file or folder of your own is read; without a "
        "word it lists them.",
    .usage = "lesson [ID|PATH] [STEP]",
    .group = "Help",
    .arguments = {0, 2},
    .run = run_lesson,
};

extern const CommandDescriptor k_command_lesson_next = {
    .id = "lesson_next",
    .label = "Next step of the lesson",
    .help = "Goes on to the next step; behind the last one the lesson is done.",
    .usage = "lesson_next",
    .shortcut = "Space",
    .group = "Help",
    .is_enabled = has_lesson,
    .run = [](CommandContext& context, Arguments) -> Status {
        HEADLIGHT_CHECK(check_lesson_open(context));
        lesson_part(context).next();
        return {};
    },
};

extern const CommandDescriptor k_command_lesson_back = {
    .id = "lesson_back",
    .label = "Step of the lesson before",
    .help = "Goes back to the step before.",
    .usage = "lesson_back",
    .shortcut = "Shift+Space",
    .group = "Help",
    .is_enabled = has_lesson,
    .run = [](CommandContext& context, Arguments) -> Status {
        HEADLIGHT_CHECK(check_lesson_open(context));
        const int step = context.session.snapshot().part<LessonState>().step;
        lesson_part(context).go_to(std::max(0, step - 1));
        return {};
    },
};

extern const CommandDescriptor k_command_lesson_show = {
    .id = "lesson_show",
    .label = "Set the scene of the step again",
    .help = "Runs the commands of the step again, after something else was tried.",
    .usage = "lesson_show",
    .group = "Help",
    .is_enabled = has_lesson,
    .run = [](CommandContext& context, Arguments) -> Status {
        HEADLIGHT_CHECK(check_lesson_open(context));
        lesson_part(context).go_to(context.session.snapshot().part<LessonState>().step);
        return {};
    },
};

extern const CommandDescriptor k_command_lesson_end = {
    .id = "lesson_end",
    .label = "End the lesson",
    .help = "Puts the lesson away and brings back the model, text and view that were there before.",
    .usage = "lesson_end",
    .group = "Help",
    .is_enabled = [](const Snapshot& now) { return now.part<LessonState>().is_open(); },
    .run = [](CommandContext& context, Arguments) -> Status {
        if (context.session.snapshot().part<LessonState>().is_open())
            lesson_part(context).end(context.session);
        return {};
    },
};

extern const CommandDescriptor k_command_lesson_answer = {
    .id = "lesson_answer",
    .label = "Answer the question of the lesson",
    .help =
        "Answers: a number, a head (1.5), a token's number or a choice's; without a word what is chosen in "
        "the window.",
    .usage = "lesson_answer [ANSWER]",
    .group = "Help",
    .arguments = {0, kAnyNumber},
    .is_enabled = has_question,
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        return lesson_part(context).answer(context, join(arguments));
    },
};

extern const CommandDescriptor k_command_lesson_reveal = {
    .id = "lesson_reveal",
    .label = "Show the answer",
    .help = "Says the answer to the question of the lesson, read from the numbers of the window.",
    .usage = "lesson_reveal",
    .group = "Help",
    .is_enabled = has_question,
    .run = [](CommandContext& context, Arguments) -> Status { return lesson_part(context).reveal(context); },
};

extern const CommandDescriptor k_command_lesson_invitation = {
    .id = "lesson_invitation",
    .label = "Put the invitation to lessons away",
    .help = "Takes the line that invites to the first lesson away for good.",
    .usage = "lesson_invitation off",
    .group = "Help",
    .needs_arguments = true,
    .arguments = {1, 1},
    .is_enabled = [](const Snapshot& now) { return now.settings.invites_to_lessons; },
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        HEADLIGHT_CHECK(parse_choice(context, arguments, {"off"}, "off"));
        lesson_part(context).dismiss_invitation();
        return {};
    },
};

}  // namespace headlight
