#include "analysis/text_analysis.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/detector_text.h"
#include "analysis/patterns/even_heads.h"
#include "analysis/patterns/sentence_masses.h"
#include "analysis/patterns/tag_test.h"
#include "base/parallel.h"
#include "base/stopwatch.h"

namespace headlight {
namespace {

/// What one head adds to the checks of the whole text.
struct RowCheck {
    double max_sum_error = 0;
    int num_invalid = 0;
    double active_mass = 0;  // sum over rows of what is neither on the first token nor on the token itself
    int num_active_rows = 0;

    bool is_active() const {
        return num_active_rows > 0 && active_mass / num_active_rows >= kLeastActiveMass;
    }
};

RowCheck check_rows(std::span<const RowStats> rows) {
    RowCheck check;
    for (const RowStats& row : rows) {
        if (row.num_keys == 0) {
            ++check.num_invalid;
        } else {
            check.max_sum_error = std::max(check.max_sum_error, std::abs(row.row_sum - 1.0));
            if (row.num_keys < 2) continue;
            check.active_mass += std::max(0.0, 1.0 - row.first - row.self);
            ++check.num_active_rows;
        }
    }
    return check;
}

/// Mean over those that exist.
class OptionalMean {
  public:
    void add(const std::optional<double>& value) {
        if (!value) return;
        sum_ += *value;
        ++count_;
    }
    std::optional<double> mean() const { return count_ == 0 ? std::nullopt : std::optional(sum_ / count_); }

