#include "run/watch/watch_loop.h"

#include <fmt/format.h>

#include <chrono>
#include <limits>
#include <thread>

#include "io/training/training_log.h"

namespace headlight {
namespace {

constexpr double kSettledAfter = 1;  // a file that changed later than this may still be growing
constexpr double kPatience =
    60;  // seconds without a change after which a checkpoint that does not open is given up
constexpr double kNap = 0.1;  // between questions whether to stop

/// "step 100", and the file where there are two of that step.
std::string label_of(const FoundCheckpoint& found) {
    return fmt::format("step {}{}", found.step, found.has_twin ? " (" + found.name + ")" : "");
}

}  // namespace

Status WatchLoop::write_row(const FoundCheckpoint& found,
                            std::map<std::string, std::optional<double>> values) {
    if (!log_) {
        TrainingLogStart start;
        start.keeps_up_to = std::numeric_limits<std::int64_t>::max();
        HEADLIGHT_TRY(log_, open_training_log(plan_.log_folder, start));
    }
    TrainingRow row;
    row.step = found.step;
    row.epoch = found.epoch;
    row.checkpoint = found.name;
    row.point = found.is_epoch ? "POST_EPOCH" : "SNAPSHOT";
    row.values = std::move(values);
    HEADLIGHT_CHECK(log_->append(row));
    return on_row_(label_of(found), row);
}

Result<WatchLoop::Outcome> WatchLoop::take(const FoundCheckpoint& found) {
    const double untouched = seconds_untouched(found.path);
    if (untouched < kSettledAfter) return Outcome::Waits;
    auto values = meter_.measure(found.path, job_);
    if (values) {
        if (!has_said_sample_) tell_("The sample is " + meter_.sample_text() + ".");
        has_said_sample_ = true;
        HEADLIGHT_CHECK(write_row(found, std::move(*values)));
        done_.emplace(found.step, found.name);
        ++num_measured_;
        return Outcome::Measured;
    }
    const Error& error = values.error();
    if (error.kind == ErrorKind::Cancelled || error.kind == ErrorKind::InvalidInput) return fail(error);
    const bool may_still_come = error.kind == ErrorKind::Missing || error.kind == ErrorKind::Corrupt;
    if (may_still_come && untouched < kPatience) return Outcome::Waits;
    if (given_up_.insert(found.path).second)
        tell_(fmt::format("{} cannot be measured and is left out: {}", label_of(found), error.to_string()));
    return Outcome::GivenUp;
}

bool WatchLoop::is_done(const FoundCheckpoint& found) const {
    return done_.contains({found.step, found.name}) || done_.contains({found.step, {}});
}

void WatchLoop::tell_left_out() {
    std::string names;
    for (const std::string& name : finder_.without_step()) {
        if (left_out_.insert(name).second) names += (names.empty() ? "" : ", ") + name;
    }
    if (names.empty()) return;
    tell_(
        "Left out, for neither the name (step=N, epoch=N, checkpoint-N) nor the file (global_step) says a "
        "step: " +
        names);
}

Result<bool> WatchLoop::look() {
    const std::vector<FoundCheckpoint> all = finder_.find();
    tell_left_out();
    for (const FoundCheckpoint& found : all) {
        if (job_.should_stop()) return true;
        if (is_done(found)) continue;
        // One that was given up and has been written again gets another chance.
        if (given_up_.count(found.path) > 0 && seconds_untouched(found.path) >= kPatience) continue;
        HEADLIGHT_TRY(const Outcome outcome, take(found));
        if (outcome == Outcome::Waits) return false;  // later steps wait, so that rows come in order
        if (outcome == Outcome::Measured) given_up_.erase(found.path);
    }
    return true;
}

void WatchLoop::wait() const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(plan_.seconds_between);
    while (!job_.should_stop() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::duration<double>(std::min(kNap, plan_.seconds_between)));
}

Status WatchLoop::go() {
    if (is_training_log(plan_.log_folder)) {
        HEADLIGHT_TRY(const TrainingLog log, read_training_log(plan_.log_folder));
        for (const TrainingRow& row : log.rows)
            done_.emplace(row.step, row.checkpoint);
    }
    while (!job_.should_stop()) {
        const Result<bool> is_all = look();
        if (!is_all && is_all.error().kind == ErrorKind::Cancelled) break;
        if (!is_all) return fail(is_all.error());
        if (*is_all && plan_.is_once) break;
        wait();
    }
    return {};
}

}  // namespace headlight
