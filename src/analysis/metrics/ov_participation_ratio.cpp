#include "analysis/metrics/registry.h"
#include "analysis/weights/random_spectrum.h"
#include "analysis/weights/spectral_measures.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadSpectrum& spectrum) {
    return participation_ratio(spectrum.ov);
}

std::optional<double> reference(int hidden_size, int head_dim) {
    return random_product_measures(hidden_size, head_dim).participation_ratio;
}

}  // namespace

const MetricDescriptor metric_list::ov_participation_ratio = {
    .id = "ov_participation_ratio",
    .label = "OV participation ratio",
    .unit = "",
    .formula = "(sum sigma)^2 / sum sigma^2, sigma: all singular values of W_V W_O",
    .source = "definition as given",
    .help = "Another count of the directions of what the head moves (W_OV); never above the effective rank.",
    .reference_label = kRandomWeights,
    .kind = MetricKind::Weights,
    .direction = MetricDirection::LowerIsSharper,
    .min = 1,
    .max = std::numeric_limits<double>::infinity(),
    .from_spectrum = value,
    .reference_from_shape = reference,
};

}  // namespace headlight
