#include "session/session.h"

#include <algorithm>

#include "base/parallel.h"
#include "session/session_impl.h"

namespace headlight {
namespace {

constexpr int kNumPoolThreads = 2;
constexpr int kMostAnalysisThreads = 4;

int analysis_threads(int wanted) {
    return wanted > 0 ? wanted : std::min(kMostAnalysisThreads, default_num_threads());
}

}  // namespace

Session::Impl::Impl(SessionOptions session_options)
    : options(std::move(session_options)),
      num_analysis_threads(analysis_threads(options.num_threads)),
      cache(options.cache_bytes),
      mailbox(options.wake),
      pool(kNumPoolThreads, mailbox),
      worker(mailbox) {
    if (!options.saves_settings && options.settings_path.empty()) return;
    // The one file that is read here: the window's size and theme are needed before there is anything to wait
    // for.
    const std::string path = options.settings_path.empty() ? default_settings_path() : options.settings_path;
    LoadedSettings loaded = load_settings(path);
    snapshot.settings = std::move(loaded.settings);
    snapshot.typed_text = snapshot.settings.last_text;
    history.reset(now());
    if (!loaded.warning.empty()) notify({Notice::Level::Warning, std::move(loaded.warning), {}, 0});
    if (!options.saves_settings) return;
    settings_writer = std::make_unique<SettingsWriter>(path, [this](const Error& error) {
        mailbox.post([this, error] { notify_error("The settings could not be saved", error); });
    });
}

bool Session::Impl::pump() {
    cache.next_frame();
    const auto messages = mailbox.take();
    for (const Mailbox::Message& message : messages) {
        message();
        drop_strangers();
    }
    const bool was_nudged = mailbox.take_nudge();
    refresh_job();
    return std::exchange(is_changed, false) || !messages.empty() || was_nudged;
}

void Session::Impl::refresh_job() {
    snapshot.job = worker.status();
    if (snapshot.job.state == JobStatus::State::Idle && failure) snapshot.job = *failure;
}

// Splits at the first line break: a toast shows the first line, the rest unfolds.
void Session::Impl::notify(Notice notice) {
    if (const auto line_end = notice.text.find('\n'); line_end != std::string::npos) {
        const std::string rest = notice.text.substr(line_end + 1);
        notice.details = notice.details.empty() ? rest : rest + "\n" + notice.details;
        notice.text.resize(line_end);
    }
    if (notice.id == 0) notice.id = next_id++;
    notices.push_back(std::move(notice));
    is_changed = true;
}

void Session::Impl::notify_error(const std::string& what, const Error& error) {
    notify({Notice::Level::Error, what + ": " + error.to_string(), {}, 0});
}

void Session::Impl::job_failed(const std::string& title, const Error& error) {
    failure = JobStatus{JobStatus::State::Failed, title, error.message.substr(0, error.message.find('\n')),
                        -1, false};
    notify_error(title, error);
}

void Session::Impl::settings_changed() {
    is_changed = true;
    if (settings_writer) settings_writer->schedule(snapshot.settings);
}

void Session::Impl::cancel() {
    const bool had_text = worker.has(JobKind::Text);
    worker.drop_all();
    pending_open = 0;
    cache.drop_others(DerivedKind::Predictions, 0);  // 0 is no text: all that wait are forgotten
    probe.control.reset();
    parity.control.reset();
    snapshot.is_probe_running = snapshot.is_parity_running = false;
    stop_sweep();
    if (snapshot.is_ablation_pending) ablation_failed("The changed run was stopped.");
    if (snapshot.model && !snapshot.text_problem && (snapshot.is_stale || had_text))
        set_problem({.reason = "The run of this text was cancelled.", .may_run_again = true});
    is_changed = true;
}

Session::Session(SessionOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Session::~Session() = default;

bool Session::pump() {
    return impl_->pump();
}
const Snapshot& Session::snapshot() const {
    return impl_->snapshot;
}
bool Session::is_busy() const {
    return impl_->is_busy();
}

std::string Session::busy_words() const {
    if (!impl_->is_busy()) return {};
    const JobStatus job = impl_->worker.status();
    if (job.state != JobStatus::State::Running) return "values that the views show";
    return job.stage.empty() ? job.title : fmt::format("{} ({})", job.title, job.stage);
}

bool Session::wait_until_idle_blocking(std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (true) {
        const std::uint64_t seen = impl_->mailbox.version();
        impl_->pump();
        if (!impl_->is_busy()) {
            impl_->refresh_job();
            return true;
        }
        if (std::chrono::steady_clock::now() >= deadline) return false;
        impl_->mailbox.wait_for_change(seen, deadline);
    }
}

void Session::cancel() {
    impl_->cancel();
}

void Session::update_settings(const std::function<void(Settings&)>& change) {
    Settings settings = impl_->snapshot.settings;
    change(settings);
    if (settings == impl_->snapshot.settings) return;
    impl_->snapshot.settings = std::move(settings);
    impl_->settings_changed();
}

std::vector<Notice> Session::take_notices() {
    return std::exchange(impl_->notices, {});
}

void Session::notify(Notice::Level level, std::string text, std::string details) {
    impl_->notify({level, std::move(text), std::move(details), 0});
}

}  // namespace headlight
