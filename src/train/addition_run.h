// The task "addition": a + b modulo a number, all training pairs in each epoch. Small enough to generalise
// within minutes, long after it has learned its training pairs by heart (Power et al. 2022; Nanda et al.
// 2023).
#pragma once

#include "train/data/addition_data.h"
#include "train/training_run.h"

namespace headlight {

class AdditionRun final : public TrainingRun {
  public:
    explicit AdditionRun(const TrainRequest& request) : TrainingRun(request) {}

  protected:
    Status prepare(const TrainCallback& callback, const JobContext& job) override;
    Batch next_batch() override { return train_; }
    double learning_rate() const override { return learning_rate_at(request_, state_.step); }
    AdamWSettings optimizer() const override;
    bool is_stochastic() const override { return false; }
    int tokens_per_step() const override { return train_.num_rows * train_.length; }
    Result<Validation> measure_validation(int max_windows, const JobContext& job) override;
    const ObservedSample& observed_sample() const override { return sample_; }
    Status add_to_row(TrainingRow& row, const JobContext& job) override;
    std::vector<CodecFile> checkpoint_files() const override;

  private:
    Batch train_, test_;
    ObservedSample sample_;
};

/// Mean loss in nats and share of right answers over the batch, no gradients.
struct AdditionScore {
    double loss = 0, accuracy = 0;
};
Result<AdditionScore> score_addition(const LanguageModel& model, const Batch& batch, const JobContext& job);

/// Adds how the row of "=" divides itself: answer_entropy, its entropy over that of an even row, mean over
/// pairs and heads; answer_on_first/{layer}/{head}, the weight on the first number. `texts` are of
/// kAdditionTokens tokens.
void add_answer_rows(std::span<const TracePtr> texts, CheckpointMetrics& values);

/// One layer or more: no norms, learned positions, ReLU, biases in the MLP only.
Architecture addition_architecture(const TrainRequest& request);

}  // namespace headlight
