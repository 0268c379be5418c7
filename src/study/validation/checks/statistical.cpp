// Part 4: is attention different from uniform, and how concentrated is it?
#include <cmath>

#include "analysis/metric.h"
#include "study/validation/check.h"
#include "study/validation/numbers.h"

namespace headlight {
namespace {

constexpr double kUniformSpread = 0.2;                        // below: "uniform"
constexpr double kSharpEntropy = 0.5, kUniformEntropy = 0.9;  // of entropy / uniform
constexpr double kDocumentDeviation = 0.05;

double metric_value(const char* id, const HeadPattern& pattern) {
    const MetricDescriptor* metric = find_metric(id);
    if (metric == nullptr || metric->from_pattern == nullptr) return kAbsent;
    return metric->from_pattern(pattern).value_or(kAbsent);
}

/// Document: root mean square of a - 1/N over all N columns, mean over rows; H / ln N, mean over rows.
struct DocumentNumbers {
    double deviation = 0, entropy = 0;
    int count = 0;
};

void add_document_rows(const HeadSample& head, DocumentNumbers& sums) {
    const auto n = static_cast<double>(head.rows.size());
    for (const RowStats& row : head.rows) {
        if (row.num_keys <= 0) continue;
        const double square = row.sum_squares / n - 2 * row.row_sum / (n * n) + 1 / (n * n);
        sums.deviation += std::sqrt(std::max(0.0, square));
        sums.entropy += row.entropy / std::log(n);
        ++sums.count;
    }
}

class Statistical : public ValidationCheck {
  public:
    explicit Statistical(const ValidationSetup& setup)
        : setup_(setup),
          spread_(make_series(setup.num_heads(), setup.num_sequences)),
          entropy_(spread_),
          without_sink_(spread_),
          resting_(spread_),
          first_(spread_),
          document_(setup.num_heads()) {}

    void add_head(const SequenceSample& sequence, const HeadSample& head) override {
        const HeadPattern pattern{head.rows, setup_.spec().is_causal};
        const auto s = static_cast<std::size_t>(sequence.index);
        spread_[head.index][s] = metric_value("row_spread", pattern);
        entropy_[head.index][s] = metric_value("entropy_normalized", pattern);
        without_sink_[head.index][s] = metric_value("entropy_without_sink", pattern);
        resting_[head.index][s] = metric_value("resting_share", pattern);
        first_[head.index][s] = metric_value("first_token_mass", pattern);
        add_document_rows(head, document_[head.index]);
    }

    Result<CheckReport> finish(ValidationFindings& findings, const JobContext&) override {
        findings.spread = series_mean(spread_);
        findings.entropy = series_mean(entropy_);
        CheckReport report;
        report.meaning =
            "ρ is 0 for a uniform row and 1 for a single key, whatever the length; a head that rests on the "
            "first token looks sharp";
        DocumentNumbers document;
        for (const auto& head : document_) {
            document.deviation += head.deviation;
            document.entropy += head.entropy;
            document.count += head.count;
        }
        const double rows = std::max(1, document.count);
        add_spread(findings.spread, document.deviation / rows, report);
        add_entropy(findings.entropy, document.entropy / rows, report);
        add_table(report);
        return report;
    }

  private:
    void add_spread(const std::optional<double>& spread, double document, CheckReport& report) const {
        if (!spread) {
            report.lines.push_back(not_applicable("vs Uniform", "no row has two keys to choose from"));
            return;
        }
        const std::vector<double> by_sequence = sequence_means(spread_);
        const auto p = sequence_p_value(by_sequence, kUniformSpread);
        double most = 0;
        for (const auto& head : head_means(spread_))
            most = std::max(most, head.value_or(0));
        const std::string numbers = fmt::format("(mean ρ: {:.4f}, max: {:.4f}; ρ > {}: {})", *spread, most,
                                                kUniformSpread, p_text(p, setup_.num_sequences));
        if (*spread >= kUniformSpread && (!p || *p < 0.05)) {
            report.lines.push_back({CheckMark::Pass, "vs Uniform", "Differs from uniform " + numbers});
        } else if (*spread >= kUniformSpread) {
            report.lines.push_back(
                {CheckMark::Warn, "vs Uniform", "Not surely different from uniform " + numbers});
        } else {
            report.lines.push_back({CheckMark::Fail, "vs Uniform", "Nearly uniform " + numbers});
        }
        report.lines.push_back(
            document_line(fmt::format("mean dev {:.4f} from 1/N (wants {})", document, kDocumentDeviation)));
        report.numbers.insert(report.numbers.end(), {{"mean_spread", spread},
                                                     {"max_spread", most},
                                                     {"p_value", p},
                                                     {"document_deviation", document}});
    }

    void add_entropy(const std::optional<double>& entropy, double document, CheckReport& report) const {
        if (!entropy) {
            report.lines.push_back(not_applicable("Entropy", "no row has two keys to choose from"));
            return;
        }
        const std::string numbers = fmt::format("(H/ln n: {:.3f})", *entropy);
        if (*entropy >= kUniformEntropy) {
            report.lines.push_back({CheckMark::Fail, "Entropy", "Nearly uniform " + numbers});
        } else {
            report.lines.push_back(
                {CheckMark::Pass, "Entropy",
                 (*entropy < kSharpEntropy ? "Sharp " : "Moderately concentrated ") + numbers});
        }
        report.lines.push_back(
            document_line(fmt::format("H/H_max = {:.3f} with H_max = ln N for every row{}", document,
                                      setup_.spec().is_causal ? "; causal rows cannot reach it" : "")));
        const auto rest = series_mean(without_sink_), resting = series_mean(resting_),
                   first = series_mean(first_);
        report.lines.push_back(plain_line(
            fmt::format("    on the first token: {}; without it: H/ln(n-1) {}; rows at rest there: {}",
                        number_text(first, 3), number_text(rest, 3), number_text(resting, 3))));
        report.numbers.insert(report.numbers.end(), {{"mean_entropy_normalized", entropy},
                                                     {"document_entropy", document},
                                                     {"mean_entropy_without_sink", rest},
                                                     {"mean_resting_share", resting},
                                                     {"mean_first_token_mass", first}});
    }

    void add_table(CheckReport& report) const {
        CheckTable table{"heads",
                         {"layer", "head", "spread", "entropy_normalized", "entropy_without_sink",
                          "resting_share", "first_token_mass"},
                         {},
                         {}};
        for (std::size_t i = 0; i < spread_.size(); ++i) {
            const HeadId id = setup_.head(i);
            table.rows.push_back({id.layer, id.head, mean_of(spread_[i]), mean_of(entropy_[i]),
                                  mean_of(without_sink_[i]), mean_of(resting_[i]), mean_of(first_[i])});
        }
        report.tables.push_back(std::move(table));
    }

    ValidationSetup setup_;
    HeadSeries spread_, entropy_, without_sink_, resting_, first_;
    std::vector<DocumentNumbers> document_;
};

std::unique_ptr<ValidationCheck> make(const ValidationSetup& setup) {
    return std::make_unique<Statistical>(setup);
}

}  // namespace

extern const ValidationCheckDescriptor k_check_statistical = {
    .id = "statistical",
    .title = "Statistical Tests",
    .formula =
        "rho = sqrt((n sum a^2 - 1) / (n - 1)) and H / ln n, means over rows with n >= 2, heads, sequences; "
        "sign-flip of "
        "rho - 0.2 over sequences",
    .document = "root mean square of a - 1/N over all N columns > 0.05; H / ln N",
    .source = "requirement 2, test 4",
    .make = make,
};

}  // namespace headlight
