// A model in memory: what it is, its weights, and the checkpoint whose mapping they may lie in.
#pragma once

#include <span>

#include "base/progress.h"
#include "base/result.h"
#include "core/head_weights.h"
#include "core/matrix.h"
#include "core/model_spec.h"
#include "core/open_request.h"
#include "family/family.h"
#include "io/checkpoint/checkpoint.h"
#include "model/forward/guard.h"
#include "model/weights/weights.h"

namespace headlight {

struct LoadedModel {
    const Family* family = nullptr;
    Architecture arch;
    Weights weights;
    ModelSpec spec;
    CheckpointPtr checkpoint;                              // null for random weights
    std::vector<std::shared_ptr<const MappedFile>> files;  // of it, that weights still lie in
};

/// guarded() for work that reads the weights: what was computed while somebody wrote into one of their files,
/// or cut it off, is an error and no result.
template <class Body>
auto guarded_reading(const LoadedModel& model, const char* what, const Body& body) -> decltype(body()) {
    auto result = guarded(what, body);
    for (const auto& file : model.files)
        HEADLIGHT_CHECK(file->check_unchanged());
    return result;
}

Result<LoadedModel> load_model(const OpenModelRequest& request, const JobContext& job);
Result<LoadedModel> make_random_model(const RandomModelRequest& request);

/// Architecture from the checkpoint's config alone, weights drawn with the config's initializer_range (0.02
/// without one).
Result<LoadedModel> make_random_copy(const OpenModelRequest& request, std::uint64_t seed);

/// Rows of the embedding table, [ids, hidden]. Errors: InvalidInput (ids outside the vocabulary).
Result<Matrix> token_embeddings_of(const LoadedModel& model, std::span<const std::int32_t> ids);

/// Weights of one head, as ModelRunner::head_weights says.
Result<HeadWeights> head_weights_of(const LoadedModel& model, int layer, int head);

}  // namespace headlight
