// Opening models and stored traces: what is asked of the worker, and what is done with what it brings.
#include "session/parts/opening.h"

#include <algorithm>
#include <filesystem>

#include "run/text_tokens.h"
#include "session/parts/ablation.h"
#include "session/parts/choice.h"
#include "session/parts/files_beside.h"
#include "session/parts/text_runs.h"
#include "session/saved/notes_state.h"
#include "session/saved/saved_state.h"

namespace headlight {
namespace {

std::string absolute_path(const std::string& path) {
    std::error_code code;
    if (!std::filesystem::exists(path, code)) return path;  // a name in the cache stays a name
    const auto absolute = std::filesystem::absolute(path, code);
    return code ? path : absolute.lexically_normal().string();
}

bool have_same_heads(const ModelSpec& a, const ModelSpec& b) {
    return a.num_layers == b.num_layers && a.num_heads == b.num_heads && a.has_decoder == b.has_decoder &&
           a.num_decoder_layers == b.num_decoder_layers && a.num_decoder_heads == b.num_decoder_heads;
}

/// For open_source() on the worker, which asks when it needs the engine: it is started once.
EngineProvider engine_provider(SessionCore& core, const JobContext& job) {
    return [&core, &job]() -> Result<Engine*> {
        Engine*& engine = core.on_worker.engine;
        if (engine != nullptr) return engine;
        if (!core.options.engine)
            return fail(ErrorKind::Unsupported, "this session has no engine to run models with");
        job.report({"starting the engine", -1, {}});
        HEADLIGHT_TRY(engine, core.options.engine());
        engine->set_num_threads(core.options.num_threads);
        return engine;
    };
}

/// Weights that are larger than memory run, at a price; files may hold more than the model.
void tell_of_weights(SessionCore& core, const Opened& opened) {
    const auto* model = std::get_if<LiveModel>(&opened.source);
    if (model == nullptr) return;
    std::string notes;
    for (const std::string& note : model->notes)
        notes += (notes.empty() ? "" : "\n") + note;
    if (!notes.empty())
        core.notify({Notice::Level::Info, "The files hold more than the model", std::move(notes), 0});
    if (!model->memory_warning.empty())
        core.notify({Notice::Level::Warning, "The weights are larger than memory", model->memory_warning, 0});
}

/// The worker runs texts with this from now on. False: it is no model.
bool keep_live(WorkerState& on_worker, const Opened& opened) {
    const auto* model = std::get_if<LiveModel>(&opened.source);
    if (model == nullptr && !std::holds_alternative<StoredTrace>(opened.source)) return false;
    on_worker.ablation.reset();
    on_worker.causal.reset();
    on_worker.patching.reset();
    on_worker.live = model != nullptr ? *model : LiveModel{std::get<StoredTrace>(opened.source).info};
    return true;
}

}  // namespace

// Nullopt: an atlas, a log or a question leave the open model where it is.
std::optional<Opening::NewModel> Opening::new_model_of(const Opened& opened) {
    if (const auto* live = std::get_if<LiveModel>(&opened.source)) {
        const std::string warning =
            live->tokenizer_error ? live->tokenizer_error->to_string() : std::string();
        return NewModel{live->info, live->runner, {}, opened.path, warning};
    }
    if (const auto* trace = std::get_if<StoredTrace>(&opened.source))
        return NewModel{trace->info, nullptr, trace->text, trace->model_path, trace->warning};
    return std::nullopt;
}

void Opening::open(OpenRequest request, bool is_user_choice) {
    request.model_id = core_.new_id();
    request.text_id = core_.new_text_id();
    request.num_threads = core_.num_analysis_threads;
    const std::string device = request.choices.device;
    request.device = device.empty() ? core_.snapshot.settings.device : device;
    request.session = core_.snapshot.part<SavedState>().waiting;
    request.notes_folder = core_.options.autosave_folder;
    core_.snapshot.open_error.reset();
    core_.snapshot.open_question.reset();
    text_.begin_open();
    const MemoryFile* const sent = request.choices.sent.get();
    const std::string title = "Opening " + (sent ? sent->name() : name_of_path(request.path));
    const std::string asked = absolute_path(request.path);
    const bool is_kept = is_user_choice && sent == nullptr;
    submit(request, title, [this, title, asked, is_kept, device](Result<Opened> result) {
        // Kept once a model runs there: a machine without a GPU goes on opening models on the processor.
        if (result && !device.empty()) keep_device(device);
        take_opened(std::move(result), title, asked, is_kept);
    });
}

void Opening::run_text_again() {
    const Snapshot& now = core_.snapshot;
    if (now.model && now.model->is_live && now.base_text && !now.text_problem)
        text_.change({now.typed_text, now.typed_decoder_text, now.written_text});
}

void Opening::make_live() {
    live_error_.reset();
    request_live();
}

// Not on_model(): it makes the model. A stopped job posts nothing: either a newer open took its place, or
// cancel() has cleared pending_.
void Opening::submit(const OpenRequest& request, std::string title,
                     std::function<void(Result<Opened>)> take) {
    core_.failure.reset();
    core_.is_changed = true;
    const std::uint64_t serial = pending_ = core_.new_id();
    SessionCore* core = &core_;
    core_.worker.submit(
        {JobKind::Open, std::move(title), [this, core, request, serial, take](const JobContext& job) {
             auto opened = guarded([&] { return open_source(engine_provider(*core, job), request, job); });
             if (job.should_stop()) return JobOutcome::Done;
             if (opened && keep_live(core->on_worker, *opened) && core->when_opened)
                 core->when_opened(opened->path);
             core->mailbox.post([this, serial, take, opened = std::move(opened)] {
                 if (serial == pending_) pending_ = 0;
                 take(opened);
             });
             return JobOutcome::Done;
         }});
    core_.refresh_job();
}

bool Opening::request_live() {
    const auto& model = core_.snapshot.model;
    if (!model || model_path_.empty() || live_error_) return false;
    if (model->is_live || is_pending()) return true;
    OpenRequest request;
    request.path = model_path_;
    request.model_id = model->id;
    request.device = core_.snapshot.settings.device;
    const std::string title = "Loading " + model->spec.name;
    submit(request, title, [this, title](Result<Opened> result) { take_live(std::move(result), title); });
    return true;
}

std::optional<Error> Opening::why_not_live() const {
    const auto& model = core_.snapshot.model;
    if (!model) return make_error(ErrorKind::Missing, "no model is open");
    if (model->is_live || is_pending()) return std::nullopt;
    return make_error(ErrorKind::Missing, "only a stored trace is shown; this needs the model to be loaded");
}

bool Opening::bring_model(const std::string& what) {
    const auto& model = core_.snapshot.model;
    if (model && !model->is_live) request_live();
    const auto error = why_not_live();
    if (error) core_.notify_error(what, *error);
    return !error;
}

std::optional<Error> Opening::why_no_text_runs() const {
    const ModelInfo* model = core_.snapshot.model.get();
    if (!model || model->is_live || !model_path_.empty() || is_pending()) return std::nullopt;
    return make_error(ErrorKind::Unsupported, "stored attention cannot run a text; open its model ({})",
                      model->spec.name);
}

/// All of the session but its model; that is asked for.
void Opening::take_left_session(const LeftSession& left, const std::string& path, const std::string& title) {
    const std::string where = left.session->path.empty() ? std::string() : " (" + left.session->path + ")";
    const std::string name = left.session->model_name.empty() ? "The model" : left.session->model_name;
    SavedState state = core_.snapshot.part<SavedState>();
    state.waiting = left.session;
    state.waiting_path = path;
    core_.snapshot.parts.put(std::move(state));
    core_.job_failed(title, left.why);
    Notice& notice = core_.notices.back();
    notice.text = fmt::format("{}{} is not to be opened; all else of the session is kept", name, where);
    notice.details =
        "Open the model where it lies now, and the session comes back with it.\n" + left.why.to_string();
    core_.snapshot.open_error = notice;
}

/// No model came: a text typed meanwhile was meant for it, and a stored trace is not loaded for the text yet.
void Opening::run_waiting_text() {
    const Snapshot& snapshot = core_.snapshot;
    if (snapshot.model && !snapshot.model->is_live && snapshot.is_stale) text_.request();
}

/// As this window left them, which may be newer than what lies on the disk.
NotesPtr Opening::notes_on_model(const NotesPtr& read) const {
    const std::string& folder = core_.options.autosave_folder;
    if (folder.empty()) return read;
    const auto& kept = core_.snapshot.part<SavedState>().kept_notes;
    const auto found = kept.find(notes_path(folder, core_.snapshot.model->spec));
    return found == kept.end() ? read : found->second;
}

void Opening::take_opened(Result<Opened> result, const std::string& title, const std::string& asked,
                          bool is_user_choice) {
    Snapshot& snapshot = core_.snapshot;
    if (!result) {
        core_.job_failed(title, result.error());
        snapshot.open_error = core_.notices.back();
        return run_waiting_text();
    }
    if (auto* question = std::get_if<OpenQuestion>(&result->source)) {
        snapshot.open_question = std::move(*question);
        core_.is_changed = true;
        return run_waiting_text();
    }
    if (const auto* left = std::get_if<LeftSession>(&result->source)) {
        if (is_user_choice) add_recent(asked);
        take_left_session(*left, asked, title);
        return run_waiting_text();
    }
    if (is_user_choice) add_recent(asked);
    const auto atlas = result->atlas;
    const auto training = result->training;
    const std::string beside_warning = result->beside_warning;
    auto model = new_model_of(*result);
    const std::string warning = model ? model->warning : std::string();
    files_.make_way(atlas != nullptr, training != nullptr);
    if (result->session)
        core_.opened_session = OpenedSession{
            result->session, result->session_path.empty() ? snapshot.part<SavedState>().waiting_path : asked,
            result->left_out};
    const bool model_came = model.has_value();
    if (model_came) {
        take_new_model(std::move(*model));
        tell_of_weights(core_, *result);
        core_.snapshot.parts.put(NotesState{notes_on_model(result->notes), snapshot.model->id, {}, 0});
        choice_.reset_history();
    }
    if (atlas) files_.take_atlas(atlas);
    if (training) files_.take_training(training);
    if (!model_came) run_waiting_text();
    if (!beside_warning.empty())
        core_.notify(
            {Notice::Level::Warning, "What lies beside the model could not be read", beside_warning, 0});
    if (!warning.empty()) {
        const bool has_file_only = !snapshot.model->is_live && model_path_.empty();
        core_.notify({Notice::Level::Warning,
                      has_file_only ? "About this file" : "No tokenizer: texts are given as token ids",
                      warning, 0});
    }
}

void Opening::take_new_model(NewModel opened) {
    core_.snapshot.model = std::move(opened.info);
    dispose(std::exchange(runner_, std::move(opened.runner)));
    model_path_ = std::move(opened.model_path);
    live_error_.reset();
    text_.expect_new();
    files_.refresh_atlas_match();
    core_.drop_strangers();
    text_.begin_model(std::move(opened.text));
    choice_.reset_history();
}

void Opening::take_live(Result<Opened> result, const std::string& title) {
    if (result && !std::holds_alternative<LiveModel>(result->source))
        result = fail(ErrorKind::Unsupported, "{} holds no model that could be loaded", model_path_);
    Snapshot& snapshot = core_.snapshot;
    if (!result) {
        live_error_ = result.error();
        core_.job_failed(title, result.error());
        if (snapshot.is_stale) text_.request();
        return;
    }
    const auto& loaded = std::get<LiveModel>(result->source);
    if (!snapshot.model || loaded.info->id != snapshot.model->id) return;  // another one was opened meanwhile
    const bool has_other_heads = !have_same_heads(snapshot.model->spec, loaded.info->spec);
    snapshot.model = loaded.info;
    runner_ = loaded.runner;
    tell_of_weights(core_, *result);
    files_.refresh_atlas_match();
    if (has_other_heads) {
        core_.notify(Notice::Level::Warning,
                     "The stored attention is not of this model: it has other layers or heads");
        choice_.forget();
        text_.expect_new();
        text_.forget();
        return text_.request();
    }
    choice_.refresh();
    if (snapshot.is_stale) return text_.request();
    ablation_.request();
}

// Lets go of something big on the pool: unmapping a checkpoint may take a while.
void Opening::dispose(std::shared_ptr<const void> value) {
    if (!value) return;
    core_.pool.submit(std::make_shared<JobControl>(), [value = std::move(value)](const JobContext&) {});
}

void Opening::add_recent(const std::string& path) {
    auto& recent = core_.snapshot.settings.recent;
    std::erase(recent, path);
    recent.insert(recent.begin(), path);
    if (recent.size() > kMostRecentPaths) recent.resize(kMostRecentPaths);
    core_.settings_changed();
}

void Opening::keep_device(const std::string& device) {
    core_.snapshot.settings.device = device;
    core_.settings_changed();
}

// On the model worker: it reads the file, and the next text is its tokens'.
void Opening::use_tokenizer(const std::string& file) {
    const std::string what = "The tokenizer could not be changed";
    const auto& model = core_.snapshot.model;
    if (!model || is_pending())
        return core_.notify_error(what, make_error(ErrorKind::Missing, "no model is open yet"));
    if (!model->is_live && !request_live()) return core_.notify_error(what, *why_not_live());
    if (!model->is_live) {
        return core_.notify_error(
            what, make_error(ErrorKind::Missing, "the model is being loaded; choose again then"));
    }
    core_.failure.reset();
    const std::uint64_t serial = pending_ = core_.new_id(), tokenizer_id = core_.new_id();
    using Info = std::shared_ptr<const ModelInfo>;
    core_.on_model(
        JobKind::Open, "Reading the tokenizer", model->id,
        [file, tokenizer_id](WorkerState& on_worker, const JobContext& job) -> Result<Info> {
            HEADLIGHT_TRY(TokenizerPtr tokenizer, open_tokenizer(file));
            if (job.should_stop()) return fail(ErrorKind::Cancelled, "nobody waits for this tokenizer");
            auto next = std::make_shared<ModelInfo>(*on_worker.live.info);
            next->tokenizer_id = tokenizer_id;
            next->tokenizer_note = tokenizer->source();
            next->tokenizer_file = file;
            next->has_chat_template = has_chat_template(*tokenizer);
            next->tokenizer = std::move(tokenizer);
            on_worker.live.info = std::move(next);
            return on_worker.live.info;
        },
        [this, serial](Result<Info> info) { take_tokenizer(serial, std::move(info)); });
    core_.refresh_job();
}

// On the model worker, which reads texts by it.
void Opening::set_runs_beyond(bool runs_beyond) {
    const auto& model = core_.snapshot.model;
    if (!model || !model->is_live) {
        return core_.notify_error("The text was not run",
                                  make_error(ErrorKind::Missing, "it needs a model that runs"));
    }
    using Info = std::shared_ptr<const ModelInfo>;
    core_.on_model(
        JobKind::Open, "Running the text", model->id,
        [runs_beyond](WorkerState& on_worker, const JobContext&) -> Result<Info> {
            auto next = std::make_shared<ModelInfo>(*on_worker.live.info);
            next->runs_beyond = runs_beyond;
            on_worker.live.info = std::move(next);
            return on_worker.live.info;
        },
        [this](Result<Info> info) {
            Snapshot& now = core_.snapshot;
            if (!info || (*info)->tokenizer_id != now.model->tokenizer_id) return;
            now.model = std::move(*info);
            text_.change({now.typed_text, now.typed_decoder_text, now.written_text});
        });
    core_.refresh_job();
}

void Opening::take_tokenizer(std::uint64_t serial, Result<std::shared_ptr<const ModelInfo>> result) {
    const bool is_awaited = serial == pending_;
    if (is_awaited) pending_ = 0;
    if (!result) {
        if (is_awaited && result.error().kind != ErrorKind::Cancelled)
            core_.job_failed("The tokenizer could not be changed", result.error());
        return;
    }
    // Also when somebody cancelled meanwhile: the worker reads with it already.
    core_.snapshot.model = std::move(*result);
    text_.expect_new();  // the same text, other tokens
    core_.drop_strangers();
    text_.request();
}

}  // namespace headlight
