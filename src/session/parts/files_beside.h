// Atlases and training logs, which are open beside the model.
#pragma once

#include <memory>
#include <string>

#include "session/parts/session_core.h"
#include "session/training_watch.h"

namespace headlight {

class Opening;

class FilesBeside final : public SessionPart {
  public:
    FilesBeside(SessionCore& core, Opening& opening) : core_(core), opening_(opening) {}

    void take_atlas(std::shared_ptr<const OpenedAtlas> atlas);
    void take_training(std::shared_ptr<const OpenedTraining> training);
    /// Others come: what is there is replaced, not closed.
    void make_way(bool for_atlas, bool for_training);
    /// Call when another model is open.
    void refresh_atlas_match();

    void drop_strangers() override;

  private:
    void close_atlas();
    void close_training();
    void take_training_change(const std::string& path, Result<TrainingLog> log);

    SessionCore& core_;
    Opening& opening_;
    std::unique_ptr<TrainingWatch> watch_;  // null until a training log is opened
};

}  // namespace headlight
