#include "report/compare/compare_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace headlight {
namespace {

constexpr std::size_t kMostShownTokens = 400;

std::string signed_cell(const std::optional<double>& value) {
    return value ? fmt::format("{:+.4f}", *value) : "n/a";
}

std::string plain_cell(const std::optional<double>& value) {
    return value ? fmt::format("{:.4f}", *value) : "n/a";
}

/// The tokens of one side, those without a partner in brackets.
std::string tokens_line(const TokenizedText& text, const std::vector<int>& partners) {
    std::string out;
    for (std::size_t i = 0; i < std::min(text.tokens.size(), kMostShownTokens); ++i) {
        const std::string& shown = text.tokens[i].display;
        out += partners[i] < 0 ? fmt::format(" [{}]", shown) : " " + shown;
    }
    if (text.tokens.size() > kMostShownTokens)
        out += fmt::format(" … and {} more", text.tokens.size() - kMostShownTokens);
    return out;
}

void add_tokens(const TokenAlignment& aligned, const TokenizedText& a, const TokenizedText& b,
                std::string& out) {
    out += "  A" + tokens_line(a, aligned.partners()) + "\n";
    out += "  B" + tokens_line(b, aligned.partners_in_a()) + "\n";
    out += fmt::format("  {} aligned, first difference at token {}\n", aligned.pairs.size(),
                       aligned.num_equal_first);
}

void add_sides(const Comparison& c, std::string& out) {
    out += fmt::format("Comparing {}\n", to_string(c.by));
    for (const auto* side : {&c.a, &c.b}) {
        out += fmt::format("  {}: {}, {} layers x {} heads, {} tokens{}\n", side == &c.a ? "A" : "B",
                           side->label.size() > 1 ? side->label : side->spec.name,
                           side->text->trace->num_layers(), side->text->trace->num_heads(),
                           side->text->tokens.tokens.size(),
                           side->text->was_measured_now ? "" : ", measured before");
    }
    const TokenAlignment &queries = c.alignment.queries, &keys = c.alignment.keys;
    if (queries.is_same_text() && keys.is_same_text()) {
        out += "The same tokens on both sides.\n\n";
        return;
    }
    out += "Aligned by the longest common sequence; in brackets: tokens of one side only\n";
    if (!queries.is_same_text()) add_tokens(queries, c.a.text->tokens, c.b.text->tokens, out);
    if (c.a.text->key_tokens) add_tokens(keys, c.a.text->keys(), c.b.text->keys(), out);
    if (c.alignment.agrees_before && queries.num_equal_first > 0)
        out += "The rows before the first difference are equal and left out of the means.\n";
    out += "\n";
}

void add_reference(const Comparison& c, std::string& out) {
    if (c.by == ComparedBy::Texts)
        out += "One pair of prompts: what is found here may not hold on another.\n";
    if (c.null) {
        const auto above = std::count_if(c.heads.begin(), c.heads.end(), [&](const HeadDivergence& head) {
            return head.ranked > c.null->high;
        });
        out += fmt::format(
            "Reference: {}: mean {:.2g}, 95 % of its heads below {:.2g}; {} of {} heads lie above\n",
            c.null->what, c.null->mean, c.null->high, above, c.heads.size());
    } else if (!c.why_no_null.empty()) {
        out += fmt::format("Reference: none ({})\n", c.why_no_null);
    }
}

void add_head(const Comparison& c, const HeadDivergence& head, std::size_t rank, std::string& out) {
    const bool is_same = head.heads.a == head.heads.b;
    const std::string tags_a = tags_of(c.a, head.heads.a), tags_b = tags_of(c.b, head.heads.b);
    const bool has_tags = !tags_a.empty() || !tags_b.empty();
    std::string tags;
    if (has_tags)
        tags = tags_a == tags_b
                   ? tags_a
                   : fmt::format("{} | {}", tags_a.empty() ? "–" : tags_a, tags_b.empty() ? "–" : tags_b);
    const double rest = c.alignment.agrees_before ? head.rest_after : head.rest;
    out += fmt::format(
        "{:>5}  {:<14} {:>8} {:>8} {:>6} {:>7.2f}{}  {}\n", rank,
        is_same ? head.heads.a.to_string() : head.heads.a.to_string() + " | " + head.heads.b.to_string(),
        head.num_rows > 0 ? fmt::format("{:.4f}", head.ranked) : "n/a", plain_cell(head.jsd),
        c.alignment.agrees_before ? head.num_rows_after : head.num_rows, rest, rest > kMuchRest ? "*" : " ",
        tags);
}

void add_heads(const Comparison& c, int top_k, std::string& out) {
    out += fmt::format(
        "Most changed heads: Jensen-Shannon divergence of the rows in nats (0 .. 0.693), means over rows{}\n",
        c.alignment.agrees_before ? " behind the first difference" : "");
    add_reference(c, out);
    out += fmt::format("{:>5}  {:<14} {:>8} {:>8} {:>6} {:>8}  {}\n", "rank", "head", "JSD", "all rows",
                       "rows", "rest ", "tags A | B");
    const std::vector<std::size_t> order = c.ranking();
    const std::size_t shown = std::min(order.size(), static_cast<std::size_t>(std::max(1, top_k)));
    for (std::size_t i = 0; i < shown; ++i)
        add_head(c, c.heads[order[i]], i + 1, out);
    if (shown < order.size()) out += fmt::format("       … and {} more\n", order.size() - shown);
    const bool has_rest = std::any_of(c.heads.begin(), c.heads.end(),
                                      [](const HeadDivergence& head) { return head.rest > kMuchRest; });
    out += "rest: mean mass on keys that only one side has";
    out += has_rest ? "; * above one half: little in common to compare\n\n" : "\n\n";
}

void add_metrics(const Comparison& c, std::string& out) {
    out +=
        fmt::format("Metrics, {} over the compared rows\n{:<28} {:>10} {:>10} {:>10}\n",
                    c.heads.size() == 1 ? "of the two heads" : "means of all heads", "", "A", "B", "A - B");
    for (const MetricChange& change : c.mean_metrics) {
        out += fmt::format("{:<28} {:>10} {:>10} {:>10}\n", change.metric->label, plain_cell(change.a),
                           plain_cell(change.b), signed_cell(change.difference()));
    }
}

void add_predictions(const Comparison& c, int top_k, std::string& out) {
    if (c.a.predictions.top.empty() || c.b.predictions.top.empty() || c.by == ComparedBy::Heads) return;
    const bool is_masked = c.a.spec.prediction == Prediction::MaskedToken;
    out += fmt::format("\n{} at token {} of A and {} of B\n", is_masked ? "Masked token" : "Next token",
                       c.a.position, c.b.position);
    const auto cell = [](const QueryPredictions& side, std::size_t i) {
        return i < side.top.size()
                   ? fmt::format("{:>5.1f} %  '{}'", 100 * side.top[i].probability, side.display[i])
                   : std::string();
    };
    for (std::size_t i = 0; i < static_cast<std::size_t>(std::max(1, top_k)); ++i)
        out += fmt::format("  {:<34} {}\n", cell(c.a.predictions, i), cell(c.b.predictions, i));
    if (c.kl) out += fmt::format("  KL of B from A: {:.4f} nats\n", *c.kl);
    if (!c.a.answer || !c.b.answer) return;
    const auto line = [&](const char* name, float a, float b) {
        out += fmt::format("  {:<24} {:>10.4f} {:>10.4f} {:>+10.4f}\n", name, a, b, a - b);
    };
    line("logit difference", c.a.answer->difference, c.b.answer->difference);
    line("probability of the answer", c.a.answer->probability, c.b.answer->probability);
}

}  // namespace

std::string tags_of(const ComparedRun& run, HeadId head) {
    std::string out;
    for (const Tag& tag : run.text->analysis.head(head).tags) {
        if (tag.score.is_tagged) out += fmt::format("{}{}", out.empty() ? "" : ", ", tag.detector->label);
    }
    return out;
}

std::string comparison_text(const Comparison& comparison, int top_k) {
    std::string out;
    add_sides(comparison, out);
    add_heads(comparison, top_k, out);
    add_metrics(comparison, out);
    add_predictions(comparison, 5, out);
    return out;
}

}  // namespace headlight
