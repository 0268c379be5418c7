#include <fmt/format.h>

#include "base/atomic_file.h"
#include "study/atlas/report.h"

namespace headlight {
namespace {

constexpr const char* kHeader =
    "layer,head,detector,tagged,sequences,score,null,lift,kappa,argmax_rate,low,high,cohen_d,consistency,"
    "interpretability,positive_share,p_value,q_value,bonferroni,profile_p_value,permutation_p_value,"
    "shuffled_score,discovery_sequences,discovery_score,discovery_null\n";

std::string field(const std::optional<double>& value) {
    return value ? fmt::format(",{}", *value) : ",";
}

void append_line(std::string& out, const AtlasEntry& entry) {
    const AtlasScore& found = entry.confirmation;
    out += fmt::format("{},{},{},{},{}", entry.head.layer, entry.head.head, entry.detector,
                       entry.is_tagged ? 1 : 0, found.num_sequences);
    for (const auto& value : {found.score, found.null, found.lift, found.kappa, found.argmax_rate, entry.low,
                              entry.high, entry.cohen_d, entry.consistency, entry.interpretability,
                              entry.positive_share, entry.p_value, entry.q_value, entry.bonferroni,
                              entry.profile_p_value, entry.permutation_p_value, entry.shuffled_score}) {
        out += field(value);
    }
    out += fmt::format(",{}", entry.discovery.num_sequences);
    out += field(entry.discovery.score) + field(entry.discovery.null) + "\n";
}

}  // namespace

Status write_atlas_csv(const std::string& path, const Atlas& atlas) {
    std::string out = kHeader;
    for (const AtlasEntry& entry : atlas.entries)
        append_line(out, entry);
    return write_file_atomic(path, out);
}

}  // namespace headlight
