// Metric of a head: OV copying (eigenvalues).
#include "analysis/metric.h"
#include "analysis/weights/random_spectrum.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadSpectrum& spectrum) {
    return spectrum.ov_copying;
}

std::optional<double> reference(int, int) {
    return 0.0;
}

}  // namespace

extern const MetricDescriptor k_metric_ov_copying = {
    .id = "ov_copying",
    .label = "OV copying (eigenvalues)",
    .unit = "",
    .formula = "sum lambda / sum |lambda|, lambda: eigenvalues of W_V W_O",
    .source = "Elhage et al. 2021",
    .help =
        "Near 1 the head adds what it reads, near -1 its opposite. Random weights scatter around 0 with a "
        "standard"
        " deviation of about 1.5 / head size. Evidence, not proof, of copying.",
    .reference_label = kRandomWeights,
    .kind = MetricKind::Weights,
    .direction = MetricDirection::Neither,
    .min = -1,
    .max = 1,
    .from_spectrum = value,
    .reference_from_shape = reference,
};

}  // namespace headlight
