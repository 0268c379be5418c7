// What encoder-decoders share: the stacks of BART's line, and how a config and a file say which parts there
// are.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "family/family.h"
#include "family/shared_config.h"
#include "family/weight_table.h"

namespace headlight {

/// Where BART, mBART, Marian, Pegasus and their kin differ.
struct BartStyle {
    bool is_pre_norm = false;  // norms before each part and one after the last block
    bool has_embedding_norm = false;
    bool is_sinusoidal = false;        // else learned, two rows further on
    bool may_have_two_tables = false;  // share_encoder_decoder_embeddings, decoder_vocab_size (Marian)
    int default_start = -1;            // decoder_start_token_id where the config has none
    bool is_fairseq = false;           // sinusoids of M2M-100, which count no padding
    int position_offset = 2;           // rows of the learned tables before position 0
    bool decoder_norms_before_positions = false;  // its embedding norm leaves positions out
    bool scales_embedding = false;                // where the config does not say
    const char* activation = "gelu";
    int vocab_size = 50265, hidden_size = 1024, max_positions = 1024;
    int encoder_layers = 12, decoder_layers = 12, num_heads = 16, intermediate_size = 4096;
    const char* encoder_positions = "max_position_embeddings";
    const char* decoder_positions = "max_position_embeddings";
    int decoder_max_positions = 0;  // 0: as the encoder's, where the config does not say
};

/// Names of the encoder's attention, behind that of the block.
struct BartAttentionNames {
    const char *query = "self_attn.q_proj", *key = "self_attn.k_proj", *value = "self_attn.v_proj",
               *output = "self_attn.out_proj";
};

/// Refuses configs of the decoder alone. Does the config's class predict tokens? Yes if it names none.
bool predicts_tokens(ConfigReader& config);

/// In which order the tables of a line stand for one another.
enum class TableOrder { Bart, T5 };

/// The three tables of an encoder-decoder, each under its own name or, where the file has none, under that of
/// the shared one.
void add_seq2seq_tables(WeightTable& table, const Architecture& arch, TableOrder order);
/// Which of them are one, by what the file holds: copies of a table are one, tables with other values are all
/// used, whatever the config ties. An output matrix that the config ties and the file lacks is the shared
/// table.
void adapt_seq2seq_tables(Architecture& decoder, const HasTensor& has, TableOrder order);

/// The encoder, with the decoder in Architecture::decoder. Keys of BartConfig and its kin.
Architecture read_bart_config(ConfigReader& config, const BartStyle& style);
std::vector<FileWeight> bart_file_weights(const Architecture& arch);
std::vector<FileWeight> bart_file_weights(const Architecture& arch, const BartAttentionNames& encoder);
bool is_bart_extra(std::string_view name, const Architecture& arch);
/// The output's bias is there or not; untied tables may be two.
void adapt_bart(Architecture& arch, const HasTensor& has);
nlohmann::json bart_random_config(const RandomModelRequest& request, const char* model_type);

/// T5, mT5 and their kin. `scales_output`: T5 multiplies what leaves a tied decoder by d_model^-0.5, mT5 does
/// not.
struct T5Style {
    bool scales_output = true;
    const char* feed_forward = "relu";
    int vocab_size = 32128, intermediate_size = 2048, num_layers = 6, num_heads = 8;
    bool has_buckets_per_layer = false;  // umT5
};
Architecture read_t5_config(ConfigReader& config, const T5Style& style);
std::vector<FileWeight> t5_file_weights(const Architecture& arch);
/// The same with another name for the attention of the encoder's blocks.
std::vector<FileWeight> t5_file_weights(const Architecture& arch, const char* encoder_attention);
bool is_t5_extra(std::string_view name, const Architecture& arch);
/// Is there a decoder, and has it an output matrix of its own?
void adapt_t5(Architecture& arch, const HasTensor& has);
nlohmann::json t5_random_config(const RandomModelRequest& request, const char* model_type);

}  // namespace headlight
