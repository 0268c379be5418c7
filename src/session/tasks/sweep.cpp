// The sweep over all heads: strictly the least urgent work of the model worker.
#include "session/tasks/sweep.h"

#include <functional>

#include "session/command_arguments.h"
#include "session/tasks/question.h"
#include "session/tasks/task_part.h"

namespace headlight {
namespace {

class SweepPart final : public SessionPart {
  public:
    explicit SweepPart(const TaskSetting& setting)
        : core_(setting.core), opening_(setting.opening), kind_(setting.kind) {}

    void start(InterventionMode mode);
    void stop();

    void drop_strangers() override {
        Snapshot& snapshot = core_.snapshot;
        const std::uint64_t text_id = snapshot.base_text ? snapshot.base_text->id : 0;
        if (!snapshot.sweep) return;
        const auto& asked = snapshot.sweep->question;
        const bool is_answered = !asked || asked == snapshot.part<QuestionState>().question;
        if (snapshot.sweep->base_id == text_id && is_answered) return;
        stop();
        snapshot.sweep.reset();
    }
    void cancel() override { stop(); }

  private:
    void submit(InterventionMode mode, const std::shared_ptr<const AnalyzedText>& text);
    void take_end(const JobControlPtr& control, const Status& end);
    void change(const JobControlPtr& control, const std::function<void(SweepState&)>& change);

    SessionCore& core_;
    Opening& opening_;
    JobKind kind_;
    JobControlPtr control_;  // of the sweep that runs; null: none
};

std::vector<HeadId> all_heads(const AttentionTrace& trace) {
    std::vector<HeadId> out;
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        for (int head = 0; head < trace.num_heads(); ++head)
            out.push_back({layer, head});
    }
    return out;
}

void SweepPart::start(InterventionMode mode) {
    const std::string what = "The sweep could not be started";
    Snapshot& snapshot = core_.snapshot;
    const auto& text = snapshot.base_text;
    if (!text || !text->trace || snapshot.is_stale)
        return core_.notify_error(what, make_error(ErrorKind::Missing, "the text was not run yet"));
    if (const auto error = core_.why_one_text_only("A sweep")) return core_.notify_error(what, *error);
    if (!opening_.bring_model(what)) return;
    stop();
    SweepState state;
    state.base_id = text->id;
    state.mode = mode;
    state.question = snapshot.part<QuestionState>().question;
    if (state.question)
        state.metric = ablation_metric(snapshot.settings.answer_metric).value_or(AblationMetric::Difference);
    state.num_heads = text->trace->num_layers() * text->trace->num_heads();
    state.is_running = true;
    snapshot.sweep = std::make_shared<const SweepState>(std::move(state));
    core_.failure.reset();
    core_.is_changed = true;
    submit(mode, text);
}

void SweepPart::submit(InterventionMode mode, const std::shared_ptr<const AnalyzedText>& text) {
    control_ = std::make_shared<JobControl>();
    // Belongs to the worker: an interrupted sweep goes on where it was.
    auto left = std::make_shared<std::vector<HeadId>>(all_heads(*text->trace));
    Mailbox* mailbox = &core_.mailbox;
    core_.on_model(
        kind_, "Replacing every head in turn", text->model_id,
        [this, mailbox, control = control_, left, mode, text, question = core_.snapshot.sweep->question](
            const WorkerState& on_worker, const JobContext& job) -> Status {
            if (control->stop.stop_requested()) return fail(ErrorKind::Cancelled, "the sweep was stopped");
            SweepRequest request;
            request.texts = {text->tokens.ids()};
            request.mode = mode;
            request.question = question;
            request.heads = *left;
            const auto on_effect = [&](const AblationEffect& effect) {
                if (!effect.heads.empty()) std::erase(*left, effect.heads.front());
                mailbox->post([this, control, effect] {
                    change(control, [&](SweepState& state) { state.effects.push_back(effect); });
                });
            };
            HEADLIGHT_CHECK(sweep_heads(*on_worker.live.runner, request, job, on_effect));
            return {};
        },
        [this, control = control_](const Status& end) { take_end(control, end); });
}

void SweepPart::take_end(const JobControlPtr& control, const Status& end) {
    const bool has_failed = !end && end.error().kind != ErrorKind::Cancelled;
    change(control, [&](SweepState& state) {
        state.is_running = false;
        if (has_failed) state.error = end.error().message;
    });
    if (control != control_) return;
    control_.reset();
    if (has_failed) core_.notify(Notice::Level::Error, "The sweep ended early: " + end.error().message);
}

// A new value each time: views keep what they draw from.
void SweepPart::change(const JobControlPtr& control, const std::function<void(SweepState&)>& change) {
    Snapshot& snapshot = core_.snapshot;
    if (control != control_ || !snapshot.sweep) return;  // of another text, or stopped
    SweepState next = *snapshot.sweep;
    change(next);
    snapshot.sweep = std::make_shared<const SweepState>(std::move(next));
    core_.is_changed = true;
}

void SweepPart::stop() {
    if (!control_) return;
    change(control_, [](SweepState& state) { state.is_running = false; });
    control_->stop.request_stop();
    control_.reset();
    core_.worker.drop(kind_);
}

Status run_sweep(CommandContext& context, Arguments arguments) {
    InterventionMode mode = InterventionMode::ZeroOutput;
    if (!arguments.empty()) {
        HEADLIGHT_TRY(mode, parse_ablation_mode(arguments[0]));
    }
    if (!context.session.snapshot().model) return fail(ErrorKind::Missing, "no model is open");
    start_sweep(context.session, mode);
    context.session.update_settings([](Settings& settings) { settings.grid_tint = kAblationTint; });
    return {};
}

}  // namespace

void start_sweep(Session& session, InterventionMode mode) {
    task_of<SweepPart>(session).start(mode);
}

void stop_sweep(Session& session) {
    task_of<SweepPart>(session).stop();
}

extern const TaskDescriptor k_task_sweep = {[](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
    return std::make_unique<SweepPart>(setting);
}};

extern const CommandDescriptor k_command_ablation_sweep = {
    .id = "ablation_sweep",
    .label = "Sweep over all heads",
    .help =
        "Replaces every head in turn and ranks them by what that costs the answer of the question, or "
        "without "
        "one the text's loss; zero output if no mode is named.",
    .usage = "ablation_sweep [MODE]",
    .group = "Analyse",
    .arguments = {0, 1},
    .run = run_sweep,
};

extern const CommandDescriptor k_command_stop_sweep = {
    .id = "stop_sweep",
    .label = "Stop sweep",
    .help = "Ends the sweep; the effects that are known stay.",
    .usage = "stop_sweep",
    .group = "Analyse",
    .run = [](CommandContext& context, Arguments) -> Status {
        stop_sweep(context.session);
        return {};
    },
};

}  // namespace headlight
