#include "run/compare/comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/cause/answer_metrics.h"

namespace headlight {
namespace {

Status check_pairable(const ComparedRun& a, const ComparedRun& b, const std::vector<HeadPair>& heads) {
    const AttentionTrace &trace_a = *a.text->trace, &trace_b = *b.text->trace;
    if (a.text->kind() != b.text->kind()) {
        return fail(ErrorKind::InvalidInput, "{} attention cannot be compared with {} attention",
                    kind_name(a.text->kind()), kind_name(b.text->kind()));
    }
    if (!heads.empty() || trace_a.grid() == trace_b.grid()) return {};
    return fail(ErrorKind::InvalidInput,
                "{} has {} layers of {} heads, {} has {} of {}: heads of different models have nothing in "
                "common but a number, so name two with --head-a and --head-b",
                a.label, trace_a.num_layers(), trace_a.num_heads(), b.label, trace_b.num_layers(),
                trace_b.num_heads());
}

/// Predictions of both as one number, where both are known over the same vocabulary.
std::optional<double> kl_of(const ComparedRun& a, const ComparedRun& b) {
    if (a.logits.rows != 1 || b.logits.rows != 1 || a.logits.cols != b.logits.cols) return std::nullopt;
    return kl_of_logits(a.logits.row(0), b.logits.row(0));
}

}  // namespace

const char* to_string(ComparedBy by) {
    switch (by) {
        case ComparedBy::Texts:
            return "two texts";
        case ComparedBy::Models:
            return "two models";
        case ComparedBy::Change:
            return "before and after a change";
        case ComparedBy::Heads:
            return "two heads";
        case ComparedBy::Stored:
            return "stored attention";
    }
    return "";
}

Result<RunAlignment> align_runs(const AnalyzedText& a, const AnalyzedText& b, bool is_one_model) {
    RunAlignment out;
    HEADLIGHT_TRY(out.queries, align_tokens(a.tokens.tokens, b.tokens.tokens));
    const bool has_own_keys = a.key_tokens != nullptr || b.key_tokens != nullptr;
    out.keys = out.queries;
    if (has_own_keys) {
        HEADLIGHT_TRY(out.keys, align_tokens(a.keys().tokens, b.keys().tokens));
    }
    // What a decoder does with equal tokens depends on all that the encoder read.
    const bool is_of_text = a.kind() == AttentionKind::Self || a.kind() == AttentionKind::Encoder;
    if (out.queries.is_same_text() || !is_of_text) return out;
    out.first_changed = out.queries.num_equal_first;
    out.agrees_before = is_one_model && a.trace->info().is_causal;
    return out;
}

Result<Comparison> compare_runs(ComparedRun a, ComparedRun b, ComparedBy by, std::vector<HeadPair> heads,
                                int num_threads, const JobContext& job) {
    HEADLIGHT_CHECK(check_pairable(a, b, heads));
    Comparison out;
    out.by = by;
    out.a = std::move(a);
    out.b = std::move(b);
    HEADLIGHT_TRY(out.alignment, align_runs(*out.a.text, *out.b.text, by == ComparedBy::Texts));
    const AttentionTrace &trace_a = *out.a.text->trace, &trace_b = *out.b.text->trace;
    if (heads.empty()) heads = same_heads(trace_a);
    HEADLIGHT_TRY(out.heads, compare_heads(trace_a, trace_b, out.alignment, heads, job, num_threads));
    for (const HeadPair& pair : heads)
        out.metrics.push_back(compare_metrics(trace_a, trace_b, out.alignment, pair));
    out.mean_metrics = mean_changes(out.metrics);
    out.kl = kl_of(out.a, out.b);
    return out;
}

std::vector<float> difference_matrix(const Comparison& comparison, const HeadPair& heads) {
    const AttentionTrace &a = *comparison.a.text->trace, &b = *comparison.b.text->trace;
    const std::vector<float> left = a.matrix(heads.a.layer, heads.a.head),
                             right = b.matrix(heads.b.layer, heads.b.head);
    const std::vector<int> rows = comparison.alignment.queries.partners(),
                           keys = comparison.alignment.keys.partners();
    std::vector<float> out(left.size(), std::numeric_limits<float>::quiet_NaN());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i] < 0) continue;
        for (std::size_t j = 0; j < keys.size(); ++j) {
            if (keys[j] < 0) continue;
            const std::size_t at = i * keys.size() + j;
            out[at] =
                left[at] - right[static_cast<std::size_t>(rows[i]) * static_cast<std::size_t>(b.num_keys()) +
                                 static_cast<std::size_t>(keys[j])];
        }
    }
    return out;
}

ComparisonNull null_of(std::string what, std::span<const HeadDivergence> heads) {
    ComparisonNull out{std::move(what), {}, 0, 0};
    for (const HeadDivergence& head : heads)
        out.divergence.push_back(static_cast<float>(head.ranked));
    std::sort(out.divergence.begin(), out.divergence.end());
    if (out.divergence.empty()) return out;
    const auto count = static_cast<double>(out.divergence.size());
    out.mean = std::accumulate(out.divergence.begin(), out.divergence.end(), 0.0) / count;
    out.high = out.divergence[static_cast<std::size_t>(std::max(0.0, std::ceil(0.95 * count) - 1))];
    return out;
}

}  // namespace headlight
