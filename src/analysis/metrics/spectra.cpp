// The table of metrics of singular values: five measures, each of products or factors of a head's weights.
#include "analysis/metric.h"
#include "analysis/weights/random_spectrum.h"
#include "analysis/weights/spectral_measures.h"

namespace headlight {
namespace {

/// How a measure is read: a share is sharper when it is higher, a number of directions when it is lower.
struct Scale {
    MetricDirection direction;
    double min, max;
};
constexpr Scale kShare = {MetricDirection::HigherIsSharper, 0, 1};
constexpr Scale kDirections = {MetricDirection::LowerIsSharper, 1, std::numeric_limits<double>::infinity()};

template <auto Spectrum, auto Measure>
std::optional<double> of(const HeadSpectrum& spectrum) {
    return Measure(spectrum.*Spectrum);
}

template <auto Measure>
std::optional<double> random_product(int hidden_size, int head_dim) {
    return random_product_measures(hidden_size, head_dim).*Measure;
}

/// A line of the table.
struct SpectralMetric {
    const char *id, *label, *formula, *source, *help;
    Scale scale;
    std::optional<double> (*value)(const HeadSpectrum& spectrum);
    std::optional<double> (*reference)(int hidden_size, int head_dim);
};

constexpr MetricDescriptor spectral(const SpectralMetric& line) {
    return {
        .id = line.id,
        .label = line.label,
        .unit = "",
        .formula = line.formula,
        .source = line.source,
        .help = line.help,
        .reference_label = kRandomWeights,
        .kind = MetricKind::Weights,
        .direction = line.scale.direction,
        .min = line.scale.min,
        .max = line.scale.max,
        .from_spectrum = line.value,
        .reference_from_shape = line.reference,
    };
}

}  // namespace

extern const MetricDescriptor k_metric_qk_concentration = spectral({
    .id = "qk_concentration",
    .label = "QK concentration",
    .formula = "sigma_1 / sum sigma, sigma: all singular values of W_Q W_K^T",
    .source = "definition as given",
    .help = "What the head looks for (W_QK) is ruled by one direction when high.",
    .scale = kShare,
    .value = of<&HeadSpectrum::qk, concentration>,
    .reference = random_product<&SpectralReference::concentration>,
});
extern const MetricDescriptor k_metric_qk_effective_rank = spectral({
    .id = "qk_effective_rank",
    .label = "QK effective rank",
    .formula = "exp(-sum p ln p), p = sigma / sum sigma, sigma: all singular values of W_Q W_K^T",
    .source = "Roy and Vetterli 2007",
    .help = "How many directions what the head looks for (W_QK) in effect uses.",
    .scale = kDirections,
    .value = of<&HeadSpectrum::qk, effective_rank>,
    .reference = random_product<&SpectralReference::effective_rank>,
});
extern const MetricDescriptor k_metric_qk_participation_ratio = spectral({
    .id = "qk_participation_ratio",
    .label = "QK participation ratio",
    .formula = "(sum sigma)^2 / sum sigma^2, sigma: all singular values of W_Q W_K^T",
    .source = "definition as given",
    .help =
        "Another count of the directions of what the head looks for (W_QK); never above the effective rank.",
    .scale = kDirections,
    .value = of<&HeadSpectrum::qk, participation_ratio>,
    .reference = random_product<&SpectralReference::participation_ratio>,
});
extern const MetricDescriptor k_metric_qk_stable_rank = spectral({
    .id = "qk_stable_rank",
    .label = "QK stable rank",
    .formula = "sum sigma^2 / sigma_1^2, sigma: all singular values of W_Q W_K^T",
    .source = "Rudelson and Vershynin 2007",
    .help = "How many directions of what the head looks for (W_QK) are as strong as its strongest.",
    .scale = kDirections,
    .value = of<&HeadSpectrum::qk, stable_rank>,
    .reference = random_product<&SpectralReference::stable_rank>,
});
extern const MetricDescriptor k_metric_qk_top5 = spectral({
    .id = "qk_top5",
    .label = "QK top-5 share",
    .formula = "sum of the 5 largest sigma^2 / sum sigma^2, sigma: all singular values of W_Q W_K^T",
    .source = "top5_explained_var",
    .help = "Share of the energy of what the head looks for (W_QK) in its five strongest directions.",
    .scale = kShare,
    .value = of<&HeadSpectrum::qk, top5_share>,
    .reference = random_product<&SpectralReference::top5_share>,
});
extern const MetricDescriptor k_metric_ov_concentration = spectral({
    .id = "ov_concentration",
    .label = "OV concentration",
    .formula = "sigma_1 / sum sigma, sigma: all singular values of W_V W_O",
    .source = "definition as given",
    .help = "What the head moves (W_OV) is ruled by one direction when high.",
    .scale = kShare,
    .value = of<&HeadSpectrum::ov, concentration>,
    .reference = random_product<&SpectralReference::concentration>,
});
extern const MetricDescriptor k_metric_ov_effective_rank = spectral({
    .id = "ov_effective_rank",
    .label = "OV effective rank",
    .formula = "exp(-sum p ln p), p = sigma / sum sigma, sigma: all singular values of W_V W_O",
    .source = "Roy and Vetterli 2007",
    .help = "How many directions what the head moves (W_OV) in effect uses.",
    .scale = kDirections,
    .value = of<&HeadSpectrum::ov, effective_rank>,
    .reference = random_product<&SpectralReference::effective_rank>,
});
extern const MetricDescriptor k_metric_ov_participation_ratio = spectral({
    .id = "ov_participation_ratio",
    .label = "OV participation ratio",
    .formula = "(sum sigma)^2 / sum sigma^2, sigma: all singular values of W_V W_O",
    .source = "definition as given",
    .help = "Another count of the directions of what the head moves (W_OV); never above the effective rank.",
    .scale = kDirections,
    .value = of<&HeadSpectrum::ov, participation_ratio>,
    .reference = random_product<&SpectralReference::participation_ratio>,
});
extern const MetricDescriptor k_metric_ov_stable_rank = spectral({
    .id = "ov_stable_rank",
    .label = "OV stable rank",
    .formula = "sum sigma^2 / sigma_1^2, sigma: all singular values of W_V W_O",
    .source = "Rudelson and Vershynin 2007",
    .help = "How many directions of what the head moves (W_OV) are as strong as its strongest.",
    .scale = kDirections,
    .value = of<&HeadSpectrum::ov, stable_rank>,
    .reference = random_product<&SpectralReference::stable_rank>,
});
extern const MetricDescriptor k_metric_ov_top5 = spectral({
    .id = "ov_top5",
    .label = "OV top-5 share",
    .formula = "sum of the 5 largest sigma^2 / sum sigma^2, sigma: all singular values of W_V W_O",
    .source = "top5_explained_var",
    .help = "Share of the energy of what the head moves (W_OV) in its five strongest directions.",
    .scale = kShare,
    .value = of<&HeadSpectrum::ov, top5_share>,
    .reference = random_product<&SpectralReference::top5_share>,
});
extern const MetricDescriptor k_metric_folded_qk_concentration = spectral({
    .id = "folded_qk_concentration",
    .label = "QK concentration, norm folded",
    .formula =
        "sigma_1 / sum sigma, sigma: all singular values of diag(g) W_Q (diag(g) W_K)^T, g: gain of the "
        "norm before attention; LayerNorm: input side centred",
    .source = "sv_concentration on the folded weights",
    .help = "As qk_concentration, with the norm before attention folded in, so that layers can be compared.",
    .scale = kShare,
    .value = of<&HeadSpectrum::folded_qk, concentration>,
    .reference = random_product<&SpectralReference::concentration>,
});
extern const MetricDescriptor k_metric_folded_qk_effective_rank = spectral({
    .id = "folded_qk_effective_rank",
    .label = "QK effective rank, norm folded",
    .formula = "exp(-sum p ln p), p = sigma / sum sigma, sigma: all singular values of diag(g) W_Q (diag(g) "
               "W_K)^T, g: gain of the norm before attention; LayerNorm: input side centred",
    .source = "Roy and Vetterli 2007",
    .help = "As qk_effective_rank, with the norm before attention folded in, so that layers can be compared.",
    .scale = kDirections,
    .value = of<&HeadSpectrum::folded_qk, effective_rank>,
    .reference = random_product<&SpectralReference::effective_rank>,
});
extern const MetricDescriptor k_metric_folded_ov_concentration = spectral({
    .id = "folded_ov_concentration",
    .label = "OV concentration, norm folded",
    .formula =
        "sigma_1 / sum sigma, sigma: all singular values of diag(g) W_V W_O, g: gain of the norm before "
        "attention; LayerNorm: input side centred",
    .source = "sv_concentration on the folded weights",
    .help = "As ov_concentration, with the norm before attention folded in, so that layers can be compared.",
    .scale = kShare,
    .value = of<&HeadSpectrum::folded_ov, concentration>,
    .reference = random_product<&SpectralReference::concentration>,
});
extern const MetricDescriptor k_metric_folded_ov_effective_rank = spectral({
    .id = "folded_ov_effective_rank",
    .label = "OV effective rank, norm folded",
    .formula =
        "exp(-sum p ln p), p = sigma / sum sigma, sigma: all singular values of diag(g) W_V W_O, g: gain "
        "of the norm before attention; LayerNorm: input side centred",
    .source = "Roy and Vetterli 2007",
    .help = "As ov_effective_rank, with the norm before attention folded in, so that layers can be compared.",
    .scale = kDirections,
    .value = of<&HeadSpectrum::folded_ov, effective_rank>,
    .reference = random_product<&SpectralReference::effective_rank>,
});
extern const MetricDescriptor k_metric_wq_effective_rank = spectral({
    .id = "wq_effective_rank",
    .label = "W_Q effective rank",
    .formula = "exp(-sum p ln p), p = sigma / sum sigma, sigma: all singular values of W_Q",
    .source = "Roy and Vetterli 2007",
    .help = "How many directions what the query reads (W_Q) in effect uses.",
    .scale = kDirections,
    .value = of<&HeadSpectrum::query, effective_rank>,
    .reference = random_factor_effective_rank,
});
extern const MetricDescriptor k_metric_wk_effective_rank = spectral({
    .id = "wk_effective_rank",
    .label = "W_K effective rank",
    .formula = "exp(-sum p ln p), p = sigma / sum sigma, sigma: all singular values of W_K",
    .source = "Roy and Vetterli 2007",
    .help = "How many directions what the key reads (W_K) in effect uses.",
    .scale = kDirections,
    .value = of<&HeadSpectrum::key, effective_rank>,
    .reference = random_factor_effective_rank,
});
extern const MetricDescriptor k_metric_wv_effective_rank = spectral({
    .id = "wv_effective_rank",
    .label = "W_V effective rank",
    .formula = "exp(-sum p ln p), p = sigma / sum sigma, sigma: all singular values of W_V",
    .source = "Roy and Vetterli 2007",
    .help = "How many directions what the value reads (W_V) in effect uses.",
    .scale = kDirections,
    .value = of<&HeadSpectrum::value, effective_rank>,
    .reference = random_factor_effective_rank,
});
extern const MetricDescriptor k_metric_wo_effective_rank = spectral({
    .id = "wo_effective_rank",
    .label = "W_O effective rank",
    .formula = "exp(-sum p ln p), p = sigma / sum sigma, sigma: all singular values of W_O",
    .source = "Roy and Vetterli 2007",
    .help = "How many directions where the head writes (W_O) in effect uses.",
    .scale = kDirections,
    .value = of<&HeadSpectrum::output, effective_rank>,
    .reference = random_factor_effective_rank,
});

}  // namespace headlight
