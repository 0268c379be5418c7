#include "analysis/metrics/registry.h"
#include "analysis/weights/random_spectrum.h"
#include "analysis/weights/spectral_measures.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadSpectrum& spectrum) {
    return stable_rank(spectrum.ov);
}

std::optional<double> reference(int hidden_size, int head_dim) {
    return random_product_measures(hidden_size, head_dim).stable_rank;
}

}  // namespace

const MetricDescriptor metric_list::ov_stable_rank = {
    .id = "ov_stable_rank",
    .label = "OV stable rank",
    .unit = "",
    .formula = "sum sigma^2 / sigma_1^2, sigma: all singular values of W_V W_O",
    .source = "Rudelson and Vershynin 2007",
    .help = "How many directions of what the head moves (W_OV) are as strong as its strongest.",
    .reference_label = kRandomWeights,
    .kind = MetricKind::Weights,
    .direction = MetricDirection::LowerIsSharper,
    .min = 1,
    .max = std::numeric_limits<double>::infinity(),
    .from_spectrum = value,
    .reference_from_shape = reference,
};

}  // namespace headlight
