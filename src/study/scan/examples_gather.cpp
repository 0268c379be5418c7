// Chooses among the rows that the records kept.
#include <algorithm>
#include <tuple>

#include "study/scan/merge.h"

namespace headlight {
namespace {

constexpr std::size_t kMostTop = 3;
constexpr std::size_t kDeciles = 10;

struct Candidate {
    const ScanRecord* record = nullptr;
    const ExampleRow* row = nullptr;
};

AtlasExample example_of(const Candidate& candidate, int decile) {
    AtlasExample example;
    example.document = candidate.record->document;
    example.first_token = candidate.record->first_token;
    example.score = candidate.row->score;
    example.decile = decile;
    for (const ExampleCell& cell : candidate.row->cells) {
        if (cell.begin == candidate.row->query) example.query = static_cast<int>(example.tokens.size());
        // A horizontal ellipsis stands for tokens that are left out, with the sum of their weights.
        example.tokens.push_back(cell.end - cell.begin == 1 ? candidate.record->displays[cell.begin]
                                                            : "\xE2\x80\xA6");
        example.weights.push_back(cell.weight);
    }
    return example;
}

int index_of_detector(const std::string& id) {
    for (std::size_t d = 0; d < detectors().size(); ++d) {
        if (id == detectors()[d]->id) return static_cast<int>(d);
    }
    return -1;
}

/// By score, the earlier sequence first where two are equal.
void sort_strongest_first(std::vector<Candidate>& candidates) {
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.row->score != b.row->score ? a.row->score > b.row->score : a.record->index < b.record->index;
    });
}

}  // namespace

std::vector<AtlasExample> gather_examples(const ScanRecords& scan, const AtlasHead& head) {
    const int detector = index_of_detector(head.best_detector);
    const auto wanted = static_cast<std::uint32_t>(scan.facts.grid().index(head.head));
    const auto collect = [&](int chosen) {
        std::pair<std::vector<Candidate>, std::vector<Candidate>> found;  // strongest, drawn
        for (const ScanRecord& record : scan.records) {
            for (const ExampleRow& row : record.examples) {
                if (row.head != wanted || row.detector != chosen) continue;
                (row.is_strongest ? found.first : found.second).push_back({&record, &row});
            }
        }
        return found;
    };
    auto [strongest, drawn] = collect(detector);
    // Some detectors have no pairs (how evenly a head spreads, what it copies): their heads show their
    // largest weights.
    if (strongest.empty() && detector >= 0) strongest = collect(-1).first;
    std::vector<AtlasExample> examples;
    sort_strongest_first(strongest);
    for (std::size_t i = 0; i < std::min(kMostTop, strongest.size()); ++i)
        examples.push_back(example_of(strongest[i], -1));
    if (head.best_detector.empty() || drawn.size() < kDeciles) return examples;
    sort_strongest_first(drawn);
    for (std::size_t decile = kDeciles; decile-- > 0;) {
        // The middle of each tenth, the strongest tenth first.
        const std::size_t from_weakest = (2 * decile + 1) * drawn.size() / (2 * kDeciles);
        examples.push_back(example_of(drawn[drawn.size() - 1 - from_weakest], static_cast<int>(decile)));
    }
    return examples;
}

}  // namespace headlight
