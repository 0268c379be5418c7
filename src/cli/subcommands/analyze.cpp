#include <CLI/CLI.hpp>
#include <cstdio>
#include <future>

#include "base/measure/start_log.h"
#include "cli/analyze_options.h"
#include "cli/cause_options.h"
#include "cli/interrupt.h"
#include "cli/question_options.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "cli/window.h"
#include "io/attention/attention_dump.h"
#include "io/identify_path.h"
#include "publish/picture_files.h"
#include "publish/shown_part.h"
#include "report/analysis/analysis_json.h"
#include "report/analysis/analysis_text.h"
#include "report/analysis/unit_report.h"
#include "report/search/heads_report.h"
#include "run/analyze_text.h"
#include "run/cause/shown_run.h"
#include "study/rules/rule_files.h"

namespace headlight {
namespace {

Status write_dump(const AnalyzedRun& run, const std::string& path, const JobContext& job) {
    AttentionDump dump;
    dump.spec = run.spec;
    dump.tokens = run.tokens;
    dump.trace = run.run.trace;
    if (run.shown) dump.weights = to_string(run.shown->weights());
    if (run.shown && run.kind != AttentionKind::Decoder && run.kind != AttentionKind::Cross)
        dump.trace = run.token_shown;
    dump.logits = run.run.logits;
    dump.hidden = run.run.hidden;
    dump.decoder_tokens = run.decoder_tokens;
    dump.decoder_trace = run.run.decoder_trace;
    dump.cross_trace = run.run.cross_trace;
    if (run.shown && run.kind == AttentionKind::Decoder) dump.decoder_trace = run.token_shown;
    if (run.shown && run.kind == AttentionKind::Cross) dump.cross_trace = run.token_shown;
    dump.decoder_hidden = run.run.decoder_hidden;
    HEADLIGHT_CHECK(check_unit_arrays(run));
    return write_attention_dump(path, dump, job, unit_arrays(run));
}

Status show_window(const AnalyzeOptions& options, const AnalyzedRun& run) {
    if (options.model.wants_random()) {
        return fail(ErrorKind::InvalidInput,
                    "--show-plots needs a checkpoint: the window cannot make random weights");
    }
    WindowRequest request;
    if (options.model.device != kProcessor) request.device = options.model.device;
    request.path = options.model.path;
    if (run.run_ms > 0) {  // stored attention brings its own
        request.text = run.tokens.first_text();
        request.text_pair = run.tokens.second_text();
    }
    request.trusts_torchscript = options.model.trusts_torchscript;
    request.axes = options.dump_axes;
    request.base = options.model.adapter.base;
    if (run.spec.has_decoder) {
        request.decoder_text = options.decoder.text;
        request.attention = kind_name(run.kind);
    }
    request.head = HeadId{options.scope.layer.value_or(0), options.scope.head.value_or(0)};
    return open_window(request);
}

AnalyzeRequest request_of(const AnalyzeOptions& options) {
    const bool has_table = !options.heads_csv_path.empty();
    const auto names = [&](MetricKind kind) { return options.where && options.where->needs(kind); };
    return {.attention = options.attention,
            .layer = options.scope.layer,
            .head = options.scope.head,
            .has_probe = options.has_probe,
            .wants_all = !options.json_path.empty(),
            .wants_hidden = !options.dump_path.empty(),
            .wants_weights = has_table || names(MetricKind::Weights),
            .wants_matrices = has_table || names(MetricKind::Matrix),
            .unit = text_unit(options.by).value_or(TextUnit::Token),
            .from = from_group(options.from_group).value_or(FromGroup::Mean),
            .num_threads = options.model.num_threads};
}

Result<AnalyzedRun> measure_stored(const AnalyzeOptions& options, const JobContext& job) {
    const TextOptions& text = options.text;
    if (text.is_given() || options.decoder.is_given() || options.has_probe) {
        return fail(
            make_error(ErrorKind::InvalidInput,
                       "this is attention that was measured before, of its own text; a text, ids and --probe "
                       "need a model")
                .in_file(options.model.path));
    }
    return analyze_dump(options.model.path, options.dump_axes, request_of(options), say, job);
}

constexpr double kMostDumpBytes = 64.0 * 1024 * 1024 * 1024;  // of weights [L, H, N, N]

/// Before a run that may take long: what is asked of it grows with the square of the text.
Status check_outputs(const AnalyzeOptions& options, const ModelSpec& spec, std::size_t num_tokens) {
    if (options.has_plots && num_tokens > static_cast<std::size_t>(kMostPictureTokens)) {
        return fail(ErrorKind::InvalidInput,
                    "the text has {} tokens: pictures of whole matrices are drawn up to {}; add --no-plots, "
                    "or look at "
                    "it in the window (headlight open)",
                    num_tokens, kMostPictureTokens);
    }
    const double count = static_cast<double>(num_tokens);
    const double bytes = 4.0 * spec.num_layers * spec.num_heads * count * count;
    if (options.dump_path.empty() || bytes <= kMostDumpBytes) return {};
    return fail(
        ErrorKind::InvalidInput,
        "--dump: {} tokens in {} x {} heads are {:.0f} GB of weights, the most is {:.0f}; shorten the text",
        num_tokens, spec.num_layers, spec.num_heads, bytes * 1e-9, kMostDumpBytes * 1e-9);
}

/// A run of a model, or attention that was measured before; then `model` stays empty.
Result<AnalyzedRun> measure(const AnalyzeOptions& options, LiveModel& model, const JobContext& job) {
    if (!options.model.path.empty()) {
        HEADLIGHT_TRY(const IdentifiedPath found, identify_path(options.model.path));
        if (found.kind == PathKind::AttentionDump) return measure_stored(options, job);
    }
    HEADLIGHT_TRY(model, open_model(options.model, job));
    HEADLIGHT_TRY(const TokenizedText tokens, read_tokens(options.text, model));
    HEADLIGHT_TRY(const TokenizedText decoder_tokens, read_decoder_tokens(options.decoder, model));
    HEADLIGHT_CHECK(
        check_outputs(options, model.spec(), std::max(tokens.tokens.size(), decoder_tokens.tokens.size())));
    return analyze_tokens(model, tokens, decoder_tokens, request_of(options), job);
}

void print_report(const AnalyzedRun& run, const ReportScope& scope, const Tokenizer* tokenizer) {
    analysis_text(run, scope, tokenizer,
                  [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); });
    std::fflush(stdout);
    note_start("the attention is printed");
}

Status analyze(const AnalyzeOptions& options) {
    const std::stop_token stop = interrupt_token();
    ProgressBar bar("analyze");
    const JobContext job(stop, bar.callback());
    HEADLIGHT_CHECK(use_rule_files(options.rules));
    LiveModel model;
    HEADLIGHT_TRY(AnalyzedRun run, measure(options, model, job));
    HEADLIGHT_CHECK(show_weights(run, model, options.weights, options.question, job));
    // Pictures are drawn while the text is printed; only the main thread talks to the user meanwhile.
    std::future<Result<std::vector<std::string>>> drawing;
    if (options.has_plots) {
        const bool can_show_bar = !is_terminal_stdout();
        const JobContext quiet(stop, can_show_bar ? bar.callback() : JobContext::Callback{});
        drawing = std::async(std::launch::async, [&run, &options, quiet] {
            return write_run_pictures(run, options.scope, {options.output_dir, options.style},
                                      options.model.num_threads, quiet);
        });
    } else {
        bar.finish();
    }
    if (is_terminal_stdout()) bar.finish();
    if (options.json_path != "-" && options.where) print(matching_heads_text(run, *options.where));
    if (options.json_path != "-" && !options.where) print_report(run, options.scope, model.tokenizer().get());
    if (!options.heads_csv_path.empty())
        HEADLIGHT_CHECK(write_heads_csv(options.heads_csv_path, run, options.where));
    if (!options.json_path.empty()) {
        HEADLIGHT_CHECK(check_unit_arrays(run));
        const Json json = analysis_json(run, options.scope, model.tokenizer().get());
        HEADLIGHT_CHECK(write_json(options.json_path, json));
    }
    if (!options.dump_path.empty()) HEADLIGHT_CHECK(write_dump(run, options.dump_path, JobContext(stop)));
    if (drawing.valid()) {
        HEADLIGHT_TRY(const std::vector<std::string> paths, drawing.get());
        bar.finish();
        say(fmt::format("{} picture{} in {}/: {} ... {}", paths.size(), paths.size() == 1 ? "" : "s",
                        options.output_dir, paths.front(), paths.back()));
    }
    if (options.json_path != "-" && !options.json_path.empty()) say("JSON: " + options.json_path);
    if (!options.dump_path.empty()) say("Attention: " + options.dump_path);
    if (!options.heads_csv_path.empty()) say("Heads: " + options.heads_csv_path);
    return options.shows_window ? show_window(options, run) : Status{};
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<AnalyzeOptions>();
    const auto format = std::make_shared<std::string>("png"), weights = std::make_shared<std::string>("raw");
    const auto where = std::make_shared<std::string>();
    add_model_options(app, options->model, true);
    add_text_options(app, options->text);
    add_decoder_options(app, options->decoder);
    app.add_option("--rules", options->rules, "Files of saved rules: listed with the other patterns")
        ->expected(1, -1);
    app.add_option("--attention", options->attention,
                   "Which attention of an encoder-decoder (cross when the decoder has a text, else encoder)")
        ->check(CLI::IsMember({"self", "encoder", "decoder", "cross"}));
    app.add_option(
           "--weights", *weights,
           "Which weights lists, pictures, JSON and dump hold: plain ones, without the sink (first key "
           "and special tokens), times the value's length, as written, or the effect on an answer")
        ->check(CLI::IsMember({"raw", "no-sink", "value", "norm", "effect"}))
        ->capture_default_str();
    add_question_options(app, options->question);
    app.add_option("--layer", options->scope.layer, "Only this layer (0-based)");
    app.add_option("--head", options->scope.head,
                   "Only this head (0-based); the text then reports it instead of the mean");
    app.add_option("--max-heads", options->scope.max_heads,
                   "Pictures and table of the first K heads of each layer")
        ->check(CLI::Range(1, 1 << 16));
    app.add_option("--top-k", options->scope.top_k, "Attended tokens to list for each token")
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    app.add_option("--output-dir", options->output_dir, "Folder for pictures")->capture_default_str();
    app.add_option("--format", *format, "Format of pictures")
        ->check(CLI::IsMember({"png", "svg", "pdf"}))
        ->capture_default_str();
    app.add_option("--scale", options->style.scale, "Pixels of a PNG: 1 is 100 dpi, 3 is 300 dpi")
        ->check(CLI::Range(0.25, 8.0))
        ->capture_default_str();
    app.add_option("--gamma", options->style.gamma, "Colour = weight^gamma; 1 is linear")
        ->check(CLI::Range(0.1, 2.0))
        ->capture_default_str();
    app.add_flag_callback(
        "--no-numbers", [options] { options->style.shows_numbers = false; }, "No percentages in cells");
    app.add_flag_callback(
        "--no-plots", [options] { options->has_plots = false; }, "Draw no pictures");
    app.add_flag("--show-plots", options->shows_window, "Open the window on this text afterwards");
    app.add_option("--by", options->by,
                   "Everything between words, sentences or lines: to one the sum, from one the mean over its "
                   "tokens; metrics, tags and nulls are of these rows")
        ->check(CLI::IsMember({"token", "word", "sentence", "line"}));
    app.add_option("--from-group", options->from_group,
                   "The row of a word, sentence or line: the mean over its tokens, or its last token's")
        ->check(CLI::IsMember({"mean", "last"}))
        ->capture_default_str();
    app.add_option(
        "--where", *where,
        "List the heads for which this holds, in place of the report: tags, metrics, layer, head, joined "
        "by and, or, not (\"induction and layer < 8\")");
    app.add_option(
        "--heads-csv", options->heads_csv_path,
        "Write all heads (with --where those that match) with every metric as comma-separated values");
    app.add_flag("--probe", options->has_probe, "Also test all heads on random repeated tokens");
    app.add_option("--json", options->json_path,
                   "Write everything as JSON to this file (- for standard output)");
    app.add_option("--dump-axes", options->dump_axes,
                   "Axes of stored attention where they are ambiguous: a letter each of l, h, q, k, and b "
                   "for a batch of one");
    app.add_option("--dump", options->dump_path, "Write attention, logits and hidden states as safetensors");
    return [options, format, weights, where]() -> Status {
        if (!where->empty()) {
            auto query = HeadQuery::parse(*where);
            if (!query) return fail(query.error().kind, "--where: {}", query.error().message);
            options->where = *std::move(query);
        }
        options->weights = weights_shown(*weights).value_or(WeightsShown::Raw);
        HEADLIGHT_TRY(options->style.format, figure_format(*format));
        return analyze(*options);
    };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_analyze = {
    "analyze", "One text: what every token attends to, metrics and tags of every head, pictures, JSON, dump",
    "  headlight analyze --text \"The cat sat on the mat. It was fluffy.\"\n"
    "  headlight analyze --model SmolLM2-135M --text-file story.txt --no-plots\n"
    "  headlight analyze --model gpt2 --text \"When Mary and John went\" --layer 5 --head 1 --format pdf\n"
    "  headlight analyze --text \"The cat sat\" --embedding-dimension 256 --number-of-heads 4 "
    "--number-of-layers 4\n"
    "  headlight analyze --model gpt2 --ids 464,3797,3332 --json report.json --dump attention.safetensors\n"
    "  headlight analyze --model t5-small --text \"translate English to German: a house\" --decoder-text "
    "\"ein Haus\"\n"
    "  headlight analyze --model SmolLM2-135M --text \"Mary gave John\" --weights no-sink --layer 5\n"
    "  headlight analyze --model SmolLM2-135M --text-file story.txt --by sentence\n"
    "  headlight analyze --model gpt2 --text-file story.txt --no-plots --where \"induction and layer < 8\"\n"
    "  headlight analyze --model attention.npz",
    add};

}  // namespace headlight
