// The methods section of an atlas.
#include <fmt/format.h>

#include "study/scan/merge.h"

namespace headlight {
namespace {

std::string list_text(const std::vector<std::string>& items) {
    std::string out;
    for (std::size_t i = 0; i < items.size(); ++i)
        out += (i == 0 ? "" : i + 1 == items.size() ? " and " : ", ") + items[i];
    return out;
}

std::string corpus_text(const ScanFacts& facts) {
    std::string out = fmt::format(
        "{} ({} bytes) gave {} sequences for discovery and {} for confirmation, {} tokens each (the model's "
        "first token "
        "included), chosen by a hash of seed {}, document and place. ",
        facts.corpus.size() == 1 ? "One file" : fmt::format("{} files", facts.corpus.size()),
        facts.num_corpus_bytes, facts.num_discovery, facts.num_confirmation, facts.sequence_length,
        facts.seed);
    if (facts.discovery_files.empty()) {
        out +=
            "The halves have no document in common: files were cut at paragraph ends into sections, which "
            "went to one half or the "
            "other in turn. ";
    } else {
        out += fmt::format("The halves have no file in common: discovery read {}; confirmation read {}. ",
                           list_text(facts.discovery_files), list_text(facts.confirmation_files));
    }
    if (facts.num_confirmation < kLeastTagSequences)
        out +=
            fmt::format("With fewer than {} sequences for confirmation nothing is tagged from the corpus. ",
                        kLeastTagSequences);
    return out;
}

std::string probe_text(const ScanFacts& facts, const ScanOutcome& outcome) {
    std::string out;
    int repeats = 0, needles = 0, batches = 0;
    for (const ScanItem& item : facts.items) {
        repeats += item.part == ScanPart::Repeat ? 1 : 0;
        needles += item.part == ScanPart::Needle ? 1 : 0;
        batches += item.part == ScanPart::Copy ? 1 : 0;
    }
    if (repeats > 0)
        out += fmt::format(
            "Induction and duplicate tokens were decided on {} random repeats (a block of distinct tokens, "
            "twice); {} others of "
            "another seed count as discovery. ",
            repeats, kNumRepeatDiscovery);
    if (needles > 0)
        out += fmt::format(
            "Retrieval was decided on {} needles: eight random tokens after a cue, hidden in text of the "
            "corpus, asked for at the "
            "end; the model writes on greedily, and a head scores where its largest key holds the token just "
            "written. ",
            needles);
    if (batches > 0 && outcome.copy_note.empty())
        out += fmt::format(
            "Copying was decided on {} batches of {} tokens: the share whose own id is among the five "
            "largest logits of the "
            "head's output for it. ",
            batches, kTokensPerCopyBatch);
    if (!outcome.copy_note.empty()) out += "Copying could not be measured: " + outcome.copy_note + ". ";
    return out;
}

std::string test_text(const ScanFacts& facts, const ScanOutcome& outcome) {
    const int num_tests = outcome.main->num_content_tests + outcome.main->num_positional_tests;
    return fmt::format(
        "The unit is the sequence. Score: mean mass on the detector's pairs over the rows that can show it; "
        "null: the same for even "
        "attention under the same mask; lift and kappa are of the means. p is a one-sided sign-flip test of "
        "score minus null (exact up "
        "to 20 sequences, else 20,000 draws). Content detectors are also tested against the head's own mean "
        "by offset (from eight discovery "
        "sequences; sign-flip) and against {} permutations of the labels in each sequence (combined by "
        "Fisher's method), and the largest of "
        "their p-values counts. q is Benjamini-Hochberg, and the stricter bound Bonferroni, over all {} "
        "tests of heads and detectors. "
        "Intervals are percentile bootstraps of 2,000 draws. Consistency is "
        "1 - sd / mean of the scores. A tag needs the detector's threshold (or its rule for one text on "
        "{:.0f} % of the sequences), lift >= 2 or "
        "kappa >= 0.25 (classes of tokens: lift >= 2), q < {}, consistency >= {}, and {} sequences. A tag "
        "says "
        "what a head attends to, not that the model needs it. ",
        facts.num_permutations, num_tests, 100 * kLeastOwnShare, kTagLevel, kLeastConsistency,
        kLeastTagSequences);
}

std::string syntax_text(const ScanFacts& facts, const Atlas& atlas) {
    if (facts.conllu.empty()) return {};
    std::string out = fmt::format(
        "Gold syntax: {} gave {} sentences for discovery and {} others for confirmation, each through the "
        "model by "
        "itself. The weights of the pieces of a word were added where it is attended and averaged where it "
        "attends, and "
        "a head scores on a pair of words where the attended one is its largest key, the attending word "
        "itself and "
        "special tokens left out. ",
        list_text(facts.conllu), facts.num_sentences_discovery, facts.num_sentences_confirmation);
    if (atlas.relations.empty())
        return out + fmt::format("No relation has {} pairs that the mask allows, so none was tested. ",
                                 kLeastRelationPairs);
    return out + fmt::format(
                     "The baseline is the one distance in words that most pairs of the relation have. p is a "
                     "one-sided "
                     "sign-flip test over sentences of a head's hits minus those of that distance, and q is "
                     "Benjamini-Hochberg over the {} tests of {} relations with {} pairs or more. A tag "
                     "needs a score "
                     "{} above the baseline, q < {} and {} sentences. ",
                     atlas.relation_entries.size(), atlas.relations.size(), kLeastRelationPairs,
                     kLeastAboveOffset, kTagLevel, kLeastTagSequences);
}

std::string control_text(const ScanFacts& facts, const ScanOutcome& outcome) {
    if (!facts.has_controls) return "Controls were left out. ";
    std::string out;
    if (outcome.shuffled != nullptr) {
        out += fmt::format(
            "Control, shuffled tokens: each confirmation sequence went through the model with its tokens in "
            "random order, and the pairs stayed "
            "those of the true order; what still scores follows from positions alone. {} of {} content tests "
            "and {} of {} positional tests had "
            "q < {} there, before the rest of the rule. ",
            outcome.shuffled->num_content_below, outcome.shuffled->num_content_tests,
            outcome.shuffled->num_positional_below, outcome.shuffled->num_positional_tests, kTagLevel);
    }
    if (!outcome.random_note.empty())
        return out + "Control, random weights: left out (" + outcome.random_note + "). ";
    int below = 0, tests = 0;
    for (const ScanTests& of_model : outcome.random) {
        below += of_model.num_content_below;
        tests += of_model.num_content_tests;
    }
    if (!outcome.random.empty()) {
        out += fmt::format(
            "Control, random weights: {} models of the same architecture read the same sequences; {} of {} "
            "content tests had q < {} before the rest "
            "of the rule. Copying and retrieval are no part of the controls. ",
            outcome.random.size(), below, tests, kTagLevel);
    }
    return out;
}

}  // namespace

std::string describe_methods(const ScanRecords& scan, const ScanOutcome& outcome, const Atlas& atlas) {
    std::string out = corpus_text(scan.facts) + probe_text(scan.facts, outcome) +
                      test_text(scan.facts, outcome) + syntax_text(scan.facts, atlas) +
                      control_text(scan.facts, outcome);
    while (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

}  // namespace headlight