  private:
    double sum_ = 0;
    int count_ = 0;
};

/// Mean of each metric over lists of the same metrics; `list(i)` is the i-th of `count`.
template <class List>
std::vector<MetricValue> mean_of_lists(std::size_t count, const List& list) {
    std::vector<MetricValue> means;
    if (count == 0) return means;
    for (std::size_t m = 0; m < list(0).size(); ++m) {
        OptionalMean value, reference;
        for (std::size_t i = 0; i < count; ++i) {
            value.add(list(i)[m].value);
            reference.add(list(i)[m].reference);
        }
        means.push_back({list(0)[m].metric, value.mean(), reference.mean()});
    }
    return means;
}

/// Over heads, then over layers: equal weights.
void add_means(TextAnalysis& text) {
    for (int layer = 0; layer < text.grid.num_layers; ++layer) {
        text.layers.push_back(mean_of_lists(
            static_cast<std::size_t>(text.grid.num_heads), [&](std::size_t head) -> const auto& {
                return text.head({layer, static_cast<int>(head)}).metrics;
            }));
    }
    text.model = mean_of_lists(
        text.layers.size(), [&](std::size_t layer) -> const auto& { return text.layers[layer]; });
}

std::optional<double> value_of(const std::vector<MetricValue>& values, std::string_view id) {
    for (const MetricValue& value : values) {
        if (id == value.metric->id) return value.value;
    }
    return std::nullopt;
}

/// Mean of a weights metric over heads, then over layers.
std::optional<double> mean_of_weights(const WeightAnalysis& weights, std::string_view id, HeadGrid grid) {
    OptionalMean model;
    for (int layer = 0; layer < grid.num_layers; ++layer) {
        OptionalMean heads;
        for (int head = 0; head < grid.num_heads; ++head) {
            heads.add(value_of(weights[grid.index({layer, head})], id));
        }
        model.add(heads.mean());
    }
    return model.mean();
}

}  // namespace

TextAnalysis pending_analysis(HeadGrid grid) {
    TextAnalysis text;
    text.grid = grid;
    text.is_pending = true;
    HeadAnalysis nothing;
    for (const MetricDescriptor* metric : metrics()) {
        if (metric->kind == MetricKind::Pattern && !metric->needs_pair)
            nothing.metrics.push_back({metric, std::nullopt, std::nullopt});
    }
    for (const DetectorDescriptor* detector : detectors()) {
        nothing.tags.push_back({detector, {}});
        nothing.tags.back().score.reason = "being measured";
    }
    for (std::size_t i = 0; i < grid.size(); ++i) {
        nothing.id = grid.at(i);
        text.heads.push_back(nothing);
    }
    add_means(text);
    text.flow.resize(static_cast<std::size_t>(grid.num_layers));
    return text;
}

Result<TextAnalysis> analyze_text(const AttentionTrace& trace, std::span<const Token> tokens,
                                  std::span<const KeySet> key_sets, const JobContext& job, int num_threads) {
    const HeadGrid grid = trace.grid();
    TextAnalysis text;
    text.grid = grid;
    text.heads.resize(grid.size());
    std::vector<RowCheck> checks(grid.size());
    std::atomic<bool> is_stopped{false};
    const DetectorText seen(tokens, trace.info(), key_sets);
    const EvenHeads even(trace, seen);
    const SentenceMasses sentences(trace, key_sets);
    const Stopwatch watch;
    std::atomic<std::int64_t> metrics_ns{0}, tags_ns{0};  // of all threads
    parallel_for(grid.size(), num_threads, [&](std::size_t index) {
        if (job.should_stop()) is_stopped = true;
        if (is_stopped) return;
        const HeadId id = grid.at(index);
        const Stopwatch metrics_watch;
        std::vector<RowStats> rows(static_cast<std::size_t>(trace.num_queries()));
        trace.row_stats(id.layer, id.head, rows);
        if (!trace.is_absent(id.layer)) checks[index] = check_rows(rows);
        HeadPattern pattern = head_pattern(trace.info(), id.layer, rows);
        if (const EvenHead* of_layer = even.of(id.layer)) {
            pattern.even = of_layer->rows;
            pattern.keys = of_layer->keys;
        }
        std::vector<float> own_sentence;
        pattern.sentences = sentences.of(id, own_sentence);
        text.heads[index] = {id, compute_pattern_metrics(pattern), {}};
        metrics_ns += static_cast<std::int64_t>(metrics_watch.milliseconds() * 1e6);
        const Stopwatch tags_watch;
        text.heads[index].tags = detect(trace, rows, id, seen, even);
        tags_ns += static_cast<std::int64_t>(tags_watch.milliseconds() * 1e6);
    });
    const double of_heads_ms = watch.milliseconds();
    if (is_stopped) return fail(ErrorKind::Cancelled, "analysis of the text: cancelled");
    std::vector<TestedHead> tested;
    for (std::size_t i = 0; i < text.heads.size(); ++i)
        tested.push_back({text.heads[i].id, checks[i].is_active(), &text.heads[i].tags});
    test_content_tags(trace, seen, tested, job, num_threads);
    const double tested_ms = watch.milliseconds();
    if (job.should_stop()) return fail(ErrorKind::Cancelled, "analysis of the text: cancelled");
    for (const RowCheck& check : checks) {
        text.max_row_sum_error = std::max(text.max_row_sum_error, check.max_sum_error);
        text.num_invalid_rows += check.num_invalid;
    }
    add_means(text);
    text.flow = flow_shares(trace);
    text.uniform_flow = uniform_flow_shares(trace);
    // Heads are shared out among threads: the wall time goes to both as their work does.
    const auto metrics = static_cast<double>(metrics_ns), tags = static_cast<double>(tags_ns);
    const double share = metrics + tags > 0 ? metrics / (metrics + tags) : 0.0;
    text.metrics_ms = of_heads_ms * share + watch.milliseconds() - tested_ms;
    text.tags_ms = of_heads_ms * (1 - share) + tested_ms - of_heads_ms;
    return text;
}

std::map<std::string, std::optional<double>> document_metrics(const TextAnalysis& text,
                                                              const WeightAnalysis& weights, int num_layers,
                                                              int num_heads) {
    struct Name {
        const char* document;
        const char* metric;
    };
    std::map<std::string, std::optional<double>> values;
    for (const Name name : {Name{"attn_entropy", "entropy"}, Name{"attn_variance", "row_variance"}}) {
        values[name.document] = value_of(text.model, name.metric);
        for (std::size_t layer = 0; layer < text.layers.size(); ++layer) {
            values[std::string(name.document) + "/" + std::to_string(layer)] =
                value_of(text.layers[layer], name.metric);
        }
    }
    const HeadGrid grid{num_layers, num_heads};
    if (weights.empty() || weights.size() != grid.size()) return values;
    for (const Name name :
         {Name{"sv_concentration", "qk_concentration"}, Name{"effective_rank", "qk_effective_rank"},
          Name{"top5_explained_var", "qk_top5"}}) {
        values[name.document] = mean_of_weights(weights, name.metric, grid);
    }
    return values;
}

}  // namespace headlight
