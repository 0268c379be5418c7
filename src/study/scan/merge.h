// The parts of putting an atlas together from the records of a scan.
#pragma once

#include <string>
#include <vector>

#include "core/atlas.h"
#include "study/scan/plan.h"
#include "study/scan/record.h"
#include "study/scan/statistics.h"

namespace headlight {

/// All records of a scan, by the index of their sequence.
struct ScanRecords {
    ScanFacts facts;
    std::vector<ScanRecord> records;

    std::size_t num_heads() const { return facts.grid().size(); }
};

/// "corpus", or the probe that a detector is decided on when the scan has it.
std::string measured_on(const DetectorDescriptor& detector, const ScanFacts& facts);

/// Three strongest rows of the head's best detector and one of each tenth of the drawn ones; of the largest
/// weight, and the strongest only, when it has none.
std::vector<AtlasExample> gather_examples(const ScanRecords& scan, const AtlasHead& head);

/// What the tests of a scan came to, for the methods section.
struct ScanOutcome {
    const ScanTests* main = nullptr;
    const ScanTests* shuffled = nullptr;  // null: no such control
    std::vector<ScanTests> random;        // by model
    std::string random_note, copy_note;   // why something could not be measured
};
/// How everything was measured, in sentences.
std::string describe_methods(const ScanRecords& scan, const ScanOutcome& outcome, const Atlas& atlas);

/// The relations with enough pairs in the sentences for confirmation, and every head under each of them.
void fill_relations(const ScanRecords& scan, int num_threads, Atlas& atlas);

}  // namespace headlight
