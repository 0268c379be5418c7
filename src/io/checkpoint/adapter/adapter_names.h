// What the tensors of a PEFT model are, by their names.
#pragma once

#include <string>

namespace headlight {

enum class AdapterPart {
    Plain,       // a weight or bias that takes the base's place
    LoraA,       // [r, in]
    LoraB,       // [out, r]
    LoraBBias,   // [out]
    EmbeddingA,  // [r, tokens]
    EmbeddingB,  // [width, r]
    Magnitude,   // [out], of DoRA
    TokenRows,   // [chosen tokens, width]: rows in place of those of the table
    Superseded,  // what a saved module has taken the place of
    Unknown,     // of an adapter, but no part that is merged
};

struct AdapterName {
    AdapterPart part = AdapterPart::Plain;
    std::string module;   // "model.layers.0.self_attn.q_proj"; of Plain the whole name, with .weight or .bias
    std::string adapter;  // "default", where the name tells
};

/// Reads names as adapter files have them ("base_model.model.M.lora_A.weight") and as state dicts of whole
/// PEFT models do ("base_model.model.M.base_layer.weight", "M.lora_A.default.weight",
/// "M.modules_to_save.default.weight").
AdapterName read_adapter_name(const std::string& name);

}  // namespace headlight
