#include "core/cause/cell_factors.h"

namespace headlight {

const char* to_string(WeightsShown weights) {
    switch (weights) {
        case WeightsShown::Raw:
            return "raw";
        case WeightsShown::NoSink:
            return "no-sink";
        case WeightsShown::Value:
            return "value";
        case WeightsShown::Norm:
            return "norm";
        case WeightsShown::Effect:
            return "effect";
    }
    return "";
}

const char* label_of(WeightsShown weights) {
    switch (weights) {
        case WeightsShown::Raw:
            return "weights";
        case WeightsShown::NoSink:
            return "no sink";
        case WeightsShown::Value:
            return "× value";
        case WeightsShown::Norm:
            return "as written";
        case WeightsShown::Effect:
            return "effect";
    }
    return "";
}

std::optional<WeightsShown> weights_shown(std::string_view name) {
    for (const WeightsShown weights : kWeightsShown)
        if (name == to_string(weights)) return weights;
    return std::nullopt;
}

}  // namespace headlight
