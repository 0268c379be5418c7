// What the names of a home-made transformer's tensors usually mean.
#pragma once

#include <string>
#include <string_view>

namespace headlight {

/// The name of a tensor that belongs to a layer, in parts: "blocks." "3" ".attn.W_q.weight".
struct LayerName {
    std::string before, rest;  // with the points around the number
    int layer = -1;            // -1: of no layer
};

/// Splits at the first part that is a number and follows a word for a list of blocks, else at the first
/// number.
LayerName split_layer(const std::string& name);

enum class Role {
    Unknown,
    Skip,  // masks and other tables that hold no weights
    Query,
    Key,
    Value,
    QueryKeyValue,
    Output,
    AttentionNorm,
    MlpNorm,
    Up,
    Gate,
    Down,
    TokenTable,
    PositionTable,
    FinalNorm,
    Head,
};

/// Role of a name within a layer ("attention.W_query.weight"), and of one outside the layers
/// ("token_embedding.weight").
Role role_in_layer(std::string_view rest);
Role role_outside(std::string_view name);

/// Names in files: "bias", "beta", "shift" end in a bias.
bool is_bias_name(std::string_view name);

/// Canonical slot of a role without the layer: "query", "attention_norm"; empty for Unknown and Skip.
const char* slot_name(Role role);

}  // namespace headlight
