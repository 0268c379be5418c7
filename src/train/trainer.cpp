#include "train/trainer.h"

#include <ATen/Parallel.h>

#include <filesystem>

#include "base/parallel.h"
#include "io/checkpoint/checkpoint.h"
#include "model/forward/guard.h"
#include "train/training_run.h"

namespace headlight {
namespace {

constexpr int kWindowsWhileTraining = 16;
constexpr int kWindowsAtEnd = 400;
constexpr int kMostThreadsByDefault = 4;  // the matrices are small: more threads wait for each other

class ThreadSetting {
  public:
    explicit ThreadSetting(int num_threads) : before_(at::get_num_threads()) {
        at::set_num_threads(num_threads);
    }
    ~ThreadSetting() { at::set_num_threads(before_); }
    ThreadSetting(const ThreadSetting&) = delete;
    ThreadSetting& operator=(const ThreadSetting&) = delete;

  private:
    int before_;
};

// Steps that the state in the folder says are done; 0 without a readable state.
int steps_done_in(const std::string& state_path) {
    const Result<CheckpointPtr> file = open_checkpoint(state_path);
    if (!file) return 0;
    for (const auto& [key, value] : (*file)->metadata) {
        if (key == "step") return std::atoi(value.c_str());
    }
    return 0;
}

// A run that was interrupted is hours of work: it is not overwritten by forgetting `resume`.
Status check_folder(const TrainRequest& request) {
    const std::string state_path = training_dir(request) + "/state.safetensors";
    const bool has_state = std::filesystem::exists(state_path);
    if (request.resume && !has_state) {
        return fail(make_error(ErrorKind::Missing,
                               "cannot resume: the folder holds no training state; start without "
                               "resume, or name the folder of the run")
                        .in_file(state_path));
    }
    if (!request.resume && has_state) {
        const int step = steps_done_in(state_path);
        if (step > 0 && step < request.num_steps) {
            return fail(make_error(ErrorKind::InvalidInput,
                                   "the output folder holds an unfinished run at step {}; resume "
                                   "it, or name another folder (or delete this one)",
                                   step)
                            .in_file(request.output_dir));
        }
    }
    std::error_code error;
    std::filesystem::create_directories(training_dir(request), error);
    if (error) {
        return fail(make_error(ErrorKind::Internal, "cannot create the output folder: {}", error.message())
                        .in_file(request.output_dir));
    }
    if (!request.resume) {
        std::filesystem::resize_file(training_dir(request) + "/log.jsonl", 0, error);
        if (request.keeps_checkpoints) std::filesystem::remove_all(kept_checkpoints_dir(request), error);
    }
    return {};
}

bool is_due(int step, int every) {
    return every > 0 && step % every == 0;
}

class Loop {
  public:
    Loop(TrainingRun& run, const TrainRequest& request, const TrainCallback& callback, const JobContext& job)
        : run_(run), request_(request), callback_(callback), job_(job) {}

    Result<TrainReport> go() {
        HEADLIGHT_CHECK(begin());
        while (!run_.is_done() && !job_.should_stop())
            HEADLIGHT_CHECK(step());
        const bool was_stopped = !run_.is_done();
        if (saved_step_ != run_.state().step) HEADLIGHT_CHECK(save(run_.progress()));
        HEADLIGHT_CHECK(validate_at_end(was_stopped));
        report_.step = run_.state().step;
        report_.loss = run_.state().smoothed_loss;
        report_.seconds = run_.state().seconds;
        report_.output_dir = request_.output_dir;
        report_.was_stopped = was_stopped;
        return report_;
    }

  private:
    // The untrained weights are the first row and the first checkpoint of a series.
    Status begin() {
        if (run_.state().step > 0) return {};
        TrainProgress progress = run_.progress();
        if (request_.observe_every > 0) {
            HEADLIGHT_CHECK(observe(progress));
            tell(progress);
        }
        return request_.keeps_checkpoints ? run_.save() : Status{};
    }

    // A stop while looking leaves the row out; the run ends after it as usual.
    Status observe(TrainProgress& progress) {
        const Result<TrainingRow> row = run_.observe(job_);
        if (!row) return row.error().kind == ErrorKind::Cancelled ? Status{} : fail(row.error());
        for (const auto& [name, value] : row->values) {
            if (value) progress.observed.emplace_back(name, *value);
        }
        return {};
    }

    Status step() {
        HEADLIGHT_CHECK(run_.step());
        const int step = run_.state().step;
        TrainProgress progress = run_.progress();
        if (is_due(step, request_.observe_every)) HEADLIGHT_CHECK(observe(progress));
        if (is_due(step, request_.validate_every) && !run_.is_done()) {
            const Result<Validation> validation = run_.validate_now(kWindowsWhileTraining, job_);
            if (!validation && validation.error().kind != ErrorKind::Cancelled)
                return fail(validation.error());
            if (validation) {
                progress.validation_loss = validation->nats_per_token;
                report_.validation_loss = validation->nats_per_token;
            }
        }
        if (is_due(step, request_.checkpoint_every)) return save(progress);
        tell(progress);
        return {};
    }

    Status save(TrainProgress progress) {
        HEADLIGHT_CHECK(run_.save());
        saved_step_ = run_.state().step;
        progress.note = "checkpoint saved";
        tell(progress);
        return {};
    }

    // A run that was stopped ends at once; its report keeps the last validation of this sitting.
    Status validate_at_end(bool was_stopped) {
        if (was_stopped) return {};
        const Result<Validation> validation = run_.validate_now(kWindowsAtEnd, job_);
        if (!validation)
            return validation.error().kind == ErrorKind::Cancelled ? Status{} : fail(validation.error());
        report_.held_out = validation->files;
        report_.validation_loss = validation->nats_per_token;
        TrainProgress progress = run_.progress();
        progress.validation_loss = validation->nats_per_token;
        tell(progress);
        return {};
    }

    void tell(const TrainProgress& progress) const {
        if (callback_) callback_(progress);
        const double fraction = static_cast<double>(progress.step) / progress.num_steps;
        job_.report({"training", fraction, progress.note});
    }

    TrainingRun& run_;
    const TrainRequest& request_;
    const TrainCallback& callback_;
    const JobContext& job_;
    TrainReport report_;
    int saved_step_ = -1;
};

}  // namespace

Result<TrainReport> train_model(const TrainRequest& request, const TrainCallback& callback,
                                const JobContext& job) {
    HEADLIGHT_CHECK(check_request(request));
    HEADLIGHT_CHECK(check_folder(request));
    const ThreadSetting threads(request.num_threads > 0
                                    ? request.num_threads
                                    : std::min(default_num_threads(), kMostThreadsByDefault));
    const GuardedWork work{"training", {}, "use fewer tokens a step or a smaller model"};
    return guarded(work, [&]() -> Result<TrainReport> {
        HEADLIGHT_TRY(const std::unique_ptr<TrainingRun> run, TrainingRun::start(request, callback, job));
        if (job.should_stop())
            return fail(ErrorKind::Cancelled, "training was stopped before its first step");
        return Loop(*run, request, callback, job).go();
    });
}

}  // namespace headlight
