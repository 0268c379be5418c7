// Atlases and training logs, which are open beside the model.
#include "session/session_impl.h"

namespace headlight {

void Session::Impl::take_atlas(std::shared_ptr<const OpenedAtlas> atlas) {
    snapshot.atlas = std::move(atlas);
    refresh_atlas_match();
}

void Session::Impl::refresh_atlas_match() {
    snapshot.atlas_mismatch.clear();
    if (snapshot.atlas) {
        snapshot.atlas_mismatch =
            atlas_mismatch(snapshot.atlas->atlas, snapshot.model ? &snapshot.model->spec : nullptr);
    }
    is_changed = true;
}

void Session::Impl::take_training(std::shared_ptr<const OpenedTraining> training) {
    snapshot.training = std::move(training);
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
    if (log) next.log = std::move(*log);
    if (!log) next.error = log.error().message;
    snapshot.training = std::make_shared<const OpenedTraining>(std::move(next));
    is_changed = true;
}

}  // namespace headlight
