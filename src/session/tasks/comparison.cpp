// The comparison with another run; follows the text, and the replaced attention where that is the other side.
#include "session/tasks/comparison.h"

#include "base/memory.h"
#include "core/cause/answer_metrics.h"
#include "io/identify_path.h"
#include "run/analyzed_run.h"
#include "run/changed_text.h"
#include "run/compare/compare_runs.h"
#include "run/stored_trace.h"
#include "session/command_arguments.h"
#include "session/tasks/question.h"
#include "session/tasks/task_part.h"

namespace headlight {
namespace {

/// What the worker needs of the session; all by value.
struct ComparisonWork {
    ComparisonState asked;
    std::shared_ptr<const AnalyzedText> text;
    std::shared_ptr<const AblationResult> change;
    std::optional<Question> question;
    std::shared_ptr<LiveModel> other;  // kept from one text to the next
    int num_threads = 1;
};

int compared_position(const ComparisonWork& work, const ModelInfo& model) {
    if (!model.spec.can_predict()) return -1;
    if (work.question) return work.question->position;
    const std::vector<int> known = predicted_positions(model.spec, work.text->tokens, model.tokenizer.get());
    return known.empty() ? -1 : known.front();
}

void add_answers(const ComparisonWork& work, ComparedRun& a, ComparedRun& b) {
    if (!work.question || a.logits.rows != 1 || b.logits.rows != 1 || a.logits.cols != b.logits.cols) return;
    a.answer = answer_metrics(a.logits.row(0), {}, *work.question);
    b.answer = answer_metrics(b.logits.row(0), a.logits.row(0), *work.question);
}

/// Two models in memory only where they fit: the open one stays.
Status open_other(ComparisonWork& work, const LiveModel& open, const JobContext& job) {
    if (work.other->runner) return {};
    const auto needed = static_cast<std::uint64_t>(std::max<std::int64_t>(0, open.spec().num_parameters)) * 5;
    if (needed > available_memory()) {
        return fail(ErrorKind::OutOfMemory,
                    "a second model of this size needs about {} MB and {} MB are free; `headlight compare "
                    "--other-model` runs one after the other",
                    needed >> 20, available_memory() >> 20);
    }
    ModelOptions options;
    options.path = work.asked.other;
    if (!open.spec().device.empty()) options.device = open.spec().device;
    HEADLIGHT_TRY(*work.other, open_model([engine = open.engine]() -> Result<Engine*> { return engine; },
                                          options, 0, [](const std::string&) {}, job));
    return {};
}

Result<ComparedRun> other_side(ComparisonWork& work, WorkerState& on_worker, const ComparedRun& a,
                               const JobContext& job) {
    const LiveModel& live = on_worker.live;
    switch (work.asked.with) {
        case ComparedWith::Text: {
            TokenizedText tokens;
            if (work.asked.other_tokens) {
                tokens = *work.asked.other_tokens;
            } else {
                HEADLIGHT_TRY(tokens,
                              tokens_of_boxes(*live.info, work.asked.other, work.text->tokens.second_text()));
            }
            HEADLIGHT_TRY(const int position, position_in_b(work.text->tokens, tokens, a.position));
            HEADLIGHT_TRY(ComparedRun b, run_compared(live, tokens, {}, {}, position, work.num_threads, job));
            b.label = "B";
            return b;
        }
        case ComparedWith::Model: {
            HEADLIGHT_CHECK(open_other(work, live, job));
            HEADLIGHT_CHECK(check_same_vocabulary(*live.info, *work.other->info, work.text->tokens));
            return run_compared(*work.other, work.text->tokens, {}, {}, a.position, work.num_threads, job);
        }
        case ComparedWith::Change: {
            const Interventions& changes = *work.change->interventions;
            ComparedRun b = a;
            b.label = describe_all(changes, a.spec.num_layers, a.spec.num_heads);
            b.text = work.change->after;
            HEADLIGHT_CHECK(set_changed_prediction(live, on_worker.ablation, *work.text, changes, b, job));
            return b;
        }
        case ComparedWith::Stored: {
            StoredTraceRequest read;
            read.path = work.asked.other;
            read.num_threads = work.num_threads;
            HEADLIGHT_TRY(const StoredTrace found, open_stored_trace(read, job));
            ComparedRun b;
            b.label = name_of_path(work.asked.other);
            b.spec = found.info->spec;
            b.text = found.text.front();
            return b;
        }
        default:
            return a;
    }
}

Result<Comparison> compare_on_worker(ComparisonWork work, WorkerState& on_worker, const JobContext& job) {
    const LiveModel& live = on_worker.live;
    HEADLIGHT_TRY(ComparedRun a, as_compared(live, work.text, compared_position(work, *live.info), job));
    HEADLIGHT_TRY(ComparedRun b, other_side(work, on_worker, a, job));
    add_answers(work, a, b);
    static constexpr ComparedBy kBy[] = {ComparedBy::Heads,  ComparedBy::Texts, ComparedBy::Models,
                                         ComparedBy::Change, ComparedBy::Heads, ComparedBy::Stored};
    std::vector<HeadPair> heads;
    if (work.asked.with == ComparedWith::Head) heads.push_back({work.asked.head_a, work.asked.head_b});
    HEADLIGHT_TRY(Comparison out,
                  compare_runs(std::move(a), std::move(b), kBy[static_cast<std::size_t>(work.asked.with)],
                               std::move(heads), work.num_threads, job));
    out.question = work.question;
    return out;
}

class ComparisonPart final : public TaskPart<ComparisonState> {
  public:
    using TaskPart::TaskPart;

