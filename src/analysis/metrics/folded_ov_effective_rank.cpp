#include "analysis/metrics/registry.h"
#include "analysis/weights/random_spectrum.h"
#include "analysis/weights/spectral_measures.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadSpectrum& spectrum) {
    return effective_rank(spectrum.folded_ov);
}

std::optional<double> reference(int hidden_size, int head_dim) {
    return random_product_measures(hidden_size, head_dim).effective_rank;
}

}  // namespace

const MetricDescriptor metric_list::folded_ov_effective_rank = {
    .id = "folded_ov_effective_rank",
    .label = "OV effective rank, norm folded",
    .unit = "",
    .formula =
        "exp(-sum p ln p), p = sigma / sum sigma, sigma: all singular values of diag(g) W_V W_O, g: gain "
        "of the norm before attention; LayerNorm: input side centred",
    .source = "Roy and Vetterli 2007",
    .help = "As ov_effective_rank, with the norm before attention folded in, so that layers can be compared.",
    .reference_label = kRandomWeights,
    .kind = MetricKind::Weights,
    .direction = MetricDirection::LowerIsSharper,
    .min = 1,
    .max = std::numeric_limits<double>::infinity(),
    .from_spectrum = value,
    .reference_from_shape = reference,
};

}  // namespace headlight
