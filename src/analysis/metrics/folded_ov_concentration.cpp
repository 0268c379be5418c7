#include "analysis/metrics/registry.h"
#include "analysis/weights/random_spectrum.h"
#include "analysis/weights/spectral_measures.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadSpectrum& spectrum) {
    return concentration(spectrum.folded_ov);
}

std::optional<double> reference(int hidden_size, int head_dim) {
    return random_product_measures(hidden_size, head_dim).concentration;
}

}  // namespace

const MetricDescriptor metric_list::folded_ov_concentration = {
    .id = "folded_ov_concentration",
    .label = "OV concentration, norm folded",
    .unit = "",
    .formula =
        "sigma_1 / sum sigma, sigma: all singular values of diag(g) W_V W_O, g: gain of the norm before "
        "attention; LayerNorm: input side centred",
    .source = "sv_concentration on the folded weights",
    .help = "As ov_concentration, with the norm before attention folded in, so that layers can be compared.",
    .reference_label = kRandomWeights,
    .kind = MetricKind::Weights,
    .direction = MetricDirection::HigherIsSharper,
    .min = 0,
    .max = 1,
    .from_spectrum = value,
    .reference_from_shape = reference,
};

}  // namespace headlight
