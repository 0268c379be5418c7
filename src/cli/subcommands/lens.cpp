#include <CLI/CLI.hpp>
#include <memory>

#include "cli/cause_options.h"
#include "cli/interrupt.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "report/cause/lens_report.h"

namespace headlight {
namespace {

struct LensOptions : CauseOptions {
    int top_k = 5;
};

Status lens(const LensOptions& options) {
    const std::stop_token stop = interrupt_token();
    ProgressBar bar("lens");
    const JobContext job(stop, bar.callback());
    HEADLIGHT_TRY(const LiveModel model, open_model(options.model, job));
    HEADLIGHT_TRY(const Prompt prompt, read_texts(options, model));
    LensResult result{model.info, prompt.tokens, {}, 0, {}};
    HEADLIGHT_TRY(result.position, position_of(options.question.at, result.tokens.tokens.size()));
    if (options.question.has_answer() || options.question.has_rival()) {
        HEADLIGHT_TRY(result.question,
                      question_of(options.question, *model.info, result.tokens.tokens.size()));
    }
    HEADLIGHT_TRY(const std::unique_ptr<CausalRun> run, explain_prompt(model, prompt, job));
    HEADLIGHT_TRY(result.lens, run->lens({result.question, options.top_k, !options.dump_path.empty()}, job));
    bar.finish();
    if (options.prints()) print(lens_text(result));
    if (!options.json_path.empty()) HEADLIGHT_CHECK(write_json(options.json_path, lens_json(result)));
    if (!options.dump_path.empty()) {
        TensorFile file;
        add_lens(result.lens, file);
        HEADLIGHT_CHECK(file.write(options.dump_path, model.spec()));
    }
    return write_cause_figures({lens_figure(result)}, options.output_dir, options.style);
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<LensOptions>();
    add_cause_options(app, *options, false, true);
    app.remove_option(app.get_option("--prompts"));
    app.add_option("--top-k", options->top_k, "Likeliest tokens to keep of each place")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    return [options]() -> Status {
        HEADLIGHT_TRY(options->style.format, figure_format(options->format));
        return lens(*options);
    };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_lens = {
    "lens", "The states between layers read with the last layer's head: first tokens, ranks, entropy, KL",
    "  headlight lens --text \"When Mary and John went to the store, John gave a drink to\"\n"
    "  headlight lens --model gpt2 --text \"The capital of France is\" --answer \" Paris\" --rival \" "
    "London\"\n"
    "  headlight lens --model gpt2 --text-file story.txt --output-dir figures --format svg --json lens.json",
    add};

}  // namespace headlight
