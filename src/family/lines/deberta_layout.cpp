#include "family/lines/deberta_layout.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace headlight {
namespace {

constexpr BertHeadNames kOlder = kBertHead;
constexpr BertHeadNames kNewer = {"lm_predictions.lm_head.dense", "lm_predictions.lm_head.LayerNorm",
                                  "lm_predictions.lm_head.decoder", "lm_predictions.lm_head.bias"};

void read_relative(ConfigReader& config, Architecture& arch) {
    for (const std::string& part : config.words({"pos_att_type"})) {
        if (part == "c2p") {
            arch.has_content_to_position = true;
        } else if (part == "p2c") {
            arch.has_position_to_content = true;
        } else {
            config.fail_with(ErrorKind::Unsupported,
                             fmt::format("'pos_att_type' names '{}' (known: c2p, p2c)", part.substr(0, 40)));
        }
    }
    // Parts of a score; the scale counts them, even where relative_attention is off.
    const int num_parts = 1 + (arch.has_content_to_position ? 1 : 0) + (arch.has_position_to_content ? 1 : 0);
    set_scale(arch, 1.0 / std::sqrt(static_cast<double>(arch.head_dim) * num_parts));
    const bool is_relative = config.boolean_or({"relative_attention"}, false);
    arch.max_distance = config.integer_or({"max_relative_positions"}, -1, kMostPositions, -1);
    if (arch.max_distance < 1) arch.max_distance = arch.max_positions;
    if (!is_relative || num_parts == 1) {
        arch.has_content_to_position = arch.has_position_to_content = false;
        return;
    }
    arch.score_bias = ScoreBias::Disentangled;
}

void refuse_widths(ConfigReader& config, const Architecture& arch) {
    const int embedding = config.integer_or({"embedding_size"}, 1, kMostHidden, arch.hidden_size);
    const int head_size = config.integer_or({"attention_head_size"}, 1, kMostHeadDim, arch.head_dim);
    if (embedding != arch.hidden_size) {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("'embedding_size' is {}: a DeBERTa whose table is not as wide as hidden_size ({}) "
                        "is not supported",
                        embedding, arch.hidden_size));
    }
    if (head_size != arch.head_dim) {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("'attention_head_size' is {}, expected hidden_size / num_attention_heads ({})",
                        head_size, arch.head_dim));
    }
}

}  // namespace

Architecture read_deberta_config(ConfigReader& config, const BertDefaults& defaults) {
    Architecture arch = read_bert_config(config, defaults);
    arch.num_token_types = config.integer_or({"type_vocab_size"}, 0, kMostVocab, 0);
    refuse_widths(config, arch);
    read_relative(config, arch);
    if (!config.boolean_or({"position_biased_input"}, true)) arch.position = PositionKind::None;
    arch.head_transform.is_newer = !config.boolean_or({"legacy"}, true);
    return arch;
}

const BertHeadNames& deberta_head(const Architecture& arch) {
    return arch.head_transform.is_newer ? kNewer : kOlder;
}

bool is_deberta_extra(std::string_view name, const Architecture& arch) {
    const bool is_relative = arch.score_bias == ScoreBias::Disentangled;
    if (!is_relative && name.starts_with("encoder.rel_embeddings.")) return true;
    if (!arch.has_relative_norm && name.starts_with("encoder.LayerNorm.")) return true;
    if (arch.position == PositionKind::None && name.starts_with("embeddings.position_embeddings."))
        return true;
    const std::string_view other = arch.head_transform.is_newer ? "cls.predictions." : "lm_predictions.";
    return is_bert_extra(name) || name.starts_with(other) || name.starts_with("mask_predictions.") ||
           is_head_copy(name, kOlder) || is_head_copy(name, kNewer);
}

void adapt_deberta(Architecture& arch, const HasTensor& has) {
    Architecture older = arch, newer = arch;
    adapt_bert_head(older, has, kOlder);
    adapt_bert_head(newer, has, kNewer);
    if (older.has_head != newer.has_head) arch.head_transform.is_newer = newer.has_head;
    arch.has_head = older.has_head || newer.has_head;
    if (arch.head_transform.is_newer) arch.is_head_tied = true;  // that head always reads the table
}

}  // namespace headlight
