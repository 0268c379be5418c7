#include "analysis/metrics/registry.h"
#include "analysis/weights/random_spectrum.h"
#include "analysis/weights/spectral_measures.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadSpectrum& spectrum) {
    return participation_ratio(spectrum.qk);
}

std::optional<double> reference(int hidden_size, int head_dim) {
    return random_product_measures(hidden_size, head_dim).participation_ratio;
}

}  // namespace

const MetricDescriptor metric_list::qk_participation_ratio = {
    .id = "qk_participation_ratio",
    .label = "QK participation ratio",
    .unit = "",
    .formula = "(sum sigma)^2 / sum sigma^2, sigma: all singular values of W_Q W_K^T",
    .source = "definition as given",
    .help =
        "Another count of the directions of what the head looks for (W_QK); never above the effective rank.",
    .reference_label = kRandomWeights,
    .kind = MetricKind::Weights,
    .direction = MetricDirection::LowerIsSharper,
    .min = 1,
    .max = std::numeric_limits<double>::infinity(),
    .from_spectrum = value,
    .reference_from_shape = reference,
};

}  // namespace headlight
