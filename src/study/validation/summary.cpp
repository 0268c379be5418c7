#include "study/validation/summary.h"

#include <cmath>

#include "study/validation/numbers.h"

namespace headlight {
namespace {

// Cuts: rho as in part 5; query variation, diversity and perplexity as the document has them.
constexpr double kUniformSpread = 0.2, kSomeVariation = 0.05, kNoVariation = 0.02;
constexpr double kHighDiversity = 0.4, kGoodPerplexity = 1000;

bool is_above(const std::optional<double>& value, double cut) {
    return value && *value > cut;
}
bool is_below(const std::optional<double>& value, double cut) {
    return value && *value < cut;
}

/// The document asks for a perplexity under 1000; a vocabulary of that size reaches it by guessing, so half
/// of it counts too.
double good_perplexity(const ValidationReport& report) {
    return std::min(kGoodPerplexity, 0.5 * report.spec.vocab_size);
}

bool predicts(const ValidationReport& report) {
    return is_below(report.findings.perplexity, good_perplexity(report));
}

void set_scenario(ValidationReport& report, const char* id, const char* title) {
    report.scenario = id;
    report.scenario_title = title;
}

void choose_scenario(ValidationReport& report) {
    const ValidationFindings& found = report.findings;
    const bool looks_uniform = is_below(found.spread, kUniformSpread);
    const bool has_loss = found.loss.has_value();
    const double guessing = std::log(std::max(2, report.spec.vocab_size));
    if (looks_uniform && (report.spec.has_random_weights || (has_loss && *found.loss > guessing - 0.25))) {
        set_scenario(report, "untrained", "Untrained: the model predicts no better than guessing");
    } else if (found.spread && !looks_uniform) {
        if (has_loss && !predicts(report)) {
            set_scenario(report, "unclear", "Structured attention, but poor predictions on this text");
        } else {
            set_scenario(report, "healthy", "Healthy: attention differs from uniform");
        }
    } else if (looks_uniform && predicts(report) &&
               (is_above(found.query_variation, kSomeVariation) || is_above(found.uniform_low, 0.0))) {
        set_scenario(report, "scenario_1", "Scenario 1: Model works, attention looks uniform");
    } else if (looks_uniform && predicts(report) && is_below(found.query_variation, kNoVariation)) {
        set_scenario(report, "scenario_2", "Scenario 2: Model works, attention truly uniform");
    } else if (looks_uniform && is_above(found.state_diversity, kHighDiversity)) {
        set_scenario(report, "scenario_3", "Scenario 3: Architectural limitation");
    } else {
        set_scenario(report, "unclear", "None of the document's scenarios");
    }
}

void add_reasons(ValidationReport& report) {
    const ValidationFindings& found = report.findings;
    auto& reasons = report.reasons;
    if (found.spread)
        reasons.push_back(fmt::format("ρ {:.3f} (uniform below {}); document's row_std {}", *found.spread,
                                      kUniformSpread, number_text(found.row_std)));
    if (found.query_variation)
        reasons.push_back(fmt::format("query variation {:.4f} null-corrected (document's, uncorrected: {})",
                                      *found.query_variation, number_text(found.raw_query_variation)));
    if (found.perplexity)
        reasons.push_back(fmt::format("PPL {:.2f} (counts as working below {:g}; guessing {})",
                                      *found.perplexity, good_perplexity(report), report.spec.vocab_size));
    if (found.uniform_delta)
        reasons.push_back(
            fmt::format("uniform attention in every head costs {:+.4f} nats a token", *found.uniform_delta));
    if (found.state_diversity)
        reasons.push_back(
            fmt::format("hidden states: mean pairwise cosine distance {:.3f}", *found.state_diversity));
}

void add_advice(ValidationReport& report) {
    auto& advice = report.advice;
    if (report.scenario == "untrained") {
        advice.push_back("Train the model first; an untrained transformer is near-uniform by construction.");
    } else if (report.scenario == "scenario_1") {
        advice.push_back(
            "Nothing: the model works as intended. The variation is in which tokens attend, not in how much "
            "each key gets.");
    } else if (report.scenario == "scenario_2") {
        advice.push_back(
            "See part 9: if uniform attention costs nothing, the other layers do the work and attention only "
            "mixes.");
    } else if (report.scenario == "scenario_3") {
        advice.push_back(
            "Give heads more dimensions, train longer, or raise the attention temperature's range; check "
            "part 8 for dead gradients.");
    } else if (report.scenario == "healthy") {
        advice.push_back(
            "Nothing to repair here. `headlight ablate --sweep` ranks the heads by what they contribute.");
    } else {
        advice.push_back(
            "Read the parts one by one; a longer or more typical text (--text-file) may decide it.");
    }
    if (report.num_sequences < kLeastSequences)
        advice.push_back(
            fmt::format("Give a longer text: {} sequences are too few for p-values ({} are needed).",
                        report.num_sequences, kLeastSequences));
}

bool is_incorrect(const ValidationReport& report) {
    for (const CheckReport& check : report.checks) {
        if (check.number != 1) continue;
        for (const CheckLine& line : check.lines) {
            if (line.mark == CheckMark::Fail) return true;
        }
    }
    return false;
}

void add_conclusion(ValidationReport& report) {
    auto& lines = report.conclusion;
    if (is_incorrect(report)) {
        lines = {"❌ Attention is not correct: part 1 failed, so the other numbers cannot be trusted.",
                 "   Repair normalisation or masking first."};
    } else if (report.critical.empty() && report.scenario == "healthy") {
        lines = {"✓ Attention is correct, differs from uniform, and no critical issue was found."};
    } else if (report.scenario == "scenario_1") {
        lines = {"✓ Attention is correct and works, although its rows look uniform."};
    } else if (report.scenario == "untrained") {
        lines = {"❌ Attention is correct but has learned nothing that this text shows."};
    } else if (report.critical.empty()) {
        lines = {"⚠️  Attention is correct; whether it is meaningful is not decided by this text."};
    } else if (report.scenario == "healthy") {
        lines = {
            "⚠️  Attention is correct and differs from uniform, but critical issues were found (above)."};
    } else {
        lines = {"⚠️  Attention is correct but may not be learning meaningful patterns.",
                 "   This could be due to:", "   - Architectural limitations (low-dimensional heads)",
                 "   - Insufficient training", "   - Hyperparameter issues (temperature, learning rate)"};
    }
}

}  // namespace

void conclude(ValidationReport& report) {
    choose_scenario(report);
    add_reasons(report);
    add_conclusion(report);
    add_advice(report);
}

}  // namespace headlight
