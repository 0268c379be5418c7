// Paths from the answer back: found on the model worker, saved and compared.
#include "session/tasks/paths.h"

#include "run/cause/graph_file.h"
#include "run/text_tokens.h"
#include "session/command_arguments.h"
#include "session/tasks/patching.h"
#include "session/tasks/question.h"
#include "session/tasks/task_part.h"

namespace headlight {
namespace {

class PathsPart final : public TaskPart<PathsState> {
  public:
    using TaskPart::TaskPart;

    void start(const CircuitGraphOptions& options) {
        PathsState next;
        next.against = state().against;
        CircuitGraph graph;
        if (const Status ready = prepare(next, graph); !ready) {
            next.error = ready.error().message;
            return put(std::move(next));
        }
        if (!opening_.bring_model("The paths could not be followed")) return;
        run(std::move(next), core_.open_now(), "Following paths", "The paths could not be followed",
            [graph = std::move(graph), options, grid = core_.snapshot.base_text->trace->grid(),
             question = *core_.snapshot.part<QuestionState>().question](
                WorkerState& on_worker, const JobContext& job) -> Result<CircuitGraph> {
                CircuitGraph out = graph;
                HEADLIGHT_TRY(PatchingRun* const passes,
                              patching_run(on_worker.live, on_worker.patching, out.clean, out.corrupted,
                                           question, job));
                HEADLIGHT_CHECK(find_circuit_edges(
                    *passes, grid, options, JobContext(job.stop_token()),
                    [&](const CircuitGraph& so_far, int done, int known) {
                        job.report({"following paths", static_cast<double>(done) / known,
                                    fmt::format("{} edges", so_far.edges.size())});
                    },
                    out));
                if (out.was_stopped) return fail(ErrorKind::Cancelled, "following paths was stopped");
                return out;
            });
    }

    void drop_strangers() override {
        TaskPart::drop_strangers();
        const PathsState& now = state();
        if (now.text_id == 0) return;
        const Snapshot& snapshot = core_.snapshot;
        if (snapshot.base_text && snapshot.base_text->id == now.text_id &&
            snapshot.part<QuestionState>().question == now.question)
            return;
        core_.worker.drop(kind_);
        PathsState next;
        next.against = now.against;
        put(std::move(next));
    }

    /// Files are the worker's, as everything that may wait.
    void save(const std::string& path) {
        core_.on_model(
            kind_, "Saving the circuit", core_.open_now().model_id,
            [path, graph = state().task.value()](WorkerState&, const JobContext&) {
                return write_graph(path, *graph);
            },
            [this](const Status& end) {
                if (!end) core_.job_failed("The circuit could not be saved", end.error());
            });
    }
    void compare(const std::string& path) {
        core_.on_model(
            kind_, "Reading a circuit", core_.open_now().model_id,
            [path](WorkerState&, const JobContext&) { return read_graph(path); },
            [this, path](Result<CircuitGraph> graph) {
                if (!graph) return core_.job_failed("The circuit could not be read", graph.error());
                PathsState next = state();
                next.against = std::make_shared<const OpenedCircuit>(OpenedCircuit{path, std::move(*graph)});
                put(std::move(next));
            });
    }

  private:
    /// What the graph is of. Errors: what is missing.
    Status prepare(PathsState& next, CircuitGraph& graph) const {
        const Snapshot& now = core_.snapshot;
        if (!now.model || !now.base_text || !now.base_text->trace || now.is_stale)
            return fail(ErrorKind::Missing, "the text was not run yet");
        if (const auto error = core_.why_one_text_only("Path patching")) return fail(*error);
        next.question = now.part<QuestionState>().question;
        if (!next.question)
            return fail(ErrorKind::Missing, "choose an answer first: paths are followed to it");
        const std::string& corrupted = now.part<PatchingState>().corrupted_text;
        if (corrupted.empty())
            return fail(ErrorKind::Missing, "type a corrupted text first, in the card Patching");
        HEADLIGHT_TRY(const TokenizedText other,
                      tokens_of_boxes(*now.model, corrupted, now.base_text->tokens.second_text()));
        graph.model = now.model->spec.name;
        graph.family = now.model->spec.family;
        graph.question = describe(*next.question, *now.model, now.base_text->tokens);
        graph.clean = now.base_text->tokens.ids();
        graph.corrupted = other.ids();
        next.text_id = now.base_text->id;
        return {};
    }
};

Status run_find_paths(CommandContext& context, Arguments arguments) {
    CircuitGraphOptions options;
    if (!arguments.empty()) {
        HEADLIGHT_TRY(options.threshold, parse_number(arguments[0], "THRESHOLD", 0, 1e6));
    }
    if (arguments.size() > 1) {
        HEADLIGHT_TRY(const std::string mlp,
                      parse_choice(context, arguments.subspan(1), {"recompute", "frozen"}, "recompute"));
        options.freezes_mlps = mlp == "frozen";
    }
    find_paths(context.session, options);
    const std::string& error = context.session.snapshot().part<PathsState>().error;
    return error.empty() ? Status{} : fail(ErrorKind::Missing, "{}", error);
}

}  // namespace

void find_paths(Session& session, const CircuitGraphOptions& options) {
    task_of<PathsPart>(session).start(options);
}

extern const TaskDescriptor k_task_paths = {[](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
    return std::make_unique<PathsPart>(setting);
}};

extern const CommandDescriptor k_command_find_paths = {
    .id = "find_paths",
    .label = "Follow paths",
    .help =
        "Follows the direct paths that carry the answer back through the heads, between the shown text and "
        "the corrupted one; those that move less than the threshold are left out.",
    .usage = "find_paths [THRESHOLD] [recompute|frozen]",
    .group = "Analyse",
    .arguments = {0, 2},
    .run = run_find_paths,
};

extern const CommandDescriptor k_command_save_paths = {
    .id = "save_paths",
    .label = "Save the circuit of paths",
    .help = "Writes the paths that were found to a file, to compare others with.",
    .usage = "save_paths FILE",
    .group = "File",
    .needs_arguments = true,
    .arguments = {1, 1},
    .is_enabled = [](const Snapshot& now) { return now.part<PathsState>().task.value() != nullptr; },
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        if (!context.session.snapshot().part<PathsState>().task.value())
            return fail(ErrorKind::Missing, "no paths were followed yet");
        task_of<PathsPart>(context.session).save(arguments[0]);
        return {};
    },
};

extern const CommandDescriptor k_command_compare_paths = {
    .id = "compare_paths",
    .label = "Compare with a saved circuit",
    .help = "Shows the paths beside those of a file that was saved before.",
    .usage = "compare_paths FILE",
    .group = "Analyse",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        task_of<PathsPart>(context.session).compare(arguments[0]);
        return {};
    },
};

}  // namespace headlight
