#include "cli/train_presets.h"

#include <CLI/CLI.hpp>

namespace headlight {
namespace {

/// Sets fields whose option was not given.
class Preset {
  public:
    explicit Preset(const CLI::App& app) : app_(app) {}

    template <class Field, class Value>
    void set(const char* option, Field& field, const Value& value) const {
        if (app_.get_option(option)->count() == 0) field = value;
    }

  private:
    const CLI::App& app_;
};

void set_small_model(const Preset& preset, TrainRequest& r, int num_layers, int intermediate_size) {
    preset.set("--embedding-dimension", r.hidden_size, 128);
    preset.set("--number-of-layers", r.num_layers, num_layers);
    preset.set("--number-of-heads", r.num_heads, 4);
    preset.set("--intermediate-size", r.intermediate_size, intermediate_size);
}

}  // namespace

void apply_preset(const CLI::App& app, TrainRequest& r) {
    const Preset preset(app);
    if (r.task == "addition") {
        set_small_model(preset, r, 1, 512);
        preset.set("--steps", r.num_steps, 3000);
        preset.set("--learning-rate", r.learning_rate, 2e-3);
        preset.set("--weight-decay", r.weight_decay, 1.0);
        preset.set("--warmup-steps", r.warmup_steps, 10);
        preset.set("--clip-norm", r.clip_norm, 1e6);
        preset.set("--seed", r.seed, 0);
        preset.set("--save-dtype", r.save_dtype, "float32");
        preset.set("--observe-every", r.observe_every, 50);
        preset.set("--validate-every", r.validate_every, 500);
        preset.set("--checkpoint-every", r.checkpoint_every, 200);
    } else if (r.tokenizer == "characters") {
        set_small_model(preset, r, 2, 320);
        preset.set("--context-length", r.context_length, 128);
        preset.set("--steps", r.num_steps, 1000);
        preset.set("--repeat-share", r.repeat_share, 0.0);
        preset.set("--short-length", r.short_length, 0);
    }
}

}  // namespace headlight
