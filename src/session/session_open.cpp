// Opening models and stored traces.
#include <algorithm>
#include <filesystem>

#include "io/attention/attention_dump.h"
#include "io/checkpoint/model_path.h"
#include "io/torch/torch_file.h"
#include "session/model_folder.h"
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

Opened ask_about_code(const std::string& path) {
    Opened out;
    out.question = OpenQuestion{OpenQuestion::Kind::RunsCode,
                                path,
                                fmt::format("{} is a TorchScript program, not only weights. To take its "
                                            "weights out, code in the file is run on "
                                            "this machine with your rights. Open it only if you trust where "
                                            "it came from; the same weights as "
                                            "safetensors open without this.",
                                            name_of_path(path)),
                                {}};
    return out;
}

}  // namespace

void Session::open(const std::string& path, const OpenChoices& choices) {
    OpenRequest request;
    request.path = path;
    request.choices = choices;
    impl_->open(std::move(request), false, true);
}

void Session::drop_open_question() {
    impl_->snapshot.open_question.reset();
    impl_->is_changed = true;
}

void Session::open_stored_trace(const std::string& trace_path, const std::string& model_path) {
    OpenRequest request;
    request.path = trace_path;
    request.model_path = model_path;
    impl_->open(std::move(request), true, false);
}

void Session::make_live() {
    impl_->live_error.reset();
    impl_->request_live();
}

void Session::Impl::open(OpenRequest request, bool is_stored, bool is_user_choice) {
    request.model_id = next_id++;
    request.text_id = new_text_id();
    request.num_threads = num_analysis_threads;
    snapshot.open_error.reset();
    snapshot.open_question.reset();
    has_typed_for_open = false;
    const std::string title = "Opening " + name_of_path(request.path);
    const std::string recent_path = is_user_choice ? absolute_path(request.path) : std::string();
    submit_open(request, is_stored, title, [this, title, recent_path](Result<Opened> result) {
        take_opened(std::move(result), title, recent_path);
    });
}

// A stopped job posts nothing: either a newer open took its place, or cancel() has cleared pending_open.
void Session::Impl::submit_open(const OpenRequest& request, bool is_stored, std::string title,
                                std::function<void(Result<Opened>)> take) {
    failure.reset();
    is_changed = true;
    const std::uint64_t serial = pending_open = next_id++;
    worker.submit(
        {JobKind::Open, std::move(title), [this, request, is_stored, serial, take](const JobContext& job) {
             auto opened = guarded([&] { return open_on_worker(request, is_stored, job); });
             if (job.should_stop()) return JobOutcome::Done;
             if (opened && opened->info) {
                 live_ablation.reset();
                 live = {opened->info, opened->runner};
             }
             mailbox.post([this, serial, take, opened = std::move(opened)] {
                 if (serial == pending_open) pending_open = 0;
                 take(opened);
             });
             return JobOutcome::Done;
         }});
    refresh_job();
}

Result<Opened> Session::Impl::open_on_worker(const OpenRequest& asked, bool is_stored,
                                             const JobContext& job) {
    OpenRequest request = asked;
    // What is found nowhere is for the reader, which says where it looked.
    if (auto found = resolve_model_path(asked.path)) request.path = std::move(*found);
    if (!is_stored && !holds_model(request.path)) {
        Opened out;
        HEADLIGHT_CHECK(open_beside(request, asked.path, out, job));
        if (out.atlas || out.training) return out;
    }
    if (is_stored || looks_like_attention_dump(request.path))
        return headlight::open_stored_trace(request, job);
    if (!request.choices.trusts_torchscript && is_torchscript(request.path))
        return ask_about_code(request.path);
    if (engine == nullptr) {
        if (!options.engine)
            return fail(ErrorKind::Unsupported, "this session has no engine to run models with");
        job.report({"starting the engine", -1, {}});
        HEADLIGHT_TRY(engine, options.engine());
        engine->set_num_threads(options.num_threads);
    }
    HEADLIGHT_TRY(Opened out, open_live_model(*engine, request, job));
    if (const Status beside = open_beside(request, asked.path, out, job); !beside && !is_stored)
        out.beside_warning = beside.error().to_string();
    return out;
}

// Loads the model of the stored trace that is shown. False when that is impossible or failed before.
bool Session::Impl::request_live() {
    if (!snapshot.model || model_path.empty() || live_error) return false;
    if (snapshot.model->is_live || pending_open != 0) return true;
    OpenRequest request;
    request.path = model_path;
    request.model_id = snapshot.model->id;
    const std::string title = "Loading " + snapshot.model->spec.name;
    submit_open(request, false, title,
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
    if (result->question) {
        snapshot.open_question = std::move(result->question);
        is_changed = true;
        return;
    }
    if (!recent_path.empty()) add_recent(recent_path);
    const auto atlas = result->atlas;
    const auto training = result->training;
    const std::string warning = result->warning, beside_warning = result->beside_warning;
    if (training) snapshot.training.reset(), snapshot.training_model_id = 0;  // replaced, not closed
    if (atlas) snapshot.atlas.reset(), snapshot.atlas_model_id = 0;
    if (result->info) take_new_model(std::move(*result));
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
    if (result && !result->info)
        result = fail(ErrorKind::Unsupported, "{} holds no model that could be loaded", model_path);
    if (!result) {
        live_error = result.error();
        job_failed(title, result.error());
        if (snapshot.is_stale) request_text();
        return;
    }
    if (!snapshot.model || result->info->id != snapshot.model->id)
        return;  // another one was opened meanwhile
    const bool has_other_heads = !have_same_heads(snapshot.model->spec, result->info->spec);
    snapshot.model = std::move(result->info);
    runner = std::move(result->runner);
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

void Session::Impl::take_new_model(Opened opened) {
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
