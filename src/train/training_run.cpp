#include "train/training_run.h"

#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/stopwatch.h"
#include "train/addition_run.h"
#include "train/checkpoint_folder.h"
#include "train/text_run.h"

namespace headlight {
namespace {

constexpr double kLossSmoothing = 0.98;
constexpr double kSpeedSmoothing = 0.95;

}  // namespace

std::string training_dir(const TrainRequest& request) {
    return request.output_dir + "/training";
}

std::string kept_checkpoints_dir(const TrainRequest& request) {
    return request.output_dir + "/checkpoints";
}

std::string TrainingRun::state_path() const {
    return training_dir(request_) + "/state.safetensors";
}

std::string TrainingRun::log_path() const {
    return training_dir(request_) + "/log.jsonl";
}

void TrainingRun::say(const TrainCallback& callback, std::string note) const {
    if (!callback) return;
    TrainProgress progress;
    progress.num_steps = request_.num_steps;
    progress.note = std::move(note);
    callback(progress);
}

Result<std::unique_ptr<TrainingRun>> TrainingRun::start(const TrainRequest& request,
                                                        const TrainCallback& callback,
                                                        const JobContext& job) {
    std::unique_ptr<TrainingRun> run;
    if (is_addition(request)) {
        run = std::make_unique<AdditionRun>(request);
    } else {
        run = std::make_unique<TextRun>(request);
    }
    HEADLIGHT_CHECK(run->prepare(callback, job));
    for (const Parameter& parameter : run->parameters_)
        run->weights_.push_back(parameter.weight);
    run->state_.run = describe_run(request);
    if (request.resume) {
        HEADLIGHT_TRY(run->state_, load_train_state(run->state_path(), run->state_, run->parameters_));
        run->resume();
        HEADLIGHT_CHECK(run->cut_log());
    }
    HEADLIGHT_CHECK(run->open_log());
    return run;
}

Status TrainingRun::open_log() {
    if (request_.observe_every == 0) return {};
    TrainingLogStart start;
    // The row of step 0 is made before the first step, so again.
    if (request_.resume) start.keeps_up_to = state_.step > 0 ? state_.step : -1;
    HEADLIGHT_TRY(log_, open_training_log(training_dir(request_), start));
    return {};
}

/// What comes after the state that goes on will come again, the last validation of a whole run too.
Status TrainingRun::cut_log() const {
    std::ifstream log(log_path());
    if (!log) return {};
    const int last = is_done() ? state_.step - 1 : state_.step;
    std::string kept;
    for (std::string line; std::getline(log, line);) {
        const auto row = nlohmann::json::parse(line, nullptr, false);
        const auto step = row.is_object() ? row.find("step") : row.end();
        if (step != row.end() && step->is_number_integer() && step->get<int>() <= last) kept += line + "\n";
    }
    return write_file_atomic(log_path(), kept);
}

Status TrainingRun::step() {
    const Stopwatch stopwatch;
    const double rate = learning_rate();
    const Batch batch = next_batch();
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
    adamw_step(parameters_, gradients, norm, state_.step, rate, optimizer());
    const double kept = state_.step == 0 || !is_stochastic() ? 0.0 : kLossSmoothing;
    state_.smoothed_loss = kept * state_.smoothed_loss + (1 - kept) * value;
    ++state_.step;
    const double seconds = stopwatch.seconds();
    const double per_token = seconds / (batch.num_rows * batch.length);
    state_.seconds += seconds;
    seconds_per_token_ = seconds_per_token_ == 0
                             ? per_token
                             : kSpeedSmoothing * seconds_per_token_ + (1 - kSpeedSmoothing) * per_token;
    return {};
}

Status TrainingRun::save() const {
    const std::vector<CodecFile> files = checkpoint_files();
    HEADLIGHT_CHECK(write_checkpoint_folder(request_.output_dir, request_.save_dtype, parameters_, files));
    if (request_.keeps_checkpoints) {
        const std::string folder = fmt::format("{}/step_{}", kept_checkpoints_dir(request_), state_.step);
        HEADLIGHT_CHECK(write_checkpoint_folder(folder, request_.save_dtype, parameters_, files));
    }
    return save_train_state(state_path(), state_, parameters_);
}

Result<Validation> TrainingRun::validate_now(int max_windows, const JobContext& job) {
    HEADLIGHT_TRY(Validation validation, measure_validation(max_windows, job));
    HEADLIGHT_CHECK(append_to_log(validation));
    return validation;
}

Result<TrainingRow> TrainingRun::observe(const JobContext& job) {
    TrainingRow row;
    row.step = state_.step;
    HEADLIGHT_TRY(row.values, observe_model(*model_, parameters_, observed_sample(), job));
    if (state_.step > 0) row.values["loss"] = state_.smoothed_loss;
    HEADLIGHT_CHECK(add_to_row(row, job));
    if (log_) HEADLIGHT_CHECK(log_->append(row));
    return row;
}

Status TrainingRun::append_to_log(const Validation& validation) const {
    nlohmann::ordered_json line = {
        {"step", state_.step}, {"seconds", state_.seconds}, {"loss", state_.smoothed_loss}};
    for (const HeldOutLoss& file : validation.files)
        line["held_out"][file.name] = file.nats_per_token;
    std::ofstream log(log_path(), std::ios::app);
    log << line.dump() << '\n';
    log.flush();
    if (!log)
        return fail(make_error(ErrorKind::Internal, "cannot write the training log").in_file(log_path()));
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
        progress.seconds_left = seconds_per_token_ * tokens_per_step() * (request_.num_steps - state_.step);
    }
    return progress;
}

}  // namespace headlight
