// relations.csv.
#include "study/atlas/relations.h"

#include <fmt/format.h>

#include "base/atomic_file.h"

namespace headlight {
namespace {

std::string number_field(const std::optional<double>& value) {
    return value ? fmt::format(",{}", *value) : ",";
}

/// Relations are named in strangers' files: in quotes, with the quotes inside doubled.
std::string quoted_field(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

}  // namespace

Status write_relations_csv(const std::string& path, const Atlas& atlas) {
    std::string out =
        "layer,head,relation,tagged,sentences,pairs,score,null,baseline,baseline_offset,p_value,q_value,"
        "bonferroni,discovery_score\n";
    for (std::size_t i = 0; i < atlas.relation_entries.size(); ++i) {
        const AtlasRelationEntry& entry = atlas.relation_entries[i];
        const AtlasRelation& relation = atlas.relations[i % atlas.relations.size()];
        out += fmt::format("{},{},{},{},{},{},{},{},{},{}", entry.head.layer, entry.head.head,
                           quoted_field(entry.relation), entry.is_tagged ? 1 : 0, relation.num_sentences,
                           relation.num_pairs, entry.score, relation.null, relation.baseline,
                           relation.baseline_offset);
        out += number_field(entry.p_value) + number_field(entry.q_value) + number_field(entry.bonferroni) +
               number_field(entry.discovery) + "\n";
    }
    return write_file_atomic(path, out);
}

}  // namespace headlight
