#include <fmt/format.h>

#include <algorithm>

#include "report/dilute/dilution_report.h"

namespace headlight {
namespace {

std::string number_or_dash(const std::optional<double>& value, int digits) {
    return value ? fmt::format("{:.{}f}", *value, digits) : "–";
}

std::string joined(const TokenizedText& text) {
    std::string out;
    for (const Token& token : text.tokens)
        out += token.display;
    return out;
}

std::string losses_text(const DilutionExperiment& experiment) {
    std::string out = fmt::format("{:>8}  {:>22}\n", "length", "loss of the target");
    for (const DilutionLength& length : experiment.lengths) {
        out += fmt::format("{:>8}  {:>12} ± {:<7}{}\n", length.length, number_or_dash(length.loss, 4),
                           number_or_dash(length.loss_deviation, 4),
                           length.is_beyond ? "  beyond the model's positions" : "");
    }
    return out;
}

std::string ranking_text(const DilutionResult& result, const DilutionExperiment& experiment) {
    const std::vector<RankedHead> ranked = ranked_heads(result, experiment);
    if (result.fact.tokens.empty()) return "No fact was given: nothing is said of holding on.\n";
    std::string out = std::string(fact_hold_rule()) + "\n";
    if (ranked.empty())
        return out + "No head gives the fact twice a uniform head's mass in the shortest context.\n";
    const int from = experiment.lengths.front().length, to = experiment.lengths.back().length;
    out += fmt::format("{} of {} heads see it. Mass and lift at {} and {} tokens:\n", ranked.size(),
                       result.grid.size(), from, to);
    out += fmt::format("{:<14} {:<8} {:>9} {:>9} {:>9} {:>9}\n", "", "head", fmt::format("at {}", from),
                       fmt::format("at {}", to), "lift", "lift");
    for (const RankedHead& one : ranked) {
        const FactChange& change = one.change;
        out += fmt::format("{:<14} {:<8} {:>9.4f} {:>9.4f} {:>9} {:>9}\n", to_string(change.hold()),
                           one.head.to_string(), change.mass_short, change.mass_long,
                           number_or_dash(change.lift_short(), 1), number_or_dash(change.lift_long(), 1));
    }
    return out;
}

/// One kind a table: heads down, lengths across, the uniform head under each head where it differs.
std::string curve_table(const DilutionResult& result, const DilutionExperiment& experiment,
                        const std::vector<HeadId>& heads, const DilutionKindInfo& kind) {
    const int digits = kind.is_share ? 4 : 1;
    std::string out = fmt::format("\n{}{}\n", kind.label,
                                  kind.kind == DilutionKind::Last ? fmt::format(" ({})", result.last) : "");
    out += fmt::format("{:<14}", "");
    for (const DilutionLength& length : experiment.lengths)
        out += fmt::format(" {:>9}", length.length);
    std::string null_before;
    for (const HeadId head : heads) {
        const std::size_t index = result.grid.index(head);
        std::string own, null;
        for (const DilutionLength& length : experiment.lengths) {
            own += fmt::format(" {:>9}", number_or_dash(length.heads[index].mean[kind.kind], digits));
            null += fmt::format(" {:>9}", number_or_dash(length.heads[index].null[kind.kind], digits));
        }
        if (null != null_before) out += fmt::format("\n{:<14}{}", "uniform head", null);
        null_before = null;
        out += fmt::format("\n{:<14}{}", head.to_string(), own);
    }
    return out + "\n";
}

}  // namespace

std::vector<HeadId> shown_heads(const DilutionResult& result, const DilutionExperiment& experiment,
                                const DilutionScope& scope) {
    if (!scope.heads.empty()) return scope.heads;
    const std::vector<RankedHead> ranked = ranked_heads(result, experiment);
    std::vector<HeadId> out;
    const auto most = static_cast<std::size_t>(std::max(1, scope.most));
    if (ranked.empty()) {
        for (std::size_t i = 0; i < std::min(most, result.grid.size()); ++i)
            out.push_back(result.grid.at(i));
        return out;
    }
    // The best of those that hold on, and of those that let go the ones that looked hardest.
    std::vector<RankedHead> others;
    for (const RankedHead& one : ranked)
        if (one.change.hold() != FactHold::Holds) others.push_back(one);
    std::stable_sort(others.begin(), others.end(), [](const RankedHead& a, const RankedHead& b) {
        return a.change.lift_short().value_or(0) > b.change.lift_short().value_or(0);
    });
    const std::size_t num_holding = ranked.size() - others.size();
    const std::size_t wanted = std::max(most - std::min(most, others.size()), (most + 1) / 2);
    for (std::size_t i = 0; i < std::min(num_holding, wanted); ++i)
        out.push_back(ranked[i].head);
    for (std::size_t i = 0; i < others.size() && out.size() < most; ++i)
        out.push_back(others[i].head);
    return out;
}

std::string dilution_text(const DilutionResult& result, const DilutionScope& scope) {
    const ModelSpec& spec = result.spec;
    std::string out = fmt::format(
        "Model:  {} ({}), {} layers x {} heads{}\n", spec.name, spec.family_label, spec.num_layers,
        spec.num_heads,
        result.trained_length > 0 ? fmt::format(", {} positions", result.trained_length) : std::string());
    out += fmt::format("Target: {} ({} tokens), its rows alone are measured\n", joined(result.target),
                       result.target.tokens.size());
    if (!result.fact.tokens.empty())
        out += fmt::format("Fact:   {} ({} tokens)\n", joined(result.fact), result.fact.tokens.size());
    out +=
        fmt::format("Filler: {} different ones a length; numbers are means over them\n", result.num_slices);
    for (const std::string& note : result.notes)
        out += "Note:   " + note + "\n";
    for (const DilutionExperiment& experiment : result.experiments) {
        out += fmt::format("\n== {} ==\n\n{}\n{}", describe(experiment.place), losses_text(experiment),
                           ranking_text(result, experiment));
        const std::vector<HeadId> heads = shown_heads(result, experiment, scope);
        for (const DilutionKindInfo& kind : kDilutionKinds)
            if (kind.kind != DilutionKind::Fact || !result.fact.tokens.empty())
                out += curve_table(result, experiment, heads, kind);
    }
    out +=
        "\nMass that falls with length is what a softmax over more keys does; it does not say that the model "
        "cannot use a long context: read it beside the loss. entropy / ln n falls for a head that keeps its "
        "effective number of keys: that is no sharpening.\n";
    return out;
}

}  // namespace headlight
