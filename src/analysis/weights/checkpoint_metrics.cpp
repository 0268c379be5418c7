#include "analysis/weights/checkpoint_metrics.h"

#include <algorithm>

#include "analysis/metric.h"
#include "analysis/weights/spectrum.h"

namespace headlight {
namespace {

constexpr const char* kSpectrumMetrics[] = {"qk_concentration", "qk_effective_rank", "qk_top5"};
constexpr const char* kPatternMetrics[] = {"entropy", "row_variance", "first_token_mass", "previous_mass"};

class Mean {
  public:
    void add(const std::optional<double>& value) {
        if (!value) return;
        sum_ += *value;
        ++count_;
    }
    std::optional<double> get() const { return count_ > 0 ? std::optional(sum_ / count_) : std::nullopt; }

  private:
    double sum_ = 0;
    int count_ = 0;
};

/// The pattern metrics of a head, each the mean over the texts.
std::vector<MetricValue> head_metrics(std::span<const TracePtr> texts, int layer, int head) {
    std::vector<MetricValue> values;
    for (const char* id : kPatternMetrics)
        values.push_back({find_metric(id), std::nullopt, std::nullopt});
    std::vector<Mean> means(values.size());
    std::vector<RowStats> rows;
    for (const TracePtr& text : texts) {
        rows.resize(static_cast<std::size_t>(text->num_queries()));
        text->row_stats(layer, head, rows);
        for (std::size_t m = 0; m < values.size(); ++m)
            means[m].add(values[m].metric->from_pattern({rows, text->info().is_causal}));
    }
    for (std::size_t m = 0; m < values.size(); ++m)
        values[m].value = means[m].get();
    return values;
}

/// Means of equally long lists of the same metrics.
std::vector<MetricValue> mean_of_lists(std::span<const std::vector<MetricValue>> lists) {
    std::vector<MetricValue> means = lists.front();
    for (std::size_t m = 0; m < means.size(); ++m) {
        Mean mean;
        for (const auto& list : lists)
            mean.add(list[m].value);
        means[m].value = mean.get();
    }
    return means;
}

std::optional<double> largest(const std::vector<HeadAnalysis>& heads, std::size_t metric) {
    std::optional<double> best;
    for (const HeadAnalysis& head : heads) {
        const std::optional<double>& value = head.metrics[metric].value;
        if (value && (!best || *value > *best)) best = value;
    }
    return best;
}

}  // namespace

std::vector<MetricValue> observed_spectrum(const HeadWeights& weights) {
    HeadSpectrum spectrum;
    spectrum.qk = singular_values_of_product(weights.query, weights.key);
    std::vector<MetricValue> values;
    for (const char* id : kSpectrumMetrics) {
        const MetricDescriptor* metric = find_metric(id);
        values.push_back({metric, metric->from_spectrum(spectrum), std::nullopt});
    }
    return values;
}

CheckpointMetrics attention_metrics(std::span<const TracePtr> texts, const WeightAnalysis& weights) {
    if (texts.empty()) return {};
    const int num_layers = texts.front()->num_layers(), num_heads = texts.front()->num_heads();
    TextAnalysis mean;
    mean.grid = {num_layers, num_heads};
    for (int layer = 0; layer < num_layers; ++layer) {
        std::vector<std::vector<MetricValue>> heads;
        for (int head = 0; head < num_heads; ++head) {
            heads.push_back(head_metrics(texts, layer, head));
            mean.heads.push_back({{layer, head}, heads.back(), {}});
        }
        mean.layers.push_back(mean_of_lists(heads));
    }
    mean.model = mean_of_lists(mean.layers);
    CheckpointMetrics values = document_metrics(mean, weights, num_layers, num_heads);
    values["sink_share"] = mean.model[2].value;
    values["previous_score"] = largest(mean.heads, 3);
    return values;
}

std::optional<double> induction_score(std::span<const TracePtr> repeats, int block) {
    if (repeats.empty() || block < 1) return std::nullopt;
    const AttentionTrace& first = *repeats.front();
    double best = 0;
    for (int layer = 0; layer < first.num_layers(); ++layer) {
        for (int head = 0; head < first.num_heads(); ++head) {
            double sum = 0;
            for (const TracePtr& text : repeats) {
                const int begin = text->num_queries() - block;
                std::vector<float> row(static_cast<std::size_t>(text->num_keys()));
                for (int query = begin; query < text->num_queries(); ++query) {
                    text->rows(layer, head, query, query + 1, row);
                    sum += row[static_cast<std::size_t>(query - block + 1)];
                }
            }
            best = std::max(best, sum / (static_cast<double>(block) * static_cast<double>(repeats.size())));
        }
    }
    return best;
}

}  // namespace headlight
