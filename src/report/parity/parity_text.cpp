// Attention, hidden states and logits against a reference, in tables.
#include "report/parity/parity_text.h"

#include <fmt/format.h>

namespace headlight {
namespace {

std::string lengths(const ParityReport& report) {
    std::string out;
    for (const ParityText& text : report.texts) {
        out += fmt::format("{}{}", out.empty() ? "" : ", ", text.ids.size());
        if (!text.decoder_ids.empty()) out += fmt::format(" -> {}", text.decoder_ids.size());
    }
    return out;
}

std::string attention_table(const ParityReport& report) {
    std::string out = fmt::format("{:<9}{:>6}{:>12}{:>12}  {}\n", "attention", "layer", "max", "mean",
                                  "largest difference at");
    for (const LayerParity& layer : report.layers) {
        const int text = report.texts[static_cast<std::size_t>(layer.text)].text;
        out += fmt::format("{:<9}{:>6}{:>12.2e}{:>12.2e}  {}head {}, query {}, key {}{}\n",
                           kind_name(layer.kind), layer.layer, layer.max_difference, layer.mean_difference,
                           text < 0 ? "" : fmt::format("text {}, ", text), layer.head, layer.query, layer.key,
                           layer.departs ? "  DEPARTS" : "");
    }
    for (const int layer : report.absent_layers)
        out += fmt::format("{:<9}{:>6}  has no softmax attention; not compared\n", "", layer);
    return out;
}

std::string state_table(const ParityReport& report) {
    if (report.hidden.empty()) return "Hidden states: not in the reference\n";
    std::string out =
        fmt::format("{:<9}{:>6}{:>12}  relative to the largest value\n", "hidden", "state", "max");
    for (const StateParity& state : report.hidden) {
        out += fmt::format("{:<9}{:>6}{:>12.2e}{}\n", kind_name(state.kind), state.state, state.max_relative,
                           state.departs ? "  DEPARTS" : "");
    }
    return out;
}

}  // namespace

std::string parity_text(const ParityReport& report, const ModelSpec& spec) {
    std::string out =
        fmt::format("Model: {} ({}), weights {}, computed in {}\nReference: {}\nTexts: {} of {} tokens\n",
                    spec.name, spec.family_label, spec.dtype, spec.compute_dtype, report.reference_file,
                    report.texts.size(), lengths(report));
    out += fmt::format(
        "Tolerance: {:.0e} for attention, {:.0e} of the largest value for hidden states and logits\n\n",
        report.options.tolerance, report.options.relative_tolerance);
    if (report.has_guessed_segments)
        out +=
            "Segments: the reference has no token_type_ids; what follows the first separator of a text was "
            "run "
            "as sentence B, in segment 1\n\n";
    out += attention_table(report) + "\n" + state_table(report);
    out += report.logits_max_relative
               ? fmt::format("Logits: max {:.2e} of the largest value\n", *report.logits_max_relative)
               : "Logits: none to compare\n";
    out += fmt::format("\nVerdict: {}\n", report.verdict());
    return out;
}

}  // namespace headlight
