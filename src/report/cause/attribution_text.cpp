#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "report/cause/attribution_report.h"

namespace headlight {
namespace {

constexpr std::size_t kSourceHeads = 8;  // whose source tokens are listed
constexpr float kLeastSource = 0.05f;    // of the head's own effect

/// "heads", "feed-forward" ...: the parts that are added up in one line.
const char* kind_label(Component::Kind kind) {
    switch (kind) {
        case Component::Kind::Head:
        case Component::Kind::CrossHead:
            return "heads";
        case Component::Kind::Mlp:
            return "feed-forward";
        case Component::Kind::Embedding:
            return "embedding";
        case Component::Kind::Position:
            return "positions";
        default:
            return "biases";
    }
}

std::string interval_text(const PromptMean& value) {
    return value.interval ? fmt::format("  [{:+.3f}, {:+.3f}]", value.interval->low, value.interval->high)
                          : "";
}

void add_largest(const AttributionResult& result, int count, std::string& out) {
    std::vector<std::size_t> ranking = result.ranking();
    // Parts that the model does not have are listed for programs alone.
    std::erase_if(ranking, [&](std::size_t i) { return result.components[i].effect.mean == 0; });
    const auto shown = std::min(ranking.size(), static_cast<std::size_t>(count));
    double rest = 0;
    for (std::size_t i = 0; i < ranking.size(); ++i) {
        const ComponentEffect& part = result.components[ranking[i]];
        if (i >= shown) {
            rest += part.effect.mean;
            continue;
        }
        out += fmt::format("  {:<16} {:+9.4f}{}\n", to_string(part.component), part.effect.mean,
                           interval_text(part.effect));
    }
    if (shown < ranking.size())
        out += fmt::format("  {:<16} {:+9.4f}\n", fmt::format("{} others", ranking.size() - shown), rest);
}

void add_kinds(const AttributionResult& result, std::string& out) {
    std::map<std::string, double> sums;
    for (const ComponentEffect& part : result.components)
        sums[kind_label(part.component.kind)] += part.effect.mean;
    out += "\nBy kind:";
    for (const char* kind : {"heads", "feed-forward", "embedding", "positions", "biases"})
        if (sums.contains(kind) && sums[kind] != 0) out += fmt::format("  {} {:+.4f}", kind, sums[kind]);
    out += fmt::format("\n{} parts sum to {:+.4f}; largest error of any row's sum {:.1e} of the logit\n",
                       std::count_if(result.components.begin(), result.components.end(),
                                     [](const ComponentEffect& part) { return part.effect.mean != 0; }),
                       result.total.mean, result.largest_error);
}

void add_sources(const AttributionResult& result, std::string& out) {
    const TokenizedText& tokens = result.prompts.front().tokens;
    out += fmt::format("\nLargest heads by source token (cells of the question's row{}):\n",
                       result.prompts.size() > 1 ? " of the first prompt" : "");
    std::size_t shown = 0;
    for (const std::size_t index : result.ranking()) {
        const Component& component = result.components[index].component;
        if (component.kind != Component::Kind::Head) continue;
        if (shown++ == kSourceHeads) break;
        const std::vector<float> effects = result.by_source({component.layer, component.head});
        double size = 0;
        for (const float effect : effects)
            size += std::abs(effect);
        out += fmt::format("  {:<7}", to_string(component));
        for (std::size_t key = 0; key < effects.size(); ++key)
            if (std::abs(effects[key]) >= kLeastSource * size)
                out += fmt::format("  {} ({}) {:+.3f}", tokens.tokens[key].display, key, effects[key]);
        out += "\n";
    }
}

}  // namespace

std::string attribution_text(const AttributionResult& result, int count) {
    const Prompt& prompt = result.prompts.front();
    const AnswerMetrics& answer = result.answers.front();
    const bool is_one = result.prompts.size() == 1;
    const std::string what =
        prompt.question.rival ? "logit difference" : "logit minus the mean of all logits";
    std::string out = is_one ? fmt::format("{}\n{} {:+.4f}, probability {:.2f} %\n",
                                           describe(prompt.question, *result.model, prompt.tokens), what,
                                           answer.difference, 100 * answer.probability)
                             : fmt::format("{} prompts; mean {} {:+.4f}{}\n", result.prompts.size(), what,
                                           result.total.mean, interval_text(result.total));
    if (result.first.cap_slope < 1)
        out += fmt::format(
            "Parts sum to the logit before the model's soft-cap; a small change counts {:.3f} of it after\n",
            result.first.cap_slope);
    if (result.first.all_norms_frozen)
        out += "All norms frozen: the stream is normed after each sum, so early parts pass many of them\n";
    out += "\nDirect contributions in logits, largest first:\n";
    add_largest(result, count, out);
    add_kinds(result, out);
    add_sources(result, out);
    out += "\nDirect paths only, norms as they were: an early head mostly acts through later parts.\n" +
           prompts_caveat(result.prompts.size(), false) + "\n";
    return out;
}

}  // namespace headlight
