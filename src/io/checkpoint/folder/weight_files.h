// Which files of a folder weights may be read from, by their names alone.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

namespace headlight {

/// Regular files of a folder with one of these endings, sorted; without hidden ones (what macOS leaves as
/// "._model.safetensors"), and without what a trainer leaves beside the weights.
std::vector<std::string> weight_files_in(const std::string& folder,
                                         const std::vector<std::string>& endings = {
                                             ".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".gguf"});

/// Files under the names that the reference gives weights and their indices, the one that it takes first.
std::vector<std::string> usual_weight_files(const std::string& folder);

/// The folder that a model is opened from where `folder` holds none itself and something in it says where:
/// modules.json of a sentence encoder, `latest` of DeepSpeed, refs of a model in the Hugging Face cache.
/// `folder` where nothing does.
std::string model_folder_in(const std::string& folder);

}  // namespace headlight
