// MPNet: BERT without token types whose scores get a learned bias by distance. Song et al. 2020.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr int kPad = 1;                           // of the positions, whatever pad_token_id says
constexpr int kBuckets = 32, kMaxDistance = 128;  // in use, whatever the config says of the table's rows
constexpr BertLayerNames kLayer = {"attention.attn.q", "attention.attn.k",    "attention.attn.v",
                                   "attention.attn.o", "attention.LayerNorm", "intermediate.dense",
                                   "output.dense",     "output.LayerNorm"};

bool matches(const nlohmann::json& config) {
    return config_says(config, "mpnet", "MPNet");
}

Architecture read_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 30527;
    defaults.num_types = 0;
    Architecture arch = read_bert_config(config, defaults);
    offset_positions(config, arch, kPad);
    arch.head_transform.activation = Activation::Gelu;  // whatever hidden_act says
    arch.score_bias = ScoreBias::Buckets;
    arch.num_buckets = kBuckets;
    arch.max_distance = kMaxDistance;
    arch.num_bucket_rows = config.integer_or({"relative_attention_num_buckets"}, 1, kMostVocab, kBuckets);
    if (arch.num_bucket_rows < kBuckets) {
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'relative_attention_num_buckets' is {}: MPNet reads {} of them",
                                     arch.num_bucket_rows, kBuckets));
    }
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    return bert_file_weights(arch, kRobertaHead, kLayer);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bert_random_config(request, "mpnet", 2);
}

}  // namespace

extern const Family k_family_mpnet = {"mpnet",          "MPNet",       "mpnet.",
                                      matches,          read_config,   file_weights,
                                      is_roberta_extra, random_config, adapt_roberta};

}  // namespace headlight
