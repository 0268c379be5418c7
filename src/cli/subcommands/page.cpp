#include <CLI/CLI.hpp>
#include <memory>

#include "base/parallel.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/question_options.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "io/identify_path.h"
#include "publish/page/page_file.h"
#include "run/ablate/ablate_text.h"
#include "run/analyze_text.h"
#include "run/cause/shown_run.h"
#include "study/rules/rule_files.h"

namespace headlight {
namespace {

struct PageCommand {
    ModelOptions model;
    TextOptions text;
    DecoderOptions decoder;
    QuestionOptions question;  // of WeightsShown::Effect
    std::string attention, by, from_group = "mean", dump_axes, weights = "raw", heads, output,
                               precision = "auto";
    std::vector<std::string> rules;
    std::optional<int> layer, head;
    PageOptions page;
};

AnalyzeRequest request_of(const PageCommand& options) {
    return {.attention = options.attention,
            .layer = options.layer,
            .head = options.head,
            .unit = text_unit(options.by).value_or(TextUnit::Token),
            .from = from_group(options.from_group).value_or(FromGroup::Mean),
            .num_threads = options.model.num_threads};
}

/// Before a run that may take long. Between words there are fewer cells.
Status check_size(const PageCommand& options, const ModelSpec& spec, std::size_t num_tokens,
                  std::size_t num_decoder) {
    if (!options.by.empty() && options.by != "token") return {};
    const bool is_cross =
        options.attention == "cross" || (spec.has_decoder && num_decoder > 1 && options.attention.empty());
    const bool is_decoder = options.attention == "decoder";
    ModelSpec sizes = spec;
    if (is_cross || is_decoder) {
        sizes.num_layers = spec.num_decoder_layers;
        sizes.num_heads = spec.num_decoder_heads;
    }
    HEADLIGHT_TRY(const std::vector<HeadId> named, parse_heads(options.heads, sizes));
    double heads = (options.layer ? 1.0 : sizes.num_layers) * (options.head ? 1.0 : sizes.num_heads);
    if (!named.empty()) heads = static_cast<double>(named.size());
    const int keys = static_cast<int>(is_decoder ? num_decoder : num_tokens);
    return check_page_size(heads, is_cross ? static_cast<int>(num_decoder) : keys, keys,
                           (spec.is_causal && !spec.has_decoder) || is_decoder, options.page);
}

/// A run of a model, or attention that was measured before; then `model` stays empty.
Result<AnalyzedRun> measure(const PageCommand& options, LiveModel& model, const JobContext& job) {
    if (!options.model.path.empty()) {
        HEADLIGHT_TRY(const IdentifiedPath found, identify_path(options.model.path));
        if (found.kind == PathKind::AttentionDump) {
            if (options.text.is_given() || options.decoder.is_given())
                return fail(
                    make_error(ErrorKind::InvalidInput,
                               "this is attention that was measured before, of its own text; a text or ids "
                               "need a model")
                        .in_file(options.model.path));
            return analyze_dump(options.model.path, options.dump_axes, request_of(options), say, job);
        }
    }
    HEADLIGHT_TRY(model, open_model(options.model, job));
    HEADLIGHT_TRY(const TokenizedText tokens, read_tokens(options.text, model));
    HEADLIGHT_TRY(const TokenizedText decoder_tokens, read_decoder_tokens(options.decoder, model));
    HEADLIGHT_CHECK(check_size(options, model.spec(), tokens.tokens.size(), decoder_tokens.tokens.size()));
    return analyze_tokens(model, tokens, decoder_tokens, request_of(options), job);
}

/// --heads, --layer and --head; all when none is given.
Result<std::vector<HeadId>> chosen_heads(const PageCommand& options, const AnalyzedRun& run) {
    ModelSpec sizes = run.spec;
    sizes.num_layers = run.trace->num_layers();
    sizes.num_heads = run.trace->num_heads();
    HEADLIGHT_TRY(std::vector<HeadId> heads, parse_heads(options.heads, sizes));
    if (!heads.empty()) return heads;
    if (!options.layer && !options.head) return heads;
    const ReportScope scope{.layer = options.layer, .head = options.head};
    for (const int layer : run.layers(scope)) {
        for (const int head : run.heads(scope))
            heads.push_back({layer, head});
    }
    return heads;
}

Status write(PageCommand& options) {
    ProgressBar bar("page");
    const JobContext job(interrupt_token(), bar.callback());
    HEADLIGHT_CHECK(use_rule_files(options.rules));
    options.page.wants_wide = options.precision == "16";
    options.page.num_threads =
        options.model.num_threads > 0 ? options.model.num_threads : default_num_threads();
    LiveModel model;
    HEADLIGHT_TRY(AnalyzedRun run, measure(options, model, job));
    const auto weights = weights_shown(options.weights).value_or(WeightsShown::Raw);
    HEADLIGHT_CHECK(show_weights(run, model, weights, options.question, job));
    HEADLIGHT_TRY(const std::vector<HeadId> heads, chosen_heads(options, run));
    PageContent content = page_content_of(run, heads);
    if (!heads.empty()) content.first = heads.front();
    if (model.runner) HEADLIGHT_CHECK(add_page_predictions(content, model, job));
    HEADLIGHT_TRY(const PageFacts facts, write_page(options.output, content, options.page, job));
    bar.finish();
    say(fmt::format("Page: {}: {}", facts.path, page_facts_text(facts)));
    return {};
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<PageCommand>();
    add_model_options(app, options->model, true);
    add_text_options(app, options->text);
    add_decoder_options(app, options->decoder);
    app.add_option("--output", options->output, "The page to write (.html)")->required();
    app.add_option("--attention", options->attention,
                   "Which attention of an encoder-decoder (cross when the decoder has a text, else encoder)")
        ->check(CLI::IsMember({"self", "encoder", "decoder", "cross"}));
    app.add_option("--weights", options->weights,
                   "Which weights the page shows: plain ones, without the sink, times the value's length, as "
                   "written, or the effect on an answer")
        ->check(CLI::IsMember({"raw", "no-sink", "value", "norm", "effect"}))
        ->capture_default_str();
    add_question_options(app, options->question);
    app.add_option("--by", options->by, "Everything between words, sentences or lines")
        ->check(CLI::IsMember({"token", "word", "sentence", "line"}));
    app.add_option("--from-group", options->from_group,
                   "The row of a word, sentence or line: the mean over its tokens, or its last token's")
        ->check(CLI::IsMember({"mean", "last"}))
        ->capture_default_str();
    app.add_option("--heads", options->heads, "Only these heads: 1.3,2.0 (layer.head, 0-based)");
    app.add_option("--layer", options->layer, "Only this layer (0-based)");
    app.add_option("--head", options->head, "Only this head of each layer (0-based)");
    app.add_option("--rules", options->rules, "Files of saved rules: listed with the other patterns")
        ->expected(1, -1);
    app.add_option("--precision", options->precision,
                   "Two bytes a cell, or the finest code with which the page stays under --most-megabytes")
        ->check(CLI::IsMember({"auto", "16"}))
        ->capture_default_str();
    app.add_option("--most-megabytes", options->page.most_megabytes, "The largest file to write")
        ->check(CLI::Range(0.5, 200.0))
        ->capture_default_str();
    app.add_option("--dump-axes", options->dump_axes,
                   "Axes of stored attention where they are ambiguous: a letter each of l, h, q, k, and b "
                   "for a batch of one");
    return [options] { return write(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_page = {
    "page",
    "One text as an HTML page to share: all heads, matrix, lines, tokens, metrics; nothing is fetched",
    "  headlight page --text \"The cat sat on the mat. It was fluffy.\" --output cat.html\n"
    "  headlight page --model SmolLM2-135M --text-file story.txt --output story.html\n"
    "  headlight page --model gpt2 --text-file story.txt --weights no-sink --heads 5.1,5.5,6.9 --output "
    "heads.html\n"
    "  headlight page --model t5-small --text \"translate English to German: a house\" --decoder-text "
    "\"ein Haus\" --output house.html\n"
    "  headlight page --model attention.npz --output attention.html",
    add};

}  // namespace headlight
