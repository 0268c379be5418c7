#include "run/text_run.h"

#include <utility>

#include "analysis/patterns/sentence_masses.h"
#include "base/measure/start_log.h"
#include "base/stopwatch.h"
#include "run/text_tokens.h"

namespace headlight {
namespace {

constexpr int kNumPredictions = 20;
constexpr int kLeastTokensForThreads = 64;  // below, starting threads costs more than they bring

}  // namespace

std::string display_of_token(const ModelInfo& model, std::int32_t id) {
    if (model.tokenizer) {
        if (const auto token = model.tokenizer->token(id)) return token->display;
    }
    return std::to_string(id);
}

Result<TextAnalysis> analyze_trace(const AttentionTrace& trace, const std::vector<Token>& tokens,
                                   std::span<const KeySet> key_sets, int num_threads, const JobContext& job) {
    job.report({"analysing", -1, {}});
    const int threads = trace.num_queries() < kLeastTokensForThreads ? 1 : num_threads;
    auto analysis = analyze_text(trace, tokens, key_sets, job, threads);
    note_start("its attention is analysed");
    return analysis;
}

Status analyze_into(AnalyzedText& text, int num_threads, const JobContext& job) {
    const Stopwatch watch;
    HEADLIGHT_TRY(text.analysis,
                  analyze_trace(*text.trace, text.tokens.tokens, text.key_sets, num_threads, job));
    text.analysis_ms = watch.milliseconds();
    return {};
}

namespace {

using Texts = std::vector<std::shared_ptr<AnalyzedText>>;

/// One a trace, not analysed.
Texts texts_of(const AnalyzedText& frame, RunTraces traces) {
    Texts out;
    const auto input = std::make_shared<const TokenizedText>(std::move(traces.tokens));
    const auto add = [&](TracePtr trace, const TokenizedText& tokens) {
        auto text = std::make_shared<AnalyzedText>(frame);
        text->id = frame.id + out.size();
        text->run_id = frame.id;
        text->tokens = tokens;
        text->trace = std::move(trace);
        const AttentionKind kind = text->kind();
        if (kind == AttentionKind::Encoder) text->num_prompt = -1;
        if (kind == AttentionKind::Decoder || kind == AttentionKind::Cross) {
            text->key_sets.clear();  // they are of what the encoder reads
            text->input_tokens = input;
        }
        if (kind == AttentionKind::Cross) text->key_tokens = input;
        out.push_back(std::move(text));
    };
    const bool has_other = traces.decoder_trace || traces.cross_trace;
    if (traces.trace || !has_other) add(std::move(traces.trace), *input);
    if (traces.decoder_trace) add(std::move(traces.decoder_trace), traces.decoder_tokens);
    if (traces.cross_trace) add(std::move(traces.cross_trace), traces.decoder_tokens);
    return out;
}

void hand_out_early(const Texts& texts, const EarlyText& early) {
    std::size_t rows = 0;
    for (const auto& text : texts) {
        if (text->trace)
            rows += text->trace->grid().size() * static_cast<std::size_t>(text->trace->num_queries());
    }
    if (!early.take || rows == 0 || rows < early.least_rows) return;
    TextKinds kinds;
    for (const auto& text : texts) {
        auto copy = std::make_shared<AnalyzedText>(*text);
        if (copy->trace) copy->analysis = pending_analysis(copy->trace->grid());
        kinds.push_back(std::move(copy));
    }
    early.take(std::move(kinds));
}

}  // namespace

Result<TextKinds> analyze_kinds(const AnalyzedText& frame, RunTraces traces, int num_threads,
                                const JobContext& job, const EarlyText& early) {
    const Texts texts = texts_of(frame, std::move(traces));
    hand_out_early(texts, early);
    for (const auto& text : texts) {
        if (text->trace) HEADLIGHT_CHECK(analyze_into(*text, num_threads, job));
    }
    return TextKinds(texts.begin(), texts.end());
}

Result<TokenRun> run_tokens(const LiveModel& model, const TokenizedText& tokens,
                            const TokenizedText& decoder_tokens, const RunWish& wish, const JobContext& job) {
    HEADLIGHT_CHECK(check_tokens(*model.info, tokens));
    HEADLIGHT_CHECK(check_tokens(*model.info, decoder_tokens));
    TokenRun out;
    RunRequest request;
    request.ids = tokens.ids();
    request.decoder_ids = decoder_tokens.ids();
    HEADLIGHT_CHECK(model.runner->check_length(request.ids, request.decoder_ids));
    if (request.ids.empty()) return out;
    if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped before the run");
    job.report({"running", -1, fmt::format("{} tokens", request.ids.size() + request.decoder_ids.size())});
    request.key_sets = text_key_sets(tokens);
    request.logit_positions = wish.logit_positions;
    request.wants_all_logits = wish.wants_all_logits;
    request.wants_hidden = wish.wants_hidden;
    HEADLIGHT_TRY(out.result, model.runner->run(request, job));
    if (!out.result.trace)
        return fail(ErrorKind::Internal, "the run of {} tokens gave no attention", request.ids.size());
    note_start("the text has run");
    out.key_sets = std::move(request.key_sets);
    return out;
}

Result<TextKinds> run_text(const LiveModel& model, const std::string& text, const std::string& decoder_text,
                           std::uint64_t text_id, int num_threads, const JobContext& job,
                           const WrittenText* written, const EarlyText& early) {
    AnalyzedText frame;
    frame.id = text_id;
    frame.model_id = model.info->id;
    frame.tokenizer_id = model.info->tokenizer_id;
    RunTraces traces;
    const Stopwatch watch;
    const bool has_decoder = model.spec().has_decoder;
    if (written) (has_decoder ? traces.decoder_tokens : traces.tokens) = written->tokens;
    if (!written || has_decoder) {
        HEADLIGHT_TRY(traces.tokens, tokens_of_boxes(*model.info, text, decoder_text));
    }
    if (!written && has_decoder) {
        HEADLIGHT_TRY(traces.decoder_tokens, decoder_tokens_of_text(*model.info, decoder_text));
    }
    if (written) frame.num_prompt = written->num_prompt;
    frame.tokenize_ms = watch.milliseconds();
    HEADLIGHT_TRY(TokenRun run, run_tokens(model, traces.tokens, traces.decoder_tokens, {}, job));
    traces.trace = std::move(run.result.trace);
    traces.decoder_trace = std::move(run.result.decoder_trace);
    traces.cross_trace = std::move(run.result.cross_trace);
    frame.key_sets = std::move(run.key_sets);
    frame.run_ms = run.result.elapsed_ms;
    frame.run_parts = run.result.parts;
    frame.num_reused = run.result.num_reused;
    frame.num_threads = run.result.num_threads;
    return analyze_kinds(frame, std::move(traces), num_threads, job, early);
}

Result<QueryPredictions> predictions_of(const ModelInfo& model, const Matrix& logits, int query) {
    if (logits.rows != 1 || logits.cols <= 0) {
        return fail(ErrorKind::Internal, "asked {} for the logits of one position, got {} rows",
                    model.spec.name, logits.rows);
    }
    QueryPredictions out;
    out.query = query;
    out.top = top_predictions(logits.row(0), kNumPredictions);
    for (const TokenPrediction& prediction : out.top)
        out.display.push_back(display_of_token(model, prediction.id));
    return out;
}

Result<Matrix> run_value_norms(const LiveModel& model, const AnalyzedText& text, const JobContext& job) {
    RunRequest request;
    request.ids = text.tokens.ids();
    request.key_sets = text.key_sets;
    request.wants_value_norms = true;
    HEADLIGHT_TRY(RunResult result, model.runner->run(request, job));
    if (result.value_norms.cols == static_cast<std::int64_t>(request.ids.size()) &&
        !result.value_norms.empty())
        return std::move(result.value_norms);
    return fail(ErrorKind::Unsupported, "the engine measures no value norms for {}", model.info->spec.name);
}

Result<QueryPredictions> run_predictions(const LiveModel& model, const AnalyzedText& text, int query,
                                         const JobContext& job) {
    RunRequest request;  // the ids and key sets of the text's own run, so that only logits are left to do
    request.ids = text.input_tokens ? text.input_tokens->ids() : text.tokens.ids();
    if (text.input_tokens) request.decoder_ids = text.tokens.ids();
    if (!text.input_tokens) request.key_sets = text.key_sets;
    request.logit_positions = {query};
    HEADLIGHT_TRY(const RunResult result, model.runner->run(request, job));
    return predictions_of(*model.info, result.logits, query);
}

}  // namespace headlight
