// Columns of the table of an atlas.
#include "report/atlas/atlas_csv.h"

#include "base/atomic_file.h"
#include "base/csv.h"

namespace headlight {
namespace {

constexpr const char* kEntryColumns =
    "layer,head,detector,tagged,sequences,score,null,lift,kappa,argmax_rate,low,high,cohen_d,consistency,"
    "interpretability,positive_share,p_value,q_value,bonferroni,profile_p_value,permutation_p_value,"
    "shuffled_score,discovery_sequences,discovery_score,discovery_null\n";

std::string entry_line(const AtlasEntry& entry) {
    const AtlasScore& found = entry.confirmation;
    CsvLine line;
    line.count(entry.head.layer).count(entry.head.head).text(entry.detector);
    line.count(entry.is_tagged ? 1 : 0).count(found.num_sequences);
    for (const auto& value : {found.score, found.null, found.lift, found.kappa, found.argmax_rate, entry.low,
                              entry.high, entry.cohen_d, entry.consistency, entry.interpretability,
                              entry.positive_share, entry.p_value, entry.q_value, entry.bonferroni,
                              entry.profile_p_value, entry.permutation_p_value, entry.shuffled_score}) {
        line.number(value);
    }
    line.count(entry.discovery.num_sequences).number(entry.discovery.score).number(entry.discovery.null);
    return line.line();
}

}  // namespace

Status write_atlas_csv(const std::string& path, const Atlas& atlas) {
    std::string out = kEntryColumns;
    for (const AtlasEntry& entry : atlas.entries)
        out += entry_line(entry);
    return write_file_atomic(path, out);
}

}  // namespace headlight
