// Metric of a head: QK column bias.
#include "analysis/metric.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadSpectrum& spectrum) {
    return spectrum.column_bias;
}

std::optional<double> reference(int, int) {
    return 0.0;
}

}  // namespace

extern const MetricDescriptor k_metric_qk_column_bias = {
    .id = "qk_column_bias",
    .label = "QK column bias",
    .unit = "",
    .formula = "|W_K b_Q|, the norm of what the query bias asks of every key",
    .source = "term of the attention logits that depends on the key alone",
    .help = "How strongly a key is preferred whatever the query asks; absent in models without a query bias.",
    .reference_label = "biases as initialised",
    .kind = MetricKind::Weights,
    .direction = MetricDirection::Neither,
    .min = 0,
    .max = std::numeric_limits<double>::infinity(),
    .from_spectrum = value,
    .reference_from_shape = reference,
};

}  // namespace headlight
