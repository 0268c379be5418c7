#include "core/cause/attribution.h"

namespace headlight {

std::string to_string(const Component& component) {
    const std::string layer = "L" + std::to_string(component.layer);
    switch (component.kind) {
        case Component::Kind::Embedding:
            return "embed";
        case Component::Kind::Position:
            return "pos";
        case Component::Kind::Head:
            return HeadId{component.layer, component.head}.to_string();
        case Component::Kind::CrossHead:
            return layer + "X" + std::to_string(component.head);
        case Component::Kind::AttentionBias:
            return "attn_bias." + layer;
        case Component::Kind::Mlp:
            return "mlp." + layer;
        case Component::Kind::NormBias:
            return "norm_bias." + layer +
                   (component.part == 0   ? ".attn"
                    : component.part == 1 ? ".mlp"
                                          : ".cross");
        case Component::Kind::FinalNormBias:
            return "final_norm_bias";
        case Component::Kind::UnembedBias:
            return "unembed_bias";
    }
    return "";
}

}  // namespace headlight
