// Atlases and training logs, which are open beside the model.
#include <algorithm>
#include <filesystem>
#include <iterator>

#include "io/checkpoint/model_files.h"
#include "io/identify_path.h"
#include "session/session_impl.h"

namespace headlight {
namespace {

/// Is the log at `path` that of the model there?
bool lies_with(const std::string& path, const std::string& model_path) {
    if (model_path.empty()) return false;
    const auto clean = [](const std::filesystem::path& given) {
        const auto normal = given.lexically_normal();
        return normal.has_filename() ? normal : normal.parent_path();  // a trailing slash
    };
    const auto model = clean(folder_of_path(model_path)), log = clean(folder_of_path(path));
    const bool is_inner =
        std::find(std::begin(kLogFolders), std::end(kLogFolders), log.filename()) != std::end(kLogFolders);
    return log == model || (is_inner && log.parent_path() == model);
}

}  // namespace

void Session::Impl::take_atlas(std::shared_ptr<const OpenedAtlas> atlas) {
    snapshot.atlas = std::move(atlas);
    snapshot.atlas_model_id = 0;
    refresh_atlas_match();
}

void Session::Impl::refresh_atlas_match() {
    snapshot.atlas_mismatch.clear();
    if (snapshot.atlas) {
        snapshot.atlas_mismatch =
            atlas_mismatch(snapshot.atlas->atlas, snapshot.model ? &snapshot.model->spec : nullptr);
        if (snapshot.atlas_mismatch.empty()) snapshot.atlas_model_id = snapshot.model->id;
    }
    is_changed = true;
}

void Session::Impl::close_atlas() {
    notify({Notice::Level::Info, "Closed the atlas of " + snapshot.atlas->atlas.model, {}, 0});
    snapshot.atlas.reset();
    snapshot.atlas_model_id = 0;
    refresh_atlas_match();
}

void Session::Impl::close_training() {
    notify({Notice::Level::Info, "Closed the training log of " + snapshot.training->log.title, {}, 0});
    snapshot.training.reset();
    snapshot.training_model_id = 0;
    training_watch->follow({});
    is_changed = true;
}

void Session::Impl::take_training(std::shared_ptr<const OpenedTraining> training) {
    snapshot.training = std::move(training);
    const bool is_of_model = snapshot.model && lies_with(snapshot.training->path, model_path);
    snapshot.training_model_id = is_of_model ? snapshot.model->id : 0;
    is_changed = true;
    if (!training_watch) {
        training_watch =
            std::make_unique<TrainingWatch>([this](const std::string& path, Result<TrainingLog> log) {
                mailbox.post([this, path, log = std::move(log)] { take_training_change(path, log); });
            });
    }
    training_watch->follow(snapshot.training->path);
}

void Session::Impl::take_training_change(const std::string& path, Result<TrainingLog> log) {
    if (!snapshot.training || snapshot.training->path != path) return;  // another run was opened meanwhile
    OpenedTraining next = *snapshot.training;
    next.id = next_id++;
    next.error.clear();
    if (log) {
        log->title = next.log.title;
        next.log = std::move(*log);
    }
    if (!log) next.error = log.error().message;
    snapshot.training = std::make_shared<const OpenedTraining>(std::move(next));
    is_changed = true;
}

}  // namespace headlight
