#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/quantities.h"
#include "base/stopwatch.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/question_options.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "report/ablation/ablation_json.h"
#include "report/ablation/ablation_text.h"
#include "run/ablate/ablate_text.h"

namespace headlight {
namespace {

struct AblateOptions : AblateRequest {
    ModelOptions model;
    std::string json_path;
};

Status check_options(const AblateOptions& options) {
    if (options.sweep && (!options.edges.empty() || !options.pattern_path.empty() ||
                          !options.from_text.empty() || options.has_factor)) {
        return fail(
            ErrorKind::InvalidInput,
            "--sweep changes every head in the same way: it goes with --mode, not with --edges, --pattern, "
            "--from-text or --factor");
    }
    if (!options.sweep && !options.parts.empty())
        return fail(ErrorKind::InvalidInput, "--parts says what a sweep changes one by one; add --sweep");
    if (options.question.is_given() && options.has_repeat_probe)
        return fail(ErrorKind::InvalidInput, "a question needs a text of its own; leave out --repeat-probe");
    if (options.sweep && (options.has_tokens || options.query))
        return fail(ErrorKind::InvalidInput, "--tokens and --query look at one change; leave out --sweep");
    if (options.has_repeat_probe && options.text.is_given())
        return fail(ErrorKind::InvalidInput,
                    "--repeat-probe makes its own texts; leave out --text, --text-file and --ids");
    return {};
}

Status ablate(const AblateOptions& options) {
    HEADLIGHT_CHECK(check_options(options));
    const std::stop_token stop = interrupt_token();
    ProgressBar bar("ablate");
    const JobContext job(stop, options.sweep ? JobContext::Callback{} : bar.callback());
    HEADLIGHT_TRY(const LiveModel model, open_model(options.model, job));
    const Stopwatch stopwatch;
    const auto show = [&](const AblationEffect& effect, int done, int wanted) {
        bar.show(static_cast<double>(done) / wanted,
                 fmt::format("{} of {}, last {} {:+.4f} nats, {} left", done, wanted,
                             effect.heads.empty() ? fmt::format("MLP {}", effect.mlp_layers.front())
                                                  : effect.heads.front().to_string(),
                             effect.delta, duration_text(stopwatch.seconds() / done * (wanted - done))));
    };
    HEADLIGHT_TRY(const AblateResult result, ablate_text(options, model, say, job, show));
    bar.finish();
    if (options.json_path != "-") {
        const std::string text = ablation_text(result);
        std::fwrite(text.data(), 1, text.size(), stdout);
    }
    if (!options.json_path.empty()) HEADLIGHT_CHECK(write_json(options.json_path, ablation_json(result)));
    if (result.was_stopped) return fail(ErrorKind::Cancelled, "stopped");
    return {};
}

void add_what(CLI::App& app, AblateOptions& options) {
    CLI::Option* heads =
        app.add_option("--heads", options.heads, "Heads to change together: 1.3,2.0 (layer.head, 0-based)");
    CLI::Option* layers =
        app.add_option("--layers", options.layers, "All heads of these layers: 0,2")->delimiter(',');
    CLI::Option* all = app.add_flag("--all", options.all, "All heads of the model (default)");
    all->excludes(heads)->excludes(layers);
    app.add_flag("--sweep", options.sweep, "Each of these heads alone, ranked by effect");
    app.add_option(
           "--parts", options.parts,
           "What a sweep changes one by one (head): head, layer (all its heads), mlp; mlp needs --mode zero")
        ->check(CLI::IsMember({"head", "layer", "mlp"}))
        ->delimiter(',');
    app.add_option("--metric", options.metric, "What is ranked by (difference with a question, else loss)")
        ->check(CLI::IsMember({"probability", "logit", "difference", "kl", "loss"}));
    app.add_option("--mode", options.mode, "What stands in for attention (uniform)")
        ->check(CLI::IsMember({"uniform", "local", "previous", "first", "identity", "pattern", "zero", "mean",
                               "knock_out", "scale"}));
    app.add_option("--window", options.window, "Reach of --mode local, tokens")
        ->check(CLI::Range(0, 1 << 20))
        ->capture_default_str();
    app.add_option("--edges", options.edges,
                   "Cut single edges: 1.3:7>2 (layer.head:query>key), the rest is scaled up")
        ->delimiter(',');
    app.add_option("--pattern", options.pattern_path,
                   "Use this pattern: safetensors [N,N] or [heads,N,N], or JSON rows");
    app.add_option("--from-text", options.from_text,
                   "Use the same heads' patterns on this other text of as many tokens");
    app.add_option("--factor", options.factor, "Scale the output of the heads by this factor")
        ->check(CLI::Range(-1e6, 1e6))
        ->each([&options](const std::string&) { options.has_factor = true; });
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<AblateOptions>();
    add_model_options(app, options->model, false);
    add_text_options(app, options->text);
    add_what(app, *options);
    add_question_options(app, options->question);
    app.add_flag("--repeat-probe", options->has_repeat_probe,
                 "Text: 12 random repeats, scored on their second copy");
    app.add_flag("--tokens", options->has_tokens,
                 "Also loss before and after of every token (of the last window)");
    app.add_option("--query", options->query, "Position whose next tokens are compared (the last one)");
    app.add_option("--top-k", options->top_k, "Next tokens to list")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--window-length", options->window_length,
                   "Longer texts are cut into windows of this many tokens")
        ->check(CLI::Range(2, 1 << 20))
        ->capture_default_str();
    app.add_option("--seed", options->seed, "Of the bootstrap and of the random repeats")
        ->capture_default_str();
    app.add_option("--json", options->json_path,
                   "Write everything as JSON to this file (- for standard output)");
    return [options]() -> Status { return ablate(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_ablate = {
    "ablate",
    "What replacing attention costs: loss, perplexity, interval, next tokens; one change, or every head "
    "ranked",
    "  headlight ablate --text-file story.txt --all --mode uniform\n"
    "  headlight ablate --model SmolLM2-135M --text \"When Mary and John went\" --heads 5.1 --mode zero "
    "--tokens\n"
    "  headlight ablate --repeat-probe --sweep --mode zero --json sweep.json\n"
    "  headlight ablate --model SmolLM2-135M --text \"When Mary and John went to the store, John gave a "
    "drink "
    "to\" --sweep --mode zero --parts head,mlp --answer \" Mary\" --rival \" John\"\n"
    "  headlight ablate --text \"The cat sat on the mat\" --edges \"1.3:5>2\"",
    add};

}  // namespace headlight
