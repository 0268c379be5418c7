// `headlight train`: a small Llama model from text files, with the recipe of the bundled demo, or a model of
// modular addition.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "core/train_request.h"

namespace headlight {

/// Trains as the request says and leaves a checkpoint folder in request.output_dir, and in its subfolder
/// `training` what `resume` needs: state.safetensors, tokens.safetensors, log.jsonl (one line per validation;
/// after a resume the later line of a step counts) and, with observe_every, the log of the attention observer
/// (io/training_log.h). With keeps_checkpoints each checkpoint stays in `checkpoints/step_N`, the untrained
/// weights as step_0; a new run in the folder removes those of the old one. The same request on the same
/// machine with the same threads gives the same weights, also when it was stopped and resumed in between.
/// `callback` is called after every step and may be empty. A stop request ends after a saved checkpoint;
/// before the first step it ends as Cancelled. Errors: InvalidInput (options, corpus, a state of another run,
/// an unfinished run in the folder without `resume`), Missing (a corpus file, or nothing to resume), Corrupt
/// (the state), Cancelled, Internal (loss no longer finite).
Result<TrainReport> train_model(const TrainRequest& request, const TrainCallback& callback,
                                const JobContext& job);

}  // namespace headlight
