// The state behind Session. Members belong to the session's thread unless a comment says otherwise.
#pragma once

#include <type_traits>
#include <utility>

#include "base/guard.h"
#include "run/changed_text.h"
#include "run/fitting_text.h"
#include "run/live_model.h"
#include "run/probe_run.h"
#include "session/derived_cache.h"
#include "session/history.h"
#include "session/job_pool.h"
#include "session/mailbox.h"
#include "session/model_worker.h"
#include "session/session.h"
#include "session/settings_file.h"
#include "session/training_watch.h"

namespace headlight {

/// Calls `work`, which gives a Result, and turns exceptions of libraries into errors: none may leave a
/// worker.
template <class Work>
std::invoke_result_t<Work> guarded(const Work& work) {
    return translate_exceptions({"this", {}, "try a shorter text or a smaller model"}, work);
}

/// What takes the place of the open model.
struct NewModel {
    std::shared_ptr<const ModelInfo> info;
    std::shared_ptr<ModelRunner> runner;  // null: a stored trace
    TextKinds text;                       // of a stored trace
    std::string model_path;               // where the model lies; empty: it cannot be loaded
    std::string warning;                  // something the user should know; empty if nothing
};

/// What the text boxes hold.
struct TypedTexts {
    std::string text, decoder_text;
    bool operator==(const TypedTexts&) const = default;
};

/// What the model worker is asked to run.
struct TextWish {
    std::uint64_t text_id = 0, model_id = 0;
    TypedTexts texts;
    std::optional<TypedTexts> first;  // run in their place if the model takes them
    std::string path;                 // of the model: a text may lie there
    bool wants_fitting = false;       // look for a text that fits if these do not
};

struct TextOutcome {
    Result<TextKinds> result;
    std::optional<TypedTexts> texts;  // TextWish::first, if that was run
    bool may_run_again = false;       // the texts are not what the run failed at
    std::optional<FittingText> fitting;
};

/// What a sweep takes along from one interruption to the next. Belongs to the model worker.
struct SweepJob {
    JobControlPtr control;
    InterventionMode mode = InterventionMode::ZeroOutput;
    std::vector<HeadId> left;  // heads that are not done yet
};

struct Session::Impl {
    explicit Impl(SessionOptions session_options);

    // session.cpp
    bool pump();
    bool is_busy() const { return worker.is_busy() || pool.is_busy() || !mailbox.empty(); }
    void cancel();
    void notify(Notice notice);
    void notify_error(const std::string& what, const Error& error);
    void job_failed(const std::string& title, const Error& error);
    void refresh_job();
    void settings_changed();

    // session_open.cpp
    void open(OpenRequest request, bool is_user_choice);
    bool request_live();
    void submit_open(const OpenRequest& request, std::string title, std::function<void(Result<Opened>)> take);
    void dispose(std::shared_ptr<const void> value);
    EngineProvider engine_provider(const JobContext& job);
    void keep_live(const Opened& opened);
    void take_opened(Result<Opened> result, const std::string& title, const std::string& recent_path);
    void take_live(Result<Opened> result, const std::string& title);
    void take_new_model(NewModel opened);
    void add_recent(const std::string& path);

    // session_tokenizer.cpp
    void use_tokenizer(const std::string& file);
    void take_tokenizer(std::uint64_t serial, Result<std::shared_ptr<const ModelInfo>> result);

    // session_parity.cpp
    void start_parity(const std::string& reference_file);
    JobOutcome parity_on_worker(const std::string& reference_file, const JobControlPtr& control,
                                std::uint64_t model_id, const JobContext& job);
    void take_parity(const JobControlPtr& control, Result<ParityReport> result);
    void forget_parity();

    // session_files.cpp
    void take_atlas(std::shared_ptr<const OpenedAtlas> atlas);
    void take_training(std::shared_ptr<const OpenedTraining> training);
    void close_atlas();
    void close_training();
    void take_training_change(const std::string& path, Result<TrainingLog> log);
    void refresh_atlas_match();

    // session_run.cpp
    void put_in_box(TypedTexts texts);
    void change_texts(TypedTexts texts);
    void show_stored(TextKinds kinds);
    void request_text(const std::optional<TypedTexts>& first = std::nullopt);
    JobOutcome text_on_worker(const TextWish& wish, const JobContext& job);
    void take_text(std::uint64_t text_id, TextOutcome outcome);
    void text_failed(const Error& error, const TextOutcome& outcome);
    void set_problem(TextProblem problem);
    void refresh_stale();
    std::optional<Error> why_no_text_runs() const;

    // session_belonging.cpp
    void drop_strangers();
    void forget_choices(std::uint64_t model_id);
    void forget_text();

