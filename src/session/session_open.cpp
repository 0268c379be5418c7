// Opening models and stored traces.
#include <algorithm>
#include <filesystem>

#include "session/session_impl.h"

namespace headlight {
namespace {

constexpr std::size_t kMostRecent = 10;

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

/// What takes the place of the open model; nullopt: an atlas, a log or a question leave it.
std::optional<NewModel> new_model_of(const Opened& opened) {
    if (const auto* live = std::get_if<LiveModel>(&opened.source)) {
        const std::string warning =
            live->tokenizer_error ? live->tokenizer_error->to_string() : std::string();
        return NewModel{live->info, live->runner, {}, opened.path, warning};
    }
    if (const auto* trace = std::get_if<StoredTrace>(&opened.source))
        return NewModel{trace->info, nullptr, trace->text, trace->model_path, trace->warning};
    return std::nullopt;
}

}  // namespace

void Session::open(const std::string& path, const OpenChoices& choices) {
    OpenRequest request;
    request.path = path;
    request.choices = choices;
    impl_->open(std::move(request), true);
}

void Session::drop_open_question() {
    impl_->snapshot.open_question.reset();
    impl_->is_changed = true;
}

void Session::open_stored_trace(const std::string& trace_path, const std::string& model_path) {
    OpenRequest request;
    request.path = trace_path;
    request.model_path = model_path;
    request.is_dump = true;
    impl_->open(std::move(request), false);
}

void Session::make_live() {
    impl_->live_error.reset();
    impl_->request_live();
}

void Session::Impl::open(OpenRequest request, bool is_user_choice) {
    request.model_id = next_id++;
    request.text_id = new_text_id();
    request.num_threads = num_analysis_threads;
    snapshot.open_error.reset();
    snapshot.open_question.reset();
    has_typed_for_open = false;
    const std::string title = "Opening " + name_of_path(request.path);
    const std::string recent_path = is_user_choice ? absolute_path(request.path) : std::string();
    submit_open(request, title, [this, title, recent_path](Result<Opened> result) {
        take_opened(std::move(result), title, recent_path);
    });
}

// A stopped job posts nothing: either a newer open took its place, or cancel() has cleared pending_open.
void Session::Impl::submit_open(const OpenRequest& request, std::string title,
                                std::function<void(Result<Opened>)> take) {
    failure.reset();
    is_changed = true;
    const std::uint64_t serial = pending_open = next_id++;
    worker.submit({JobKind::Open, std::move(title), [this, request, serial, take](const JobContext& job) {
                       auto opened = guarded([&] { return open_source(engine_provider(job), request, job); });
                       if (job.should_stop()) return JobOutcome::Done;
                       if (opened) keep_live(*opened);
                       mailbox.post([this, serial, take, opened = std::move(opened)] {
                           if (serial == pending_open) pending_open = 0;
                           take(opened);
                       });
                       return JobOutcome::Done;
                   }});
    refresh_job();
}

// Called by open_source on the worker, when it needs the engine.
EngineProvider Session::Impl::engine_provider(const JobContext& job) {
    return [this, &job]() -> Result<Engine*> {
        if (engine != nullptr) return engine;
        if (!options.engine)
            return fail(ErrorKind::Unsupported, "this session has no engine to run models with");
        job.report({"starting the engine", -1, {}});
        HEADLIGHT_TRY(engine, options.engine());
        engine->set_num_threads(options.num_threads);
        return engine;
    };
}

// The model that the worker runs texts with from now on.
void Session::Impl::keep_live(const Opened& opened) {
    const auto* model = std::get_if<LiveModel>(&opened.source);
    if (model == nullptr && !std::holds_alternative<StoredTrace>(opened.source)) return;
    live_ablation.reset();
    live = model != nullptr ? *model : LiveModel{std::get<StoredTrace>(opened.source).info};
}

// Loads the model of the stored trace that is shown. False when that is impossible or failed before.
bool Session::Impl::request_live() {
    if (!snapshot.model || model_path.empty() || live_error) return false;
    if (snapshot.model->is_live || pending_open != 0) return true;
    OpenRequest request;
    request.path = model_path;
    request.model_id = snapshot.model->id;
    const std::string title = "Loading " + snapshot.model->spec.name;
    submit_open(request, title,
                [this, title](Result<Opened> result) { take_live(std::move(result), title); });
    return true;
}

void Session::Impl::take_opened(Result<Opened> result, const std::string& title,
                                const std::string& recent_path) {
    if (!result) {
        job_failed(title, result.error());
        snapshot.open_error = notices.back();
        // A text typed meanwhile was meant for the new model, and a stored trace is not loaded for it yet.
        if (snapshot.model && !snapshot.model->is_live && snapshot.is_stale) request_text();
        return;
    }
    if (auto* question = std::get_if<OpenQuestion>(&result->source)) {
        snapshot.open_question = std::move(*question);
        is_changed = true;
        return;
    }
    if (!recent_path.empty()) add_recent(recent_path);
    const auto atlas = result->atlas;
    const auto training = result->training;
    const std::string beside_warning = result->beside_warning;
    auto model = new_model_of(*result);
    const std::string warning = model ? model->warning : std::string();
    if (training) snapshot.training.reset(), snapshot.training_model_id = 0;  // replaced, not closed
    if (atlas) snapshot.atlas.reset(), snapshot.atlas_model_id = 0;
    if (model) take_new_model(std::move(*model));
    if (atlas) take_atlas(atlas);
    if (training) take_training(training);
    if (!beside_warning.empty())
        notify({Notice::Level::Warning, "What lies beside the model could not be read", beside_warning, 0});
    if (!warning.empty()) {
        const bool has_file_only = !snapshot.model->is_live && model_path.empty();
        notify({Notice::Level::Warning,
                has_file_only ? "About this file" : "No tokenizer: texts are given as token ids", warning,
                0});
    }
}

void Session::Impl::take_live(Result<Opened> result, const std::string& title) {
    if (result && !std::holds_alternative<LiveModel>(result->source))
        result = fail(ErrorKind::Unsupported, "{} holds no model that could be loaded", model_path);
    if (!result) {
        live_error = result.error();
        job_failed(title, result.error());
        if (snapshot.is_stale) request_text();
        return;
    }
    const auto& loaded = std::get<LiveModel>(result->source);
    if (!snapshot.model || loaded.info->id != snapshot.model->id) return;  // another one was opened meanwhile
    const bool has_other_heads = !have_same_heads(snapshot.model->spec, loaded.info->spec);
    snapshot.model = loaded.info;
    runner = loaded.runner;
    refresh_atlas_match();
    if (has_other_heads) {
        notify({Notice::Level::Warning,
                "The stored attention is not of this model: it has other layers or heads",
                {},
                0});
        wanted_text_id = new_text_id();
        forget_choices(snapshot.model->id);
        forget_text();
        return request_text();
    }
    refresh_selection();
    if (snapshot.is_stale) return request_text();
    request_ablation();
}

// Lets go of something big on the pool: unmapping a checkpoint may take a while.
void Session::Impl::dispose(std::shared_ptr<const void> value) {
    if (value) pool.submit(std::make_shared<JobControl>(), [value = std::move(value)](const JobContext&) {});
}

void Session::Impl::take_new_model(NewModel opened) {
    snapshot.model = std::move(opened.info);
    dispose(std::exchange(runner, std::move(opened.runner)));
    model_path = std::move(opened.model_path);
    live_error.reset();
    worker.drop(JobKind::Text);
    wanted_text_id = new_text_id();
    refresh_atlas_match();
    drop_strangers();
    if (!opened.text.empty()) {
        show_stored(std::move(opened.text));
    } else {
        request_text(is_box_own ? std::nullopt : own_texts);
    }
    history.reset(now());
}

void Session::Impl::add_recent(const std::string& path) {
    auto& recent = snapshot.settings.recent;
    std::erase(recent, path);
    recent.insert(recent.begin(), path);
    if (recent.size() > kMostRecent) recent.resize(kMostRecent);
    settings_changed();
}

}  // namespace headlight
