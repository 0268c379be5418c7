#include "train/training_run.h"

#include <torch/csrc/autograd/autograd.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "train/checkpoint_folder.h"
#include "train/initial_weights.h"

namespace headlight {
namespace {

constexpr double kLossSmoothing = 0.98;
constexpr double kSpeedSmoothing = 0.95;

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void say(const TrainCallback& callback, const TrainRequest& request, std::string note) {
    if (!callback) return;
    TrainProgress progress;
    progress.num_steps = request.num_steps;
    progress.note = std::move(note);
    callback(progress);
}

}  // namespace

std::string training_dir(const TrainRequest& request) {
    return request.output_dir + "/training";
}

std::string TrainingRun::state_path() const {
    return training_dir(request_) + "/state.safetensors";
}

Result<std::unique_ptr<TrainingRun>> TrainingRun::start(const TrainRequest& request,
                                                        const TrainCallback& callback,
                                                        const JobContext& job) {
    std::unique_ptr<TrainingRun> run(new TrainingRun(request));
    HEADLIGHT_CHECK(run->prepare_text(callback, job));
    HEADLIGHT_CHECK(run->prepare_weights());
    return run;
}

Status TrainingRun::prepare_text(const TrainCallback& callback, const JobContext& job) {
    say(callback, request_, "reading the corpus");
    HEADLIGHT_TRY(const std::vector<CorpusText> texts, read_corpus(request_.corpus_files));
    if (request_.resume) {
        HEADLIGHT_TRY(codec_, open_codec(request_, request_.output_dir));
    } else {
        say(callback, request_, "learning the vocabulary");
        HEADLIGHT_TRY(codec_, train_codec(request_, texts, job));
    }
    say(callback, request_,
        fmt::format("vocabulary of {} pieces; encoding the corpus", codec_->vocab_size()));
    HEADLIGHT_TRY(corpus_, tokenize_corpus(texts, *codec_, training_dir(request_) + "/tokens.safetensors",
                                           BatchSampler::min_tokens(request_.context_length), job));
    say(callback, request_, fmt::format("{} tokens to train on", corpus_.train.size()));
    return {};
}

Status TrainingRun::prepare_weights() {
    parameters_ = make_initial_weights(request_, codec_->vocab_size(), codec_->bos_id());
    for (const Parameter& parameter : parameters_)
        weights_.push_back(parameter.weight);
    HEADLIGHT_TRY(model_,
                  make_language_model(make_architecture(request_, codec_->vocab_size()), parameters_));
    // Weights and rows are drawn from different streams of the one seed.
    state_.sampler = Random(~request_.seed).state();
    state_.run = describe_run(request_);
    state_.corpus = corpus_.fingerprint;
    if (request_.resume) {
        HEADLIGHT_TRY(state_, load_train_state(state_path(), state_, parameters_));
    }
    sampler_.emplace(corpus_, codec_->bos_id(), Random(state_.sampler));
    return {};
}

Status TrainingRun::step() {
    const auto begin = std::chrono::steady_clock::now();
    const StepPlan plan = plan_step(request_, state_.step, static_cast<int>(corpus_.by_frequency.size()));
    const Batch batch = sampler_->draw(plan);
    HEADLIGHT_TRY(const at::Tensor loss, model_->loss(batch));
    const std::vector<at::Tensor> gradients = torch::autograd::grad({loss}, weights_);
    const double value = loss.item<double>();
    const double norm = gradient_norm(gradients);
    if (!std::isfinite(value) || !std::isfinite(norm)) {
        return fail(ErrorKind::Internal,
                    "the loss was no longer a finite number at step {} (loss {}, gradient norm {}); "
                    "train again with a lower learning rate than {}",
                    state_.step, value, norm, request_.learning_rate);
    }
    AdamWSettings settings;
    settings.clip_norm = request_.clip_norm;
    adamw_step(parameters_, gradients, norm, state_.step, plan.learning_rate, settings);
    state_.smoothed_loss =
        state_.step == 0 ? value : kLossSmoothing * state_.smoothed_loss + (1 - kLossSmoothing) * value;
    state_.sampler = sampler_->random().state();
    ++state_.step;
    const double seconds = seconds_since(begin);
    const double per_token = seconds / (plan.num_rows * plan.length);
    state_.seconds += seconds;
    seconds_per_token_ = seconds_per_token_ == 0
                             ? per_token
                             : kSpeedSmoothing * seconds_per_token_ + (1 - kSpeedSmoothing) * per_token;
    return {};
}

Status TrainingRun::save() {
    HEADLIGHT_CHECK(write_checkpoint_folder(request_, *codec_, parameters_));
    return save_train_state(state_path(), state_, parameters_);
}

Result<Validation> TrainingRun::validate_now(int max_windows, const JobContext& job) {
    HEADLIGHT_TRY(Validation validation,
                  validate(*model_, corpus_, codec_->bos_id(), request_.context_length, max_windows, job));
    HEADLIGHT_CHECK(append_to_log(validation));
    return validation;
}

Status TrainingRun::append_to_log(const Validation& validation) const {
    nlohmann::ordered_json line = {
        {"step", state_.step}, {"seconds", state_.seconds}, {"loss", state_.smoothed_loss}};
    for (const HeldOutLoss& file : validation.files)
        line["held_out"][file.name] = file.nats_per_token;
    const std::string path = training_dir(request_) + "/log.jsonl";
    std::ofstream log(path, std::ios::app);
    log << line.dump() << '\n';
    log.flush();
    if (!log) return fail(make_error(ErrorKind::Internal, "cannot write the training log").in_file(path));
    return {};
}

TrainProgress TrainingRun::progress() const {
    TrainProgress progress;
    progress.step = state_.step;
    progress.num_steps = request_.num_steps;
    progress.loss = state_.smoothed_loss;
    progress.learning_rate = learning_rate_at(request_, std::max(0, state_.step - 1));
    if (seconds_per_token_ > 0) {
        progress.tokens_per_second = 1.0 / seconds_per_token_;
        progress.seconds_left =
            seconds_per_token_ * request_.tokens_per_step * (request_.num_steps - state_.step);
    }
    return progress;
}

}  // namespace headlight
