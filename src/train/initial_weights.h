// Starting weights of the recipe, by the names of the checkpoint.
#pragma once

#include <cstdint>
#include <vector>

#include "core/train_request.h"
#include "family/architecture.h"
#include "train/adamw.h"

namespace headlight {

/// Every weight of the Llama model that the request describes, with zero moments, decay and rate factor set.
/// Matrices N(0, 0.06), those that write into the residual stream divided by sqrt(2 layers); gains 1;
/// embedding N(0, 0.2) plus one vector N(0, 0.2) shared by all rows, of opposite sign in the row of BOS. The
/// shared vector acts as the bias that the model lacks; its sign makes BOS easy to find. The same seed gives
/// the same weights. A character model, as it was tried, gives BOS no sign of its own and its tables the
/// common rate.
std::vector<Parameter> make_initial_weights(const TrainRequest& request, int vocab_size, std::int32_t bos_id);

/// Weights for modular addition, named by slot: matrices N(0, 1 / fan-in); embedding, positions and output
/// N(0, 1 / d); biases 0. All decay, the biases too.
std::vector<Parameter> make_addition_weights(const TrainRequest& request, const Architecture& arch);

}  // namespace headlight
