// Every number is one of the atlas; where there is none, that is said.
#include "study/atlas/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "study/atlas/digest.h"

namespace headlight {
namespace {

constexpr std::size_t kMostNamed = 5;  // heads or patterns that a sentence lists
constexpr double kSteady = 0.7;        // consistency that counts as steady
constexpr const char* kNothing = "No head passed the tests for any pattern, so there is nothing to say here.";

std::string number(const std::optional<double>& value) {
    return value ? fmt::format("{:.2f}", *value) : "not measured";
}

std::string percent(double share) {
    return fmt::format("{:.0f} %", 100 * share);
}

std::string joined_by_commas(const std::vector<std::string>& parts) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) out += i + 1 == parts.size() ? " and " : ", ";
        out += parts[i];
    }
    return out;
}

/// "L0H2, L1H3 and 4 more".
std::string name_heads(const std::vector<const AtlasEntry*>& entries) {
    std::vector<std::string> names;
    for (const AtlasEntry* entry : entries) {
        if (names.size() == kMostNamed) break;
        names.push_back(entry->head.to_string());
    }
    if (entries.size() > names.size()) names.push_back(fmt::format("{} more", entries.size() - names.size()));
    return joined_by_commas(names);
}

std::string name_layers(const Atlas& atlas, const AtlasDigest& digest) {
    std::vector<int> counts(static_cast<std::size_t>(atlas.num_layers), 0);
    for (std::size_t i = 0; i < digest.tags_of_head.size(); ++i) {
        if (!digest.tags_of_head[i].empty()) ++counts[i / static_cast<std::size_t>(atlas.num_heads)];
    }
    std::vector<int> order(counts.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        return counts[static_cast<std::size_t>(a)] > counts[static_cast<std::size_t>(b)];
    });
    std::vector<std::string> parts;
    for (const int layer : order) {
        const int count = counts[static_cast<std::size_t>(layer)];
        if (parts.size() == kMostNamed || count == 0) break;
        parts.push_back(fmt::format("layer {} ({} of {})", layer, count, atlas.num_heads));
    }
    return joined_by_commas(parts);
}

/// What came closest where nothing passed: the largest kappa of all.
std::string name_closest(const Atlas& atlas) {
    const AtlasEntry* closest = nullptr;
    for (const AtlasEntry& entry : atlas.entries) {
        const auto& kappa = entry.confirmation.kappa;
        if (kappa && (!closest || *kappa > *closest->confirmation.kappa)) closest = &entry;
    }
    if (!closest) return " Nothing was measured on the confirmation half.";
    return fmt::format(" The one furthest above chance is {} under \"{}\": score {}, chance {}, q {}. {}",
                       closest->head.to_string(), label_of(atlas, *closest),
                       number(closest->confirmation.score), number(closest->confirmation.null),
                       closest->q_value ? fmt::format("{:.2g}", *closest->q_value) : "not measured",
                       closest->reason.empty() ? "" : "It is not tagged: " + closest->reason + ".");
}

std::string answer_which(const Atlas& atlas, const AtlasDigest& digest) {
    const std::size_t num_heads = atlas.heads.size();
    if (digest.tagged.empty())
        return fmt::format("None of the {} passes the tests for any of {}.", count_of(num_heads, "head"),
                           count_of(atlas.detectors.size(), "pattern")) +
               name_closest(atlas);
    std::vector<std::string> clearest;
    for (const auto* entry : digest.tagged) {
        if (clearest.size() == kMostNamed) break;
        clearest.push_back(fmt::format("{} ({}: score {}, chance {}, interpretability {})",
                                       entry->head.to_string(), label_of(atlas, *entry),
                                       number(entry->confirmation.score), number(entry->confirmation.null),
                                       number(entry->interpretability)));
    }
    return fmt::format(
        "{} of {} ({}) follow at least one pattern. The clearest, by score times consistency: {}. "
        "Most such heads are in {}.",
        digest.num_tagged_heads, count_of(num_heads, "head"),
        percent(static_cast<double>(digest.num_tagged_heads) / static_cast<double>(num_heads)),
        joined_by_commas(clearest), name_layers(atlas, digest));
}

std::string answer_kinds(const AtlasDigest& digest) {
    if (digest.tagged.empty()) return kNothing;
    std::vector<const PatternDigest*> order;
    for (const PatternDigest& pattern : digest.patterns)
        order.push_back(&pattern);
    std::stable_sort(order.begin(), order.end(),
                     [](const auto* a, const auto* b) { return a->tagged.size() > b->tagged.size(); });
    std::vector<std::string> found, absent;
    for (const PatternDigest* pattern : order) {
        const std::string& label = label_of(*pattern->detector);
        if (pattern->tagged.empty())
            absent.push_back(label);
        else
            found.push_back(fmt::format("{} ({}: {})", label, count_of(pattern->tagged.size(), "head"),
                                        name_heads(pattern->tagged)));
    }
    std::string out = fmt::format("{} of {} occur. From the most common on: {}.", found.size(),
                                  count_of(order.size(), "pattern"), joined_by_commas(found));
    if (!absent.empty()) out += fmt::format(" Looked for and not found: {}.", joined_by_commas(absent));
    return out + " A head may follow several.";
}

