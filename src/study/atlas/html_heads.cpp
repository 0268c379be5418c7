#include "study/atlas/html_heads.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "study/atlas/html.h"

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
std::string token_html(const std::string& token, float weight, bool is_query) {
    const bool is_weight = std::isfinite(weight) && weight >= kLeastShown;
    std::string attributes = is_query ? " class=\"q\"" : "";
    if (is_weight)
        attributes += fmt::format(" style=\"--w:{:.2f}\" title=\"{:.3f}\"",
                                  0.85 * std::sqrt(std::min(1.0f, weight)), weight);
    else if (is_query)
        attributes += " title=\"0.000\"";
    return "<bdi" + attributes + ">" + (token.empty() ? "∅" : escape_html(token, 60)) + "</bdi>";
}

/// Tokens of the row, up to the query and as far as there are weights.
std::string row_html(const AtlasExample& example) {
    const std::size_t seen =
        std::max(example.weights.size(), static_cast<std::size_t>(std::max(-1, example.query) + 1));
    const std::size_t count = std::min(example.tokens.size(), seen);
    const std::size_t gap_begin = count > kMostTokens ? kFirstTokens : count;
    const std::size_t gap_end = count > kMostTokens ? count - (kMostTokens - kFirstTokens) : count;
    const auto weight_of = [&](std::size_t i) {
        return i < example.weights.size() ? example.weights[i] : 0.0f;
    };
    std::string text, out;
    for (std::size_t i = 0; i < count; ++i) {
        if (i == gap_begin) {
            double left_out = 0;
            for (; i < gap_end; ++i)
                left_out += weight_of(i);
            out += fmt::format("<span class=\"gap\">… {} tokens, weight {:.3f} …</span>", gap_end - gap_begin,
                               left_out);
        }
        text += example.tokens[i];
        out += token_html(example.tokens[i], weight_of(i), static_cast<int>(i) == example.query);
    }
    return fmt::format("<p class=\"row\" dir=\"{}\">", reads_right_to_left(text) ? "rtl" : "ltr") + out +
           "</p>\n";
}

std::string example_html(const AtlasExample& example) {
    std::string out = "<p class=\"soft\">";
    if (example.decile >= 0) out += fmt::format("Decile {} of 10 · ", example.decile + 1);
    out += fmt::format("{} · token {} · score {}", isolate_html(example.document),
                       example.first_token + std::max(0, example.query), decimal_html(example.score));
    return out + "</p>" + row_html(example);
}

std::string metrics_of(const AtlasHead& head) {
    std::string out;
    for (const auto& [id, value] : head.metrics)
        out += "<div><dt>" + isolate_html(id) + "</dt><dd>" + decimal_html(value, 4) + "</dd></div>";
    return out.empty() ? "" : "<dl>" + out + "</dl>\n";
}

std::string tags_of(const Atlas& atlas, const std::vector<const AtlasEntry*>& tags) {
    std::string out;
    for (const AtlasEntry* entry : tags)
        out += "<p><b>" + isolate_html(label_of(atlas, *entry)) + "</b> · score " +
               decimal_html(entry->confirmation.score) + ", chance " +
               decimal_html(entry->confirmation.null) + ", q " + probability_html(entry->q_value) +
               (entry->reason.empty() ? "" : " · " + isolate_html(entry->reason, 600)) + "</p>\n";
    return out.empty() ? "<p>No pattern passed all tests for this head.</p>\n" : out;
}

/// Top examples, then one of each decile; stops where the page would grow too large.
std::string examples_of(const AtlasHead& head, std::size_t& bytes_left) {
    std::string top, deciles;
    std::size_t num_top = 0, num_deciles = 0;
    bool is_cut = false;
    for (const AtlasExample& example : head.examples) {
        std::size_t& count = example.decile < 0 ? num_top : num_deciles;
        if (count >= (example.decile < 0 ? kMostTopExamples : kMostDecileExamples)) continue;
        std::string html = example_html(example);
        if (html.size() > bytes_left) {
            is_cut = true;
            break;
        }
        bytes_left -= html.size();
        ++count;
        (example.decile < 0 ? top : deciles) += html;
    }
    std::string out;
    if (!top.empty()) out += "<h3>Strongest rows</h3>\n" + top;
    if (!deciles.empty()) out += "<h3>One row from each tenth of the rows, by score</h3>\n" + deciles;
    if (is_cut) out += "<p class=\"soft\">More examples are in atlas.json.</p>\n";
    return out;
}

std::string head_html(const Atlas& atlas, const AtlasHead& head, const std::vector<const AtlasEntry*>& tags,
                      std::size_t& bytes_left) {
    const std::string name = head.head.to_string();
    std::string out = fmt::format("<details id=\"{}\"><summary><b>{}</b>", name, name);
    for (const AtlasEntry* entry : tags)
        out += "<span class=\"chip\">" + isolate_html(label_of(atlas, *entry)) + "</span>";
    if (tags.empty()) out += "<span class=\"soft\">no pattern</span>";
    if (!head.shape.empty()) out += " <span class=\"soft\">shape: " + isolate_html(head.shape) + "</span>";
    out += "</summary>\n" + tags_of(atlas, tags) + metrics_of(head);
    return out + examples_of(head, bytes_left) + "</details>\n";
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

std::string heads_html(const Atlas& atlas, const AtlasDigest& digest, const std::vector<bool>& has_section) {
    std::size_t bytes_left = kMostExampleBytes;
    std::string out =
        "<p class=\"soft\">A token's ground is as strong as its weight; point at it for the number. The "
        "framed token is "
        "the query, whose row is shown.</p>\n";
    std::size_t num_left_out = 0;
    for (std::size_t index = 0; index < atlas.heads.size(); ++index) {
        if (has_section[index])
            out += head_html(atlas, atlas.heads[index], digest.tags_of_head[index], bytes_left);
        else
            ++num_left_out;
    }
    if (num_left_out > 0)
        out += fmt::format(
            "<p class=\"soft\">{} with less clear patterns are left out here; atlas.json has all.</p>\n",
            count_of(num_left_out, "head"));
    return out;
}

}  // namespace headlight
