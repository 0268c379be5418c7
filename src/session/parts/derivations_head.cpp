// Derived values of one head in other forms: its lines, the pieces of its scores, the dimensions that carry
// them.
#include <algorithm>

#include "run/cause/causal_text.h"
#include "session/parts/derivations.h"
#include "session/parts/opening.h"

namespace headlight {
namespace {

constexpr std::size_t kMostScoreBytes = std::size_t{512} << 20;

// Nullopt where the scores of this head exist and can be taken apart.
std::optional<Error> why_no_scores(const Snapshot& now, HeadId head) {
    if (auto error = why_no_text(now.text.get())) return error;
    const AttentionTrace& trace = *now.text->trace;
    if (auto error = why_no_head(trace, head)) return error;
    if (trace.is_absent(head.layer))
        return make_error(ErrorKind::Unsupported,
                          "layer {} has no softmax attention, so there are no scores to take apart",
                          head.layer);
    if (now.text->groups)
        return make_error(ErrorKind::Unsupported, "q·k is between tokens: choose tokens (U)");
    if (now.text != now.base_text)
        return make_error(
            ErrorKind::Unsupported,
            "q·k is of the model's own attention, and what is shown was replaced: show “before”");
    return std::nullopt;
}

}  // namespace

// One value a head, so that adding a head computes one. While the slider moves only its last place counts.
Derived<HeadLines> Derivations::lines(HeadId head, int share) {
    const Snapshot& now = core_.snapshot;
    if (auto error = why_no_text(now.text.get())) return failed<HeadLines>(*error);
    if (auto error = why_no_head(*now.text->trace, head)) return failed<HeadLines>(*error);
    const PictureWeights& picture = now.picture;
    const bool is_difference = now.shown() == Compare::Difference && now.shown_base;
    const TracePtr shown = picture.trace ? TracePtr(picture.trace) : now.text->trace;
    TracePtr before;
    if (is_difference) before = picture.before ? TracePtr(picture.before) : now.shown_base->trace;
    DerivedKey key{DerivedKind::Lines, now.text->id, {head}, -1, share};
    key.input = is_difference ? 1 : 0;
    key.weights = picture.id;
    cache_.drop_waiting_but(DerivedKind::Lines, share);
    const auto& model = now.model;
    LinesRequest request;
    request.share = share / 100.0;
    request.is_sink = sink_keys(*now.text, model ? model->tokenizer.get() : nullptr);
    return ask<HeadLines>(
        key, [shown, before, text = now.text, head, request](const JobContext& job) -> Result<DerivedValue> {
            LinesRequest mine = request;
            mine.before = before.get();
            HEADLIGHT_TRY(HeadLines lines, covering_lines(*shown, *text->trace, head, mine, job));
            const std::size_t bytes = lines.size_bytes();
            return make_value(std::move(lines), bytes);
        });
}

// Long texts keep q and k; of others, and of what no row keeps (cross attention, biases as large as the
// weights), the pass that explains the text has them.
Derived<ScoreParts> Derivations::score_parts(HeadId head) {
    const Snapshot& now = core_.snapshot;
    if (auto error = why_no_scores(now, head)) return failed<ScoreParts>(*error);
    const auto text = now.text;
    const DerivedKey key{DerivedKind::Scores, text->id, {head}};
    if (text->trace->has_score_parts()) {
        return ask<ScoreParts>(key, [text, head](const JobContext&) -> Result<DerivedValue> {
            const auto parts = text->trace->score_parts(head.layer, head.head);
            if (!parts) return fail(ErrorKind::Internal, "q and k of {} are not kept", head.to_string());
            return DerivedValue{parts, parts->size_bytes()};
        });
    }
    if (opening_.why_no_text_runs())
        return failed<ScoreParts>(make_error(
            ErrorKind::Unsupported,
            "stored attention holds weights without the queries and keys that made them: open its model"));
    opening_.request_live();  // of a stored trace
    if (auto error = opening_.why_not_live()) return failed<ScoreParts>(*error);
    const double bytes =
        static_cast<double>(text->trace->num_queries()) * text->trace->num_keys() * sizeof(float);
    if (bytes > static_cast<double>(kMostScoreBytes))
        return failed<ScoreParts>(make_error(ErrorKind::OutOfMemory,
                                             "the scores of {} × {} tokens are too many to be taken apart",
                                             text->trace->num_queries(), text->trace->num_keys()));
    if (!can_ask_about(*text) || cache_.touch(key)) return cache_.look<ScoreParts>(key);
    ask_model(key, "Taking scores apart", text->model_id,
              [text, head](WorkerState& on_worker, const JobContext& job) -> Result<DerivedValue> {
                  HEADLIGHT_TRY(CausalRun* const run,
                                causal_run(on_worker.live, on_worker.causal, *text, job));
                  HEADLIGHT_TRY(ScoreParts parts, run->score_parts(text->kind(), head));
                  const std::size_t size = parts.size_bytes();
                  return make_value(std::move(parts), size);
              });
    return cache_.look<ScoreParts>(key);
}

Derived<DimensionShares> Derivations::dimension_shares(HeadId head) {
    const Derived<ScoreParts> parts = score_parts(head);
    if (parts.state == Derived<ScoreParts>::State::Failed) return failed<DimensionShares>(*parts.error);
    const auto text = core_.snapshot.text;
    const DerivedKey key{DerivedKind::DimensionShares, text->id, {head}};
    if (!parts.is_ready()) return cache_.look<DimensionShares>(key);
    return ask<DimensionShares>(
        key, [text, head, parts = parts.value](const JobContext& job) -> Result<DerivedValue> {
            const auto admissible = [&](int query) { return text->trace->admissible(head.layer, query); };
            HEADLIGHT_TRY(DimensionShares shares, headlight::dimension_shares(*parts, admissible, job));
            const std::size_t bytes = sizeof(shares) + shares.of.size() * sizeof(double);
            return make_value(std::move(shares), bytes);
        });
}

}  // namespace headlight