    // session_text.cpp
    void show_text(TextKinds kinds);
    bool use_kind(AttentionKind kind);
    void change_selection(Selection selection);
    void refresh_selection();
    void restore(const HistoryState* state);
    HistoryState now() const {
        return {snapshot.typed_text, wanted_selection, snapshot.interventions, snapshot.typed_decoder_text};
    }
    void record() { history.record(now()); }
    /// Ids of a text and of its kinds.
    std::uint64_t new_text_id() { return std::exchange(next_id, next_id + kMostKinds); }
    std::optional<Error> why_one_text_only(const char* what) const;

    // session_ablation.cpp
    void change_interventions(Interventions next);
    void use_interventions(InterventionsPtr next);
    void forget_ablation();
    void request_ablation();
    JobOutcome ablate_on_worker(const std::shared_ptr<const AnalyzedText>& text,
                                const InterventionsPtr& interventions, std::uint64_t serial,
                                const JobContext& job);
    void take_ablation(std::uint64_t serial, Result<std::shared_ptr<const AblationResult>> result);
    void ablation_failed(std::string sentence);
    void refresh_shown();

    // session_sweep.cpp
    void start_sweep(InterventionMode mode);
    JobOutcome sweep_on_worker(SweepJob& sweep, const std::shared_ptr<const AnalyzedText>& text,
                               const JobContext& job);
    void change_sweep(const JobControlPtr& control, const std::function<void(SweepState&)>& change);
    void stop_sweep();
    void forget_sweep();

    // session_derived.cpp
    using Compute = std::function<Result<DerivedValue>(const JobContext&)>;
    template <class T>
    Derived<T> ask(const DerivedKey& key, const Compute& compute);
    void take_derived(const DerivedKey& key, Result<DerivedValue> result);
    void ask_model(const DerivedKey& key, std::string title, std::uint64_t model_id, const Compute& compute);
    const std::shared_ptr<const AnalyzedText>& text_of(TextVersion version) const {
        return version == TextVersion::Before ? snapshot.base_text : snapshot.text;
    }
    Result<std::shared_ptr<const Matrix>> value_norms();
    std::optional<Error> why_not_live() const;
    std::optional<Error> why_no_predictions(const AnalyzedText& text) const;
    void start_probe(const ProbeSettings& settings);
    JobOutcome probe_on_worker(ProbeRun& run, const JobControlPtr& control, std::uint64_t model_id,
                               const JobContext& job);
    void take_probe(const JobControlPtr& control, Result<ProbeResult> result);
    void forget_probe();

    struct ProbeState {
        JobControlPtr control;  // of the probe that runs; null: none
        std::shared_ptr<const ProbeResult> value;
        std::optional<Error> error;
        std::uint64_t model_id = 0, tokenizer_id = 0;  // that it is of; 0: nothing was probed
    };

    struct ParityState {
        JobControlPtr control;  // of the comparison that runs; null: none
        std::shared_ptr<const ParityReport> value;
        std::optional<Error> error;
        std::uint64_t model_id = 0;  // that it is of; 0: nothing was compared
    };

    SessionOptions options;
    int num_analysis_threads = 1;
    Snapshot snapshot;
    Selection wanted_selection;  // as the user chose it; snapshot.selection is this inside the text's sizes
    std::uint64_t next_id = 1;   // of models, texts, notices
    std::uint64_t wanted_text_id = 0;                    // run id of the request for snapshot.typed_text
    AttentionKind wanted_kind = AttentionKind::Encoder;  // where there are several
    std::uint64_t chosen_model_id = 0;  // that selection, replaced attention and undo steps are of
    TypedTexts placed_texts;            // that a file or a sample put into the box last
    bool has_typed_for_open = false;  // the box holds a text that was typed while something was being opened
    bool is_box_own = true;           // the box holds what the user typed
    std::optional<TypedTexts> own_texts;  // what the user typed, while the box holds something else
    std::string model_path;               // from which snapshot.model can be made live; empty: it cannot
    std::shared_ptr<ModelRunner> runner;  // of snapshot.model; here only for head_weights()
    std::uint64_t pending_open = 0;       // the open or load whose result has not arrived; 0: none
    std::optional<Error> live_error;   // the model of a stored trace: it is not tried again at each key press
    bool is_changed = false;           // since the last pump()
    std::optional<JobStatus> failure;  // of the last job, until the next one starts
    std::vector<Notice> notices;
    History history;
    DerivedCache cache;
    ProbeState probe;
    ParityState parity;
    std::uint64_t wanted_ablation = 0;  // serial of the changed run that is waited for; 0: none
    JobControlPtr sweep_control;        // of the sweep that runs; null: none

    LiveModel live;              // model worker's thread only
    LiveAblation live_ablation;  // model worker's thread only; dies before `live`
    Engine* engine = nullptr;    // model worker's thread only

    Mailbox mailbox;
    std::unique_ptr<TrainingWatch> training_watch;    // null until a training log is opened
    std::unique_ptr<SettingsWriter> settings_writer;  // null: settings are not kept
    JobPool pool;
    ModelWorker worker;  // with pool the last members: joined before what their jobs use dies
};

}  // namespace headlight
