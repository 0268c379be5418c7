// Part 1: rows are distributions, the mask holds, divergences behave.
#include <algorithm>
#include <cmath>
#include <mutex>

#include "study/validation/check.h"
#include "study/validation/numbers.h"
#include "study/validation/row_distance.h"

namespace headlight {
namespace {

constexpr double kMostFuture = 1e-6, kLeastDivergence = -1e-6;
constexpr double kLn2 = 0.6931471805599453;

/// Tolerance of a row sum for the type in which the attention was computed.
double row_sum_tolerance(const std::string& dtype) {
    if (dtype == "float16") return 2e-3;
    if (dtype == "bfloat16") return 1e-2;
    return 1e-5;
}

struct Extremes {
    double row_error = 0, future = 0, least_kl = 1e300, self_kl = 0, most_jsd = 0;
    double missing = 0;  // largest 1 - sum: the share that left the sequence
    long long num_rows = 0, num_invalid = 0, num_broken = 0;

    void merge(const Extremes& other) {
        row_error = std::max(row_error, other.row_error);
        future = std::max(future, other.future);
        least_kl = std::min(least_kl, other.least_kl);
        self_kl = std::max(self_kl, other.self_kl);
        most_jsd = std::max(most_jsd, other.most_jsd);
        missing = std::max(missing, other.missing);
        num_rows += other.num_rows;
        num_invalid += other.num_invalid;
        num_broken += other.num_broken;
    }
};

void look_at_row(std::span<const float> row, int query, KeyRange keys, Extremes& found) {
    double sum = 0, entropy = 0, cross = 0, mass = 0;
    for (int key = 0; key < static_cast<int>(row.size()); ++key) {
        const double a = row[static_cast<std::size_t>(key)];
        if (!std::isfinite(a)) {
            ++found.num_broken;
            return;
        }
        sum += a;
        if (key > query) found.future = std::max(found.future, std::abs(a));
        if (key < keys.begin || key >= keys.end || a <= 0) continue;
        entropy -= a * std::log(a);
        cross -= a * std::log(a);
        mass += a;
    }
    ++found.num_rows;
    found.row_error = std::max(found.row_error, std::abs(sum - 1));
    found.missing = std::max(found.missing, 1 - sum);
    // KL(a || uniform on K) = sum a ln a + (sum a) ln n; KL(a || a) = -H(a) + cross entropy of a with itself.
    found.least_kl = std::min(found.least_kl, mass * std::log(static_cast<double>(keys.count())) - entropy);
    found.self_kl = std::max(found.self_kl, std::abs(cross - entropy));
}

class Sanity : public ValidationCheck {
  public:
    explicit Sanity(const ValidationSetup& setup) : setup_(setup), heads_(setup.num_heads()) {}

    void add_head(const SequenceSample&, const HeadSample& head) override {
        const std::size_t n = head.rows.size();
        Extremes& found = heads_[head.index];
        for (std::size_t i = 0; i < n; ++i) {
            if (head.keys[i].count() <= 0) {
                ++found.num_invalid;
                continue;
            }
            const auto row = head.matrix.subspan(i * n, n);
            look_at_row(row, static_cast<int>(i), head.keys[i], found);
            if (i > 0 && head.keys[i - 1].count() > 0)
                found.most_jsd =
                    std::max(found.most_jsd, row_divergence(row, head.matrix.subspan((i - 1) * n, n)));
        }
    }

    Result<CheckReport> finish(ValidationFindings&, const JobContext&) override {
        Extremes all;
        for (const Extremes& head : heads_)
            all.merge(head);
        CheckReport report;
        add_normalisation(all, report);
        add_causality(all, report);
        add_divergence(all, report);
        report.meaning =
            "these must hold whatever the model learned; a failure here is a bug of the model's code or of "
            "its masks";
        report.numbers = {{"max_row_error", all.row_error},
                          {"row_tolerance", row_sum_tolerance(setup_.spec().compute_dtype)},
                          {"max_future", all.future},
                          {"document_max_future", heads_.empty() ? 0.0 : heads_.front().future},
                          {"min_kl_from_uniform", all.least_kl},
                          {"max_self_kl", all.self_kl},
                          {"max_adjacent_jsd", all.most_jsd},
                          {"rows", static_cast<double>(all.num_rows)},
                          {"invalid_rows", static_cast<double>(all.num_invalid)},
                          {"not_finite_rows", static_cast<double>(all.num_broken)}};
        return report;
    }

