// What the files of a model's folder are, by their names.
#pragma once

#include <string>
#include <string_view>

namespace headlight {

/// The folder itself, or the one that a file lies in; "." for a bare name.
std::string folder_of_path(const std::string& path);

/// By its name: what a trainer leaves beside the weights (optimizer.pt, scheduler.pt, rng_state_0.pth ...),
/// no model.
bool is_training_leftover(std::string_view name);

/// By its name: weights, an index or settings, beside which tokenizer files may lie. Not .gguf, which holds
/// its own.
bool is_model_file(const std::string& path);

/// The folder where its weights, its index or its settings were named: "model/config.json" and
/// "model/model-00001-of-00002.safetensors" mean what "model" means, and so does the only .gguf file of a
/// folder. Any other path as it is: one of several files, or one that the folder would not be opened by.
std::string whole_model(const std::string& path);

}  // namespace headlight
