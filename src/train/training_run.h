// One training run: its parts are made or resumed by start(), then step() is called until it is done.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "train/batch_sampler.h"
#include "train/language_model.h"
#include "train/text_codec.h"
#include "train/token_cache.h"
#include "train/train_state.h"
#include "train/validation.h"

namespace headlight {

class TrainingRun {
  public:
    /// Reads the corpus, learns or opens the vocabulary, makes or resumes the weights. Errors: see
    /// train_model.
    static Result<std::unique_ptr<TrainingRun>> start(const TrainRequest& request,
                                                      const TrainCallback& callback, const JobContext& job);

    bool is_done() const { return state_.step >= request_.num_steps; }
    const TrainState& state() const { return state_; }

    /// One batch, forward, backward, update. Errors: Internal when the loss or the gradients are no longer
    /// finite.
    Status step();
    /// Saves the state, then the checkpoint folder.
    Status save();
    /// Loss on held-out text; also written to the log.
    Result<Validation> validate_now(int max_windows, const JobContext& job);
    /// Progress of the last step; speed and time left are measured in this sitting.
    TrainProgress progress() const;

  private:
    TrainingRun(const TrainRequest& request) : request_(request) {}
    Status prepare_text(const TrainCallback& callback, const JobContext& job);
    Status prepare_weights();
    Status append_to_log(const Validation& validation) const;
    std::string state_path() const;

    TrainRequest request_;
    std::unique_ptr<TextCodec> codec_;
    TokenizedCorpus corpus_;
    std::vector<Parameter> parameters_;
    std::vector<at::Tensor> weights_;  // of parameters_, for autograd
    std::unique_ptr<LanguageModel> model_;
    std::optional<BatchSampler> sampler_;
    TrainState state_;
    double seconds_per_token_ = 0;  // smoothed, of this sitting; 0 before the first step
};

/// Folder of what `resume` needs, inside the output folder.
std::string training_dir(const TrainRequest& request);

}  // namespace headlight
