// Heads under the relations of gold syntax: hits over sentences, tested against the best fixed offset.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "analysis/statistics/statistics.h"
#include "base/parallel.h"
#include "study/scan/merge.h"
#include "study/scan/tag_rule.h"

namespace headlight {
namespace {

constexpr std::size_t kMostRelations = 256;  // those with most pairs

/// A relation of one record.
struct RelationPlace {
    const ScanRecord* record = nullptr;
    std::size_t relation = 0;  // in the record

    const SentenceRelation& facts() const { return record->relations[relation]; }
    int hits(std::size_t head) const { return record->hits[head * record->relations.size() + relation]; }
};

/// All sentences of one half in which a relation stands, in the order of the plan.
struct RelationSum {
    std::vector<RelationPlace> places;
    int num_pairs = 0;
    double chance = 0;
    PairOffsets offsets;

    void add(const RelationPlace& place) {
        places.push_back(place);
        num_pairs += place.facts().num_pairs();
        chance += place.facts().chance;
        for (const auto& [offset, count] : place.facts().offsets)
            offsets[offset] += count;
    }
    std::optional<double> score(std::size_t head) const {
        if (num_pairs == 0) return std::nullopt;
        int hits = 0;
        for (const RelationPlace& place : places)
            hits += place.hits(head);
        return static_cast<double>(hits) / num_pairs;
    }
};

std::map<std::string, RelationSum> sum_relations(const ScanRecords& scan, ScanPart part) {
    std::map<std::string, RelationSum> sums;
    for (std::size_t i = 0; i < scan.records.size(); ++i) {
        if (scan.facts.items[i].part != part) continue;
        for (std::size_t r = 0; r < scan.records[i].relations.size(); ++r)
            sums[scan.records[i].relations[r].name].add({&scan.records[i], r});
    }
    return sums;
}

/// Drops relations with too few pairs, and beyond kMostRelations those with fewest.
void keep_testable(std::map<std::string, RelationSum>& sums) {
    std::vector<int> pairs;
    for (const auto& [name, sum] : sums)
        pairs.push_back(sum.num_pairs);
    std::sort(pairs.rbegin(), pairs.rend());
    const int least = pairs.size() > kMostRelations ? pairs[kMostRelations - 1] : 0;
    std::erase_if(
        sums, [&](const auto& item) { return item.second.num_pairs < std::max(kLeastRelationPairs, least); });
}

/// Sign-flip over sentences of the hits beyond those of the fixed offset.
double p_value_of(const RelationSum& sum, std::size_t head, int offset) {
    std::vector<double> differences;
    double total = 0;
    for (const RelationPlace& place : sum.places) {
        const auto found = place.facts().offsets.find(offset);
        const int by_offset = found == place.facts().offsets.end() ? 0 : found->second;
        const int difference = place.hits(head) - by_offset;
        total += difference;
        if (difference != 0)
            differences.push_back(difference);  // a sign changes nothing where both hit as often
    }
    return total <= 0 ? 1.0 : sign_flip_p_value(differences);
}

AtlasRelation facts_of(const std::string& name, const RelationSum& sum) {
    const auto [offset, most] = best_offset(sum.offsets);
    return {name,
            static_cast<int>(sum.places.size()),
            sum.num_pairs,
            sum.chance / sum.num_pairs,
            static_cast<double>(most) / sum.num_pairs,
            offset};
}

void correct(std::vector<AtlasRelationEntry>& entries) {
    std::vector<std::size_t> tested;
    std::vector<double> p_values;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (!entries[i].p_value) continue;
        tested.push_back(i);
        p_values.push_back(*entries[i].p_value);
    }
    const std::vector<double> q_values = benjamini_hochberg(p_values), strict = bonferroni(p_values);
    for (std::size_t t = 0; t < tested.size(); ++t) {
        entries[tested[t]].q_value = q_values[t];
        entries[tested[t]].bonferroni = strict[t];
    }
}

void apply_rule(const AtlasRelation& relation, AtlasRelationEntry& entry) {
    TagRule rule;
    rule.at_least("score", entry.score, relation.baseline + kLeastAboveOffset);
    if (entry.q_value) {
        rule.below_level("q", *entry.q_value);
    } else {
        rule.note(false, "the best fixed offset hits every pair");
    }
    rule.note(relation.num_sentences >= kLeastTagSequences,
              fmt::format("{} sentences{}", relation.num_sentences,
                          relation.num_sentences >= kLeastTagSequences
                              ? ""
                              : fmt::format(" are fewer than {}", kLeastTagSequences)));
    entry.is_tagged = rule.is_met();
    entry.reason = rule.words();
}

}  // namespace

void fill_relations(const ScanRecords& scan, int num_threads, Atlas& atlas) {
    atlas.conllu = scan.facts.conllu;
    atlas.num_sentences_discovery = scan.facts.num_sentences_discovery;
    atlas.num_sentences_confirmation = scan.facts.num_sentences_confirmation;
    auto sums = sum_relations(scan, ScanPart::Sentence);
    const auto before = sum_relations(scan, ScanPart::SentenceDiscovery);
    keep_testable(sums);
    std::vector<const RelationSum*> now, earlier;
    for (const auto& [name, sum] : sums) {
        atlas.relations.push_back(facts_of(name, sum));
        now.push_back(&sum);
        const auto found = before.find(name);
        earlier.push_back(found == before.end() ? nullptr : &found->second);
    }
    const std::size_t count = now.size();
    atlas.relation_entries.resize(scan.num_heads() * count);
    parallel_for(atlas.relation_entries.size(), num_threads, [&](std::size_t i) {
        const std::size_t head = i / count, r = i % count;
        const AtlasRelation& relation = atlas.relations[r];
        AtlasRelationEntry& entry = atlas.relation_entries[i];
        entry.head = scan.facts.grid().at(head);
        entry.relation = relation.name;
        entry.score = *now[r]->score(head);
        if (earlier[r] != nullptr) entry.discovery = earlier[r]->score(head);
        if (relation.baseline < 1) entry.p_value = p_value_of(*now[r], head, relation.baseline_offset);
    });
    correct(atlas.relation_entries);
    for (std::size_t i = 0; i < atlas.relation_entries.size(); ++i)
        apply_rule(atlas.relations[i % count], atlas.relation_entries[i]);
}

}  // namespace headlight
