// The task "text": next-token prediction on a corpus, step by step.
#pragma once

#include <optional>

#include "train/data/token_cache.h"
#include "train/training_run.h"

namespace headlight {

class TextRun final : public TrainingRun {
  public:
    explicit TextRun(const TrainRequest& request) : TrainingRun(request) {}

  protected:
    Status prepare(const TrainCallback& callback, const JobContext& job) override;
    void resume() override;
    Batch next_batch() override;
    double learning_rate() const override { return plan().learning_rate; }
    AdamWSettings optimizer() const override;
    int tokens_per_step() const override { return request_.tokens_per_step; }
    Result<Validation> measure_validation(int max_windows, const JobContext& job) override;
    const ObservedSample& observed_sample() const override { return sample_; }
    Status add_to_row(TrainingRow& row, const JobContext& job) override;
    std::vector<CodecFile> checkpoint_files() const override;

  private:
    Status prepare_text(const TrainCallback& callback, const JobContext& job);
    StepPlan plan() const;

    std::unique_ptr<TextCodec> codec_;
    TokenizedCorpus corpus_;
    std::optional<BatchSampler> sampler_;
    ObservedSample sample_;
};

/// What the observer looks at: windows of BOS and held-out text (of the training text where nothing was held
/// out), evenly spaced, and random repeats of distinct ordinary pieces.
ObservedSample sample_of_corpus(const TokenizedCorpus& corpus, const TextCodec& codec, int context_length);

}  // namespace headlight
