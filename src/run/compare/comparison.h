// Two runs side by side: their texts aligned, every head's divergence, what they predict. One implementation
// for two texts, two models, two heads, stored attention, and before and after a change.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/compare/divergence.h"
#include "analysis/compare/metric_change.h"
#include "core/cause/question.h"
#include "core/matrix.h"
#include "run/text_run.h"

namespace headlight {

/// One side of a comparison.
struct ComparedRun {
    std::string label;  // what it is beside the other: "clean", "L1H3: zero output", the model's name
    ModelSpec spec;
    std::shared_ptr<const AnalyzedText> text;  // has a trace
    int position = -1;                         // whose prediction is compared; -1: none is known
    Matrix logits;                             // [1, vocab] of that position; empty: not known
    QueryPredictions predictions;              // its likeliest tokens; empty: not known
    std::optional<AnswerMetrics> answer;       // where a question was asked
};

/// What is different between the two sides.
enum class ComparedBy { Texts, Models, Change, Heads, Stored };

/// Divergences of heads that have nothing to do with what the model learned.
struct ComparisonNull {
    std::string what;               // "the same two texts through random weights (seed 1)"
    std::vector<float> divergence;  // [heads] HeadDivergence::ranked, ascending
    double mean = 0, high = 0;      // of them; the 95th percentile
};

struct Comparison {
    ComparedBy by = ComparedBy::Texts;
    ComparedRun a, b;
    RunAlignment alignment;
    std::vector<HeadDivergence> heads;               // every head, or the pair that was asked for
    std::vector<std::vector<MetricChange>> metrics;  // [heads]
    std::vector<MetricChange> mean_metrics;          // over those heads
    std::optional<double> kl;                        // KL(A || B) of the compared prediction, nats
    std::optional<Question> question;                // at a.position
    std::optional<ComparisonNull> null;
    std::string why_no_null;  // where there is none

    /// Most changed first.
    std::vector<std::size_t> ranking() const { return most_changed(heads); }
};

/// How the rows and keys of two runs belong together. `is_one_model`: one model, unchanged, read both, so
/// that a common beginning has equal rows. Errors: those of align_tokens.
Result<RunAlignment> align_runs(const AnalyzedText& a, const AnalyzedText& b, bool is_one_model);

/// Aligns and measures. `heads` empty: each head beside the one of its number. Errors: InvalidInput
/// (different numbers of layers or heads and no pair named, texts that cannot be aligned, kinds that differ),
/// Cancelled.
Result<Comparison> compare_runs(ComparedRun a, ComparedRun b, ComparedBy by, std::vector<HeadPair> heads,
                                int num_threads, const JobContext& job);

/// The change of an attention row or matrix over A's axes: A minus B where row and key are aligned; NaN where
/// B has no such row or key. [queries of A, keys of A]
std::vector<float> difference_matrix(const Comparison& comparison, const HeadPair& heads);

/// Of the divergences of heads that mean nothing.
ComparisonNull null_of(std::string what, std::span<const HeadDivergence> heads);

/// "two texts", "two models" ...
const char* to_string(ComparedBy by);

}  // namespace headlight
