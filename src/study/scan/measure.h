// Measures the sequences of a plan, several at a time. What a record holds depends on the plan and the item
// alone.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "analysis/patterns/positional_profile.h"
#include "study/scan/plan.h"

namespace headlight {

class ScanMeasurer {
  public:
    ScanMeasurer(const ScanPlan& plan, const ScanModel& model, int num_threads)
        : plan_(plan), model_(model), num_threads_(num_threads) {}

    /// How many of these items, from the first on, go through the model as one batch; at least 1.
    std::size_t batch_length(std::span<const std::size_t> indices) const;
    /// Records of such a batch, in its order. Errors: the runner's, Cancelled. What a model cannot do is a
    /// record with a note.
    Result<std::vector<ScanRecord>> measure(std::span<const std::size_t> indices, const JobContext& job);

  private:
    /// Sequence as it goes through the model, and as it is labelled.
    struct Sequence {
        std::string document;
        std::int64_t first_token = 0;
        std::vector<Token> tokens;      // labels
        std::vector<std::int32_t> ids;  // what the model reads
    };

    /// A sequence on its way through the model.
    struct Passing {
        ScanItem item;
        Sequence sequence;
        std::optional<SequenceText> text;
        TracePtr trace;
    };

    Result<std::vector<ScanRecord>> measure_batch(std::span<const ScanItem> items, const JobContext& job);
    Result<ScanRecord> measure_single(const ScanItem& item, const JobContext& job);
    Result<ScanRecord> measure_weights(const JobContext& job);
    Result<std::vector<ScanRecord>> sentence_records(std::span<const ScanItem> items, const JobContext& job);
    /// Hits of every head on the relations of a sentence.
    void read_relations(const AttentionTrace& trace, const GoldSentence& sentence,
                        std::span<const EligiblePairs> relations, ScanRecord& record) const;
    Result<ScanRecord> needle_record(const ScanItem& item, const JobContext& job);
    Result<ScanRecord> copy_record(const ScanItem& item, const JobContext& job);
    /// Makes the runner of this item and the profiles of its heads the current ones.
    Status prepare(const ScanItem& item, const JobContext& job);
    Status measure_profiles(const JobContext& job);
    Sequence sequence_of(const ScanItem& item) const;
    std::size_t num_tokens_of(const ScanItem& item) const;
    const GoldSentence& sentence_of(const ScanItem& item) const;
    SequenceText text_of(const Sequence& sequence, int num_permutations, std::uint64_t seed) const;
    /// The sequences of these items with their texts and traces.
    Result<std::vector<Passing>> run(std::span<const ScanItem> items, int num_permutations,
                                     const JobContext& job) const;
    /// body(heads, scores [heads, detector]) of some heads at a time, on all threads.
    void score_heads(
        const Passing& passing, std::span<const PositionalProfile> profiles,
        const std::function<void(std::size_t head, const std::vector<SequenceScore>&)>& body) const;
    /// Scores, and where the part has them metrics and examples, of every head.
    void read_heads(const Passing& passing, ScanRecord& record) const;
    HeadId head_at(std::size_t index) const;
    std::size_t num_heads() const;

    const ScanPlan& plan_;
    const ScanModel& model_;
    int num_threads_;
    ModelRunner* runner_ = nullptr;  // current
    int current_model_ = -2;
    std::unique_ptr<ModelRunner> random_;      // the current random model
    std::string refusal_;                      // why there is no current runner
    std::vector<PositionalProfile> profiles_;  // [head], of the current runner
    std::vector<std::vector<int>>
        likely_detectors_;  // [head], of the scanned model: examples are kept for these
};

}  // namespace headlight
