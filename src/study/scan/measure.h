// Measures the sequences of a plan, one at a time. What a record holds depends on the plan and the item
// alone.
#pragma once

#include <memory>
#include <vector>

#include "analysis/patterns/positional_profile.h"
#include "study/scan/plan.h"

namespace headlight {

class ScanMeasurer {
  public:
    ScanMeasurer(const ScanPlan& plan, const ScanModel& model, int num_threads)
        : plan_(plan), model_(model), num_threads_(num_threads) {}

    /// Errors: the runner's, Cancelled. What a model cannot do is a record with a note.
    Result<ScanRecord> measure(std::size_t index, const JobContext& job);

  private:
    /// Sequence as it goes through the model, and as it is labelled.
    struct Sequence {
        std::string document;
        std::int64_t first_token = 0;
        std::vector<Token> tokens;      // labels
        std::vector<std::int32_t> ids;  // what the model reads
    };

    Result<ScanRecord> measure_sequence(const ScanItem& item, const JobContext& job);
    Result<ScanRecord> measure_weights(const JobContext& job);
    Result<ScanRecord> sentence_record(const ScanItem& item, const JobContext& job);
    Result<ScanRecord> needle_record(const ScanItem& item, const JobContext& job);
    Result<ScanRecord> copy_record(const ScanItem& item, const JobContext& job);
    /// Makes the runner of this item and the profiles of its heads the current ones.
    Status prepare(const ScanItem& item, const JobContext& job);
    Status measure_profiles(const JobContext& job);
    Sequence sequence_of(const ScanItem& item) const;
    SequenceText text_of(const Sequence& sequence, int num_permutations, std::uint64_t seed) const;
    Result<TracePtr> run(const Sequence& sequence, const SequenceText& text, const JobContext& job) const;
    /// Scores, and where the part has them metrics and examples, of every head.
    void read_heads(const AttentionTrace& trace, const SequenceText& text, const ScanItem& item,
                    ScanRecord& record) const;
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
