#include <CLI/CLI.hpp>
#include <memory>

#include "base/parallel.h"
#include "cli/cause_options.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "report/search/find_report.h"
#include "study/rules/rule_patterns.h"

namespace headlight {
namespace {

struct FindOptions {
    ModelOptions model;
    TextOptions text;
    DecoderOptions decoder;
    FindRequest request;
    std::string order = "mass", json_path;
    int top_k = 20;
};

Status find(FindOptions options) {
    FindRequest& request = options.request;
    if (request.rule.empty() == request.drawing_path.empty())
        return fail(ErrorKind::InvalidInput, "say what to look for with --rule or --drawing, one of the two");
    const std::optional<FitMeasure> order = fit_measure(options.order);
    if (!order) return fail(ErrorKind::InvalidInput, "--order must be mass, kappa, cosine or pearson");
    request.order = *order;
    // A rule with a mistake is said before a model is opened.
    if (!request.rule.empty()) {
        const auto rule = read_rule(request.rule);
        if (!rule) return fail(rule.error());
    }
    request.options.num_threads =
        options.model.num_threads > 0 ? options.model.num_threads : default_num_threads();
    ProgressBar bar("find");
    const JobContext job(interrupt_token(), bar.callback());
    HEADLIGHT_TRY(const LiveModel model, open_model(options.model, job));
    HEADLIGHT_TRY(const TokenizedText tokens, read_tokens(options.text, model));
    HEADLIGHT_TRY(const TokenizedText decoder_tokens, read_decoder_tokens(options.decoder, model));
    HEADLIGHT_TRY(const FindResult result, find_heads(model, tokens, decoder_tokens, request, job));
    bar.finish();
    if (options.json_path != "-") print(find_text(result, options.top_k));
    return options.json_path.empty() ? Status{} : write_json(options.json_path, find_json(result));
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<FindOptions>();
    add_model_options(app, options->model, true);
    add_text_options(app, options->text);
    add_decoder_options(app, options->decoder);
    app.add_option(
        "--rule", options->request.rule,
        "Which pairs to look for: \"key: capital; offset 1..4\" (docs/searching.md has the grammar)");
    app.add_option("--drawing", options->request.drawing_path,
                   "An array of numbers from 0 up in their place, queries by keys (.npy)");
    app.add_option("--attention", options->request.attention,
                   "Of an encoder-decoder: encoder, decoder or cross");
    app.add_option("--order", options->order, "What comes first: mass, kappa, cosine, pearson")
        ->capture_default_str();
    app.add_option("--top-k", options->top_k, "Heads to list; JSON has all")
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    app.add_option("--row-orders", options->request.options.num_row_orders,
                   "Orders of similar rows to try as null")
        ->check(CLI::Range(0, 100000))
        ->capture_default_str();
    app.add_option("--null-seed", options->request.options.seed, "The same seed draws the same orders")
        ->capture_default_str();
    app.add_option("--json", options->json_path, "All heads as JSON (- for standard output)");
    return [options] { return find(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_find = {
    "find", "Heads whose attention fits a rule or a drawing, best first, with nulls",
    "  headlight find --text \"the cat sat on the mat and the cat sat\" --rule \"after same token\"\n"
    "  headlight find --model gpt2 --text-file story.txt --rule \"query: word start; key: capital; offset "
    "1..8\"\n"
    "  headlight find --model gpt2 --text-file story.txt --drawing wanted.npy --order cosine --json "
    "fits.json",
    add};

}  // namespace headlight
