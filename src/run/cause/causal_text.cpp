#include "run/cause/causal_text.h"

#include <algorithm>
#include <numeric>

namespace headlight {

Result<CausalRun*> causal_run(const LiveModel& model, LiveCausal& live, const AnalyzedText& text,
                              const JobContext& job) {
    const AttentionKind kind = text.kind();
    const bool is_decoder = kind == AttentionKind::Decoder || kind == AttentionKind::Cross;
    if (live.run && live.run_id == text.run_id && live.is_decoder == is_decoder) return live.run.get();
    live.reset();
    job.report({"keeping what explains the text", -1, {}});
    const std::vector<std::int32_t> ids = text.tokens.ids();
    if (is_decoder) {
        if (!text.input_tokens) return fail(ErrorKind::Internal, "the text has no encoder's tokens");
        HEADLIGHT_TRY(live.run, model.runner->start_decoder_causal(text.input_tokens->ids(), ids, job));
    } else if (kind == AttentionKind::Encoder) {
        HEADLIGHT_TRY(live.run, model.runner->start_encoder_causal(ids, job));
    } else {
        HEADLIGHT_TRY(live.run, model.runner->start_causal(ids, job));
    }
    if (!live.run) return fail(ErrorKind::Internal, "the engine kept no run to explain");
    live.run_id = text.run_id;
    live.is_decoder = is_decoder;
    return live.run.get();
}

std::vector<bool> sink_keys(const TokenizedText& keys, const Tokenizer* tokenizer) {
    const std::int32_t mask = tokenizer != nullptr ? tokenizer->mask_id() : -1;
    std::vector<bool> out;
    for (const Token& token : keys.tokens)
        out.push_back(out.empty() || (token.is_special && (mask < 0 || token.id != mask)));
    return out;
}

std::vector<bool> sink_keys(const AnalyzedText& text, const Tokenizer* tokenizer) {
    if (!text.groups) return sink_keys(text.keys(), tokenizer);
    const std::vector<bool> tokens = sink_keys(text.of_tokens->keys(), tokenizer);
    std::vector<bool> out;
    for (const TokenRange& unit : text.groups->keys) {
        bool is_sink = true;
        for (int token = unit.begin; token < unit.end; ++token)
            is_sink = is_sink && tokens[static_cast<std::size_t>(token)];
        out.push_back(is_sink);
    }
    return out;
}

double first_key_mass(const TextAnalysis& analysis) {
    for (const MetricValue& value : analysis.model)
        if (std::string_view(value.metric->id) == "first_token_mass") return value.value.value_or(0);
    return 0;
}

Result<WeightedPtr> weighted_trace(CausalRun& run, TracePtr raw, WeightsShown weights,
                                   const Question* question) {
    if (weights == WeightsShown::Effect && question == nullptr)
        return fail(ErrorKind::InvalidInput, "effects are of an answer: choose one first");
    HEADLIGHT_TRY(CellFactors factors, run.cell_factors(weights, question, /*has_value_bias=*/true));
    return WeightedTrace::with_factors(std::move(raw), weights,
                                       std::make_shared<const CellFactors>(std::move(factors)));
}

TokenRanking rank_tokens(std::span<const float> scores, int count) {
    std::vector<std::int32_t> ids(scores.size());
    std::iota(ids.begin(), ids.end(), 0);
    const auto most =
        static_cast<std::ptrdiff_t>(std::min(ids.size(), static_cast<std::size_t>(std::max(0, count))));
    const auto at = [&](std::int32_t id) { return scores[static_cast<std::size_t>(id)]; };
    const auto take = [&](const auto& is_before) {
        std::partial_sort(ids.begin(), ids.begin() + most, ids.end(), is_before);
        ScoredTokens out;
        out.ids.assign(ids.begin(), ids.begin() + most);
        for (const std::int32_t id : out.ids)
            out.scores.push_back(at(id));
        return out;
    };
    TokenRanking out;
    out.top = take([&](std::int32_t a, std::int32_t b) { return at(a) != at(b) ? at(a) > at(b) : a < b; });
    out.bottom = take([&](std::int32_t a, std::int32_t b) { return at(a) != at(b) ? at(a) < at(b) : a < b; });
    return out;
}

Result<HeadWriting> head_writing(CausalRun& run, HeadId head, int row, int key, const Question& question,
                                 int count) {
    HEADLIGHT_TRY(const std::vector<float> writes, run.head_writes(head, row, key));
    const auto at = [&](std::int32_t id) { return writes[static_cast<std::size_t>(id)]; };
    return HeadWriting{rank_tokens(writes, count),
                       at(question.answer) - (question.rival ? at(*question.rival) : 0.0f)};
}

}  // namespace headlight
