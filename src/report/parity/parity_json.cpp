// Every layer of a comparison as JSON.
#include "report/parity/parity_json.h"

#include <cmath>

namespace headlight {
namespace {

/// Infinity (a weight that is no number) has no JSON form.
Json finite(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json texts_json(const ParityReport& report) {
    Json out = Json::array();
    for (const ParityText& text : report.texts) {
        Json one = {{"text", text.text < 0 ? Json(nullptr) : Json(text.text)}, {"tokens", text.ids.size()}};
        if (!text.decoder_ids.empty()) one["decoder_tokens"] = text.decoder_ids.size();
        out.push_back(std::move(one));
    }
    return out;
}

Json layer_json(const ParityReport& report, const LayerParity& layer) {
    const int text = report.texts[static_cast<std::size_t>(layer.text)].text;
    return {{"kind", kind_name(layer.kind)},
            {"layer", layer.layer},
            {"max", finite(layer.max_difference)},
            {"mean", finite(layer.mean_difference)},
            {"departs", layer.departs},
            {"text", text < 0 ? Json(nullptr) : Json(text)},
            {"head", layer.head},
            {"query", layer.query},
            {"key", layer.key}};
}

}  // namespace

Json parity_json(const ParityReport& report) {
    Json out = {{"model", report.model},
                {"family", report.family},
                {"reference", report.reference_file},
                {"texts", texts_json(report)}};
    Json layers = Json::array(), hidden = Json::array();
    for (const LayerParity& layer : report.layers)
        layers.push_back(layer_json(report, layer));
    for (const StateParity& state : report.hidden) {
        hidden.push_back({{"kind", kind_name(state.kind)},
                          {"state", state.state},
                          {"max_relative", finite(state.max_relative)},
                          {"departs", state.departs}});
    }
    const LayerParity* first = report.first_departing ? &report.layers[*report.first_departing] : nullptr;
    out["layers"] = std::move(layers);
    out["first_departing_layer"] = first != nullptr ? Json(first->layer) : Json(nullptr);
    out["first_departing_kind"] = first != nullptr ? Json(kind_name(first->kind)) : Json(nullptr);
    out["max"] = finite(report.max_difference());
    out["hidden"] = std::move(hidden);
    const auto hidden_worst = report.hidden_max_relative();
    out["hidden_max_relative"] = hidden_worst ? finite(*hidden_worst) : Json(nullptr);
    out["logits_max_relative"] =
        report.logits_max_relative ? finite(*report.logits_max_relative) : Json(nullptr);
    out["has_guessed_segments"] = report.has_guessed_segments;
    out["absent_layers"] = report.absent_layers;
    out["tolerance"] = report.options.tolerance;
    out["relative_tolerance"] = report.options.relative_tolerance;
    out["agrees"] = !report.departs();
    out["verdict"] = report.verdict();
    return out;
}

}  // namespace headlight
