// The recipe that a task or a tokenizer stands for: values of the options that the user did not give.
#pragma once

#include "core/train_request.h"

namespace CLI {
class App;
}

namespace headlight {

/// Overwrites what was left at its default. Text in subword pieces: nothing changes. Characters: a smaller
/// model on text alone. Addition: one layer, AdamW with full decay, an epoch a step.
void apply_preset(const CLI::App& app, TrainRequest& request);

}  // namespace headlight
