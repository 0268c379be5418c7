#include <CLI/CLI.hpp>
#include <memory>

#include "cli/cause_options.h"
#include "cli/interrupt.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "report/cause/graph_report.h"
#include "report/cause/patch_report.h"
#include "report/json_out.h"
#include "run/cause/graph_file.h"

namespace headlight {
namespace {

struct PathCommand : CauseOptions {
    std::string receivers, mlp = "recompute";
    std::vector<std::string> inputs{"q", "k", "v"};
    int top_k = 10;
    bool wants_circuit = false;
    CircuitGraphOptions circuit;
    std::string against;
};

PathOptions chosen(const PathCommand& options) {
    PathOptions out;
    static_cast<PromptOptions&>(out) = options;
    out.receivers = options.receivers;
    out.inputs.clear();
    for (const PathInput input : {PathInput::Query, PathInput::Key, PathInput::Value})
        for (const std::string& name : options.inputs)
            if (name == to_string(input)) out.inputs.push_back(input);
    out.freezes_mlps =
        options.mlp == "both" ? std::vector<bool>{false, true} : std::vector<bool>{options.mlp == "frozen"};
    return out;
}

/// Follows the paths back from the answer.
Status find(const PathCommand& options) {
    if (!options.prompts_path.empty())
        return fail(ErrorKind::InvalidInput, "--circuit follows one pair of prompts; leave out --prompts");
    const std::stop_token stop = interrupt_token();
    ProgressBar bar("path");
    HEADLIGHT_TRY(const LiveModel model, open_model(options.model, JobContext(stop, bar.callback())));
    HEADLIGHT_TRY(const std::vector<Prompt> prompts, choose_prompts(options, model));
    CircuitGraphOptions wanted = options.circuit;
    wanted.freezes_mlps = options.mlp == "frozen";
    HEADLIGHT_TRY(const CircuitGraph graph,
                  find_circuit(model, prompts.front(), wanted, JobContext(stop),
                               [&](const CircuitGraph& so_far, int done, int known) {
                                   bar.show(static_cast<double>(done) / known,
                                            fmt::format("{} of {} receivers, {} edges", done, known,
                                                        so_far.edges.size()));
                               }));
    bar.finish();
    if (options.prints()) print(graph_text(graph));
    if (!options.json_path.empty()) HEADLIGHT_CHECK(write_json(options.json_path, graph_json(graph)));
    if (!options.against.empty()) {
        HEADLIGHT_TRY(const CircuitGraph other, read_graph(options.against));
        if (options.prints()) print("\n" + compared_graphs_text(graph, other));
    }
    if (graph.was_stopped) return fail(ErrorKind::Cancelled, "stopped");
    return write_cause_figures({graph_figure(graph, model.spec())}, options.output_dir, options.style);
}

Status path(const PathCommand& options) {
    if (options.wants_circuit) return find(options);
    const std::stop_token stop = interrupt_token();
    ProgressBar bar("path");
    HEADLIGHT_TRY(const LiveModel model, open_model(options.model, JobContext(stop, bar.callback())));
    HEADLIGHT_TRY(
        const PathResult result,
        patch_paths(model, chosen(options), JobContext(stop), [&](std::size_t done, std::size_t all) {
            bar.show(static_cast<double>(done) / static_cast<double>(all),
                     fmt::format("{} of {} paths", done, all));
        }));
    bar.finish();
    if (options.prints()) print(path_text(result, options.top_k));
    if (!options.json_path.empty()) HEADLIGHT_CHECK(write_json(options.json_path, path_json(result)));
    if (result.was_stopped) return fail(ErrorKind::Cancelled, "stopped");
    if (!options.dump_path.empty()) {
        TensorFile file;
        add_paths(result, file);
        HEADLIGHT_CHECK(file.write(options.dump_path, model.spec()));
    }
    return write_cause_figures(path_figures(result), options.output_dir, options.style);
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<PathCommand>();
    add_cause_options(app, *options, true, true);
    app.add_option("--receivers", options->receivers,
                   "Heads that read the senders: 9.9,10.0 (the logits alone)");
    app.add_option("--inputs", options->inputs, "Which inputs of the receivers")
        ->delimiter(',')
        ->check(CLI::IsMember({"q", "k", "v"}))
        ->capture_default_str();
    app.add_option("--mlp", options->mlp,
                   "Feed-forward parts on the way are computed again, or frozen (the bare residual edge)")
        ->check(CLI::IsMember({"recompute", "frozen", "both"}))
        ->capture_default_str();
    const std::string group = "Circuit";
    app.add_flag(
           "--circuit", options->wants_circuit,
           "Follow the paths back from the answer: edges over a threshold, then what their senders read")
        ->group(group);
    app.add_option("--threshold", options->circuit.threshold, "Least share of the gap that an edge moves")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str()
        ->group(group);
    app.add_option("--depth", options->circuit.depth, "How many edges back")
        ->check(CLI::Range(1, 64))
        ->capture_default_str()
        ->group(group);
    app.add_option("--most-edges", options->circuit.most_edges, "Edges into one input of a head")
        ->check(CLI::Range(1, 1 << 16))
        ->capture_default_str()
        ->group(group);
    app.add_option("--against", options->against, "Compare with a circuit that --json wrote before")
        ->check(CLI::ExistingFile)
        ->group(group);
    app.add_option("--top-k", options->top_k, "Senders to list of each path")
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    return [options]() -> Status {
        HEADLIGHT_TRY(options->style.format, figure_format(options->format));
        return path(*options);
    };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_path = {
    "path",
    "Path patching: what a head's output does on its direct way to the answer, or to a head's query, key, "
    "value",
    "  headlight path --text \"When Mary and John went to the store, John gave a drink to\" \\\n"
    "      --corrupt-text \"When Mary and John went to the store, Mary gave a drink to\" \\\n"
    "      --answer \" Mary\" --rival \" John\" --receivers 2.1 --mlp both\n"
    "  headlight path --model gpt2 --text \"...\" --corrupt-text \"...\" --answer \" Mary\" --circuit --json "
    "c.json",
    add};

}  // namespace headlight
