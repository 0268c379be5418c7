// When in a training run a checkpoint was saved, whatever code saved it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headlight {

struct CheckpointStep {
    std::optional<std::int64_t> step;
    std::optional<std::int64_t> epoch;
};

/// A name that training code gives a checkpoint while it writes it ("tmp-checkpoint-100", ".x"), or that is
/// one part of several ("model-00001-of-00002").
bool is_unfinished_name(std::string_view name);

/// What the name of a file or folder says, the ending of a weights file aside. Steps stand after "step",
/// "global_step", "iter", "iteration", "update" ("step=120", "global_step1000", "iter_0000100", "step20k"),
/// else after "checkpoint", "ckpt", "model" and the like ("checkpoint-500"), else alone ("100"); epochs after
/// "epoch". fairseq's "checkpoint_2_500" is epoch 2, step 500. A number after any other word (a metric, a
/// version, a rank, a seed), a decimal, a date and what may be a hash are none. Nothing for unfinished names.
CheckpointStep step_of_name(std::string_view name);

/// What is written inside goes before the name: global_step, global_steps, step, iter_num, iteration and
/// epoch at the top of a file of torch.save (its weights are not read), in the metadata of a .safetensors
/// file, in a folder's trainer_state.json or in the weights file that it holds. What cannot be read says
/// nothing.
CheckpointStep read_checkpoint_step(const std::string& path);

}  // namespace headlight
