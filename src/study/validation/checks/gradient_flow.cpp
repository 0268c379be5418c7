// Part 8: are the attention parameters there and sound, and does a gradient reach them?
#include <algorithm>
#include <cmath>

#include "study/validation/check.h"
#include "study/validation/gates.h"
#include "study/validation/numbers.h"

namespace headlight {
namespace {

constexpr double kSaturated = 0.05;  // gate score below which queries and keys hardly learn
constexpr double kMoves = 1e-4;      // nats a token per unit of a head's gate: above float32 noise
constexpr std::size_t kMostNamed = 5;

/// Share of the softmax's gradient that passes: tr(diag a - a a^T) over its value for a uniform row.
double gate_score(std::span<const RowStats> rows) {
    double sum = 0;
    int count = 0;
    for (const RowStats& row : rows) {
        if (row.num_keys < 2) continue;
        sum += (1.0 - row.sum_squares) / (1.0 - 1.0 / row.num_keys);
        ++count;
    }
    return count > 0 ? sum / count : kAbsent;
}

double jacobian_norm(std::span<const RowStats> rows) {
    double sum = 0;
    int count = 0;
    for (const RowStats& row : rows) {
        if (row.num_keys < 2) continue;
        const double s2 = row.sum_squares, s3 = row.sum_cubes;
        sum += std::sqrt(std::max(0.0, s2 - 2 * s3 + s2 * s2));
        ++count;
    }
    return count > 0 ? sum / count : kAbsent;
}

std::string with_commas(std::int64_t number) {
    std::string digits = std::to_string(number);
    for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3)
        digits.insert(static_cast<std::size_t>(i), ",");
    return digits;
}

/// What is wrong with a tensor; empty if nothing is. Vectors may be constant: gains of one, biases of zero.
std::string trouble_of(const ParameterHealth& one) {
    if (one.num_not_finite > 0) return fmt::format("{} values that are no numbers", one.num_not_finite);
    if (one.shape.size() < 2) return {};
    if (one.max_abs == 0) return "all zero";
    if (one.standard_deviation == 0) return "constant";
    return {};
}

class GradientFlow : public ValidationCheck {
  public:
    explicit GradientFlow(const ValidationSetup& setup)
        : setup_(setup), gate_(make_series(setup.num_heads(), setup.num_sequences)), jacobian_(gate_) {}

    void add_head(const SequenceSample& sequence, const HeadSample& head) override {
        const auto s = static_cast<std::size_t>(sequence.index);
        gate_[head.index][s] = gate_score(head.rows);
        jacobian_[head.index][s] = jacobian_norm(head.rows);
    }

    Result<CheckReport> finish(ValidationFindings&, const JobContext& job) override {
        CheckReport report;
        report.meaning =
            "names and values of parameters, then how much of a gradient the softmax lets through, then what "
            "really reaches the loss";
        HEADLIGHT_CHECK(add_parameters(job, report));
        add_softmax(report);
        HEADLIGHT_CHECK(add_gates(job, report));
        return report;
    }

  private:
    Status add_parameters(const JobContext& job, CheckReport& report) const {
        auto parameters = setup_.runner->attention_parameters(JobContext(job.stop_token()));
        if (!parameters) {
            if (parameters.error().kind == ErrorKind::Cancelled) return fail(std::move(parameters).error());
            report.lines.push_back(not_applicable("Parameters", parameters.error().message));
            return {};
        }
        std::int64_t total = 0;
        std::vector<std::string> broken, doubled;
        CheckTable table{
            "parameters",
            {"layer", "values", "not_finite", "mean", "standard_deviation", "max_abs", "duplicate_head"},
            {},
            {}};
        for (const ParameterHealth& one : *parameters) {
            total += one.num_values;
            if (const std::string trouble = trouble_of(one); !trouble.empty())
                broken.push_back(one.name + ": " + trouble);
            if (one.duplicate_head >= 0 && one.shape.size() >= 2)
                doubled.push_back(fmt::format("{}: head {}", one.name, one.duplicate_head));
            table.row_names.push_back(one.name);
            table.rows.push_back(
                {one.layer, static_cast<double>(one.num_values), static_cast<double>(one.num_not_finite),
                 one.mean, one.standard_deviation, one.max_abs,
                 one.duplicate_head >= 0 ? std::optional<double>(one.duplicate_head) : std::nullopt});
        }
        report.lines.push_back(
            plain_line(fmt::format("  Found {} attention parameter groups ({} params total)",
                                   parameters->size(), with_commas(total))));
        add_health(parameters->size(), broken, doubled, report);
        report.numbers.insert(report.numbers.end(),
                              {{"parameter_groups", static_cast<double>(parameters->size())},
                               {"parameters", static_cast<double>(total)},
                               {"broken_groups", static_cast<double>(broken.size())},
                               {"duplicated_groups", static_cast<double>(doubled.size())}});
        report.tables.push_back(std::move(table));
        return {};
    }

    static void add_health(std::size_t count, const std::vector<std::string>& broken,
                           const std::vector<std::string>& doubled, CheckReport& report) {
        if (count == 0) {
            report.lines.push_back({CheckMark::Fail, "Parameters", "No attention parameters found"});
        } else if (!broken.empty()) {
            report.lines.push_back({CheckMark::Fail, "Parameters",
                                    fmt::format("{} attention parameters are broken", broken.size())});
        } else if (!doubled.empty()) {
            report.lines.push_back(
                {CheckMark::Warn, "Parameters",
                 fmt::format("{} attention parameters hold the same head twice", doubled.size())});
        } else {
            report.lines.push_back(
                {CheckMark::Pass, "Parameters",
                 "Attention parameters found: finite, not zero, not constant, no head twice"});
        }
        const auto& named = broken.empty() ? doubled : broken;
        for (std::size_t i = 0; i < std::min(kMostNamed, named.size()); ++i)
            report.lines.push_back(plain_line("    " + named[i]));
        if (named.size() > kMostNamed)
            report.lines.push_back(plain_line(fmt::format("    ... and {} more", named.size() - kMostNamed)));
        report.lines.push_back(
            document_line("names only: whether a parameter with \"attn\" in its name exists"));
    }

