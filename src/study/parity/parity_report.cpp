// Verdict and largest differences of a comparison.
#include "study/parity/parity_report.h"

#include <fmt/format.h>

#include <algorithm>

namespace headlight {
namespace {

const StateParity* first_departing_state(const ParityReport& report) {
    const auto found = std::find_if(report.hidden.begin(), report.hidden.end(),
                                    [](const StateParity& state) { return state.departs; });
    return found == report.hidden.end() ? nullptr : &*found;
}

bool logits_depart(const ParityReport& report) {
    return report.logits_max_relative && !(*report.logits_max_relative <= report.options.relative_tolerance);
}

std::string layer_name(AttentionKind kind, int layer) {
    return kind == AttentionKind::Self ? fmt::format("layer {}", layer)
                                       : fmt::format("layer {} ({} attention)", layer, kind_name(kind));
}

}  // namespace

double ParityReport::max_difference() const {
    double worst = 0;
    for (const LayerParity& layer : layers)
        worst = std::max(worst, layer.max_difference);
    return worst;
}

std::optional<double> ParityReport::hidden_max_relative() const {
    std::optional<double> worst;
    for (const StateParity& state : hidden)
        worst = std::max(worst.value_or(0), state.max_relative);
    return worst;
}

bool ParityReport::departs() const {
    return first_departing || first_departing_state(*this) != nullptr || logits_depart(*this);
}

std::string ParityReport::verdict() const {
    if (first_departing) {
        const LayerParity& layer = layers[*first_departing];
        return fmt::format(
            "departs first at {}: attention differs by up to {:.1e} (head {}, query {}, key {})",
            layer_name(layer.kind, layer.layer), layer.max_difference, layer.head, layer.query, layer.key);
    }
    if (const StateParity* state = first_departing_state(*this)) {
        return fmt::format(
            "departs: the attention agrees, but hidden state {}{} differs by up to {:.1e} of its size",
            state->state, state->kind == AttentionKind::Decoder ? " of the decoder" : "",
            state->max_relative);
    }
    if (logits_depart(*this)) {
        return fmt::format(
            "departs: attention and hidden states agree, but the logits differ by up to {:.1e} of "
            "their size",
            *logits_max_relative);
    }
    return fmt::format("agrees: attention of all {} layers within {:.1e} of the reference", layers.size(),
                       max_difference());
}

}  // namespace headlight
