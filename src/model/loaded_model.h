// A model in memory: what it is, its weights, and the checkpoint whose mapping they lie in.
#pragma once

#include "core/engine.h"
#include "io/checkpoint.h"
#include "model/family.h"
#include "model/weights.h"

namespace headlight {

struct LoadedModel {
    const Family* family = nullptr;
    Architecture arch;
    Weights weights;
    ModelSpec spec;
    CheckpointPtr checkpoint;  // null for random weights
};

Result<LoadedModel> load_model(const OpenModelRequest& request, const JobContext& job);
Result<LoadedModel> make_random_model(const RandomModelRequest& request);

/// Weights of one head, as ModelRunner::head_weights says.
Result<HeadWeights> head_weights_of(const LoadedModel& model, int layer, int head);

}  // namespace headlight
