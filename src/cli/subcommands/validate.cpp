#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/text_file.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "report/validation/validation_html.h"
#include "report/validation/validation_json.h"
#include "report/validation/validation_text.h"

namespace headlight {
namespace {

constexpr int kLongest = 1024;  // all pairs of rows are compared: cubic in the length

struct ValidateOptions {
    ModelOptions model;
    std::string text_file, json_path, html_path;
    int length = 128, most_sequences = 16;
    std::uint64_t seed = 1;
    double gate_budget = ValidationRequest{}.gate_budget;
};

/// A random model counts as named: the demo is taken only when nothing was said.
Result<int> fitting_length(const ModelSpec& spec, int wanted) {
    int length = wanted;
    if (spec.max_positions > 0 && length > spec.max_positions) {
        length = spec.max_positions;
        say(fmt::format("{} takes at most {} tokens: --seq_len {} becomes {}.", spec.name, spec.max_positions,
                        wanted, length));
    }
    if (length < 2)
        return fail(ErrorKind::InvalidInput, "{} takes {} token; validation needs 2", spec.name, length);
    return length;
}

Status read_sequences(const ValidateOptions& options, const LiveModel& model, int length,
                      ValidationRequest& request) {
    const ModelSpec& spec = model.spec();
    if (!model.tokenizer()) {
        if (!options.text_file.empty()) {
            Error error = model.tokenizer_error.value_or(Error{});
            error.message += " (--text-file needs a tokenizer: name one with --tokenizer)";
            return fail(std::move(error));
        }
        say("No tokenizer was found: the sequences are random token ids, so the parts on text are left out.");
        request.sequences = random_windows(spec.vocab_size, length, kLeastSequences, options.seed);
        request.text_name = "random token ids (no tokenizer)";
        request.has_text = false;
        return {};
    }
    std::string text = validation_text();
    request.text_name = "the built-in text";
    if (!options.text_file.empty()) {
        HEADLIGHT_TRY(text, read_text(options.text_file));
        request.text_name = std::filesystem::path(options.text_file).filename().string();
    } else {
        say("No --text-file was given: using the built-in text.");
    }
    HEADLIGHT_TRY(request.sequences, cut_windows(*model.tokenizer(), text, length, options.most_sequences));
    if (request.sequences.empty()) {
        return fail(ErrorKind::InvalidInput,
                    "'{}' gives no sequence of 2 tokens or more; use a longer text or a larger --seq_len",
                    request.text_name);
    }
    return {};
}

Status validate(const ValidateOptions& options) {
    const std::stop_token stop = interrupt_token();
    ProgressBar bar("validate");
    const JobContext job(stop, bar.callback());
    HEADLIGHT_TRY(LiveModel model, open_model(options.model, job));
    HEADLIGHT_TRY(const int length, fitting_length(model.spec(), options.length));
    ValidationRequest request;
    request.seed = options.seed;
    request.gate_budget = options.gate_budget;
    request.num_threads = options.model.num_threads;
    HEADLIGHT_CHECK(read_sequences(options, model, length, request));
    HEADLIGHT_TRY(const ValidationReport report, validate_attention(*model.runner, request, job));
    bar.finish();
    if (options.json_path != "-") {
        const std::string text = validation_report_text(report);
        std::fwrite(text.data(), 1, text.size(), stdout);
    }
    if (!options.json_path.empty()) HEADLIGHT_CHECK(write_json(options.json_path, validation_json(report)));
    if (!options.html_path.empty())
        HEADLIGHT_CHECK(write_file_atomic(options.html_path, validation_html(report)));
    // An error without a message: the report has said it, only the exit code is left.
    if (!report.critical.empty()) return fail(Error{});
    return {};
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<ValidateOptions>();
    add_model_options(app, options->model, false);
    // --seed means the permutations here, so that random weights have a name of their own.
    const std::string group = "Random weights (when no checkpoint is given)";
    const auto size = CLI::Range(1, 1 << 16);
    app.add_option("--embedding-dimension", options->model.hidden_size, "Size of the embedding (256)")
        ->check(size)
        ->group(group);
    app.add_option("--number-of-heads", options->model.num_heads, "Heads of each layer (4)")
        ->check(size)
        ->group(group);
    app.add_option("--number-of-layers", options->model.num_layers, "Layers (4)")->check(size)->group(group);
    app.add_option("--seq_len,--seq-len", options->length, "Tokens of a sequence")
        ->check(CLI::Range(2, kLongest))
        ->capture_default_str();
    app.add_option("--text-file", options->text_file,
                   "Text to validate on, - for standard input (default: a built-in one)");
    app.add_option("--sequences", options->most_sequences, "At most this many sequences; p-values need 12")
        ->check(CLI::Range(1, 4096))
        ->capture_default_str();
    app.add_option("--seed", options->seed, "Of permutations and resamples")->capture_default_str();
    app.add_option("--gate-budget", options->gate_budget,
                   "Operations that part 8 may spend on head gates (large: every head)")
        ->check(CLI::Range(0.0, 1e20))
        ->capture_default_str();
    app.add_option("--json", options->json_path,
                   "Write everything as JSON to this file (- for standard output)");
    app.add_option("--html", options->html_path, "Write the report as one HTML page");
    return [options]() -> Status { return validate(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_validate = {
    "validate",
    "Nine tests of a model's attention: correct, interpretable, not uniform, and does it help? Exit code 1: "
    "critical issues",
    "  headlight validate --checkpoint SmolLM2-135M --seq_len 128\n"
    "  headlight validate --checkpoint model --config config.json --text-file story.txt --json report.json "
    "--html report.html",
    add};

}  // namespace headlight