  private:
    void add_normalisation(const Extremes& all, CheckReport& report) const {
        const double tolerance = row_sum_tolerance(setup_.spec().compute_dtype);
        if (all.num_broken > 0) {
            report.lines.push_back({CheckMark::Fail, "Normalization",
                                    fmt::format("{} rows hold values that are no numbers", all.num_broken)});
        } else if (all.row_error <= tolerance) {
            report.lines.push_back({CheckMark::Pass, "Normalization",
                                    fmt::format("All rows sum to 1.0 (max error: {:.2e})", all.row_error)});
        } else if (all.missing >= all.row_error && setup_.spec().family == "gpt_oss") {
            report.lines.push_back(
                {CheckMark::Info, "Normalization",
                 fmt::format("Rows leave up to {:.4f} to the learned sink, by design", all.missing)});
        } else {
            report.lines.push_back({CheckMark::Fail, "Normalization",
                                    fmt::format("Rows do not sum to 1.0 (max error: {:.2e}, allowed {:.0e})",
                                                all.row_error, tolerance)});
        }
        report.lines.push_back(plain_line(fmt::format(
            "    {} rows of {} heads, {} sequences; {} invalid; tolerance {:.0e} for {}", all.num_rows,
            heads_.size(), setup_.num_sequences, all.num_invalid, tolerance, setup_.spec().compute_dtype)));
    }

    void add_causality(const Extremes& all, CheckReport& report) const {
        const double document = heads_.empty() ? 0.0 : heads_.front().future;
        if (!setup_.spec().is_causal) {
            report.lines.push_back(
                {CheckMark::Info, "Causality",
                 fmt::format("Non-causal attention, bidirectional by design (max future attn: {:.4f})",
                             all.future)});
        } else if (all.future <= kMostFuture) {
            report.lines.push_back(
                {CheckMark::Pass, "Causality",
                 fmt::format("Causal: no future attention in any head (max: {:.2e})", all.future)});
        } else {
            report.lines.push_back(
                {CheckMark::Fail, "Causality",
                 fmt::format("The model is causal but attends to the future (max: {:.2e})", all.future)});
        }
        report.lines.push_back(
            document_line(fmt::format("{:.2e}, of L0H0 alone, and it never fails", document)));
    }

    static void add_divergence(const Extremes& all, CheckReport& report) {
        const bool is_sound = all.num_rows > 0 && all.least_kl >= kLeastDivergence && all.self_kl <= 1e-12 &&
                              all.most_jsd <= kLn2 + 1e-6;
        const double least = all.num_rows > 0 ? all.least_kl : 0.0;
        report.lines.push_back(
            {is_sound ? CheckMark::Pass : CheckMark::Fail, "KL Properties",
             fmt::format("KL {} 0 (min: {:.2e}), KL(a‖a) = {:.0e}, row-to-row JSD {} ln 2 (max: {:.4f})",
                         is_sound ? "≥" : "breaks", least, all.self_kl, is_sound ? "≤" : "vs",
                         all.most_jsd)});
        report.lines.push_back(
            plain_line("    KL of a row from uniform; between two rows of a causal model KL is infinite, so "
                       "JSD is taken"));
    }

    ValidationSetup setup_;
    std::vector<Extremes> heads_;
};

std::unique_ptr<ValidationCheck> make(const ValidationSetup& setup) {
    return std::make_unique<Sanity>(setup);
}

}  // namespace

extern const ValidationCheckDescriptor k_check_sanity = {
    .id = "sanity",
    .title = "Sanity Checks (Correctness)",
    .formula =
        "max |sum_j a_ij - 1|; max a_ij over j > i, all heads; min over rows of KL(a_i || uniform on K_i); "
        "JSD of "
        "neighbouring rows",
    .document = "atol 1e-4; strict upper triangle of one head; KL of the beliefs of its own model",
    .source = "requirement 2, test 1; tolerances by the type of the computation",
    .make = make,
};

}  // namespace headlight
