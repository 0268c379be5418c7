#include <CLI/CLI.hpp>
#include <memory>

#include "cli/cause_options.h"
#include "cli/interrupt.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "report/cause/attribution_report.h"

namespace headlight {
namespace {

struct AttributeOptions : CauseOptions {
    int top_k = 20;
};

/// What is defined for every model goes into the dump, also where an attribution is not.
Status dump_attribution(const AttributeOptions& options, const LiveModel& model, const Prompt& prompt,
                        CausalRun& run, const Attribution* attribution) {
    if (options.dump_path.empty()) return {};
    TensorFile file;
    HEADLIGHT_CHECK(add_cells(run, prompt.tokens, model.tokenizer().get(), prompt.question, file));
    if (attribution != nullptr) HEADLIGHT_CHECK(add_attribution(*attribution, file));
    return file.write(options.dump_path, model.spec());
}

Status attribute(const AttributeOptions& options) {
    const std::stop_token stop = interrupt_token();
    ProgressBar bar("attribute");
    const JobContext job(stop, bar.callback());
    HEADLIGHT_TRY(const LiveModel model, open_model(options.model, job));
    HEADLIGHT_TRY(std::vector<Prompt> prompts, choose_prompts(options, model));
    const Prompt first = prompts.front();
    Result<AttributionResult> result =
        attribute_prompts(model, std::move(prompts), !options.dump_path.empty(), job);
    bar.finish();
    if (!result) {
        if (result.error().kind == ErrorKind::Unsupported && !options.dump_path.empty()) {
            HEADLIGHT_TRY(const auto run, explain_prompt(model, first, JobContext(stop)));
            HEADLIGHT_CHECK(dump_attribution(options, model, first, *run, nullptr));
            say("Cells only, no attribution: " + options.dump_path);
        }
        return fail(std::move(result).error());
    }
    if (options.prints()) print(attribution_text(*result, options.top_k));
    if (!options.json_path.empty()) HEADLIGHT_CHECK(write_json(options.json_path, attribution_json(*result)));
    HEADLIGHT_CHECK(dump_attribution(options, model, first, *result->run, &result->first));
    return write_cause_figures({attribution_figure(*result)}, options.output_dir, options.style);
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<AttributeOptions>();
    add_cause_options(app, *options, false, true);
    app.add_option("--top-k", options->top_k, "Parts to list")
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    return [options]() -> Status {
        HEADLIGHT_TRY(options->style.format, figure_format(options->format));
        return attribute(*options);
    };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_attribute = {
    "attribute",
    "What every head, feed-forward part, embedding and bias adds directly to the logit of an answer",
    "  headlight attribute --text \"When Mary and John went to the store, John gave a drink to\" \\\n"
    "      --answer \" Mary\" --rival \" John\"\n"
    "  headlight attribute --model gpt2 --ids 464,3797 --at -1 --answer-id 318 --json a.json --dump "
    "a.safetensors\n"
    "  headlight attribute --model gpt2 --prompts ioi.jsonl --output-dir figures --format pdf",
    add};

}  // namespace headlight
