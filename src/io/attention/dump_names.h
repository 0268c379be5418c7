// Names that programs give their attention: "attn.3", "layer_3", "decoder_attentions",
// "blocks.0.attn.hook_pattern".
#pragma once

#include <optional>
#include <string_view>

#include "core/attention_trace.h"

namespace headlight {

/// What a name says about an array of attention.
struct AttentionName {
    AttentionKind kind = AttentionKind::Self;
    int layer = -1;  // -1: all layers
    int head = -1;   // -1: all heads
};

/// Nothing for names of other things: every word of the name must be one that such names have, so that
/// weights
/// ("h.0.attn.c_attn.weight") are never taken for attention.
std::optional<AttentionName> parse_attention_name(std::string_view name);

}  // namespace headlight
