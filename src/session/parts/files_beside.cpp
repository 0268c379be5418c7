// Atlases and training logs: what is taken, followed and closed.
#include "session/parts/files_beside.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "io/checkpoint/model_files.h"
#include "io/identify_path.h"
#include "session/parts/opening.h"

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

void FilesBeside::take_atlas(std::shared_ptr<const OpenedAtlas> atlas) {
    Snapshot& snapshot = core_.snapshot;
    snapshot.atlas = std::move(atlas);
    snapshot.atlas_model_id = 0;
    refresh_atlas_match();
}

void FilesBeside::refresh_atlas_match() {
    Snapshot& snapshot = core_.snapshot;
    snapshot.atlas_mismatch.clear();
    if (snapshot.atlas) {
        snapshot.atlas_mismatch =
            atlas_mismatch(snapshot.atlas->atlas, snapshot.model ? &snapshot.model->spec : nullptr);
        if (snapshot.atlas_mismatch.empty()) snapshot.atlas_model_id = snapshot.model->id;
    }
    core_.is_changed = true;
}

void FilesBeside::close_atlas() {
    Snapshot& snapshot = core_.snapshot;
    core_.notify(Notice::Level::Info, "Closed the atlas of " + snapshot.atlas->atlas.model);
    snapshot.atlas.reset();
    snapshot.atlas_model_id = 0;
    refresh_atlas_match();
}

void FilesBeside::close_training() {
    Snapshot& snapshot = core_.snapshot;
    core_.notify(Notice::Level::Info, "Closed the training log of " + snapshot.training->log.title);
    snapshot.training.reset();
    snapshot.training_model_id = 0;
    watch_->follow({});
    core_.is_changed = true;
}

void FilesBeside::take_training(std::shared_ptr<const OpenedTraining> training) {
    Snapshot& snapshot = core_.snapshot;
    snapshot.training = std::move(training);
    const bool is_of_model = snapshot.model && lies_with(snapshot.training->path, opening_.model_path());
    snapshot.training_model_id = is_of_model ? snapshot.model->id : 0;
    core_.is_changed = true;
    if (!watch_) {
        watch_ = std::make_unique<TrainingWatch>([this](const std::string& path, Result<TrainingLog> log) {
            core_.mailbox.post([this, path, log = std::move(log)] { take_training_change(path, log); });
        });
    }
    watch_->follow(snapshot.training->path);
}

void FilesBeside::take_training_change(const std::string& path, Result<TrainingLog> log) {
    Snapshot& snapshot = core_.snapshot;
    if (!snapshot.training || snapshot.training->path != path) return;  // another run was opened meanwhile
    OpenedTraining next = *snapshot.training;
    next.id = core_.new_id();
    next.error.clear();
    if (log) {
        log->title = next.log.title;
        next.log = std::move(*log);
    }
    if (!log) next.error = log.error().message;
    snapshot.training = std::make_shared<const OpenedTraining>(std::move(next));
    core_.is_changed = true;
}

void FilesBeside::make_way(bool for_atlas, bool for_training) {
    Snapshot& snapshot = core_.snapshot;
    if (for_training) snapshot.training.reset(), snapshot.training_model_id = 0;
    if (for_atlas) snapshot.atlas.reset(), snapshot.atlas_model_id = 0;
}

void FilesBeside::drop_strangers() {
    const Snapshot& snapshot = core_.snapshot;
    const std::uint64_t model_id = core_.open_now().model_id;
    if (snapshot.atlas_model_id != 0 && snapshot.atlas_model_id != model_id) close_atlas();
    if (snapshot.training_model_id != 0 && snapshot.training_model_id != model_id) close_training();
}

}  // namespace headlight
