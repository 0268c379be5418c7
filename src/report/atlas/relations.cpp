// Gold syntax of an atlas as a table of its own, for the terminal and as a part of the page.
#include "report/atlas/relations.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "analysis/words/syntax.h"
#include "base/atomic_file.h"
#include "base/csv.h"
#include "report/html/page.h"
#include "report/html/table.h"

namespace headlight {
namespace {

constexpr const char* kRelationsHeader =
    "layer,head,relation,tagged,sentences,pairs,score,null,baseline,baseline_offset,p_value,q_value,"
    "bonferroni,discovery_score\n";

std::string entry_line(const AtlasRelationEntry& entry, const AtlasRelation& relation) {
    CsvLine line;
    line.count(entry.head.layer).count(entry.head.head).text(entry.relation).count(entry.is_tagged ? 1 : 0);
    line.count(relation.num_sentences).count(relation.num_pairs);
    line.number(entry.score).number(relation.null).number(relation.baseline).count(relation.baseline_offset);
    line.number(entry.p_value).number(entry.q_value).number(entry.bonferroni).number(entry.discovery);
    return line.line();
}

/// Tagged heads of a relation, best first.
std::vector<const AtlasRelationEntry*> tagged_heads(const Atlas& atlas, std::size_t relation) {
    std::vector<const AtlasRelationEntry*> tagged;
    for (std::size_t i = relation; i < atlas.relation_entries.size(); i += atlas.relations.size()) {
        if (atlas.relation_entries[i].is_tagged) tagged.push_back(&atlas.relation_entries[i]);
    }
    std::stable_sort(tagged.begin(), tagged.end(),
                     [](const auto* a, const auto* b) { return a->score > b->score; });
    return tagged;
}

}  // namespace

Status write_relations_csv(const std::string& path, const Atlas& atlas) {
    std::string out = kRelationsHeader;
    for (std::size_t i = 0; i < atlas.relation_entries.size(); ++i)
        out += entry_line(atlas.relation_entries[i], atlas.relations[i % atlas.relations.size()]);
    return write_file_atomic(path, out);
}

std::string relations_text(const Atlas& atlas) {
    if (atlas.conllu.empty()) return {};
    std::string out =
        fmt::format("gold syntax: {} relations with {} pairs or more in {} sentences\n",
                    atlas.relations.size(), kLeastRelationPairs, atlas.num_sentences_confirmation);
    for (std::size_t r = 0; r < atlas.relations.size(); ++r) {
        const auto tagged = tagged_heads(atlas, r);
        if (tagged.empty()) continue;
        const AtlasRelationEntry& best = *tagged.front();
        out += fmt::format("{:<8} {:<20} {:>7.3f}  best offset {:.3f} ({:+d})  q {}\n", best.head.to_string(),
                           best.relation, best.score, atlas.relations[r].baseline,
                           -atlas.relations[r].baseline_offset,
                           best.q_value ? fmt::format("{:.2g}", *best.q_value) : "-");
    }
    return out;
}

Markup relations_part(const Atlas& atlas) {
    if (atlas.conllu.empty()) return {};
    HtmlTable table;
    table.add_head({words_column("Relation"), words_column("Head"), "score", "best fixed offset", "its place",
                    "chance", "q", "pairs", "sentences"});
    for (std::size_t r = 0; r < atlas.relations.size(); ++r) {
        const AtlasRelation& relation = atlas.relations[r];
        const auto tagged = tagged_heads(atlas, r);
        for (const AtlasRelationEntry* entry : tagged) {
            HtmlRow row;
            row.text(entry->relation)
                .text(entry->head.to_string())
                .number(entry->score)
                .number(relation.baseline);
            row.figure(fmt::format("{:+d}", -relation.baseline_offset)).number(relation.null);
            row.probability(entry->q_value).count(relation.num_pairs).count(relation.num_sentences);
            table.add(row);
        }
    }
    return joined(remark(fmt::format(
                      "Share of the pairs of a relation in sentences with gold syntax whose second word "
                      "gets more attention from the first than any other word. {} relations with {} pairs "
                      "or more in {} held-out sentences were tested; only heads above the best fixed "
                      "offset are listed.",
                      atlas.relations.size(), kLeastRelationPairs, atlas.num_sentences_confirmation)),
                  table.html(), "\n");
}

}  // namespace headlight
