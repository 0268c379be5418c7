#include "session/text_job.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "analysis/detector.h"
#include "base/stopwatch.h"

namespace headlight {
namespace {

constexpr int kNumPredictions = 20;
constexpr int kLeastTokensForThreads = 64;  // below, starting threads costs more than they bring

bool is_id_separator(char c) {
    return c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Texts of a model without a tokenizer: ids in decimal, each the span of its digits.
Result<TokenizedText> tokens_of_ids(const std::string& text) {
    TokenizedText out;
    out.text = text;
    for (std::size_t begin = 0; begin < text.size();) {
        if (is_id_separator(text[begin])) {
            ++begin;
            continue;
        }
        std::size_t end = begin;
        while (end < text.size() && !is_id_separator(text[end]))
            ++end;
        std::int32_t id = 0;
        const auto parsed = std::from_chars(text.data() + begin, text.data() + end, id);
        const std::string word = text.substr(begin, std::min<std::size_t>(end - begin, 40));
        if (parsed.ec != std::errc{} || parsed.ptr != text.data() + end || id < 0) {
            return fail(
                ErrorKind::InvalidInput,
                "this model has no tokenizer, so its text is a list of token ids such as \"12, 7, 99\"; "
                "'{}' is no id",
                word);
        }
        out.tokens.push_back({id, word, word, begin, end, false});
        begin = end;
    }
    return out;
}

std::string display_of(const ModelInfo& model, std::int32_t id) {
    if (model.tokenizer) {
        if (const auto token = model.tokenizer->token(id)) return token->display;
    }
    return std::to_string(id);
}

}  // namespace

Result<TokenizedText> tokens_of_text(const ModelInfo& model, const std::string& text) {
    if (!model.tokenizer) return tokens_of_ids(text);
    return model.tokenizer->try_encode(text);
}

Result<TokenizedText> decoder_tokens_of_text(const ModelInfo& model, const std::string& text) {
    HEADLIGHT_TRY(TokenizedText out, tokens_of_text(model, text));
    const std::int32_t start = model.spec.decoder_start_id;
    std::vector<Token>& tokens = out.tokens;
    if (start < 0) {
        if (!tokens.empty()) std::rotate(tokens.begin(), tokens.end() - 1, tokens.end());
        return out;
    }
    if (!tokens.empty() && tokens.back().is_special) tokens.pop_back();
    Token first{start, std::to_string(start), std::to_string(start), 0, 0, true};
    if (model.tokenizer) {
        if (const auto known = model.tokenizer->token(start)) {
            first.piece = known->piece;
            first.display = known->display;
        }
    }
    tokens.insert(tokens.begin(), std::move(first));
    return out;
}

Status check_tokens(const ModelSpec& spec, const TokenizedText& tokens) {
    const auto count = tokens.tokens.size();
    if (spec.max_positions > 0 && count > static_cast<std::size_t>(spec.max_positions)) {
        return fail(ErrorKind::InvalidInput,
                    "the text has {} tokens, but {} takes at most {}; shorten it by {}", count, spec.name,
                    spec.max_positions, count - static_cast<std::size_t>(spec.max_positions));
    }
    for (std::size_t i = 0; i < count; ++i) {
        const Token& token = tokens.tokens[i];
        if (token.id >= 0 && token.id < spec.vocab_size) continue;
        return fail(
            ErrorKind::InvalidInput,
            "token {} ('{}') has id {}, but {} knows ids 0 to {}; the tokenizer does not belong to this "
            "model",
            i, token.display, token.id, spec.name, spec.vocab_size - 1);
    }
    return {};
}

Status analyze_into(AnalyzedText& text, int num_threads, const JobContext& job) {
    const Stopwatch start;
    job.report({"analysing", -1, {}});
    const int threads = text.trace->num_queries() < kLeastTokensForThreads ? 1 : num_threads;
    auto analysis = analyze_text(*text.trace, text.tokens.tokens, text.key_sets, job, threads);
    if (!analysis) return fail(std::move(analysis).error());
    text.analysis = std::move(*analysis);
    text.analysis_ms = start.milliseconds();
    return {};
}

Result<TextKinds> analyze_kinds(const AnalyzedText& frame, RunTraces traces, int num_threads,
                                const JobContext& job) {
    TextKinds out;
    const auto input = std::make_shared<const TokenizedText>(std::move(traces.tokens));
    const auto add = [&](TracePtr trace, const TokenizedText& tokens) -> Status {
        auto text = std::make_shared<AnalyzedText>(frame);
        text->id = frame.id + out.size();
        text->run_id = frame.id;
        text->tokens = tokens;
        text->trace = std::move(trace);
        const AttentionKind kind = text->kind();
        if (kind == AttentionKind::Decoder || kind == AttentionKind::Cross) {
            text->key_sets.clear();  // they are of what the encoder reads
            text->input_tokens = input;
        }
        if (kind == AttentionKind::Cross) text->key_tokens = input;
        if (text->trace) HEADLIGHT_CHECK(analyze_into(*text, num_threads, job));
        out.push_back(std::move(text));
        return {};
    };
    const bool has_other = traces.decoder_trace || traces.cross_trace;
    if (traces.trace || !has_other) HEADLIGHT_CHECK(add(std::move(traces.trace), *input));
    if (traces.decoder_trace) HEADLIGHT_CHECK(add(std::move(traces.decoder_trace), traces.decoder_tokens));
    if (traces.cross_trace) HEADLIGHT_CHECK(add(std::move(traces.cross_trace), traces.decoder_tokens));
    return out;
}

Result<TextKinds> run_text(const LiveModel& model, const std::string& text, const std::string& decoder_text,
                           std::uint64_t text_id, int num_threads, const JobContext& job) {
    const ModelSpec& spec = model.info->spec;
    AnalyzedText frame;
    frame.id = text_id;
    frame.model_id = model.info->id;
    frame.tokenizer_id = model.info->tokenizer_id;
    RunTraces traces;
    const Stopwatch start;
    HEADLIGHT_TRY(traces.tokens, tokens_of_text(*model.info, text));
    if (spec.has_decoder) {
        HEADLIGHT_TRY(traces.decoder_tokens, decoder_tokens_of_text(*model.info, decoder_text));
    }
    frame.tokenize_ms = start.milliseconds();
    HEADLIGHT_CHECK(check_tokens(spec, traces.tokens));
    HEADLIGHT_CHECK(check_tokens(spec, traces.decoder_tokens));
    HEADLIGHT_CHECK(model.runner->check_length(traces.tokens.ids(), traces.decoder_tokens.ids()));
    if (traces.tokens.tokens.empty()) return analyze_kinds(frame, std::move(traces), num_threads, job);
    if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped before the run");

    RunRequest request;
    request.ids = traces.tokens.ids();
    request.decoder_ids = traces.decoder_tokens.ids();
    job.report({"running", -1, fmt::format("{} tokens", request.ids.size() + request.decoder_ids.size())});
    frame.key_sets = detector_key_sets(traces.tokens.tokens);
    request.key_sets = frame.key_sets;
    HEADLIGHT_TRY(RunResult result, model.runner->run(request, job));
    if (!result.trace)
        return fail(ErrorKind::Internal, "the run of {} tokens gave no attention", request.ids.size());
    traces.trace = std::move(result.trace);
    traces.decoder_trace = std::move(result.decoder_trace);
    traces.cross_trace = std::move(result.cross_trace);
    frame.run_ms = result.elapsed_ms;
    frame.num_reused = result.num_reused;
    frame.num_threads = result.num_threads;
    return analyze_kinds(frame, std::move(traces), num_threads, job);
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
        out.display.push_back(display_of(model, prediction.id));
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
