// Part 7: tokens whose states differ should attend differently.
#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "study/validation/check.h"
#include "study/validation/numbers.h"
#include "study/validation/row_distance.h"
#include "study/validation/states.h"

namespace headlight {
namespace {

constexpr double kUniformSpread = 0.2, kDiverse = 0.3, kLevel = 0.05;
constexpr double kRounding = 1e-7;
constexpr int kMostItems = 128;    // rows compared: pairs of rows cost items^2 keys
constexpr int kMostSequences = 4;  // for the Mantel test
constexpr int kPermutations = 999;

class Diversity : public ValidationCheck {
  public:
    explicit Diversity(const ValidationSetup& setup) : setup_(setup), divergence_(setup.num_heads()) {
        const auto layers = static_cast<std::size_t>(setup.spec().num_layers);
        cosine_ = make_series(layers, setup.num_sequences);
        distance_ = correlation_ = plain_correlation_ = cosine_;
        p_values_.resize(layers);
    }

    void add_head(const SequenceSample& sequence, const HeadSample& head) override {
        if (sequence.index >= kMostSequences || sequence.hidden.empty()) return;
        const int n = static_cast<int>(head.rows.size());
        divergence_[head.index] = row_divergence(head.matrix, head.keys, n, std::min(n, kMostItems));
    }

    Status end_sequence(const SequenceSample& sequence, const JobContext& job) override {
        const auto layers = static_cast<std::size_t>(setup_.spec().num_layers);
        if (sequence.hidden.size() < layers) return {};
        has_states_ = true;
        parallel_for(layers, sequence.num_threads, [&](std::size_t layer) {
            if (job.should_stop()) return;
            const Matrix& states = sequence.hidden[layer];
            const auto s = static_cast<std::size_t>(sequence.index);
            cosine_[layer][s] = mean_cosine_distance(states).value_or(kAbsent);
            distance_[layer][s] = mean_euclidean_distance(states);
            if (sequence.index < kMostSequences) correlate(sequence, layer);
        });
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
        return {};
    }

    Result<CheckReport> finish(ValidationFindings& findings, const JobContext&) override {
        CheckReport report;
        report.meaning =
            "D is 0 when all states point one way and about 1 when they share nothing; the Mantel test asks "
            "whether tokens whose states differ attend differently";
        if (!has_states_) {
            report.lines.push_back(
                not_applicable("Diversity Correlation", "this model hands out no hidden states"));
            return report;
        }
        findings.state_diversity = series_mean(cosine_);
        test_layers();
        add_lines(findings, report);
        add_table(report);
        return report;
    }

  private:
    /// Row divergence of a layer: mean over its heads, less what uniform rows under the same mask would have.
    std::vector<double> layer_divergence(std::size_t layer) const {
        const auto heads = static_cast<std::size_t>(setup_.spec().num_heads);
        std::vector<double> mean(divergence_[layer * heads].size(), 0.0);
        for (std::size_t h = 0; h < heads; ++h) {
            const auto& one = divergence_[layer * heads + h];
            for (std::size_t i = 0; i < mean.size(); ++i)
                mean[i] += one[i] / static_cast<double>(heads);
        }
        return mean;
    }

    static std::vector<double> uniform_divergence(const AttentionTrace& trace, int layer, int num_items) {
        const auto n = static_cast<std::size_t>(trace.num_queries());
        std::vector<float> matrix(n * n);
        std::vector<KeyRange> keys;
        for (int i = 0; i < trace.num_queries(); ++i) {
            const KeyRange range = trace.admissible(layer, i);
            for (int j = range.begin; j < range.end; ++j)
                matrix[static_cast<std::size_t>(i) * n + static_cast<std::size_t>(j)] =
                    1.0f / static_cast<float>(range.count());
            keys.push_back(range);
        }
        return row_divergence(matrix, keys, static_cast<int>(n), num_items);
    }

    void correlate(const SequenceSample& sequence, std::size_t layer) {
        const int items = std::min(static_cast<int>(sequence.tokens.size()), kMostItems);
        const auto s = static_cast<std::size_t>(sequence.index);
        const std::vector<double> states = cosine_distances(sequence.hidden[layer], items);
        std::vector<double> attention = layer_divergence(layer);
        if (const auto found = mantel_test(states, attention, items, 0))
            plain_correlation_[layer][s] = found->correlation;
        const std::vector<double> null = uniform_divergence(*sequence.trace, static_cast<int>(layer), items);
        for (std::size_t i = 0; i < attention.size(); ++i) {
            attention[i] -= null[i];
            if (std::abs(attention[i]) < kRounding)
                attention[i] = 0;  // ranks of rounding errors would mean nothing
        }
        if (const auto found = mantel_test(states, attention, items, kPermutations, setup_.request->seed)) {
            correlation_[layer][s] = found->correlation;
            p_values_[layer].push_back(found->p_value);
        }
    }