    void start(ComparisonState next) {
        if (next.with != ComparedWith::Model || next.other != state().other) other_.reset();
        next.text_id = next.change_id = 0;
        put_state(std::move(next));
        follow();
    }

    void drop_strangers() override {
        TaskPart::drop_strangers();
        follow();
    }

  private:
    /// Begins anew when the text, or the change of its attention, is another one.
    void follow() {
        const Snapshot& now = core_.snapshot;
        const ComparisonState& known = state();
        if (known.with == ComparedWith::Nothing) return;
        const std::uint64_t text_id = now.base_text && now.base_text->trace ? now.base_text->id : 0;
        const bool is_change = known.with == ComparedWith::Change;
        const std::uint64_t change_id = is_change && now.ablation ? now.ablation->after->id : 0;
        if (text_id == 0 || now.is_stale) return;
        if (is_change && change_id == 0) {
            if (known.why_not.empty()) say_missing("Replace the attention of a head first: right-click it.");
            return;
        }
        if (known.text_id == text_id && known.change_id == change_id) return;
        begin(text_id, change_id);
    }

    void say_missing(std::string sentence) {
        ComparisonState next = state();
        next.task.forget();
        next.text_id = next.change_id = 0;
        next.why_not = std::move(sentence);
        put_state(std::move(next));
    }

    void begin(std::uint64_t text_id, std::uint64_t change_id) {
        const Snapshot& now = core_.snapshot;
        ComparisonState next = state();
        next.why_not.clear();
        next.text_id = text_id;
        next.change_id = change_id;
        if (next.task.value() && next.task.value()->a.text != now.base_text) next.task.forget();
        if (const auto error = core_.why_one_text_only("A comparison")) {
            next.why_not = error->message;
            return put_state(std::move(next));
        }
        if (!now.model || !now.model->is_live) {
            next.why_not =
                "A comparison needs the model itself; a stored trace is compared by `headlight compare`.";
            return put_state(std::move(next));
        }
        if (!other_) other_ = std::make_shared<LiveModel>();
        ComparisonWork work{next,         now.base_text,
                            now.ablation, now.part<QuestionState>().question,
                            other_,       core_.num_analysis_threads};
        run(std::move(next), core_.open_now(), "Comparing the runs", "The runs could not be compared",
            [work](WorkerState& on_worker, const JobContext& job) {
                return compare_on_worker(work, on_worker, job);
            });
    }

    void put_state(ComparisonState next) {
        core_.snapshot.parts.put(std::move(next));
        core_.is_changed = true;
    }

    std::shared_ptr<LiveModel> other_;  // used on the worker only; made here
};

Status run_compare_with(CommandContext& context, Arguments arguments) {
    ComparisonState next;
    const std::string& kind = arguments[0];
    const Arguments rest = arguments.subspan(1);
    if (kind == "file" && rest.empty()) {
        context.shell.ask_for_file({.title = "Choose a model or stored attention to compare with",
                                    .button = "Compare",
                                    .extensions = {".safetensors", ".gguf", ".npz", ".npy", ".json", ".pt"},
                                    .command = "compare_with"});
        return {};
    }
    for (const ComparedWith with : {ComparedWith::Text, ComparedWith::Change, ComparedWith::Head}) {
        if (kind == to_string(with)) next.with = with;
    }
    next.other = join(rest);
    if (next.with == ComparedWith::Nothing && kind != "off") {
        next.other = with_home(kind == "file" ? rest[0] : kind);
        HEADLIGHT_TRY(const IdentifiedPath found, identify_path(next.other));
        if (found.kind == PathKind::Session)
            return fail(ErrorKind::InvalidInput,
                        "a session is no run to compare with; choose the model in it");
        next.with = found.kind == PathKind::AttentionDump ? ComparedWith::Stored : ComparedWith::Model;
    }
    if (next.with == ComparedWith::Head) {
        next.head_a = context.session.snapshot().selection.head;
        HEADLIGHT_TRY(next.head_b, parse_head(context, rest));
    }
    const bool has_comparison = next.with != ComparedWith::Nothing;
    compare_with(context.session, std::move(next));
    if (has_comparison) context.session.set_compare(Compare::Difference);
    return {};
}

}  // namespace

const char* to_string(ComparedWith with) {
    switch (with) {
        case ComparedWith::Nothing:
            return "off";
        case ComparedWith::Text:
            return "text";
        case ComparedWith::Model:
            return "model";
        case ComparedWith::Change:
            return "change";
        case ComparedWith::Head:
            return "head";
        case ComparedWith::Stored:
            return "stored";
    }
    return "";
}

void compare_with(Session& session, ComparisonState next) {
    task_of<ComparisonPart>(session).start(std::move(next));
}

extern const TaskDescriptor k_task_comparison = {
    [](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
        return std::make_unique<ComparisonPart>(setting);
    }};

extern const CommandDescriptor k_command_compare_with = {
    .id = "compare_with",
    .label = "Compare with another run",
    .help =
        "Sets the shown text's run beside another: of another text, of another model or stored attention "
        "(file), "
        "with the replaced attention, or another head; off ends it.",
    .usage = "compare_with text TEXT|file [PATH]|change|head LAYER HEAD|off",
    .group = "Analyse",
    .needs_arguments = true,
    .arguments = {1, kAnyNumber},
    .run = run_compare_with,
};

}  // namespace headlight
