// All that a scan will measure, worked out from the request alone: every process of a scan comes to the same
// plan.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/search/own_detectors.h"
#include "base/progress.h"
#include "base/result.h"
#include "core/head_grid.h"
#include "study/scan/probes.h"
#include "study/scan/record.h"
#include "study/scan/scan.h"
#include "study/scan/selection.h"
#include "study/scan/sentences.h"

namespace headlight {

struct ScanItem {
    ScanPart part = ScanPart::Discovery;
    int number = 0;  // of the sequence in its part
    int model = -1;  // random model; -1: the model that is scanned
    bool operator==(const ScanItem&) const = default;
};

/// Header of a journal: what the records of one scan have in common, with which they are put together again.
struct ScanFacts {
    std::string model, family, dtype, model_path;
    int num_layers = 0, num_heads = 0, vocab_size = 0;
    std::vector<std::string> corpus;
    std::int64_t num_corpus_bytes = 0;
    std::vector<std::string> discovery_files, confirmation_files;  // both empty: split by section
    std::vector<std::string> probes, detectors, metrics;
    std::vector<OwnRule> rules;  // saved rules among the detectors
    std::uint64_t seed = 0;
    int sequence_length = 0, num_discovery = 0, num_confirmation = 0, num_random_models = 0,
        num_permutations = 0;
    bool has_controls = false;
    std::vector<std::string> conllu;  // files of gold syntax
    int num_sentences_discovery = 0, num_sentences_confirmation = 0;
    std::vector<ScanItem> items;

    HeadGrid grid() const { return {num_layers, num_heads}; }
};

struct ScanPlan {
    ScanFacts facts;
    std::string header;  // JSON: the facts, with prints of the model and of the sequences
    ScanSelection selection;
    SentenceSelection sentences;
    std::vector<std::vector<std::int32_t>> repeats_discovery, repeats;  // ids
    std::vector<Needle> needles;
    std::vector<std::vector<std::int32_t>> copy_batches;
    const std::vector<ScanItem>& items() const { return facts.items; }
};

/// Errors: InvalidInput (numbers out of range, an unknown probe, a corpus that is too short), Missing,
/// Cancelled.
Result<ScanPlan> make_plan(const ScanRequest& request, const ScanModel& model, const JobContext& job);

std::string facts_to_json(const ScanFacts& facts, std::uint64_t model_print, std::uint64_t sequences_print);
/// A journal brings the saved rules that it was measured with: they become this process's
/// (set_own_detectors). Errors: Corrupt, Unsupported (another version, or detectors that this Headlight does
/// not have).
Result<ScanFacts> facts_from_json(const std::string& header, const std::string& file);
/// In words, what two headers disagree about: "seed (1, now 2)"; empty when nothing.
std::string header_differences(const std::string& old_header, const std::string& new_header);

}  // namespace headlight
