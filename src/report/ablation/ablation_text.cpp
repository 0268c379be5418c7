// What replacing attention cost, in lines and tables.
#include "report/ablation/ablation_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/ablation/effects.h"

namespace headlight {
namespace {

std::string plain_number(const std::optional<double>& value, int digits = 4, bool has_sign = false) {
    if (!value) return "n/a";
    return has_sign ? fmt::format("{:+.{}f}", *value, digits) : fmt::format("{:.{}f}", *value, digits);
}

std::string heads_text(const AblationEffect& effect) {
    if (!effect.mlp_layers.empty()) return fmt::format("MLP {}", effect.mlp_layers.front());
    if (effect.heads.size() == 1) return effect.heads.front().to_string();
    const int layer = effect.heads.empty() ? -1 : effect.heads.front().layer;
    if (std::all_of(effect.heads.begin(), effect.heads.end(),
                    [&](HeadId head) { return head.layer == layer; }))
        return fmt::format("layer {}", layer);
    return fmt::format("{} heads", effect.heads.size());
}

std::string interval(const AblationEffect& effect) {
    if (!effect.low || !effect.high) return "n/a";
    return fmt::format("[{:+.4f}, {:+.4f}]", *effect.low, *effect.high);
}

std::string resampled_unit(const AblateResult& result) {
    return result.texts.size() > 1 ? fmt::format("{} texts", result.texts.size())
                                   : "the tokens of the only text";
}

void add_effect(const AblateResult& result, const AblationEffect& effect, std::string& out) {
    if (const auto base = known(effect.base_loss)) {
        out += fmt::format("Unchanged: loss {:.4f} nats a token, PPL {:.2f}\n", *base, std::exp(*base));
        out += fmt::format("Changed:   loss {:.4f} nats a token, PPL {:.2f}\n", effect.loss,
                           std::exp(effect.loss));
        out += fmt::format("Delta:     {:+.4f} nats a token, 95% {} (paired bootstrap over {})\n",
                           effect.delta, interval(effect), resampled_unit(result));
        out += fmt::format("Worse on {:.1f}% of {} scored tokens\n", 100 * effect.worse_share,
                           effect.num_tokens);
    } else {
        out +=
            "No next-token loss: the model reads both ways. Measured: the change of its output "
            "distribution.\n";
    }
    if (effect.mean_kl) {
        out += fmt::format("Output distribution: KL {:.4f} nats, total variation {:.4f} (means)\n",
                           *effect.mean_kl, effect.mean_tvd.value_or(0));
    }
}

std::string answer_row(const std::string& name, const AnswerMetrics& answer, const AnswerMetrics* base) {
    return fmt::format("{:<14} {:>10.4f} {:>10.4f} {:>11.4f} {:>10} {:>12.4f} {:>9.4f}\n", name,
                       answer.answer_logit, answer.rival_logit, answer.difference,
                       base == nullptr ? "" : fmt::format("{:+.4f}", answer.difference - base->difference),
                       answer.probability, answer.kl);
}

std::string answer_head(const AblateResult& result) {
    return fmt::format("Question: {}\n{:<14} {:>10} {:>10} {:>11} {:>10} {:>12} {:>9}\n",
                       result.question_words, "", "answer", result.question->rival ? "rival" : "mean",
                       "difference", "change", "probability", "KL");
}

void add_answer(const AblateResult& result, const AblationEffect& effect, std::string& out) {
    if (!result.question || !effect.answer || !effect.base_answer) return;
    out += "\n" + answer_head(result) + answer_row("unchanged", *effect.base_answer, nullptr) +
           answer_row("changed", *effect.answer, &*effect.base_answer);
}

/// Ranked by the metric, each change with the answer's numbers.
void add_question_sweep(const AblateResult& result, std::string& out) {
    const auto ranked = ranked_effects(result);
    out += fmt::format(
        "Ranked by {}: what the change costs, largest first\n",
        result.metric == AblationMetric::Difference ? "logit difference" : to_string(result.metric));
    out += answer_head(result);
    if (!ranked.empty() && ranked.front().base_answer)
        out += answer_row("unchanged", *ranked.front().base_answer, nullptr);
    for (const AblationEffect& one : ranked) {
        if (one.answer) out += answer_row(heads_text(one), *one.answer, &*one.base_answer);
    }
}

void add_predictions(const AblateResult& result, std::string& out) {
    if (result.before.empty() || !result.query) return;
    const auto& tokens = result.texts.back().tokens;
    out += fmt::format("\nNext token after position {} ('{}'){}:\n", *result.query,
                       tokens[static_cast<std::size_t>(*result.query)].display,
                       result.texts.size() > 1 ? " of the last text" : "");
    out += fmt::format("  {:<34} {}\n", "unchanged", "changed");
    for (std::size_t i = 0; i < std::max(result.before.size(), result.after.size()); ++i) {
        const auto cell = [&](const std::vector<AblatedPrediction>& list) {
            return i < list.size() ? fmt::format("{}. '{}' {:.4f}", i + 1, list[i].piece, list[i].probability)
                                   : std::string();
        };
        out += fmt::format("  {:<34} {}\n", cell(result.before), cell(result.after));
    }
}

void add_tokens(const AblateResult& result, std::string& out) {
    if (result.tokens.empty()) return;
    out += fmt::format("\n{:>5}  {:<20} {:>10} {:>10} {:>10} {:>10}\n", "pos", "token", "unchanged",
                       "changed", "delta", "KL");
    for (std::size_t i = 0; i < result.tokens.size(); ++i) {
        const AblatedToken& token = result.tokens[i];
        const auto delta =
            token.base_loss && token.loss ? std::optional(*token.loss - *token.base_loss) : std::nullopt;
        out += fmt::format("{:>5}  {:<20} {:>10} {:>10} {:>10} {:>10}\n", i, token.display,
                           plain_number(token.base_loss), plain_number(token.loss),
                           plain_number(delta, 4, true), plain_number(token.kl));
    }
}

void add_loss_sweep(const AblateResult& result, std::string& out) {
    const auto ranked = ranked_effects(result);
    if (!ranked.empty()) {
        if (const auto base = known(ranked.front().base_loss))
            out += fmt::format("Unchanged: loss {:.4f} nats a token, PPL {:.2f}, {} scored tokens\n", *base,
                               std::exp(*base), ranked.front().num_tokens);
    }
    out += fmt::format(
        "95% interval: paired bootstrap over {}; one interval a head, not corrected for their number\n\n",
        resampled_unit(result));
    out += fmt::format("{:>5}  {:<8} {:>10}  {:<20} {:>7} {:>9} {:>9}\n", "rank", "head", "delta", "95%",
                       "worse", "KL", "TVD");
    for (std::size_t i = 0; i < ranked.size(); ++i) {
        const AblationEffect& one = ranked[i];
        const auto worse = known(one.worse_share);
        out += fmt::format("{:>5}  {:<8} {:>10}  {:<20} {:>7} {:>9} {:>9}\n", i + 1, heads_text(one),
                           plain_number(known(one.delta), 4, true), interval(one),
                           worse ? fmt::format("{:.1f}%", 100 * *worse) : "n/a", plain_number(one.mean_kl),
                           plain_number(one.mean_tvd));
    }
}

void add_sweep(const AblateResult& result, std::string& out) {
    const bool is_of_answer = result.question && result.metric != AblationMetric::Loss;
    is_of_answer ? add_question_sweep(result, out) : add_loss_sweep(result, out);
    if (result.was_stopped)
        out += fmt::format("\nStopped: {} of {} changes were measured.\n", result.effects.size(),
                           result.num_wanted);
}

}  // namespace

std::string ablation_text(const AblateResult& result) {
    std::string out = fmt::format("Model: {} ({}), {} layers x {} heads\nText:  {}\n{}\n\n", result.spec.name,
                                  result.spec.family_label, result.spec.num_layers, result.spec.num_heads,
                                  result.text_name, result.title);
    if (result.is_sweep) {
        add_sweep(result, out);
    } else {
        for (const AblationEffect& effect : result.effects)
            add_effect(result, effect, out), add_answer(result, effect, out);
        add_predictions(result, out);
        add_tokens(result, out);
    }
    return out;
}

}  // namespace headlight
