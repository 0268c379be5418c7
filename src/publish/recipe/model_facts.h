// What a recipe says of a model: names and hashes that cost no reading of gigabytes.
#pragma once

#include "publish/recipe/recipe.h"
#include "run/model_info.h"

namespace headlight {

/// Of an opened model. Hashes of files that cannot be read are empty. Reads files.
RecipeModel model_facts(const ModelInfo& model, const std::string& config_path);

/// Of stored attention or a training log: its file.
RecipeModel file_facts(const std::string& name, const std::string& path);

}  // namespace headlight
