// One side of a comparison: a text through an open model, unchanged or changed.
#include <algorithm>

#include "base/parallel.h"
#include "run/analyzed_run.h"
#include "run/changed_text.h"
#include "run/compare/compare_runs.h"

namespace headlight {
namespace {

/// The attention of the kind that was asked for; without a word the most telling one.
Result<std::shared_ptr<const AnalyzedText>> kind_of(const TextKinds& kinds, const std::string& wanted,
                                                    bool has_decoder_text) {
    if (wanted.empty()) return has_decoder_text ? kinds.back() : kinds.front();
    std::string known;
    for (const auto& text : kinds) {
        if (wanted == kind_name(text->kind())) return text;
        known += (known.empty() ? "" : ", ") + std::string(kind_name(text->kind()));
    }
    return fail(ErrorKind::InvalidInput, "--attention {}: there is {}", wanted, known);
}

int threads_or_all(int num_threads) {
    return num_threads > 0 ? num_threads : default_num_threads();
}

Status set_prediction(const ModelInfo& model, Matrix logits, ComparedRun& run) {
    if (logits.rows != 1) return {};
    run.logits = std::move(logits);
    HEADLIGHT_TRY(run.predictions, predictions_of(model, run.logits, run.position));
    return {};
}

}  // namespace

Result<ComparedRun> run_compared(const LiveModel& model, const TokenizedText& tokens,
                                 const TokenizedText& decoder_tokens, const std::string& attention,
                                 int position, int num_threads, const JobContext& job) {
    ComparedRun out;
    out.label = model.spec().name;
    out.spec = model.spec();
    out.position = position;
    RunWish wish;
    if (position >= 0) wish.logit_positions = {position};
    HEADLIGHT_TRY(TokenRun run, run_tokens(model, tokens, decoder_tokens, wish, job));
    if (!run.result.trace) return fail(ErrorKind::InvalidInput, "a text without tokens cannot be compared");
    HEADLIGHT_CHECK(set_prediction(*model.info, std::move(run.result.logits), out));
    AnalyzedText frame;
    frame.id = 1;
    frame.model_id = model.info->id;
    frame.tokenizer_id = model.info->tokenizer_id;
    frame.key_sets = std::move(run.key_sets);
    frame.run_ms = run.result.elapsed_ms;
    RunTraces traces{tokens, decoder_tokens, run.result.trace, run.result.decoder_trace,
                     run.result.cross_trace};
    HEADLIGHT_TRY(const TextKinds kinds,
                  analyze_kinds(frame, std::move(traces), threads_or_all(num_threads), job));
    HEADLIGHT_TRY(out.text, kind_of(kinds, attention, decoder_tokens.tokens.size() > 1));
    return out;
}

Result<ComparedRun> as_compared(const LiveModel& model, std::shared_ptr<const AnalyzedText> text,
                                int position, const JobContext& job) {
    ComparedRun out;
    out.label = model.spec().name;
    out.spec = model.spec();
    out.text = std::move(text);
    out.position = position;
    if (position < 0) return out;
    RunRequest request;  // of the text's own run, so that only logits are left to do
    request.ids = out.text->tokens.ids();
    request.key_sets = out.text->key_sets;
    request.logit_positions = {position};
    HEADLIGHT_TRY(RunResult result, model.runner->run(request, job));
    HEADLIGHT_CHECK(set_prediction(*model.info, std::move(result.logits), out));
    return out;
}

Status set_changed_prediction(const LiveModel& model, LiveAblation& live, const AnalyzedText& text,
                              const Interventions& changes, ComparedRun& run, const JobContext& job) {
    if (run.position < 0) return {};
    HEADLIGHT_TRY(Matrix logits, run_changed_logits(model, live, text, changes, run.position, job));
    return set_prediction(*model.info, std::move(logits), run);
}

Result<ComparedRun> run_changed(const LiveModel& model, const ComparedRun& base, Interventions change,
                                int num_threads, const JobContext& job) {
    LiveAblation live;
    HEADLIGHT_TRY(const auto result, run_ablation(model, live, *base.text, change, base.text->id + 1,
                                                  threads_or_all(num_threads), job));
    ComparedRun out = base;
    out.label = describe_all(*result->interventions, base.spec.num_layers, base.spec.num_heads);
    out.text = result->after;
    HEADLIGHT_CHECK(set_changed_prediction(model, live, *base.text, *result->interventions, out, job));
    return out;
}

Status check_same_vocabulary(const ModelInfo& a, const ModelInfo& b, const TokenizedText& tokens) {
    HEADLIGHT_CHECK(check_tokens(b.spec, tokens));
    if (!a.tokenizer || !b.tokenizer) return {};
    for (const Token& token : tokens.tokens) {
        const auto one = a.tokenizer->token(token.id), other = b.tokenizer->token(token.id);
        if (one && other && one->piece == other->piece) continue;
        return fail(ErrorKind::InvalidInput,
                    "token {} is '{}' for {} and '{}' for {}: only models of one vocabulary can be compared",
                    token.id, one ? one->piece : "nothing", a.spec.name, other ? other->piece : "nothing",
                    b.spec.name);
    }
    return {};
}

Result<int> position_in_b(const TokenizedText& a, const TokenizedText& b, int position) {
    if (position < 0) return -1;
    if (position + 1 == static_cast<int>(a.tokens.size())) return static_cast<int>(b.tokens.size()) - 1;
    HEADLIGHT_TRY(const TokenAlignment alignment, align_tokens(a.tokens, b.tokens));
    const int partner = alignment.partners()[static_cast<std::size_t>(position)];
    if (partner >= 0) return partner;
    return fail(ErrorKind::InvalidInput,
                "--at {}: the other text has no token that belongs to '{}'; ask at a token that both have",
                position, a.tokens[static_cast<std::size_t>(position)].display);
}

}  // namespace headlight
