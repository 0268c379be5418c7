// Part 9: does the learned attention help? Its loss against the same model with replaced attention.
#include <cmath>

#include "study/ablation/measure.h"
#include "study/validation/check.h"
#include "study/validation/numbers.h"

namespace headlight {
namespace {

constexpr int kWindow = 5;  // of the document's local baseline

struct Baseline {
    InterventionMode mode;
    const char* id;
    const char* label;
};
constexpr Baseline kBaselines[] = {
    {InterventionMode::Uniform, "uniform", "Uniform attention"},
    {InterventionMode::LocalWindow, "local", "Local attention (|i-j| ≤ 5)"},
    {InterventionMode::ZeroOutput, "zero", "No attention output"},
};

std::string interval_text(const AblationEffect& effect) {
    if (!effect.low || !effect.high) return "interval n/a";
    return fmt::format("95% [{:+.4f}, {:+.4f}]", *effect.low, *effect.high);
}

class Ablation : public ValidationCheck {
  public:
    explicit Ablation(const ValidationSetup& setup) : setup_(setup) {}

    Result<CheckReport> finish(ValidationFindings& findings, const JobContext& job) override {
        CheckReport report;
        report.meaning =
            "every head's pattern is replaced at once; what the loss gains is what the learned pattern is "
            "worth on this text";
        auto effects = measure(job);
        if (!effects) {
            if (effects.error().kind == ErrorKind::Cancelled) return fail(std::move(effects).error());
            report.lines.push_back(not_applicable("Ablation", effects.error().message));
            return report;
        }
        if (setup_.spec().is_causal) {
            add_losses(*effects, findings, report);
        } else {
            add_distributions(*effects, report);
        }
        add_table(*effects, report);
        return report;
    }

  private:
    Result<std::vector<AblationEffect>> measure(const JobContext& job) const {
        SweepRequest request;
        request.texts = setup_.ids();
        request.wants_distribution = true;
        request.seed = setup_.request->seed;
        std::vector<InterventionSet> sets;
        for (const Baseline& baseline : kBaselines) {
            Intervention one;
            one.mode = baseline.mode;
            one.window = kWindow;
            for (std::size_t i = 0; i < setup_.num_heads(); ++i)
                one.heads.push_back(setup_.head(i));
            sets.push_back({std::move(one)});
        }
        return measure_sets(*setup_.runner, request, sets, job);
    }

    void add_losses(const std::vector<AblationEffect>& effects, ValidationFindings& findings,
                    CheckReport& report) const {
        const AblationEffect& uniform = effects[0];
        const AblationEffect& local = effects[1];
        findings.loss = uniform.base_loss;
        findings.perplexity = std::exp(uniform.base_loss);
        findings.uniform_delta = uniform.delta;
        findings.uniform_low = uniform.low;
        findings.uniform_high = uniform.high;
        report.lines.push_back(plain_line(fmt::format("  Learned attention: loss={:.4f}, PPL={:.2f}",
                                                      uniform.base_loss, *findings.perplexity)));
        for (std::size_t i = 0; i < effects.size(); ++i) {
            const AblationEffect& one = effects[i];
            report.lines.push_back(plain_line(fmt::format(
                "  {}: loss={:.4f}, PPL={:.2f} ({:+.4f} nats a token, {}, worse on {:.0f}% of tokens)",
                kBaselines[i].label, one.loss, std::exp(one.loss), one.delta, interval_text(one),
                100 * one.worse_share)));
        }
        const char* unit = setup_.num_sequences > 1 ? "sequences" : "tokens of the only sequence";
        report.lines.push_back(plain_line(fmt::format(
            "    {} scored tokens; uniform is 1/n over the keys of each row; paired bootstrap over {}",
            uniform.num_tokens, unit)));
        report.lines.push_back(document_line(
            "not taken: its 1/N gives a causal model the future, so that its loss could not be compared"));
        if (!setup_.request->has_text) {
            report.lines.push_back(not_applicable(
                "Ablation", "random token ids have no next token to predict; give a text and a tokenizer"));
        } else {
            report.lines.push_back(verdict(uniform, "Ablation", "uniform attention"));
            report.lines.push_back(verdict(local, "Ablation (local)", "a window of ±5"));
            // A text that five tokens explain is no fault of the model.
            if (report.lines.back().mark == CheckMark::Fail) report.lines.back().mark = CheckMark::Warn;
        }
        report.numbers = {{"loss", uniform.base_loss}, {"perplexity", findings.perplexity}};
    }

    static CheckLine verdict(const AblationEffect& effect, const char* name, const char* baseline) {
        const std::string numbers =
            fmt::format("({:+.4f} nats a token, {})", effect.delta, interval_text(effect));
        if (effect.low && *effect.low > 0)
            return {CheckMark::Pass, name, fmt::format("Learned attention beats {} {}", baseline, numbers)};
        if (effect.high && *effect.high < 0)
            return {CheckMark::Fail, name,
                    fmt::format("Learned attention is worse than {} {}", baseline, numbers)};
        return {CheckMark::Warn, name,
                fmt::format("Learned attention does not surely beat {} {}", baseline, numbers)};
    }

    void add_distributions(const std::vector<AblationEffect>& effects, CheckReport& report) const {
        report.lines.push_back({CheckMark::NotApplicable, "Ablation",
                                "n/a: causal loss, because the model reads both ways; measured instead: the "
                                "change of its output distribution"});
        bool has_any = false;
        for (std::size_t i = 0; i < effects.size(); ++i) {
            if (!effects[i].mean_kl) continue;
            has_any = true;
            report.lines.push_back(plain_line(
                fmt::format("  {}: KL={:.4f} nats, TVD={:.4f}, mean over {} positions", kBaselines[i].label,
                            *effects[i].mean_kl, effects[i].mean_tvd.value_or(0), effects[i].num_tokens)));
        }
        if (!has_any)
            report.lines.push_back(
                plain_line("    nor can that be measured: the checkpoint has no output head"));
    }

    static void add_table(const std::vector<AblationEffect>& effects, CheckReport& report) {
        CheckTable table{"baselines",
                         {"loss", "perplexity", "delta", "low", "high", "worse_share", "kl", "tvd", "tokens"},
                         {},
                         {}};
        const auto known = [](double value) {
            return std::isnan(value) ? std::nullopt : std::optional(value);
        };
        for (std::size_t i = 0; i < effects.size(); ++i) {
            const AblationEffect& one = effects[i];
            table.row_names.emplace_back(kBaselines[i].id);
            table.rows.push_back({known(one.loss), known(std::exp(one.loss)), known(one.delta), one.low,
                                  one.high, known(one.worse_share), one.mean_kl, one.mean_tvd,
                                  static_cast<double>(one.num_tokens)});
        }
        report.tables.push_back(std::move(table));
    }

    ValidationSetup setup_;
};

std::unique_ptr<ValidationCheck> make(const ValidationSetup& setup) {
    return std::make_unique<Ablation>(setup);
}

}  // namespace

extern const ValidationCheckDescriptor k_check_ablation = {
    .id = "ablation",
    .title = "Ablation Study (Does Attention Help?)",
    .formula =
        "mean -ln p(next token) over all scored tokens, PPL = exp of it, with every head uniform (1/n_i), "
        "local (±5) or silent; paired bootstrap over sequences",
    .document = "1/N over all columns, and |i - j| <= 5",
    .source = "requirement 2, test 9",
    .make = make,
};

}  // namespace headlight
