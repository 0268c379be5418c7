// Summary, answers, tags, controls and methods of an atlas.
#include "report/atlas/atlas_tables.h"

#include <fmt/format.h>

#include "report/html/numbers.h"
#include "report/html/page.h"
#include "report/html/table.h"

namespace headlight {
namespace {

constexpr std::size_t kMostTagRows = 2000;
constexpr std::size_t kMostDocuments = 200;

Markup tile(const std::string& value, const char* name) {
    return element("div", {}, joined(element("b", {}, value), element("span", {}, name)));
}

/// Which chance levels the tag had to beat, with their p-values where there are any.
std::string nulls_of(const AtlasEntry& entry) {
    std::string out = "uniform";
    if (entry.profile_p_value) out += "; own profile, p " + probability_text(entry.profile_p_value);
    if (entry.permutation_p_value)
        out += "; permuted tokens, p " + probability_text(entry.permutation_p_value);
    return out;
}

std::string interval_of(const AtlasEntry& entry) {
    if (!entry.low || !entry.high) return "–";
    return decimal_text(entry.low) + " – " + decimal_text(entry.high);
}

HtmlRow tag_row(const Atlas& atlas, const AtlasEntry& entry, const std::vector<bool>& has_section) {
    const AtlasScore& found = entry.confirmation;
    HtmlRow row;
    row.markup(head_link(atlas, entry.head, has_section)).text(label_of(atlas, entry));
    row.number(entry.interpretability).number(found.score).number(found.null).number(found.lift, 1);
    row.number(found.kappa).number(found.argmax_rate).probability(entry.q_value);
    row.figure(interval_of(entry)).number(entry.consistency).number(entry.cohen_d, 1);
    row.count(found.num_sequences).markup(nulls_of(entry));
    return row;
}

Markup list_documents(const Atlas& atlas) {
    std::vector<Markup> documents;
    for (std::size_t i = 0; i < atlas.corpus.size() && i < kMostDocuments; ++i)
        documents.push_back(isolated(atlas.corpus[i]));
    Markup out = listed(documents, "none");
    if (atlas.corpus.size() > kMostDocuments)
        out += fmt::format(" and {} more", atlas.corpus.size() - kMostDocuments);
    return out;
}

Markup list_probes(const Atlas& atlas) {
    std::vector<Markup> probes;
    for (const std::string& probe : atlas.probes)
        probes.push_back(isolated(probe));
    return listed(probes, "none");
}

std::string rate_of(int tags, int tests) {
    return tests > 0 ? fmt::format("{:.1f} %", 100.0 * tags / tests) : "–";
}

struct Term {
    const char *name, *meaning;
};
constexpr Term kTerms[] = {
    {"Score", ": mean weight that a row puts into the set. "},
    {"Chance", ": the same for a head that spreads evenly over the keys its mask allows. "},
    {"Lift", " = score / chance. "},
    {"κ", " = (score - chance) / (1 - chance): 0 is chance, 1 is perfect. "},
    {"Argmax rate", ": share of rows whose largest key is in the set. "},
    {"q",
     ": p-value of a one-sided sign-flip test over sequences of the confirmation half, corrected by "
     "Benjamini "
     "and Hochberg over all heads and patterns. "},
    {"95 % interval", ": bootstrap over sequences of the mean score. "},
    {"Consistency", " = 1 - sd / mean of the score over sequences. "},
    {"Interpretability", " = mean score x consistency. "},
    {"d", ": mean / sd of score minus chance (Cohen). "},
    {"n", ": sequences, the unit of replication."},
};
constexpr const char* kHowToCite =
    "Give the head (0-based), the pattern, score and chance, q, the interval, n and tokens per sequence, the "
    "texts or the probe it was measured on, the seed and the version of Headlight. A tag says what a head "
    "attends to, not that the model depends on it: show an ablation beside it for that.";

Markup detectors_table(const Atlas& atlas) {
    HtmlTable table;
    table.add_head({words_column("pattern"), words_column("definition"), "threshold", words_column("kind"),
                    words_column("measured on"), words_column("source")});
    for (const AtlasDetector& detector : atlas.detectors) {
        HtmlRow row;
        row.text(label_of(detector)).sentence(detector.definition).number(detector.threshold);
        row.markup(detector.is_content ? "content" : "position").text(detector.measured_on);
        table.add(row.sentence(detector.source, 500));
    }
    return table.html();
}

}  // namespace

Markup head_link(const Atlas& atlas, HeadId head, const std::vector<bool>& has_section) {
    const std::string name = head.to_string();
    const bool is_known = head.layer >= 0 && head.layer < atlas.num_layers && head.head >= 0 &&
                          head.head < atlas.num_heads && has_section.size() == atlas.grid().size();
    if (!is_known || !has_section[atlas.grid().index(head)]) return name;
    return link_to(name, name);
}

Markup summary_part(const Atlas& atlas, const AtlasDigest& digest) {
    const Markup tiles = joined(
        tile(fmt::format("{} of {}", digest.num_tagged_heads, atlas.heads.size()), "heads follow a pattern"),
        tile(std::to_string(digest.tagged.size()), "tags of a head and a pattern"),
        tile(std::to_string(atlas.detectors.size()), "patterns looked for"),
        tile(fmt::format("{} + {}", atlas.num_discovery, atlas.num_confirmation),
             "sequences to discover + confirm"),
        tile(std::to_string(atlas.sequence_length), "tokens a sequence"),
        tile(std::to_string(atlas.seed), "seed"));
    const std::string sizes = count_of(static_cast<std::size_t>(atlas.num_layers), "layer") + " x " +
                              count_of(static_cast<std::size_t>(atlas.num_heads), "head");
    return joined(element("div", {{"class", "tiles"}}, tiles), "\n",
                  remark(joined("Model ", isolated(atlas.model), " (family ", isolated(atlas.family), ", ",
                                isolated(atlas.dtype), ", " + sizes + "). Texts: ", list_documents(atlas),
                                fmt::format(" ({} bytes). Probes: ", atlas.num_corpus_bytes),
                                list_probes(atlas), ". Headlight ", isolated(atlas.headlight_version), ".")));
}

Markup answers_part(const std::vector<AtlasAnswer>& answers) {
    Markup out;
    for (const AtlasAnswer& answer : answers) {
        out += joined(element("h3", {}, isolated(answer.question, 500)),
                      paragraph(isolated(answer.answer, 5000)));
    }
    return out;
}

Markup tags_part(const Atlas& atlas, const AtlasDigest& digest, const std::vector<bool>& has_section) {
    if (digest.tagged.empty()) return paragraph("No head passed the tests for any pattern.");
    HtmlTable table;
    table.add_head({words_column("head"), words_column("pattern"), "interpretability", "score", "chance",
                    "lift", "κ", "argmax rate", "q", "95 % interval", "consistency", "d", "n",
                    words_column("chance levels beaten")});
    for (std::size_t i = 0; i < digest.tagged.size() && i < kMostTagRows; ++i)
        table.add(tag_row(atlas, *digest.tagged[i], has_section));
    Markup out = table.html();
    if (digest.tagged.size() > kMostTagRows) {
        out += remark(fmt::format("{} less clear tags are left out here; atlas.csv has all.",
                                  digest.tagged.size() - kMostTagRows));
    }
    return out;
}

Markup controls_part(const Atlas& atlas) {
    if (atlas.controls.empty()) {
        return paragraph(
            "No negative control was run, so this scan does not know its own rate of false alarms.");
    }
    HtmlTable table;
    table.add_head({words_column("control"), "runs", "content tags", "of tests", "rate", "positional tags",
                    "of tests", "rate"});
    for (const AtlasControl& control : atlas.controls) {
        HtmlRow row;
        row.text(control.name).count(control.num_runs);
        row.count(control.num_content_tags).count(control.num_content_tests);
        row.figure(rate_of(control.num_content_tags, control.num_content_tests));
        row.count(control.num_positional_tags).count(control.num_positional_tests);
        table.add(row.figure(rate_of(control.num_positional_tags, control.num_positional_tests)));
    }
    return joined(
        paragraph("Where nothing can be found, nothing should fire: content patterns need tokens that "
                  "mean something, so on shuffled tokens or with random weights they must vanish. "
                  "Positional patterns may survive shuffling."),
        table.html());
}

Markup methods_part(const Atlas& atlas) {
    Markup terms = "A pattern is a set of query-key pairs. ";
    for (const Term& term : kTerms)
        terms += joined(element("b", {}, term.name), term.meaning);
    return joined(paragraph(isolated(atlas.methods, 20'000)), subheading("What the columns mean"),
                  paragraph(terms), subheading("How to cite a number"), paragraph(kHowToCite),
                  subheading("Patterns"), detectors_table(atlas));
}

}  // namespace headlight
