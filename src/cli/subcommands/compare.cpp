#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/question_options.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "publish/picture_files.h"
#include "report/compare/compare_json.h"
#include "report/compare/compare_text.h"
#include "run/compare/compare_runs.h"

namespace headlight {
namespace {

struct CompareOptions : CompareRequest {
    std::string json_path, dump_path, output_dir;
    FigureStyle style;
    int top_k = 12, max_heads = 4;
};

Status compare(const CompareOptions& options) {
    ProgressBar bar("compare");
    const JobContext job(interrupt_token(), bar.callback());
    const auto tell = [&](const std::string& line) { bar.note(line); };
    HEADLIGHT_TRY(const Comparison comparison, headlight::compare(options, tell, job));
    bar.finish();
    if (options.json_path != "-") {
        const std::string text = comparison_text(comparison, options.top_k);
        std::fwrite(text.data(), 1, text.size(), stdout);
        std::fflush(stdout);
    }
    if (!options.json_path.empty())
        HEADLIGHT_CHECK(write_json(options.json_path, comparison_json(comparison)));
    if (!options.dump_path.empty()) HEADLIGHT_CHECK(write_comparison(options.dump_path, comparison));
    if (options.output_dir.empty()) return {};
    HEADLIGHT_TRY(
        const std::vector<std::string> paths,
        write_compared_heads(comparison, options.max_heads, {options.output_dir, options.style}, job));
    if (!paths.empty()) say(fmt::format("{} pictures: {} ... {}", paths.size(), paths.front(), paths.back()));
    return {};
}

void add_other_side(CLI::App& app, CompareOptions& options) {
    const std::string group = "The other side (one of these)";
    app.add_option("--other-text", options.other_text.text, "Another text")
        ->group(group)
        ->each([&options](const std::string&) { options.other_text.has_text = true; });
    app.add_option("--other-text-file", options.other_text.text_file, "Another text, from a file")
        ->group(group);
    app.add_option("--other-ids", options.other_text.ids, "Other token ids: 1,2,3")
        ->delimiter(',')
        ->group(group);
    app.add_option("--other-model", options.other_model,
                   "Another checkpoint with the same vocabulary, or stored attention")
        ->group(group);
    const auto changes = [&options](const std::string&) { options.has_change = true; };
    app.add_option("--other-heads", options.change.heads, "The same run with these heads changed: 1.3,2.0")
        ->group(group)
        ->each(changes);
    app.add_option("--other-layers", options.change.layers,
                   "The same run with all heads of these layers changed")
        ->delimiter(',')
        ->group(group)
        ->each(changes);
    app.add_option("--other-mode", options.change.mode, "What stands in for their attention (uniform)")
        ->check(CLI::IsMember({"uniform", "local", "previous", "first", "identity", "zero", "mean"}))
        ->group(group)
        ->each(changes);
    app.add_option("--head-a", options.head_a, "This head of A: 1.3")->group(group);
    app.add_option("--head-b", options.head_b, "beside this head of B; without another side, of the same run")
        ->group(group);
}

void add_results(CLI::App& app, CompareOptions& options) {
    app.add_option("--top-k", options.top_k, "Heads to list")
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    app.add_flag_callback(
        "--no-null", [&options] { options.has_null = false; },
        "Two texts: do not run them through random weights for a reference");
    app.add_option("--seed", options.seed, "Of those random weights")->capture_default_str();
    app.add_option("--json", options.json_path,
                   "Write everything as JSON to this file (- for standard output)");
    app.add_option("--dump", options.dump_path, "Write the divergences as safetensors");
    app.add_option("--output-dir", options.output_dir, "Draw the most changed heads into this folder");
    app.add_option("--max-heads", options.max_heads, "How many heads to draw")
        ->check(CLI::Range(1, 1 << 16))
        ->capture_default_str();
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<CompareOptions>();
    const auto format = std::make_shared<std::string>("png");
    add_model_options(app, options->model, false);
    add_text_options(app, options->text);
    add_decoder_options(app, options->decoder);
    app.add_option("--attention", options->attention, "Which attention of an encoder-decoder")
        ->check(CLI::IsMember({"self", "encoder", "decoder", "cross"}));
    add_other_side(app, *options);
    add_question_options(app, options->question);
    add_results(app, *options);
    app.add_option("--format", *format, "Format of pictures")
        ->check(CLI::IsMember({"png", "svg", "pdf"}))
        ->capture_default_str();
    app.add_option("--dump-axes", options->axes, "Axes of stored attention where they are ambiguous");
    return [options, format]() -> Status {
        HEADLIGHT_TRY(options->style.format, figure_format(*format));
        return compare(*options);
    };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_compare = {
    "compare",
    "Two runs side by side: texts, models, a change, two heads, stored attention; heads ranked by divergence",
    "  headlight compare --text \"The cat sat on the mat\" --other-text \"The dog sat on the mat\"\n"
    "  headlight compare --model gpt2 --ids 464,3797 --other-ids 464,3290 --json compare.json\n"
    "  headlight compare --model run/step_1000 --text-file story.txt --other-model run/step_2000\n"
    "  headlight compare --model gpt2 --text \"When Mary and John went\" --other-heads 5.1 --other-mode "
    "zero\n"
    "  headlight compare --model gpt2 --text \"When Mary and John went\" --head-a 5.1 --head-b 6.9 "
    "--output-dir plots\n"
    "  headlight compare --model before.npz --other-model after.npz",
    add};

}  // namespace headlight