    void add_softmax(CheckReport& report) const {
        const auto score = series_mean(gate_), norm = series_mean(jacobian_);
        report.numbers.insert(report.numbers.end(), {{"softmax_gate", score}, {"jacobian_norm", norm}});
        if (!score) {
            report.lines.push_back(not_applicable("Softmax Gate", "no row has two keys to choose from"));
            return;
        }
        int closed = 0;
        for (const auto& head : head_means(gate_))
            closed += head.value_or(1) < kSaturated ? 1 : 0;
        const std::string numbers =
            fmt::format("(passes {:.3f} of a uniform row's gradient; {} of {} heads under {})", *score,
                        closed, gate_.size(), kSaturated);
        report.lines.push_back(
            *score >= kSaturated
                ? CheckLine{CheckMark::Pass, "Softmax Gate", "The softmax lets gradients through " + numbers}
                : CheckLine{CheckMark::Warn, "Softmax Gate", "The softmax is saturated " + numbers});
        report.numbers.push_back({"closed_heads", static_cast<double>(closed)});
    }

    Status add_gates(const JobContext& job, CheckReport& report) const {
        if (!setup_.spec().is_causal) {
            report.lines.push_back(not_applicable(
                "Sensitivity",
                "a model that reads both ways has no next-token loss; the softmax gate above needs none"));
            return {};
        }
        auto found = measure_gates(setup_, job);
        if (!found) {
            if (found.error().kind == ErrorKind::Cancelled) return fail(std::move(found).error());
            report.lines.push_back(not_applicable("Sensitivity", found.error().message));
            return {};
        }
        add_sensitivity(*found, report);
        return {};
    }

    void add_sensitivity(const GateReport& gates, CheckReport& report) const {
        int moving = 0;
        std::size_t best = 0;
        double sum = 0;
        std::vector<double> layer_squares(static_cast<std::size_t>(setup_.spec().num_layers), 0.0);
        for (std::size_t k = 0; k < gates.heads.size(); ++k) {
            const double importance = gates.heads[k].importance.value_or(0);
            moving += importance > kMoves ? 1 : 0;
            sum += importance;
            layer_squares[static_cast<std::size_t>(gates.heads[k].head.layer)] += importance * importance;
            if (importance > gates.heads[best].importance.value_or(0)) best = k;
        }
        CheckTable table{"gates", {"layer", "head", "gradient", "importance", "importance_in_layer"}, {}, {}};
        for (const GateSensitivity& one : gates.heads) {
            const double norm = std::sqrt(layer_squares[static_cast<std::size_t>(one.head.layer)]);
            table.rows.push_back({one.head.layer, one.head.head, one.gradient, one.importance,
                                  gates.has_all_heads && norm > 0 && one.importance
                                      ? std::optional(*one.importance / norm)
                                      : std::nullopt});
        }
        const std::string text =
            fmt::format("of {} heads move the loss (|ΔL/Δgate| > {:g}; mean {:.2e}, most {}: {:.4f} nats)",
                        gates.heads.size(), kMoves, sum / static_cast<double>(gates.heads.size()),
                        gates.heads[best].head.to_string(), gates.heads[best].importance.value_or(0));
        const CheckMark mark = moving == 0                                         ? CheckMark::Fail
                               : 2 * moving < static_cast<int>(gates.heads.size()) ? CheckMark::Warn
                                                                                   : CheckMark::Pass;
        report.lines.push_back({mark, "Sensitivity", fmt::format("{} {}", moving, text)});
        report.lines.push_back(plain_line(fmt::format(
            "    central difference of head gates 1 ± {:g}, sequences: {}, {}", setup_.request->gate_step,
            gates.num_sequences,
            gates.has_all_heads
                ? "every head"
                : fmt::format("{} of {} heads, spread evenly", gates.heads.size(), setup_.num_heads()))));
        report.numbers.insert(report.numbers.end(),
                              {{"moving_heads", static_cast<double>(moving)},
                               {"gated_heads", static_cast<double>(gates.heads.size())},
                               {"gate_sequences", static_cast<double>(gates.num_sequences)},
                               {"mean_importance", sum / static_cast<double>(gates.heads.size())}});
        report.tables.push_back(std::move(table));
    }

    ValidationSetup setup_;
    HeadSeries gate_, jacobian_;
};

std::unique_ptr<ValidationCheck> make(const ValidationSetup& setup) {
    return std::make_unique<GradientFlow>(setup);
}

}  // namespace

extern const ValidationCheckDescriptor k_check_gradient_flow = {
    .id = "gradient_flow",
    .title = "Gradient Flow Check",
    .formula =
        "every attention tensor finite, not zero, not constant; tr(diag a - a a^T) / (1 - 1/n), mean over "
        "rows; "
        "(L(1 + d) - L(1 - d)) / 2d of head gates",
    .document = "a parameter whose name contains attn exists",
    .source = "requirement 2, test 8; head gates after Michel et al. 2019",
    .make = make,
};

}  // namespace headlight