    void test_layers() {
        std::vector<double> combined;
        for (const auto& values : p_values_)
            combined.push_back(values.empty() ? 1.0 : fisher_combined(values));
        layer_q_ = benjamini_hochberg(combined);
    }

    void add_lines(const ValidationFindings& findings, CheckReport& report) const {
        const auto diversity = findings.state_diversity, document = series_mean(distance_);
        const auto correlation = series_mean(correlation_);
        const int significant = static_cast<int>(
            std::count_if(layer_q_.begin(), layer_q_.end(), [](double q) { return q < kLevel; }));
        auto& lines = report.lines;
        lines.push_back(plain_line(
            fmt::format("  State diversity (mean cosine distance D): {}", number_text(diversity))));
        lines.push_back(document_line(fmt::format("μ_dist {} (Euclidean, no scale; wants 0.3), row_std {}",
                                                  number_text(document), number_text(findings.row_std))));
        lines.push_back(
            plain_line(fmt::format("  Attention diversity (mean ρ): {}", number_text(findings.spread))));
        lines.push_back(
            plain_line(fmt::format("  Mantel correlation of state distance and row divergence: {} (without "
                                   "the null of the mask: {})",
                                   number_text(correlation), number_text(series_mean(plain_correlation_)))));
        lines.push_back(plain_line(
            fmt::format("    q < {} in {} of {} layers ({} sequences, {} permutations)", kLevel, significant,
                        layer_q_.size(), std::min(setup_.num_sequences, kMostSequences), kPermutations)));
        lines.push_back(plain_line(""));
        const bool is_uniform = findings.spread && *findings.spread < kUniformSpread;
        const bool is_diverse = diversity && *diversity > kDiverse;
        if (is_uniform && is_diverse) {
            lines.push_back({CheckMark::Fail, "Diversity Correlation",
                             fmt::format("High state diversity (D {:.3f}) BUT uniform attention (ρ {:.3f})",
                                         *diversity, *findings.spread)});
        } else if (is_uniform) {
            lines.push_back({CheckMark::Info, "Diversity Correlation",
                             "States are alike, so uniform attention is expected"});
        } else if (2 * significant >= static_cast<int>(layer_q_.size())) {
            lines.push_back({CheckMark::Pass, "Diversity Correlation",
                             fmt::format("Diverse states attend differently (in {} of {} layers)",
                                         significant, layer_q_.size())});
        } else {
            lines.push_back(
                {CheckMark::Info, "Diversity Correlation",
                 fmt::format("Attention varies (ρ {}), but follows the states that enter the layer in "
                             "{} of {} layers only",
                             number_text(findings.spread, 3), significant, layer_q_.size())});
        }
        report.numbers = {{"state_diversity", diversity},
                          {"mantel_correlation", correlation},
                          {"mantel_correlation_plain", series_mean(plain_correlation_)},
                          {"significant_layers", static_cast<double>(significant)},
                          {"document_distance", document}};
    }

    void add_table(CheckReport& report) const {
        CheckTable table{"layers",
                         {"layer", "state_diversity", "mantel_correlation", "mantel_correlation_plain",
                          "q_value", "document_distance"},
                         {},
                         {}};
        for (std::size_t layer = 0; layer < cosine_.size(); ++layer) {
            const auto q = p_values_[layer].empty() ? std::nullopt : std::optional(layer_q_[layer]);
            table.rows.push_back({static_cast<double>(layer), mean_of(cosine_[layer]),
                                  mean_of(correlation_[layer]), mean_of(plain_correlation_[layer]), q,
                                  mean_of(distance_[layer])});
        }
        report.tables.push_back(std::move(table));
    }

    ValidationSetup setup_;
    std::vector<std::vector<double>> divergence_;  // [heads] of [items, items], of the current sequence
    HeadSeries cosine_, distance_, correlation_, plain_correlation_;  // [layers][sequences]
    std::vector<std::vector<double>> p_values_;  // [layers][sequences of the Mantel test]
    std::vector<double> layer_q_;
    bool has_states_ = false;
};

std::unique_ptr<ValidationCheck> make(const ValidationSetup& setup) {
    return std::make_unique<Diversity>(setup);
}

}  // namespace

extern const ValidationCheckDescriptor k_check_diversity = {
    .id = "diversity",
    .title = "Diversity Correlation",
    .formula =
        "D = T/(T-1) (1 - |mean unit state|^2) of the states that enter each layer; Mantel test (Spearman) "
        "between their cosine "
        "distances and the JSD of attention rows less that of uniform rows, p by permuting tokens, sequences "
        "by Fisher, layers by BH",
    .document = "mean Euclidean distance of the beliefs, zero diagonal included, > 0.3; row_std > 0.05",
    .source = "requirement 2, test 7; Mantel 1967",
    .make = make,
};

}  // namespace headlight
