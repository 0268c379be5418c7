#include "run/analyze_text.h"

#include <algorithm>

#include "analysis/patterns/sentence_masses.h"
#include "analysis/search/head_numbers.h"
#include "analysis/weights/weight_analysis.h"
#include "analysis/words/text_units.h"
#include "base/parallel.h"
#include "base/stopwatch.h"
#include "core/units/grouped_trace.h"
#include "io/attention/attention_dump.h"
#include "run/probe_run.h"
#include "run/stored_trace.h"
#include "run/text_run.h"
#include "study/parity/parity.h"

namespace headlight {
namespace {

constexpr std::int64_t kMostLogits = std::int64_t{64}
                                     << 20;  // 256 MB: beyond, only the last token's are taken

Status check_range(const char* what, const std::optional<int>& index, int count) {
    if (!index || (*index >= 0 && *index < count)) return {};
    return fail(ErrorKind::InvalidInput, "there is no {0} {1}; the model has {2} {0}s, 0 to {3}", what,
                *index, count, count - 1);
}

RunWish wish_of(const AnalyzeRequest& request, const AnalyzedRun& run, const Tokenizer* tokenizer) {
    RunWish wish;
    wish.wants_hidden = request.wants_hidden;
    if (run.spec.prediction == Prediction::None) return wish;
    const auto count = static_cast<std::int64_t>(run.predicting().tokens.size());
    const bool is_small = count * run.spec.vocab_size <= kMostLogits;
    wish.wants_all_logits = request.wants_hidden || (request.wants_all && is_small);
    if (!wish.wants_all_logits)
        wish.logit_positions = predicted_positions(run.spec, run.predicting(), tokenizer);
    return wish;
}

Result<std::vector<std::vector<ProbeScore>>> probe_of(const LiveModel& model, const JobContext& job) {
    ProbeRun probe{ProbeSettings{}};
    for (bool is_done = false; !is_done;) {
        job.report({"random-repeat probe", probe.fraction(), {}});
        HEADLIGHT_TRY(is_done, probe.step(model, job));
    }
    return std::move(probe.result(model).heads);
}

/// The kinds that a run gave, by the names of --attention. A stored file may hold only one of the three.
std::vector<std::pair<AttentionKind, TracePtr>> kinds_of(const RunResult& run) {
    if (!run.decoder_trace && !run.cross_trace) return {{AttentionKind::Self, run.trace}};
    std::vector<std::pair<AttentionKind, TracePtr>> kinds = {{AttentionKind::Encoder, run.trace},
                                                             {AttentionKind::Decoder, run.decoder_trace},
                                                             {AttentionKind::Cross, run.cross_trace}};
    std::erase_if(kinds, [](const auto& kind) { return kind.second == nullptr; });
    return kinds;
}

Status check_choice(const AnalyzeRequest& request, const AttentionTrace& trace) {
    HEADLIGHT_CHECK(check_range("layer", request.layer, trace.num_layers()));
    HEADLIGHT_CHECK(check_range("head", request.head, trace.num_heads()));
    if (!request.layer || !trace.is_absent(*request.layer)) return {};
    return fail(ErrorKind::InvalidInput, "layer {} has no softmax attention to show", *request.layer);
}

int threads_of(const AnalyzeRequest& request) {
    return request.num_threads > 0 ? request.num_threads : default_num_threads();
}

/// Rows and columns are units from here on.
void group(const AnalyzeRequest& request, AnalyzedRun& out) {
    if (request.unit == TextUnit::Token) return;
    const TokenizedText &queries = out.token_queries(), &keys = out.token_keys();
    out.units = text_groups(queries, keys, request.unit, request.from);
    out.unit_queries = text_of_units(queries, out.units->queries);
    out.unit_keys = text_of_units(keys, out.units->keys);
    out.key_sets.clear();
    if (out.kind != AttentionKind::Cross) out.key_sets = text_key_sets(out.unit_queries);
    out.trace = std::make_shared<const GroupedTrace>(out.token_trace, out.units, false, out.key_sets);
}

/// Chooses the trace and computes what all reports tell of it.
Status analyze_chosen(const AnalyzeRequest& request, AnalyzedRun& out, const JobContext& job) {
    HEADLIGHT_TRY(ChosenKind chosen, choose_kind(request.attention, out.run,
                                                 out.decoder_tokens.tokens.size() > 1, out.spec.name));
    out.kind = chosen.kind;
    out.token_trace = out.trace = std::move(chosen.trace);
    HEADLIGHT_CHECK(check_choice(request, *out.trace));
    // Key sets were taken along with the text's own attention.
    const bool is_of_text = out.kind == AttentionKind::Self || out.kind == AttentionKind::Encoder;
    if (!is_of_text) out.key_sets.clear();
    group(request, out);
    const Stopwatch watch;
    HEADLIGHT_TRY(out.analysis,
                  analyze_trace(*out.trace, out.queries().tokens, out.key_sets, threads_of(request), job));
    out.analysis_ms = watch.milliseconds();
    if (request.wants_matrices && out.trace->num_queries() <= kMostMatrixMetricTokens) {
        HEADLIGHT_TRY(out.matrices, analyze_matrices(*out.trace, job));
    }
    return {};
}

}  // namespace

Result<ChosenKind> choose_kind(const std::string& attention, const RunResult& run, bool has_decoder_text,
                               const std::string& model) {
    const auto kinds = kinds_of(run);
    const std::string wanted = attention.empty()
                                   ? kind_name(has_decoder_text ? kinds.back().first : kinds.front().first)
                                   : attention;
    std::string known;
    for (const auto& [kind, trace] : kinds) {
        known += (known.empty() ? "" : ", ") + std::string(kind_name(kind));
        if (wanted == kind_name(kind)) return ChosenKind{kind, trace};
    }
    return fail(ErrorKind::InvalidInput, "--attention {}: {} has {}", wanted, model, known);
}

Result<AnalyzedRun> analyze_tokens(const LiveModel& model, const TokenizedText& tokens,
                                   const TokenizedText& decoder_tokens, const AnalyzeRequest& request,
                                   const JobContext& job) {
    AnalyzedRun out;
    out.spec = model.spec();
    out.tokens = tokens;
    out.decoder_tokens = decoder_tokens;
    HEADLIGHT_CHECK(model.runner->check_length(tokens.ids(), decoder_tokens.ids()));
    const Stopwatch watch;
    HEADLIGHT_TRY(TokenRun run, run_tokens(model, tokens, decoder_tokens,
                                           wish_of(request, out, model.tokenizer().get()), job));
    out.run = std::move(run.result);
    out.key_sets = std::move(run.key_sets);
    out.run_ms = watch.milliseconds();
    HEADLIGHT_CHECK(analyze_chosen(request, out, job));
    if (request.has_probe) {
        HEADLIGHT_TRY(out.probe, probe_of(model, job));
    }
    const bool has_own_weights = out.kind == AttentionKind::Self || out.kind == AttentionKind::Encoder;
    if ((request.wants_all || request.wants_weights) && has_own_weights) {
        auto weights = analyze_weights(*model.runner, job, threads_of(request));
        // Some families have no factors per head; everything else of them can still be told.
        if (!weights && weights.error().kind != ErrorKind::Unsupported)
            return fail(std::move(weights).error());
        if (weights) out.weights = *std::move(weights);
    }
    return out;
}

Result<AnalyzedRun> analyze_traces(AnalyzedRun run, const AnalyzeRequest& request, const JobContext& job) {
    HEADLIGHT_CHECK(analyze_chosen(request, run, job));
    return run;
}

Result<AnalyzedRun> analyze_dump(const std::string& path, const std::string& axes,
                                 const AnalyzeRequest& request, const TellUser& tell, const JobContext& job) {
    HEADLIGHT_TRY(AttentionDump dump, read_attention_dump(path, {axes}));
    for (const std::string& note : dump.notes)
        tell(note);
    AnalyzedRun out;
    out.spec = spec_of_dump(dump, path);
    out.spec.has_decoder = dump.decoder_trace || dump.cross_trace;
    out.tokens = std::move(dump.tokens);
    out.decoder_tokens = std::move(dump.decoder_tokens);
    out.run.trace = std::move(dump.trace);
    out.run.decoder_trace = std::move(dump.decoder_trace);
    out.run.cross_trace = std::move(dump.cross_trace);
    out.run.logits = std::move(dump.logits);
    out.run.hidden = std::move(dump.hidden);
    out.run.decoder_hidden = std::move(dump.decoder_hidden);
    if (out.run.logits.empty()) out.spec.prediction = Prediction::None;
    out.key_sets = text_key_sets(out.tokens);
    HEADLIGHT_CHECK(analyze_chosen(request, out, job));
    return out;
}

}  // namespace headlight
