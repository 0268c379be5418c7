// What the encoders descended from BERT share: the keys of their configs and the shape of their weight
// tables.
#pragma once

#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "family/family.h"
#include "family/shared_config.h"
#include "family/weight_table.h"

namespace headlight {

/// What counts when a config leaves a key out.
struct BertDefaults {
    int vocab_size = 30522, hidden_size = 768, num_layers = 12, num_heads = 12, intermediate_size = 3072;
    int max_positions = 512;
    int num_types = 2;  // 0: the family has no token types
    double norm_eps = 1e-12;
    const char* activation = "gelu";
    const char* activation_key = "hidden_act";
    const char* intermediate_key = "intermediate_size";
    bool is_pre_norm = false;        // norms before each part and one after the last block
    bool has_rotary_choice = false;  // position_embedding_type may be "rotary", which the family reads itself
};

/// Sizes, layer norms after each sum, learned positions, biases everywhere, both directions, and a
/// masked-token head of dense layer, activation and norm that is tied to the table. A family changes
/// afterwards what is different in it. Refuses what BERT's code can but ours cannot: is_decoder,
/// cross-attention, relative position_embedding_type, pruned heads.
Architecture read_bert_config(ConfigReader& config, const BertDefaults& defaults = {});

/// Learned positions that begin after the row of the padding token (`pad`): the table's rows count from 0.
void offset_positions(ConfigReader& config, Architecture& arch, int pad);

/// Names of one block's parts, behind the block's own name, and of the norms around all blocks.
struct BertLayerNames {
    const char* query = "attention.self.query";
    const char* key = "attention.self.key";
    const char* value = "attention.self.value";
    const char* output = "attention.output.dense";
    const char* attention_norm = "attention.output.LayerNorm";
    const char* up = "intermediate.dense";
    const char* down = "output.dense";
    const char* mlp_norm = "output.LayerNorm";
    const char* final_norm = "encoder.LayerNorm";
    const char* embedding_norm = "embeddings.LayerNorm";
};

/// Names of the masked-token head; none carries the prefix.
struct BertHeadNames {
    const char* dense;
    const char* norm;
    const char*
        decoder;  // the module of the output matrix: ".weight" where it is not tied, ".bias" in some files
    const char* bias;  // the full name
};

inline constexpr BertHeadNames kBertHead = {"cls.predictions.transform.dense",
                                            "cls.predictions.transform.LayerNorm", "cls.predictions.decoder",
                                            "cls.predictions.bias"};
inline constexpr BertHeadNames kRobertaHead = {"lm_head.dense", "lm_head.layer_norm", "lm_head.decoder",
                                               "lm_head.bias"};

/// "embeddings." word_embeddings, position_embeddings, token_type_embeddings, task_type_embeddings and the
/// norm.
void add_bert_embeddings(WeightTable& table, const BertLayerNames& names = {});
/// One block; `file` stands before the names and ends in '.', so does `layer`, the slots' own.
void add_bert_layer(WeightTable& table, const std::string& file, const std::string& layer,
                    const BertLayerNames& names);
void add_bert_head(WeightTable& table, const BertHeadNames& names);
/// All three, with "encoder.layer.N." before each block.
std::vector<FileWeight> bert_file_weights(const Architecture& arch, const BertHeadNames& head,
                                          const BertLayerNames& names = {});

/// The head is there if any of its tensors is.
void adapt_bert_head(Architecture& arch, const HasTensor& has, const BertHeadNames& names);

/// Poolers, heads of other tasks and buffers of counted positions: nothing in them changes attention or our
/// logits.
bool is_bert_extra(std::string_view name);
/// The second spelling of a head's matrix and bias.
bool is_head_copy(std::string_view name, const BertHeadNames& names);

/// A config of random weights with this model type; `position_offset` rows stand before the first position.
nlohmann::json bert_random_config(const RandomModelRequest& request, const char* model_type,
                                  int position_offset = 0);

/// RoBERTa and XLM-RoBERTa, which differ in their tokenizers only, and their kin.
Architecture read_roberta_config(ConfigReader& config, const BertDefaults& defaults);
Architecture read_roberta_config(ConfigReader& config);
std::vector<FileWeight> roberta_file_weights(const Architecture& arch);
bool is_roberta_extra(std::string_view name, const Architecture& arch);
void adapt_roberta(Architecture& arch, const HasTensor& has);

}  // namespace headlight
