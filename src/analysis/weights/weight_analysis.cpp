#include "analysis/weights/weight_analysis.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "analysis/weights/spectrum.h"
#include "base/parallel.h"

namespace headlight {
namespace {

/// Query heads that read one key and value head; 1 when the numbers say nothing.
int heads_per_group(const ModelSpec& spec) {
    const bool is_grouped = spec.num_kv_heads > 0 && spec.num_heads % spec.num_kv_heads == 0;
    return is_grouped ? spec.num_heads / spec.num_kv_heads : 1;
}

/// What heads of a layer without softmax attention have: every metric, and no value.
std::vector<MetricValue> no_values() {
    std::vector<MetricValue> out;
    for (const MetricDescriptor* metric : metrics()) {
        if (metric->kind == MetricKind::Weights) out.push_back({metric, std::nullopt, std::nullopt});
    }
    return out;
}

/// Metrics of `first` and the heads after it in its layer into `out`.
Status analyze_group(const ModelRunner& runner, HeadId first, std::span<std::vector<MetricValue>> out) {
    const std::vector<int>& absent = runner.spec().layers_without_attention;
    if (std::find(absent.begin(), absent.end(), first.layer) != absent.end()) {
        std::fill(out.begin(), out.end(), no_values());
        return {};
    }
    std::vector<HeadWeights> weights;
    for (std::size_t i = 0; i < out.size(); ++i) {
        HEADLIGHT_TRY(HeadWeights head, runner.head_weights(first.layer, first.head + static_cast<int>(i)));
        weights.push_back(std::move(head));
    }
    const std::vector<HeadSpectrum> spectra = compute_spectra(weights);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = compute_weight_metrics(spectra[i], static_cast<int>(weights[i].query.rows),
                                        static_cast<int>(weights[i].query.cols));
    }
    return {};
}

}  // namespace

Result<WeightAnalysis> analyze_weights(const ModelRunner& runner, const JobContext& job, int num_threads) {
    const ModelSpec& spec = runner.spec();
    const auto group = static_cast<std::size_t>(heads_per_group(spec));
    WeightAnalysis all(spec.grid().size());
    const std::size_t num_groups = all.size() / group;
    std::vector<std::optional<Error>> errors(num_groups);
    std::atomic<std::size_t> num_done{0};
    std::atomic<bool> is_over{false};
    parallel_for(num_groups, num_threads, [&](std::size_t i) {
        if (job.should_stop()) is_over = true;
        if (is_over) return;
        const std::size_t first = i * group;
        const Status status =
            analyze_group(runner, spec.grid().at(first), std::span(all).subspan(first, group));
        if (!status) {
            errors[i] = status.error();
            is_over = true;
            return;
        }
        job.report({"spectra of the weights",
                    static_cast<double>(++num_done) / static_cast<double>(num_groups),
                    {}});
    });
    for (std::optional<Error>& error : errors) {
        if (error) return fail(std::move(*error));
    }
    if (is_over) return fail(ErrorKind::Cancelled, "stopped while computing the spectra of the weights");
    return all;
}

}  // namespace headlight
