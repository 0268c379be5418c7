#include "views/head_tags.h"

#include <fmt/format.h>

#include <algorithm>

#include "views/format.h"
#include "views/grid/tag_style.h"

namespace headlight {
namespace {

std::string number(const std::optional<double>& value) {
    return value ? format_number(*value) : std::string("–");
}

void sort_by_strength(std::vector<HeadTag>& tags) {
    std::stable_sort(tags.begin(), tags.end(),
                     [](const HeadTag& a, const HeadTag& b) { return a.strength > b.strength; });
}

std::string null_words(const AtlasEntry& entry) {
    std::string out = "null: a uniform head under the same mask";
    if (entry.profile_p_value)
        out += fmt::format("; the head's own positions (p = {})", number(entry.profile_p_value));
    if (entry.permutation_p_value)
        out += fmt::format("; permuted tokens (p = {})", number(entry.permutation_p_value));
    if (entry.shuffled_score)
        out += fmt::format("; shuffled tokens score {}", format_score(entry.shuffled_score));
    return out;
}

}  // namespace

std::string atlas_entry_words(const Atlas&, const AtlasDetector& detector, const AtlasEntry& entry) {
    const AtlasScore& score = entry.confirmation;
    std::string out =
        fmt::format("score {}, null {}, lift {}, κ {}", format_score(score.score), format_score(score.null),
                    format_lift(score.lift), format_score(score.kappa));
    out += fmt::format("\nq = {} (p = {}), n = {} sequences of {}", number(entry.q_value),
                       number(entry.p_value), score.num_sequences, detector.measured_on);
    if (entry.low && entry.high)
        out += fmt::format("\n95 % of the mean: {} to {}", format_score(entry.low), format_score(entry.high));
    out += fmt::format("\nconsistency {}, lift above 1 in {}", number(entry.consistency),
                       entry.positive_share ? format_percent(*entry.positive_share) : std::string("–"));
    out += "\n" + null_words(entry) + fmt::format("\nthreshold {}", format_number(detector.threshold));
    if (!entry.reason.empty()) out += "\n" + entry.reason;
    return out;
}

std::vector<HeadTag> text_tags(const TextAnalysis& analysis, HeadId head) {
    std::vector<HeadTag> out;
    for (const Tag& tag : analysis.head(head).tags) {
        if (!tag.score.is_tagged) continue;
        HeadTag entry{
            tag.detector->id, tag.detector->label, tag_sentence(tag), {}, tag.score.kappa.value_or(-1)};
        entry.help = fmt::format("{}\n{}\n{}", tag.detector->help, entry.sentence, tag.score.reason);
        out.push_back(std::move(entry));
    }
    sort_by_strength(out);
    return out;
}

std::vector<HeadTag> atlas_tags(const Atlas& atlas, HeadId head) {
    std::vector<HeadTag> out;
    for (std::size_t i = 0; i < atlas.detectors.size(); ++i) {
        const AtlasEntry& entry = atlas.entry(head, i);
        if (!entry.is_tagged) continue;
        const AtlasDetector& detector = atlas.detectors[i];
        HeadTag tag{detector.id, detector.label, {}, {}, entry.confirmation.kappa.value_or(-1)};
        tag.sentence = fmt::format(
            "{}: score {}, null {}, lift {}, q = {}, n = {}", detector.label,
            format_score(entry.confirmation.score), format_score(entry.confirmation.null),
            format_lift(entry.confirmation.lift), number(entry.q_value), entry.confirmation.num_sequences);
        tag.help = fmt::format("{}\n{}", detector.definition, atlas_entry_words(atlas, detector, entry));
        out.push_back(std::move(tag));
    }
    sort_by_strength(out);
    return out;
}

std::vector<HeadTag> head_tags(const Snapshot& snapshot, HeadId head) {
    if (const Atlas* atlas = snapshot.shown_atlas()) return atlas_tags(*atlas, head);
    std::vector<HeadTag> tags = text_tags(snapshot.text->analysis, head);
    for (HeadTag& tag : tags)
        for (std::string* words : {&tag.label, &tag.sentence, &tag.help})
            *words = in_units(*words, snapshot.unit());
    return tags;
}

std::string tag_source(const Snapshot& snapshot) {
    if (const Atlas* atlas = snapshot.shown_atlas())
        return fmt::format("patterns of the atlas · {} sequences", atlas->num_confirmation);
    return snapshot.shown() == Compare::Before ? "patterns on this text" : "patterns on this text, after";
}

}  // namespace headlight
