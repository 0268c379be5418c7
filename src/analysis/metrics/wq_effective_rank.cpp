#include "analysis/metrics/registry.h"
#include "analysis/weights/random_spectrum.h"
#include "analysis/weights/spectral_measures.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadSpectrum& spectrum) {
    return effective_rank(spectrum.query);
}

std::optional<double> reference(int hidden_size, int head_dim) {
    return random_factor_effective_rank(hidden_size, head_dim);
}

}  // namespace

const MetricDescriptor metric_list::wq_effective_rank = {
    .id = "wq_effective_rank",
    .label = "W_Q effective rank",
    .unit = "",
    .formula = "exp(-sum p ln p), p = sigma / sum sigma, sigma: all singular values of W_Q",
    .source = "Roy and Vetterli 2007",
    .help = "How many directions what the query reads (W_Q) in effect uses.",
    .reference_label = kRandomWeights,
    .kind = MetricKind::Weights,
    .direction = MetricDirection::LowerIsSharper,
    .min = 1,
    .max = std::numeric_limits<double>::infinity(),
    .from_spectrum = value,
    .reference_from_shape = reference,
};

}  // namespace headlight
