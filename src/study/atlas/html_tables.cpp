#include "study/atlas/html_tables.h"

#include <fmt/format.h>

#include "study/atlas/html.h"

namespace headlight {
namespace {

constexpr std::size_t kMostTagRows = 2000;
constexpr std::size_t kMostDocuments = 200;

std::string tile(const std::string& value, const std::string& name) {
    return "<div><b>" + value + "</b><span>" + name + "</span></div>";
}

std::string td(const std::string& text) {
    return "<td>" + text + "</td>";
}

/// Which chance levels the tag had to beat, with their p-values where there are any.
std::string nulls_of(const AtlasEntry& entry) {
    std::string out = "uniform";
    if (entry.profile_p_value) out += "; own profile, p " + probability_html(entry.profile_p_value);
    if (entry.permutation_p_value)
        out += "; permuted tokens, p " + probability_html(entry.permutation_p_value);
    return out;
}

std::string interval_of(const AtlasEntry& entry) {
    if (!entry.low || !entry.high) return "–";
    return decimal_html(entry.low) + " – " + decimal_html(entry.high);
}

std::string tag_row(const Atlas& atlas, const AtlasEntry& entry, const std::vector<bool>& has_section) {
    const AtlasScore& found = entry.confirmation;
    std::string out = "<tr><td class=\"l\">" + head_link_html(atlas, entry.head, has_section) +
                      "</td><td class=\"l\">" + isolate_html(label_of(atlas, entry)) + "</td>";
    for (const auto& value : {entry.interpretability, found.score, found.null})
        out += td(decimal_html(value));
    out +=
        td(decimal_html(found.lift, 1)) + td(decimal_html(found.kappa)) + td(decimal_html(found.argmax_rate));
    out += td(probability_html(entry.q_value)) + td(interval_of(entry)) + td(decimal_html(entry.consistency));
    out += td(decimal_html(entry.cohen_d, 1)) + td(std::to_string(found.num_sequences));
    return out + "<td class=\"l\">" + nulls_of(entry) + "</td></tr>\n";
}

std::string list_documents(const Atlas& atlas) {
    std::string out;
    for (std::size_t i = 0; i < atlas.corpus.size() && i < kMostDocuments; ++i)
        out += (i > 0 ? ", " : "") + isolate_html(atlas.corpus[i]);
    if (atlas.corpus.size() > kMostDocuments)
        out += fmt::format(" and {} more", atlas.corpus.size() - kMostDocuments);
    return out.empty() ? "none" : out;
}

}  // namespace

std::string head_link_html(const Atlas& atlas, HeadId head, const std::vector<bool>& has_section) {
    const std::size_t index = atlas.grid().index(head);
    const std::string name = head.to_string();
    if (head.layer < 0 || head.head < 0 || index >= has_section.size() || !has_section[index]) return name;
    return "<a href=\"#" + name + "\">" + name + "</a>";
}

std::string summary_html(const Atlas& atlas, const AtlasDigest& digest) {
    std::string out = "<div class=\"tiles\">";
    out +=
        tile(fmt::format("{} of {}", digest.num_tagged_heads, atlas.heads.size()), "heads follow a pattern");
    out += tile(std::to_string(digest.tagged.size()), "tags of a head and a pattern");
    out += tile(std::to_string(atlas.detectors.size()), "patterns looked for");
    out += tile(fmt::format("{} + {}", atlas.num_discovery, atlas.num_confirmation),
                "sequences to discover + confirm");
    out += tile(std::to_string(atlas.sequence_length), "tokens a sequence");
    out += tile(std::to_string(atlas.seed), "seed") + "</div>\n";
    out += "<p class=\"soft\">Model " + isolate_html(atlas.model) + " (family " + isolate_html(atlas.family) +
           ", " + isolate_html(atlas.dtype) +
           fmt::format(", {} x {}", count_of(static_cast<std::size_t>(atlas.num_layers), "layer"),
                       count_of(static_cast<std::size_t>(atlas.num_heads), "head")) +
           "). Texts: " + list_documents(atlas) +
           fmt::format(" ({} bytes). Probes: ", atlas.num_corpus_bytes);
    for (std::size_t i = 0; i < atlas.probes.size(); ++i)
        out += (i > 0 ? ", " : "") + isolate_html(atlas.probes[i]);
    return out + (atlas.probes.empty() ? "none" : "") + ". Headlight " +
           isolate_html(atlas.headlight_version) + ".</p>\n";
}

std::string answers_html(const std::vector<AtlasAnswer>& answers) {
    std::string out;
    for (const AtlasAnswer& answer : answers)
        out += "<h3>" + isolate_html(answer.question, 500) + "</h3><p>" + isolate_html(answer.answer, 5000) +
               "</p>\n";
    return out;
}

std::string tags_html(const Atlas& atlas, const AtlasDigest& digest, const std::vector<bool>& has_section) {
    if (digest.tagged.empty()) return "<p>No head passed the tests for any pattern.</p>\n";
    std::string out =
        "<div class=\"scroll\"><table><thead><tr><th class=\"l\">head</th><th class=\"l\">pattern</th>"
        "<th>interpretability</th><th>score</th><th>chance</th><th>lift</th><th>κ</th><th>argmax "
        "rate</th><th>q</th>"
        "<th>95 % interval</th><th>consistency</th><th>d</th><th>n</th><th class=\"l\">chance levels "
        "beaten</th>"
        "</tr></thead><tbody>\n";
    for (std::size_t i = 0; i < digest.tagged.size() && i < kMostTagRows; ++i)
        out += tag_row(atlas, *digest.tagged[i], has_section);
    out += "</tbody></table></div>\n";
    if (digest.tagged.size() > kMostTagRows)
        out += fmt::format("<p class=\"soft\">{} less clear tags are left out here; atlas.csv has all.</p>\n",
                           digest.tagged.size() - kMostTagRows);
    return out;
}

std::string controls_html(const Atlas& atlas) {
    if (atlas.controls.empty())
        return "<p>No negative control was run, so this scan does not know its own rate of false "
               "alarms.</p>\n";
    std::string out =
        "<p>Where nothing can be found, nothing should fire: content patterns need tokens that mean "
        "something, so on "
        "shuffled tokens or with random weights they must vanish. Positional patterns may survive "
        "shuffling.</p>\n"
        "<div class=\"scroll\"><table><thead><tr><th class=\"l\">control</th><th>runs</th><th>content "
        "tags</th>"
        "<th>of tests</th><th>rate</th><th>positional tags</th><th>of "
        "tests</th><th>rate</th></tr></thead><tbody>\n";
    const auto rate = [](int tags, int tests) {
        return tests > 0 ? fmt::format("{:.1f} %", 100.0 * tags / tests) : std::string("–");
    };
    for (const AtlasControl& control : atlas.controls) {
        out += "<tr><td class=\"l\">" + isolate_html(control.name) + "</td>" +
               td(std::to_string(control.num_runs));
        out += td(std::to_string(control.num_content_tags)) + td(std::to_string(control.num_content_tests)) +
               td(rate(control.num_content_tags, control.num_content_tests));
        out += td(std::to_string(control.num_positional_tags)) +
               td(std::to_string(control.num_positional_tests)) +
               td(rate(control.num_positional_tags, control.num_positional_tests)) + "</tr>\n";
    }
    return out + "</tbody></table></div>\n";
}

std::string methods_html(const Atlas& atlas) {
    std::string out = "<p>" + isolate_html(atlas.methods, 20'000) + "</p>\n";
    out += R"(<h3>What the columns mean</h3>
<p>A pattern is a set of query-key pairs. <b>Score</b>: mean weight that a row puts into the set. <b>Chance</b>: the same for
a head that spreads evenly over the keys its mask allows. <b>Lift</b> = score / chance. <b>κ</b> = (score - chance) /
(1 - chance): 0 is chance, 1 is perfect. <b>Argmax rate</b>: share of rows whose largest key is in the set. <b>q</b>: p-value
of a one-sided sign-flip test over sequences of the confirmation half, corrected by Benjamini and Hochberg over all heads
and patterns. <b>95 % interval</b>: bootstrap over sequences of the mean score. <b>Consistency</b> = 1 - sd / mean of the
score over sequences. <b>Interpretability</b> = mean score x consistency. <b>d</b>: mean / sd of score minus chance
(Cohen). <b>n</b>: sequences, the unit of replication.</p>
<h3>How to cite a number</h3>
<p>Give the head (0-based), the pattern, score and chance, q, the interval, n and tokens per sequence, the texts or the
probe it was measured on, the seed and the version of Headlight. A tag says what a head attends to, not that
the model depends on it: show an ablation beside it for that.</p>
<h3>Patterns</h3>
<div class="scroll"><table><thead><tr><th class="l">pattern</th><th class="l">definition</th><th>threshold</th><th
class="l">kind</th><th class="l">measured on</th><th class="l">source</th></tr></thead><tbody>
)";
    for (const AtlasDetector& detector : atlas.detectors) {
        out += "<tr><td class=\"l\">" + isolate_html(label_of(detector)) + "</td><td class=\"l w\">" +
               isolate_html(detector.definition, 1000) + "</td>" + td(decimal_html(detector.threshold)) +
               "<td class=\"l\">" + (detector.is_content ? "content" : "position") + "</td><td class=\"l\">" +
               isolate_html(detector.measured_on) + "</td><td class=\"l w\">" +
               isolate_html(detector.source, 500) + "</td></tr>\n";
    }
    return out + "</tbody></table></div>\n";
}

}  // namespace headlight
