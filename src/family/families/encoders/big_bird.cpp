// BigBird: BERT whose attention is sparse over long texts; over those that are shorter than its blocks
// together it is whole, and only they are run. Zaheer et al. 2020.
#include <cmath>
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "big_bird", "BigBirdFor");
}

Architecture read_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 50358;
    defaults.max_positions = 4096;
    defaults.activation = "gelu_new";
    Architecture arch = read_bert_config(config, defaults);
    arch.has_qkv_bias = config.boolean_or({"use_bias"}, true);
    if (config.boolean_or({"rescale_embeddings"}, false)) arch.embedding_scale = std::sqrt(arch.hidden_size);
    arch.full_attention_tokens = read_sparse_blocks(config);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    return bert_file_weights(arch, kBertHead);
}
bool is_ignored(std::string_view name, const Architecture&) {
    return is_bert_extra(name) || is_head_copy(name, kBertHead);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bert_random_config(request, "big_bird");
}
void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kBertHead);
}

}  // namespace

extern const Family k_family_big_bird = {"big_bird",   "BigBird",  "bert.",       matches, read_config,
                                         file_weights, is_ignored, random_config, adapt};

}  // namespace headlight
