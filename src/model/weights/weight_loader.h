// Brings a checkpoint's tensors under their canonical names and refuses, by name, whatever does not fit.
#pragma once

#include "base/progress.h"
#include "family/family.h"
#include "io/checkpoint/checkpoint.h"
#include "model/weights/weights.h"

namespace headlight {

struct LoadedWeights {
    Weights weights;                  // matrices as stored, in the checkpoint's mapping; all else float32
    std::string dtype;                // as stored: "float32", "float16", "bfloat16", "mixed"
    std::int64_t num_parameters = 0;  // values of the tensors that were used, each once
    std::vector<std::shared_ptr<const MappedFile>> files;  // that weights still lie in
};

/// Nothing is widened but vectors and what no product can read as it is stored. The checkpoint must outlive
/// the weights. Errors: Missing and Corrupt (names, expected and found shapes), Unsupported (element type),
/// Cancelled.
Result<LoadedWeights> load_weights(const Family& family, const Architecture& arch,
                                   const Checkpoint& checkpoint, const JobContext& job);

/// Names of weights that hold NaN or infinity, in the files' words; looks at every value.
std::vector<std::string> non_finite_weights(const Family& family, const Architecture& arch, Weights& weights);

}  // namespace headlight
