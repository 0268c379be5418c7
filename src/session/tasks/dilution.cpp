// Dilution on the model worker: it goes on with the next context when typing came in between.
#include "session/tasks/dilution.h"

#include <algorithm>
#include <sstream>

#include "run/dilute/dilution_run.h"
#include "session/command_arguments.h"
#include "session/tasks/task_part.h"

namespace headlight {
namespace {

constexpr int kLongestInWindow = 1024;

Result<DilutionResult> run_dilution(DilutionRun& run, const LiveModel& live, const JobContext& job) {
    for (bool is_done = false; !is_done;) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "the dilution was interrupted");
        job.report({"diluting", run.fraction(), run.next_words()});
        HEADLIGHT_TRY(is_done, run.step(live, JobContext(job.stop_token())));
    }
    return run.result();
}

class DilutionPart final : public TaskPart<DilutionState> {
  public:
    using TaskPart::TaskPart;

    void start(const DilutionQuestion& question) {
        const std::string failure = "The dilution could not be measured";
        if (const auto error = core_.why_one_text_only("Dilution"))
            return core_.notify_error(failure, *error);
        if (!opening_.bring_model(failure)) return;
        DilutionRequest request;
        request.text = question.target;
        request.fact = question.fact;
        request.lengths = question.lengths;
        request.places = question.places;
        DilutionState next = state();
        next.question = question;
        run(std::move(next), core_.open_now(), "Measuring over context lengths", failure,
            [dilution = std::make_shared<DilutionRun>(std::move(request))](const WorkerState& on_worker,
                                                                           const JobContext& job) {
                return run_dilution(*dilution, on_worker.live, job);
            });
    }

    void stop() {
        core_.worker.drop(kind_);
        cancel();
    }
};

Result<std::vector<int>> parse_lengths(const std::string& words) {
    std::vector<int> out;
    std::stringstream in(words);
    for (std::string word; std::getline(in, word, ',');) {
        HEADLIGHT_TRY(const int length, parse_integer(word, "LENGTHS"));
        out.push_back(length);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    if (out.empty() || out.front() < 1 || out.size() > kMostDilutionLengths)
        return fail(ErrorKind::InvalidInput, "LENGTHS are 1 to {} numbers above 0, as 64,128,256",
                    kMostDilutionLengths);
    return out;
}

Status run_dilute(CommandContext& context, Arguments arguments) {
    const Snapshot& now = context.session.snapshot();
    if (!now.model) return fail(ErrorKind::Missing, "no model is open");
    DilutionQuestion question;
    if (arguments.empty() || arguments[0].empty()) {
        HEADLIGHT_TRY(question, question_of_selection(now));
    } else {
        question.target = now.typed_text;
        question.fact = arguments[0];
    }
    if (question.target.find_first_not_of(" \t\r\n") == std::string::npos)
        return fail(ErrorKind::Missing, "type the target sentence first: its rows are what is measured");
    question.lengths = window_lengths(now, question);
    if (arguments.size() > 1) {
        HEADLIGHT_TRY(question.lengths, parse_lengths(arguments[1]));
    }
    if (arguments.size() > 2) {
        HEADLIGHT_TRY(const std::string place,
                      parse_choice(context, arguments.subspan(2), {"start", "near", "both"}, "start"));
        question.places.clear();
        if (place != "near") question.places.push_back(FactPlace::Start);
        if (place != "start") question.places.push_back(FactPlace::Near);
    }
    HEADLIGHT_CHECK(context.shell.show_view("dilution"));
    start_dilution(context.session, question);
    return {};
}

}  // namespace

void start_dilution(Session& session, const DilutionQuestion& question) {
    task_of<DilutionPart>(session).start(question);
}

void stop_dilution(Session& session) {
    task_of<DilutionPart>(session).stop();
}

Result<DilutionQuestion> question_of_selection(const Snapshot& now) {
    if (!now.base_text || now.token_selection.queries.empty())
        return fail(
            ErrorKind::Missing,
            "say which fact: type it, or choose its tokens in the text (Ctrl+click adds one) and measure "
            "the text behind them");
    const TokenizedText& tokens = now.base_text->tokens;
    std::size_t begin = tokens.text.size(), end = 0;
    std::vector<int> chosen = now.token_selection.queries;
    chosen.push_back(now.token_selection.query);
    for (const int index : chosen) {
        if (index < 0 || index >= std::ssize(tokens.tokens)) continue;
        const Token& token = tokens.tokens[static_cast<std::size_t>(index)];
        if (token.byte_end <= token.byte_begin || token.byte_end > tokens.text.size()) continue;
        begin = std::min(begin, token.byte_begin);
        end = std::max(end, token.byte_end);
    }
    if (begin >= end) return fail(ErrorKind::Missing, "the chosen tokens come from no text; type the fact");
    DilutionQuestion out;
    out.fact = tokens.text.substr(begin, end - begin);
    out.target = tokens.text.substr(end);
    if (out.target.find_first_not_of(" \t\r\n") == std::string::npos)
        return fail(ErrorKind::Missing,
                    "the chosen tokens end the text: nothing follows whose rows could be measured");
    return out;
}

std::vector<int> window_lengths(const Snapshot& now, const DilutionQuestion& question) {
    // Few tokens are shorter than two bytes: lengths without room for both are left out.
    const auto least = static_cast<int>((question.target.size() + question.fact.size()) / 2 + 8);
    const ModelSpec spec = now.model ? now.model->spec : ModelSpec{};
    return usual_lengths(spec, std::min(least, kLongestInWindow), kLongestInWindow);
}

extern const TaskDescriptor k_task_dilution = {
    [](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
        return std::make_unique<DilutionPart>(setting);
    }};

extern const CommandDescriptor k_command_dilute = {
    .id = "dilute",
    .label = "Measure over context lengths",
    .help =
        "Puts the text behind growing filler and measures what its rows give to a fact, the first key and "
        "the last "
        "keys; without a fact the chosen tokens are it, and the text behind them is measured.",
    .usage = "dilute [\"FACT\" [LENGTHS [start|near|both]]]",
    .group = "Analyse",
    .arguments = {0, 3},
    .is_enabled = [](const Snapshot& now) { return now.model != nullptr; },
    .run = run_dilute,
};

extern const CommandDescriptor k_command_stop_dilution = {
    .id = "stop_dilution",
    .label = "Stop measuring over lengths",
    .help = "Ends the measuring over context lengths.",
    .usage = "stop_dilution",
    .group = "Analyse",
    .is_enabled = [](const Snapshot& now) { return now.part<DilutionState>().task.is_running(); },
    .run = [](CommandContext& context, Arguments) -> Status {
        stop_dilution(context.session);
        return {};
    },
};

}  // namespace headlight
