// What can be open beside a model: an atlas of a scan, and the log of a training run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/atlas.h"
#include "core/model_spec.h"
#include "io/training/training_log.h"

namespace headlight {

/// An atlas that was read. Immutable.
struct OpenedAtlas {
    std::uint64_t id = 0;  // changes with every open
    std::string path;      // as the user gave it
    Atlas atlas;
};

/// A training log as it was when it was last read. Immutable; a newer one takes its place while the run goes
/// on.
struct OpenedTraining {
    std::uint64_t id = 0;  // changes with every reading
    std::string path;
    TrainingLog log;
    std::string error;  // the last reading failed; the rows are those of the one before
};

/// Why the atlas says nothing about this model's heads, as one sentence; empty when it does.
std::string atlas_mismatch(const Atlas& atlas, const ModelSpec* model);

}  // namespace headlight
