// Which heads get a section, and what stands in it.
#include "report/atlas/head_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/markup_text.h"
#include "report/html/numbers.h"
#include "report/html/page.h"
#include "report/html/text_direction.h"

namespace headlight {
namespace {

constexpr std::size_t kMostSections = 200;
constexpr std::size_t kMostExampleBytes = 8'000'000;
constexpr std::size_t kMostTopExamples = 5;
constexpr std::size_t kMostDecileExamples = 10;
constexpr std::size_t kMostTokens = 160;  // of a row; the middle of a longer one is left out
constexpr std::size_t kFirstTokens = 24;  // kept of the beginning then
constexpr float kLeastShown = 0.0005f;

/// One token; its ground is as strong as its weight (square root, so that small weights can be seen).
Markup token_markup(const std::string& token, float weight, bool is_query) {
    MarkupAttributes attributes;
    if (is_query) attributes.push_back({"class", "q"});
    if (std::isfinite(weight) && weight >= kLeastShown) {
        attributes.push_back({"style", fmt::format("--w:{:.2f}", 0.85 * std::sqrt(std::min(1.0f, weight)))});
        attributes.push_back({"title", fmt::format("{:.3f}", weight)});
    } else if (is_query) {
        attributes.push_back({"title", "0.000"});
    }
    return element("bdi", attributes, token.empty() ? "∅" : visible_text(token, 60));
}

/// Tokens of the row, up to the query and as far as there are weights.
Markup row_markup(const AtlasExample& example) {
    const std::size_t seen =
        std::max(example.weights.size(), static_cast<std::size_t>(std::max(-1, example.query) + 1));
    const std::size_t count = std::min(example.tokens.size(), seen);
    const std::size_t gap_begin = count > kMostTokens ? kFirstTokens : count;
    const std::size_t gap_end = count > kMostTokens ? count - (kMostTokens - kFirstTokens) : count;
    const auto weight_of = [&](std::size_t i) {
        return i < example.weights.size() ? example.weights[i] : 0.0f;
    };
    std::string text;
    Markup out;
    for (std::size_t i = 0; i < count; ++i) {
        if (i == gap_begin) {
            double left_out = 0;
            for (; i < gap_end; ++i)
                left_out += weight_of(i);
            out += element("span", {{"class", "gap"}},
                           fmt::format("… {} tokens, weight {:.3f} …", gap_end - gap_begin, left_out));
        }
        text += example.tokens[i];
        out += token_markup(example.tokens[i], weight_of(i), static_cast<int>(i) == example.query);
    }
    const char* const direction = reads_right_to_left(text) ? "rtl" : "ltr";
    return joined(element("p", {{"class", "row"}, {"dir", direction}}, out), "\n");
}

Markup example_markup(const AtlasExample& example) {
    const std::string decile =
        example.decile >= 0 ? fmt::format("Decile {} of 10 · ", example.decile + 1) : "";
    return joined(
        remark(joined(decile, isolated(example.document),
                      fmt::format(" · token {} · score {}", example.first_token + std::max(0, example.query),
                                  decimal_text(example.score)))),
        row_markup(example));
}

Markup metrics_of(const AtlasHead& head) {
    if (head.metrics.empty()) return {};
    Markup out;
    for (const auto& [id, value] : head.metrics) {
        out += element("div", {},
                       joined(element("dt", {}, isolated(id)), element("dd", {}, decimal_text(value, 4))));
    }
    return joined(element("dl", {}, out), "\n");
}

Markup tags_of(const Atlas& atlas, const std::vector<const AtlasEntry*>& tags) {
    if (tags.empty()) return paragraph("No pattern passed all tests for this head.");
    Markup out;
    for (const AtlasEntry* entry : tags) {
        Markup line =
            joined(element("b", {}, isolated(label_of(atlas, *entry))),
                   fmt::format(" · score {}, chance {}, q {}", decimal_text(entry->confirmation.score),
                               decimal_text(entry->confirmation.null), probability_text(entry->q_value)));
        if (!entry->reason.empty()) line += joined(" · ", isolated(entry->reason, 600));
        out += paragraph(line);
    }
    return out;
}

/// Top examples, then one of each decile; stops where the page would grow too large.
Markup examples_of(const AtlasHead& head, std::size_t& bytes_left) {
    Markup top, deciles;
    std::size_t num_top = 0, num_deciles = 0;
    bool is_cut = false;
    for (const AtlasExample& example : head.examples) {
        std::size_t& count = example.decile < 0 ? num_top : num_deciles;
        if (count >= (example.decile < 0 ? kMostTopExamples : kMostDecileExamples)) continue;
        const Markup markup = example_markup(example);
        if (markup.bytes().size() > bytes_left) {
            is_cut = true;
            break;
        }
        bytes_left -= markup.bytes().size();
        ++count;
        (example.decile < 0 ? top : deciles) += markup;
    }
    Markup out;
    if (!top.empty()) out += joined(subheading("Strongest rows"), top);
    if (!deciles.empty()) out += joined(subheading("One row from each tenth of the rows, by score"), deciles);
    if (is_cut) out += remark("More examples are in atlas.json.");
    return out;
}

Markup head_section(const Atlas& atlas, const AtlasHead& head, const std::vector<const AtlasEntry*>& tags,
                    std::size_t& bytes_left) {
    const std::string name = head.head.to_string();
    Markup summary = element("b", {}, name);
    for (const AtlasEntry* entry : tags)
        summary += element("span", {{"class", "chip"}}, isolated(label_of(atlas, *entry)));
    if (tags.empty()) summary += element("span", {{"class", "soft"}}, "no pattern");
    if (!head.shape.empty())
        summary += joined(" ", element("span", {{"class", "soft"}}, joined("shape: ", isolated(head.shape))));
    return folded({{"id", name}}, summary,
                  joined(tags_of(atlas, tags), metrics_of(head), examples_of(head, bytes_left)));
}

}  // namespace

std::vector<bool> choose_head_sections(const Atlas& atlas, const AtlasDigest& digest) {
    std::vector<bool> has_section(atlas.heads.size(), atlas.heads.size() <= kMostSections);
    if (atlas.heads.size() <= kMostSections) return has_section;
    std::size_t count = 0;
    const auto take = [&](std::size_t index) {
        if (count >= kMostSections || has_section[index]) return;
        has_section[index] = true;
        ++count;
    };
    for (const AtlasEntry* entry : digest.tagged)
        take(static_cast<std::size_t>(entry - atlas.entries.data()) / atlas.detectors.size());
    for (std::size_t index = 0; index < atlas.heads.size(); ++index)
        take(index);
    return has_section;
}

Markup head_sections(const Atlas& atlas, const AtlasDigest& digest, const std::vector<bool>& has_section) {
    std::size_t bytes_left = kMostExampleBytes;
    Markup out = remark(
        "A token's ground is as strong as its weight; point at it for the number. The framed token is the "
        "query, whose row is shown.");
    std::size_t num_left_out = 0;
    for (std::size_t index = 0; index < atlas.heads.size(); ++index) {
        if (has_section[index])
            out += head_section(atlas, atlas.heads[index], digest.tags_of_head[index], bytes_left);
        else
            ++num_left_out;
    }
    if (num_left_out > 0) {
        out += remark(fmt::format("{} with less clear patterns are left out here; atlas.json has all.",
                                  count_of(num_left_out, "head")));
    }
    return out;
}

}  // namespace headlight
