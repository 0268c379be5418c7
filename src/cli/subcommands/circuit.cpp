#include <CLI/CLI.hpp>
#include <memory>

#include "cli/cause_options.h"
#include "cli/interrupt.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "report/cause/circuit_report.h"

namespace headlight {
namespace {

struct CircuitCommand : CircuitOptions {
    ModelOptions model;
    std::string json_path, dump_path;
};

Status read(const CircuitCommand& options) {
    const std::stop_token stop = interrupt_token();
    ProgressBar bar("circuit");
    const JobContext job(stop, bar.callback());
    HEADLIGHT_TRY(const LiveModel model, open_model(options.model, job));
    HEADLIGHT_TRY(const CircuitResult result, read_circuits(model, options, job));
    bar.finish();
    if (options.json_path != "-") print(circuit_text(result));
    if (!options.json_path.empty()) HEADLIGHT_CHECK(write_json(options.json_path, circuit_json(result)));
    if (options.dump_path.empty()) return {};
    TensorFile file;
    add_circuits(result, file);
    return file.write(options.dump_path, model.spec());
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<CircuitCommand>();
    add_model_options(app, options->model, false);
    app.add_option("--heads", options->heads, "Heads to read: 5.1,6.9 (layer.head, 0-based)")->required();
    app.add_option("--tokens", options->tokens, "Ids of the tokens they look at (those of the text)")
        ->delimiter(',');
    add_text_options(app, options->text);
    app.add_option("--at", options->at, "Row of the text whose query is read (-1: the last)")
        ->capture_default_str();
    app.add_option("--key", options->key, "Key of the text that it looks at (its strongest)");
    app.add_option("--top-k", options->count, "Tokens at each end of a list")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_flag("--ordinary", options->only_ordinary,
                 "List ordinary tokens only: none that is special, unnamed, or never trained");
    app.add_flag_callback(
        "--no-partners", [options] { options->has_partners = false; },
        "Leave out composition with other heads");
    app.add_option("--json", options->json_path,
                   "Write everything as JSON to this file (- for standard output)");
    app.add_option("--dump", options->dump_path, "Write the lists as safetensors");
    return [options]() -> Status { return read(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_circuit = {
    "circuit",
    "What heads write when they look at a token (OV) and what a token looks for (QK), over the vocabulary",
    "  headlight circuit --heads 1.5 --text \"The cat sat on the mat\"\n"
    "  headlight circuit --model gpt2 --heads 9.9,10.7 --tokens 5335,1757 --no-partners --json "
    "circuits.json\n"
    "  headlight circuit --model gpt2 --heads 5.1 --text \"The cat sat on the cat\" --at -1 --key 1",
    add};

}  // namespace headlight
