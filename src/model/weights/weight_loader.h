// Brings a checkpoint's tensors under their canonical names and refuses, by name, whatever does not fit.
#pragma once

#include "base/progress.h"
#include "family/family.h"
#include "io/checkpoint/checkpoint.h"
#include "model/weights/weights.h"

namespace headlight {

/// What is made of matrices that are stored as float16 or bfloat16. LibTorch multiplies these types several
/// times slower than float32 on processors without instructions for them, so the passes themselves always run
/// in float32.
enum class WeightStorage {
    Widened,   // to float32, once
    AsStored,  // they stay in the mapping and are widened whenever a pass uses them: for models larger than
               // memory
};

/// AsStored when the widened matrices would take more than `available_bytes` of memory, else Widened.
WeightStorage choose_storage(const Checkpoint& checkpoint, std::uint64_t available_bytes);

struct LoadedWeights {
    Weights weights;    // float32, or as stored; those that are not widened lie in the checkpoint's mapping
    std::string dtype;  // as stored: "float32", "float16", "bfloat16", "mixed"
    std::int64_t num_parameters = 0;                       // values of the tensors that were used, each once
    std::vector<std::shared_ptr<const MappedFile>> files;  // that weights still lie in
};

/// Lets the family look at which tensors there are, for what its config leaves open.
void adapt_to_tensors(const Family& family, Architecture& arch, const Checkpoint& checkpoint);

/// float32 tensors are views of the mapping (copied only when misaligned), others are widened. The checkpoint
/// must outlive the weights. Errors: Missing and Corrupt (names, expected and found shapes), Unsupported
/// (element type), Cancelled.
Result<LoadedWeights> load_weights(const Family& family, const Architecture& arch,
                                   const Checkpoint& checkpoint, WeightStorage storage,
                                   const JobContext& job);

/// Shape of a tensor in a file of this family.
std::vector<std::int64_t> stored_shape(const FileWeight& entry, const std::vector<TensorSlot>& slots);

/// Names of weights that hold NaN or infinity, in the files' words; looks at every value.
std::vector<std::string> non_finite_weights(const Family& family, const Architecture& arch, Weights& weights);

}  // namespace headlight
