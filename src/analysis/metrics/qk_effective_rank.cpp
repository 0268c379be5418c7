#include "analysis/metrics/registry.h"
#include "analysis/weights/random_spectrum.h"
#include "analysis/weights/spectral_measures.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadSpectrum& spectrum) {
    return effective_rank(spectrum.qk);
}

std::optional<double> reference(int hidden_size, int head_dim) {
    return random_product_measures(hidden_size, head_dim).effective_rank;
}

}  // namespace

const MetricDescriptor metric_list::qk_effective_rank = {
    .id = "qk_effective_rank",
    .label = "QK effective rank",
    .unit = "",
    .formula = "exp(-sum p ln p), p = sigma / sum sigma, sigma: all singular values of W_Q W_K^T",
    .source = "Roy and Vetterli 2007",
    .help = "How many directions what the head looks for (W_QK) in effect uses.",
    .reference_label = kRandomWeights,
    .kind = MetricKind::Weights,
    .direction = MetricDirection::LowerIsSharper,
    .min = 1,
    .max = std::numeric_limits<double>::infinity(),
    .from_spectrum = value,
    .reference_from_shape = reference,
};

}  // namespace headlight
