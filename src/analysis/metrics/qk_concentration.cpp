#include "analysis/metrics/registry.h"
#include "analysis/weights/random_spectrum.h"
#include "analysis/weights/spectral_measures.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadSpectrum& spectrum) {
    return concentration(spectrum.qk);
}

std::optional<double> reference(int hidden_size, int head_dim) {
    return random_product_measures(hidden_size, head_dim).concentration;
}

}  // namespace

const MetricDescriptor metric_list::qk_concentration = {
    .id = "qk_concentration",
    .label = "QK concentration",
    .unit = "",
    .formula = "sigma_1 / sum sigma, sigma: all singular values of W_Q W_K^T",
    .source = "definition as given",
    .help = "What the head looks for (W_QK) is ruled by one direction when high.",
    .reference_label = kRandomWeights,
    .kind = MetricKind::Weights,
    .direction = MetricDirection::HigherIsSharper,
    .min = 0,
    .max = 1,
    .from_spectrum = value,
    .reference_from_shape = reference,
};

}  // namespace headlight
