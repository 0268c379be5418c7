#include "analysis/metrics/registry.h"
#include "analysis/weights/random_spectrum.h"
#include "analysis/weights/spectral_measures.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadSpectrum& spectrum) {
    return stable_rank(spectrum.qk);
}

std::optional<double> reference(int hidden_size, int head_dim) {
    return random_product_measures(hidden_size, head_dim).stable_rank;
}

}  // namespace

const MetricDescriptor metric_list::qk_stable_rank = {
    .id = "qk_stable_rank",
    .label = "QK stable rank",
    .unit = "",
    .formula = "sum sigma^2 / sigma_1^2, sigma: all singular values of W_Q W_K^T",
    .source = "Rudelson and Vershynin 2007",
    .help = "How many directions of what the head looks for (W_QK) are as strong as its strongest.",
    .reference_label = kRandomWeights,
    .kind = MetricKind::Weights,
    .direction = MetricDirection::LowerIsSharper,
    .min = 1,
    .max = std::numeric_limits<double>::infinity(),
    .from_spectrum = value,
    .reference_from_shape = reference,
};

}  // namespace headlight
