#include <CLI/CLI.hpp>
#include <memory>

#include "cli/cause_options.h"
#include "cli/interrupt.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "report/cause/patch_report.h"

namespace headlight {
namespace {

struct PatchCommand : CauseOptions {
    std::vector<std::string> sites{"resid", "attn", "mlp", "head"};
    std::string direction = "both";
    int top_k = 10;
};

PatchOptions chosen(const PatchCommand& options) {
    PatchOptions out;
    static_cast<PromptOptions&>(out) = options;
    for (const std::string& name : options.sites)
        out.sites.push_back(*patch_site(name));
    for (const PatchDirection direction : kPatchDirections)
        if (options.direction == "both" || options.direction == to_string(direction))
            out.directions.push_back(direction);
    return out;
}

Status patch(const PatchCommand& options) {
    const std::stop_token stop = interrupt_token();
    ProgressBar bar("patch");
    HEADLIGHT_TRY(const LiveModel model, open_model(options.model, JobContext(stop, bar.callback())));
    HEADLIGHT_TRY(
        const PatchResult result,
        patch_prompts(model, chosen(options), JobContext(stop), [&](std::size_t done, std::size_t all) {
            bar.show(static_cast<double>(done) / static_cast<double>(all),
                     fmt::format("{} of {} cells", done, all));
        }));
    bar.finish();
    if (options.prints()) print(patch_text(result, options.top_k));
    if (!options.json_path.empty()) HEADLIGHT_CHECK(write_json(options.json_path, patch_json(result)));
    if (result.was_stopped) return fail(ErrorKind::Cancelled, "stopped");
    if (!options.dump_path.empty()) {
        TensorFile file;
        add_patching(result, file);
        HEADLIGHT_CHECK(file.write(options.dump_path, model.spec()));
    }
    return write_cause_figures(patching_figures(result), options.output_dir, options.style);
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<PatchCommand>();
    add_cause_options(app, *options, true, true);
    app.add_option("--sites", options->sites,
                   "What is replaced: resid, attn, mlp, head, head_at, head_pos, pattern, value")
        ->delimiter(',')
        ->check(CLI::IsMember({"resid", "attn", "mlp", "head", "head_at", "head_pos", "pattern", "value"}))
        ->capture_default_str();
    app.add_option("--direction", options->direction,
                   "denoise: clean into corrupted; noise: corrupted into clean")
        ->check(CLI::IsMember({"denoise", "noise", "both"}))
        ->capture_default_str();
    app.add_option("--top-k", options->top_k, "Cells to list of each map")
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    return [options]() -> Status {
        HEADLIGHT_TRY(options->style.format, figure_format(options->format));
        return patch(*options);
    };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_patch = {
    "patch", "Activation patching: values of a clean run put into a corrupted one, or the other way round",
    "  headlight patch --text \"When Mary and John went to the store, John gave a drink to\" \\\n"
    "      --corrupt-text \"When Mary and John went to the store, Mary gave a drink to\" \\\n"
    "      --answer \" Mary\" --rival \" John\" --sites head,resid\n"
    "  headlight patch --model gpt2 --prompts pairs.jsonl --sites head --direction denoise --json patch.json",
    add};

}  // namespace headlight
