#include "analysis/metrics/registry.h"
#include "analysis/weights/random_spectrum.h"
#include "analysis/weights/spectral_measures.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadSpectrum& spectrum) {
    return top5_share(spectrum.qk);
}

std::optional<double> reference(int hidden_size, int head_dim) {
    return random_product_measures(hidden_size, head_dim).top5_share;
}

}  // namespace

const MetricDescriptor metric_list::qk_top5 = {
    .id = "qk_top5",
    .label = "QK top-5 share",
    .unit = "",
    .formula = "sum of the 5 largest sigma^2 / sum sigma^2, sigma: all singular values of W_Q W_K^T",
    .source = "top5_explained_var",
    .help = "Share of the energy of what the head looks for (W_QK) in its five strongest directions.",
    .reference_label = kRandomWeights,
    .kind = MetricKind::Weights,
    .direction = MetricDirection::HigherIsSharper,
    .min = 0,
    .max = 1,
    .from_spectrum = value,
    .reference_from_shape = reference,
};

}  // namespace headlight
