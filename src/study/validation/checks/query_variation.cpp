// Part 6: do different queries look at different keys?
#include <functional>

#include "core/key_window.h"
#include "study/validation/check.h"
#include "study/validation/numbers.h"
#include "study/validation/row_distance.h"

namespace headlight {
namespace {

constexpr double kVaries = 0.05,
                 kDoesNot = 0.02;  // the document's cuts, here on a number that is 0 for a uniform head

class QuerySide : public ValidationCheck {
  public:
    explicit QuerySide(const ValidationSetup& setup)
        : setup_(setup),
          raw_(make_series(setup.num_heads(), setup.num_sequences)),
          raw_1_(raw_),
          raw_10_(raw_),
          fair_(raw_),
          fair_1_(raw_),
          fair_10_(raw_),
          aligned_(raw_),
          most_(setup.num_heads()) {}

    void add_head(const SequenceSample& sequence, const HeadSample& head) override {
        const QueryVariation found = measure_query_variation(head.matrix, head.keys);
        const std::size_t i = head.index, s = static_cast<std::size_t>(sequence.index);
        raw_[i][s] = found.raw.value_or(kAbsent);
        raw_1_[i][s] = found.raw_adjacent.value_or(kAbsent);
        raw_10_[i][s] = found.raw_distant.value_or(kAbsent);
        fair_[i][s] = found.corrected.value_or(kAbsent);
        fair_1_[i][s] = found.corrected_adjacent.value_or(kAbsent);
        fair_10_[i][s] = found.corrected_distant.value_or(kAbsent);
        aligned_[i][s] = found.aligned.value_or(kAbsent);
        most_[i] = std::max(most_[i], found.raw_max.value_or(0));
    }

    Result<CheckReport> finish(ValidationFindings& findings, const JobContext&) override {
        CheckReport report;
        report.meaning =
            "rows are compared on the keys that both may see, so that a uniform head reads 0; aligned by "
            "offset, a positional head reads 0";
        const auto fair = series_mean(fair_), raw = series_mean(raw_), aligned = series_mean(aligned_);
        findings.query_variation = fair;
        findings.raw_query_variation = raw;
        double most = 0;
        for (const double value : most_)
            most = std::max(most, value);
        const double null = uniform_raw();
        auto& lines = report.lines;
        lines.push_back(plain_line(fmt::format(
            "  Average query variation (L2 between rows): {} on shared keys", number_text(fair))));
        lines.push_back(plain_line(fmt::format("  Aligned by offset: {}", number_text(aligned))));
        lines.push_back(
            document_line(fmt::format("{} on all columns, max {:.4f}; a uniform head would read {:.4f}",
                                      number_text(raw), most, null)));
        add_verdict(fair, report);
        add_structure(report);
        report.numbers = {{"corrected", fair},
                          {"corrected_adjacent", series_mean(fair_1_)},
                          {"corrected_distant", series_mean(fair_10_)},
                          {"aligned", aligned},
                          {"document_variation", raw},
                          {"document_max", most},
                          {"document_adjacent", series_mean(raw_1_)},
                          {"document_distant", series_mean(raw_10_)},
                          {"document_variation_of_uniform", null}};
        add_table(report);
        return report;
    }

  private:
    /// What the document's number is for a head that spreads evenly, under this model's first layer's mask.
    double uniform_raw() const {
        const int n = setup_.sequence_length;
        const auto size = static_cast<std::size_t>(n);
        std::vector<float> matrix(size * size);
        std::vector<KeyRange> keys;
        const auto& windows = setup_.spec().window;
        const int window = windows.empty() ? 0 : windows.front();
        for (int i = 0; i < n; ++i) {
            const KeyRange range = keys_in_window(i, n, setup_.spec().is_causal, window);
            for (int j = range.begin; j < range.end; ++j)
                matrix[static_cast<std::size_t>(i) * size + static_cast<std::size_t>(j)] =
                    1.0f / static_cast<float>(range.count());
            keys.push_back(range);
        }
        return measure_query_variation(matrix, keys).raw.value_or(0);
    }

    static void add_verdict(const std::optional<double>& fair, CheckReport& report) {
        report.lines.push_back(plain_line(""));
        if (!fair) {
            report.lines.push_back(not_applicable("Query Variation", "no two rows share two keys"));
        } else if (*fair > kVaries) {
            report.lines.push_back({CheckMark::Pass, "Query Variation",
                                    fmt::format("Different queries attend differently (L2={:.4f})", *fair)});
        } else if (*fair < kDoesNot) {
            report.lines.push_back({CheckMark::Fail, "Query Variation",
                                    fmt::format("All queries attend alike (L2={:.4f})", *fair)});
        } else {
            report.lines.push_back({CheckMark::Warn, "Query Variation",
                                    fmt::format("Queries differ little (L2={:.4f})", *fair)});
        }
    }

    void add_structure(CheckReport& report) const {
        const auto near = series_mean(fair_1_), far = series_mean(fair_10_);
        auto& lines = report.lines;
        lines.push_back(plain_line(""));
        lines.push_back(plain_line("  Positional pattern analysis:"));
        lines.push_back(plain_line(fmt::format("    Adjacent queries (Δpos=1): L2={} (document's: {})",
                                               number_text(near), number_text(series_mean(raw_1_)))));
        lines.push_back(plain_line(fmt::format("    Distant queries (Δpos=10): L2={} (document's: {})",
                                               number_text(far), number_text(series_mean(raw_10_)))));
        if (!near || !far) {
            lines.push_back(plain_line("    → n/a: the sequences are too short for a distance of 10"));
        } else {
            lines.push_back(plain_line(*far > *near * 1.05
                                           ? "    → Positional structure detected (distant > adjacent)"
                                           : "    → No positional structure (distant ≈ adjacent)"));
        }
    }

    void add_table(CheckReport& report) const {
        CheckTable table{"heads", {"layer", "head", "corrected", "aligned", "document_variation"}, {}, {}};
        for (std::size_t i = 0; i < raw_.size(); ++i) {
            const HeadId id = setup_.head(i);
            table.rows.push_back(
                {id.layer, id.head, mean_of(fair_[i]), mean_of(aligned_[i]), mean_of(raw_[i])});
        }
        report.tables.push_back(std::move(table));
    }

    ValidationSetup setup_;
    HeadSeries raw_, raw_1_, raw_10_, fair_, fair_1_, fair_10_, aligned_;
    std::vector<double> most_;  // [heads]
};

std::unique_ptr<ValidationCheck> make(const ValidationSetup& setup) {
    return std::make_unique<QuerySide>(setup);
}

}  // namespace

extern const ValidationCheckDescriptor k_check_query_variation = {
    .id = "query_variation",
    .title = "Query-Side Variation (Do different tokens attend differently?)",
    .formula =
        "mean over i < k of |a_i - a_k| on the keys both may see, renormalised (pairs that keep under 0.05 "
        "left out); the same over offsets",
    .document = "mean |a_i - a_k| over all columns: > 0.05 varies, < 0.02 does not",
    .source = "requirement 2, test 6; its number is 0.165 for a uniform causal head at 128 tokens",
    .make = make,
};

}  // namespace headlight
