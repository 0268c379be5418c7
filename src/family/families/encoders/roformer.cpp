// RoFormer: BERT whose queries and keys rotate in place of position embeddings. Su et al. 2021.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr const char* kTable = "encoder.embed_positions.weight";

bool matches(const nlohmann::json& config) {
    return config_says(config, "roformer", "RoFormer");
}

Architecture read_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 50000;
    defaults.max_positions = 1536;
    Architecture arch = read_bert_config(config, defaults);
    arch.embedding_size = config.integer_or({"embedding_size"}, 1, kMostHidden, arch.hidden_size);
    arch.head_transform.size = arch.embedding_size;
    arch.position = PositionKind::Rotary;
    arch.rope.pairing = RopePairing::Neighbours;
    arch.rope.rotary_dim = arch.head_dim;
    if (arch.head_dim % 2 != 0) {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("heads of width {} cannot rotate: hidden_size / num_attention_heads must be even",
                        arch.head_dim));
    }
    if (config.boolean_or({"rotary_value"}, false)) {
        config.fail_with(ErrorKind::Unsupported,
                         "'rotary_value' is true: values that rotate with their position are not supported");
    }
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    std::vector<FileWeight> list = bert_file_weights(arch, kBertHead);
    if (arch.stored_rotation == StoredRotation::Table) list.push_back({kTable, {"rotary_table"}});
    return list;
}
bool is_ignored(std::string_view name, const Architecture&) {
    return is_bert_extra(name) || is_head_copy(name, kBertHead);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bert_random_config(request, "roformer");
}

/// Files hold the sines and cosines, and the reference library reads them from there.
void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kBertHead);
    if (has(kTable)) arch.stored_rotation = StoredRotation::Table;
}

}  // namespace

extern const Family k_family_roformer = {"roformer",   "RoFormer", "roformer.",   matches, read_config,
                                         file_weights, is_ignored, random_config, adapt};

}  // namespace headlight
