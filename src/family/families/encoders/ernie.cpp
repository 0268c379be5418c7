// ERNIE 1 to 3: BERT, with a row for the kind of task where use_task_id says so. Sun et al. 2019, 2020.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "ernie", "ErnieFor");
}

/// Without task_type_ids every token is of the first task.
Architecture read_config(ConfigReader& config) {
    Architecture arch = read_bert_config(config);
    const int num_tasks = config.integer_or({"task_type_vocab_size"}, 1, kMostVocab, 3);
    if (config.boolean_or({"use_task_id"}, false)) arch.num_task_types = num_tasks;
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    return bert_file_weights(arch, kBertHead);
}
bool is_ignored(std::string_view name, const Architecture& arch) {
    if (arch.num_task_types == 0 && name == "embeddings.task_type_embeddings.weight") return true;
    return is_bert_extra(name) || is_head_copy(name, kBertHead);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bert_random_config(request, "ernie");
}
void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kBertHead);
}

}  // namespace

extern const Family k_family_ernie = {"ernie",      "ERNIE",    "ernie.",      matches, read_config,
                                      file_weights, is_ignored, random_config, adapt};

}  // namespace headlight
