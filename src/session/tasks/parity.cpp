// The comparison with a reference's attention; it starts over when typing comes in between.
#include "session/tasks/parity.h"

#include "session/command_arguments.h"
#include "session/tasks/task_part.h"

namespace headlight {
namespace {

class ParityPart final : public TaskPart<ParityState> {
  public:
    using TaskPart::TaskPart;

    void start(const std::string& reference_file) {
        const std::string failure = "The reference could not be compared";
        if (!opening_.bring_model(failure)) return;
        const Belonging of{core_.open_now().model_id, 0};
        run({.path = reference_file, .task = {}}, of, "Comparing with the reference", failure,
            [reference_file](const WorkerState& on_worker, const JobContext& job) {
                return measure_parity(*on_worker.live.runner, reference_file, {}, job);
            });
    }
};

Status run_command(CommandContext& context, Arguments arguments) {
    if (arguments.empty()) {
        context.shell.ask_for_file({.title = "Choose a file of reference attention",
                                    .button = "Compare",
                                    .extensions = {".safetensors"},
                                    .command = "parity"});
        return {};
    }
    HEADLIGHT_CHECK(context.shell.show_view("parity"));
    start_parity(context.session, with_home(arguments[0]));
    return {};
}

}  // namespace

void start_parity(Session& session, const std::string& reference_file) {
    task_of<ParityPart>(session).start(reference_file);
}

extern const TaskDescriptor k_task_parity = {[](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
    return std::make_unique<ParityPart>(setting);
}};

extern const CommandDescriptor k_command_parity = {
    .id = "parity",
    .label = "Compare with a reference",
    .help = "Compares the model's attention with a file of another program's, layer by layer.",
    .usage = "parity [FILE]",
    .group = "Analyse",
    .arguments = {0, 1},
    .run = run_command,
};

}  // namespace headlight
