#include "analysis/metrics/registry.h"
#include "analysis/weights/random_spectrum.h"
#include "analysis/weights/spectral_measures.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadSpectrum& spectrum) {
    return effective_rank(spectrum.value);
}

std::optional<double> reference(int hidden_size, int head_dim) {
    return random_factor_effective_rank(hidden_size, head_dim);
}

}  // namespace

const MetricDescriptor metric_list::wv_effective_rank = {
    .id = "wv_effective_rank",
    .label = "W_V effective rank",
    .unit = "",
    .formula = "exp(-sum p ln p), p = sigma / sum sigma, sigma: all singular values of W_V",
    .source = "Roy and Vetterli 2007",
    .help = "How many directions what the value reads (W_V) in effect uses.",
    .reference_label = kRandomWeights,
    .kind = MetricKind::Weights,
    .direction = MetricDirection::LowerIsSharper,
    .min = 1,
    .max = std::numeric_limits<double>::infinity(),
    .from_spectrum = value,
    .reference_from_shape = reference,
};

}  // namespace headlight
