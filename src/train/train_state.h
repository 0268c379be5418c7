// Everything that a run needs to go on as if it had never stopped, in one file.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "train/adamw.h"
#include "train/random.h"

namespace headlight {

struct TrainState {
    int step = 0;  // steps done
    double smoothed_loss = 0;
    double seconds = 0;       // spent in steps, over all sittings
    Random::State sampler{};  // of the batch sampler, before the next batch
    std::string run;          // describe_run() of the request
    std::string corpus;       // fingerprint of text and vocabulary
};

/// Writes weights and moments (float32) and `state` as safetensors, atomically.
Status save_train_state(const std::string& path, const TrainState& state,
                        std::span<const Parameter> parameters);

/// Reads them back into `parameters`, whose names and shapes must be those of the file, and checks that the
/// file belongs to the run and corpus given in `expected`. On error nothing in `parameters` was changed.
/// Errors: Missing, Corrupt, InvalidInput (another run's state, naming the option that differs).
Result<TrainState> load_train_state(const std::string& path, const TrainState& expected,
                                    std::span<Parameter> parameters);

}  // namespace headlight