std::string answer_consistency(const Atlas& atlas, const AtlasDigest& digest) {
    if (digest.tagged.empty()) return kNothing;
    std::vector<double> consistencies, positive, moves;
    for (const AtlasEntry* entry : digest.tagged) {
        if (entry->consistency) consistencies.push_back(*entry->consistency);
        if (entry->positive_share) positive.push_back(*entry->positive_share);
        if (entry->discovery.score && entry->confirmation.score)
            moves.push_back(std::abs(*entry->discovery.score - *entry->confirmation.score));
    }
    if (consistencies.empty()) return "Consistency was not measured: it takes at least two sequences.";
    const auto [least, most] = std::minmax_element(consistencies.begin(), consistencies.end());
    const auto steady = std::count_if(consistencies.begin(), consistencies.end(),
                                      [](double value) { return value >= kSteady; });
    std::string out = fmt::format(
        "Over {} that played no part in finding them, the {} of a head and a pattern have a median "
        "consistency "
        "(1 - sd / mean of the score) of {:.2f}, from {:.2f} to {:.2f}; {} of {} reach {:.1f}.",
        count_of(static_cast<std::size_t>(std::max(0, atlas.num_confirmation)), "sequence"),
        count_of(consistencies.size(), "tagged pair"), *median(consistencies), *least, *most, steady,
        consistencies.size(), kSteady);
    if (const auto share = median(positive))
        out += fmt::format(" The median pair is above chance in {} of the sequences.", percent(*share));
    if (const auto move = median(moves))
        out += fmt::format(
            " From the discovery to the confirmation half the score moves by {:.3f} in the median.", *move);
    return out;
}

/// What shuffled tokens and random weights leave of it.
std::string say_controls(const Atlas& atlas) {
    std::string out;
    for (const AtlasControl& control : atlas.controls) {
        if (control.num_content_tests < 1) continue;
        out += fmt::format(" Control \"{}\": {} of {} content tests fire.", control.name,
                           control.num_content_tags, control.num_content_tests);
    }
    return out.empty() ? " No control was run, so false alarms were not counted." : out;
}

std::string answer_sense(const Atlas& atlas, const AtlasDigest& digest) {
    if (digest.tagged.empty()) return kNothing;
    std::vector<std::string> by_token, by_place;
    std::vector<double> scores, shuffled;
    for (const PatternDigest& pattern : digest.patterns) {
        if (pattern.tagged.empty()) continue;
        (pattern.detector->is_content ? by_token : by_place).push_back(label_of(*pattern.detector));
        if (!pattern.detector->is_content) continue;
        for (const AtlasEntry* entry : pattern.tagged) {
            if (!entry->shuffled_score || !entry->confirmation.score) continue;
            scores.push_back(*entry->confirmation.score);
            shuffled.push_back(*entry->shuffled_score);
        }
    }
    std::string out;
    if (by_token.empty())
        out = "No pattern that needs the tokens was found: what was found follows positions alone";
    else
        out = fmt::format(
            "Patterns that depend on which tokens stand where: {}. {}", joined_by_commas(by_token),
            by_place.empty() ? "No others were found"
                             : "Patterns that follow positions alone, and would look the same on "
                               "any text");
    if (!by_place.empty()) out += ": " + joined_by_commas(by_place);
    out += ".";
    if (!scores.empty())
        out += fmt::format(" With the tokens shuffled, the median score of {} goes from {:.2f} to {:.2f}.",
                           count_of(scores.size(), "content tag"), *median(scores), *median(shuffled));
    return out + say_controls(atlas) +
           " This says what the heads attend to; whether the model needs it, only an ablation shows.";
}

}  // namespace

std::vector<AtlasAnswer> answer_questions(const Atlas& atlas) {
    if (const Status status = check_atlas(atlas); !status)
        return {
            {"Which layers and heads show the clearest patterns?", "Not known: " + status.error().message}};
    const AtlasDigest digest = digest_atlas(atlas);
    return {{"Which layers and heads show the clearest patterns?", answer_which(atlas, digest)},
            {"Which kinds of pattern are most common?", answer_kinds(digest)},
            {"How consistent are they across inputs?", answer_consistency(atlas, digest)},
            {"Do they make linguistic sense?", answer_sense(atlas, digest)},
            {"How do two models differ?",
             "This atlas describes one model. \"headlight scan --compare A B --output-dir DIR\" puts two "
             "side by side."}};
}

}  // namespace headlight
