#include "study/atlas/digest.h"

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

double or_least(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? *value : -1e300;
}

bool is_clearer(const AtlasEntry* a, const AtlasEntry* b) {
    const double first = or_least(a->interpretability), second = or_least(b->interpretability);
    if (first != second) return first > second;
    const double score = or_least(a->confirmation.score), other = or_least(b->confirmation.score);
    if (score != other) return score > other;
    return a < b;  // both lie in Atlas::entries, so this is their place
}

void sort_clearest_first(std::vector<const AtlasEntry*>& entries) {
    std::sort(entries.begin(), entries.end(), is_clearer);
}

void add_pattern(AtlasDigest& digest, const Atlas& atlas, std::size_t index) {
    PatternDigest pattern;
    pattern.detector = &atlas.detectors[index];
    pattern.index = index;
    std::vector<double> consistencies;
    for (std::size_t i = index; i < atlas.entries.size(); i += atlas.detectors.size()) {
        const AtlasEntry& entry = atlas.entries[i];
        const auto& score = entry.confirmation.score;
        if (score && (!pattern.strongest || *score > *pattern.strongest->confirmation.score))
            pattern.strongest = &entry;
        if (!entry.is_tagged) continue;
        pattern.tagged.push_back(&entry);
        if (entry.consistency) consistencies.push_back(*entry.consistency);
    }
    sort_clearest_first(pattern.tagged);
    pattern.median_consistency = median(std::move(consistencies));
    digest.patterns.push_back(std::move(pattern));
}

}  // namespace

Status check_atlas(const Atlas& atlas) {
    if (atlas.num_layers < 1 || atlas.num_heads < 1)
        return fail(ErrorKind::InvalidInput,
                    "the atlas has {} layers and {} heads; expected at least one of each", atlas.num_layers,
                    atlas.num_heads);
    const std::size_t num_heads = atlas.grid().size();
    if (atlas.heads.size() != num_heads)
        return fail(ErrorKind::InvalidInput, "the atlas describes {} heads; expected {} ({} layers of {})",
                    atlas.heads.size(), num_heads, atlas.num_layers, atlas.num_heads);
    if (atlas.entries.size() != num_heads * atlas.detectors.size())
        return fail(ErrorKind::InvalidInput,
                    "the atlas has {} entries; expected {} ({} heads x {} detectors)", atlas.entries.size(),
                    num_heads * atlas.detectors.size(), num_heads, atlas.detectors.size());
    return {};
}

AtlasDigest digest_atlas(const Atlas& atlas) {
    AtlasDigest digest;
    digest.tags_of_head.resize(atlas.heads.size());
    for (std::size_t i = 0; i < atlas.entries.size(); ++i) {
        if (!atlas.entries[i].is_tagged) continue;
        digest.tagged.push_back(&atlas.entries[i]);
        digest.tags_of_head[i / atlas.detectors.size()].push_back(&atlas.entries[i]);
    }
    sort_clearest_first(digest.tagged);
    for (auto& tags : digest.tags_of_head) {
        sort_clearest_first(tags);
        digest.num_tagged_heads += tags.empty() ? 0 : 1;
    }
    for (std::size_t index = 0; index < atlas.detectors.size(); ++index)
        add_pattern(digest, atlas, index);
    return digest;
}

std::optional<double> median(std::vector<double> values) {
    if (values.empty()) return std::nullopt;
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

const std::string& label_of(const AtlasDetector& detector) {
    return detector.label.empty() ? detector.id : detector.label;
}

std::string label_of(const Atlas& atlas, const AtlasEntry& entry) {
    for (const AtlasDetector& detector : atlas.detectors) {
        if (detector.id == entry.detector) return label_of(detector);
    }
    return entry.detector;
}

std::string count_of(std::size_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace headlight
