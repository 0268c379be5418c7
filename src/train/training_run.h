// One training run: its parts are made or resumed by start(), then step() is called until it is done. What
// the tasks share is here; a task says which batch comes next and what is measured.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "io/training/training_log.h"
#include "train/attention_observer.h"
#include "train/data/batch_sampler.h"
#include "train/data/text_codec.h"
#include "train/language_model.h"
#include "train/train_state.h"
#include "train/validation.h"

namespace headlight {

class TrainingRun {
  public:
    /// The run of request.task. Reads or makes the data, makes or resumes the weights, opens the log of the
    /// observer. Errors: see train_model.
    static Result<std::unique_ptr<TrainingRun>> start(const TrainRequest& request,
                                                      const TrainCallback& callback, const JobContext& job);
    virtual ~TrainingRun() = default;

    bool is_done() const { return state_.step >= request_.num_steps; }
    const TrainState& state() const { return state_; }

    /// One batch, forward, backward, update. Errors: Internal when the loss or the gradients are no longer
    /// finite.
    Status step();
    /// Saves the checkpoint folder (and its kept copy in checkpoints/step_N), then the state.
    Status save() const;
    /// Loss on what was held out; also written to the log.
    Result<Validation> validate_now(int max_windows, const JobContext& job);
    /// The row of the attention observer for the weights as they are; also written to its log.
    Result<TrainingRow> observe(const JobContext& job);
    /// Progress of the last step; speed and time left are measured in this sitting.
    TrainProgress progress() const;

  protected:
    explicit TrainingRun(const TrainRequest& request) : request_(request) {}

    /// Data, parameters_, model_ and the first state_ (step 0); a resumed state is loaded afterwards.
    virtual Status prepare(const TrainCallback& callback, const JobContext& job) = 0;
    /// After a resumed state was loaded.
    virtual void resume() {}
    virtual Batch next_batch() = 0;
    virtual double learning_rate() const = 0;  // of the next step
    virtual AdamWSettings optimizer() const = 0;
    /// Whether the loss that is shown is smoothed: batches differ.
    virtual bool is_stochastic() const { return true; }
    virtual int tokens_per_step() const = 0;  // of the steps that are left, for the time left
    virtual Result<Validation> measure_validation(int max_windows, const JobContext& job) = 0;
    virtual const ObservedSample& observed_sample() const = 0;
    /// Lifecycle point, epoch and what only this task measures.
    virtual Status add_to_row(TrainingRow& row, const JobContext& job) = 0;
    /// Tokenizer and config.json, config.json last.
    virtual std::vector<CodecFile> checkpoint_files() const = 0;

    void say(const TrainCallback& callback, std::string note) const;

    TrainRequest request_;
    std::vector<Parameter> parameters_;
    std::unique_ptr<LanguageModel> model_;
    TrainState state_;

  private:
    Status open_log();
    Status cut_log() const;
    Status append_to_log(const Validation& validation) const;
    std::string state_path() const;
    std::string log_path() const;

    std::vector<at::Tensor> weights_;  // of parameters_, for autograd
    std::unique_ptr<TrainingLogWriter> log_;
    double seconds_per_token_ = 0;  // smoothed, of this sitting; 0 before the first step
};

/// Folder of what `resume` needs, inside the output folder; the observer's log lies there too.
std::string training_dir(const TrainRequest& request);
/// Folder of the checkpoints that are kept.
std::string kept_checkpoints_dir(const TrainRequest& request);

}  // namespace headlight
