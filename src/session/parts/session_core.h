// What all parts of a session share: the snapshot, the workers and the way back from them, notices.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/guard.h"
#include "run/cause/causal_text.h"
#include "run/cause/live_patching.h"
#include "run/changed_text.h"
#include "run/live_model.h"
#include "run/saved/saved_session.h"
#include "session/job_pool.h"
#include "session/mailbox.h"
#include "session/model_worker.h"
#include "session/parts/session_part.h"
#include "session/session.h"
#include "session/settings_file.h"
#include "session/task.h"

namespace headlight {

/// Calls `work`, which gives a Result, and turns exceptions of libraries into errors: none may leave a
/// worker.
template <class Work>
std::invoke_result_t<Work> guarded(const Work& work) {
    return translate_exceptions({"this", {}, "try a shorter text or a smaller model"}, work);
}

/// What belongs to the model worker's thread.
struct WorkerState {
    LiveModel live;
    LiveAblation ablation;  // dies before `live`, as the next
    LiveCausal causal;
    LivePatching patching;
    Engine* engine = nullptr;
};

/// How many paths Settings::recent holds.
inline constexpr std::size_t kMostRecentPaths = 10;

/// A session file that was opened, its model too.
struct OpenedSession {
    SavedSessionPtr session;
    std::string path;                   // of the file
    std::vector<std::string> left_out;  // what of it the model does not have
};

/// Owned by the session before its parts, so that the workers are joined after the parts are gone: what runs
/// there must not touch a part. Members belong to the session's thread unless a comment says otherwise.
struct SessionCore {
    explicit SessionCore(SessionOptions session_options);

    /// The one way to work with the model that is open. Runs `work(WorkerState&, const JobContext&)`, which
    /// gives a Result, on the model worker, and hands the result to `take` on the session's thread, unless
    /// another model is open by then. Work that was interrupted for something more urgent is called again and
    /// goes on, or starts over. Exceptions become errors; so does a model that is not there (Cancelled).
    /// `work` may use what it captured by value and its arguments, nothing of a part.
    template <class Work, class Take>
    void on_model(JobKind kind, std::string title, std::uint64_t model_id, Work work, Take take);

    void notify(Notice notice);
    void notify(Notice::Level level, std::string text) { notify({level, std::move(text), {}, 0}); }
    void notify_error(const std::string& what, const Error& error);
    /// A job ended with an error: a notice, and the status line until the next job starts.
    void job_failed(const std::string& title, const Error& error);
    void refresh_job();
    void settings_changed();
    void drop_strangers();
    void cancel();

    std::uint64_t new_id() { return next_id++; }
    /// Ids of a text and of its kinds.
    std::uint64_t new_text_id() { return std::exchange(next_id, next_id + kMostKinds); }
    /// Model and tokenizer that are open; zeros: none.
    Belonging open_now() const;
    /// What is measured by runs of one text: nullopt where the model is of that kind.
    std::optional<Error> why_one_text_only(const char* what) const;
    bool is_busy() const { return worker.is_busy() || pool.is_busy() || !mailbox.empty(); }

    SessionOptions options;
    int num_analysis_threads = 1;
    Snapshot snapshot;
    bool is_changed = false;                      // since the last pump()
    std::optional<OpenedSession> opened_session;  // that pump() brings back; none: nothing of that kind came
    std::optional<JobStatus> failure;             // of the last job, until the next one starts
    std::vector<Notice> notices;
    /// Called on the model worker when a model was opened, before its first text is run. Set while the
    /// session is made.
    std::function<void(const std::string& model_path)> when_opened;
    std::vector<SessionPart*> parts;  // each before those that depend on it
    std::uint64_t next_id = 1;        // of models, texts, notices
    WorkerState on_worker;            // model worker's thread only
    Mailbox mailbox;
    std::unique_ptr<SettingsWriter> settings_writer;  // null: settings are not kept
    JobPool pool;
    ModelWorker worker;  // with pool the last members: joined before what their jobs use dies
};

template <class Work, class Take>
void SessionCore::on_model(JobKind kind, std::string title, std::uint64_t model_id, Work work, Take take) {
    using Outcome = std::invoke_result_t<const Work&, WorkerState&, const JobContext&>;
    const auto is_open = [model_id](const auto& info) { return info && info->id == model_id; };
    worker.submit({kind, std::move(title),
                   [this, is_open, work = std::move(work), take = std::move(take)](const JobContext& job) {
                       auto result = guarded([&]() -> Outcome {
                           if (!on_worker.live.runner || !is_open(on_worker.live.info))
                               return fail(ErrorKind::Cancelled, "the model of this work is not open");
                           return work(on_worker, job);
                       });
                       if (!result && job.should_stop()) return JobOutcome::Again;
                       mailbox.post([this, is_open, take, result = std::move(result)]() mutable {
                           if (is_open(snapshot.model)) take(std::move(result));
                       });
                       return JobOutcome::Done;
                   }});
}

}  // namespace headlight
