#include "tokenize/text/split.h"

#include <algorithm>

namespace headlight {
namespace {

struct CutPart {
    std::size_t begin, end;
    bool is_match;
};

// The whole text as parts that match and parts between them.
std::vector<CutPart> cover(std::size_t size, std::span<const PatternMatch> matches, bool invert) {
    std::vector<CutPart> parts;
    parts.reserve(2 * matches.size() + 1);
    std::size_t done = 0;
    for (const PatternMatch& match : matches) {
        if (match.begin != done) parts.push_back({done, match.begin, invert});
        parts.push_back({match.begin, match.end, !invert});
        done = match.end;
    }
    if (done != size) parts.push_back({done, size, invert});
    return parts;
}

// A match joins the part before it (in the given order), unless that was a match itself.
std::vector<CutPart> merge_matches(std::vector<CutPart> parts, bool is_reversed) {
    if (is_reversed) std::reverse(parts.begin(), parts.end());
    std::vector<CutPart> out;
    bool previous_match = false;
    for (const CutPart& part : parts) {
        if (part.is_match && !previous_match && !out.empty()) {
            (is_reversed ? out.back().begin : out.back().end) = is_reversed ? part.begin : part.end;
        } else {
            out.push_back(part);
        }
        previous_match = part.is_match;
    }
    if (is_reversed) std::reverse(out.begin(), out.end());
    return out;
}

std::vector<CutPart> merge_runs(const std::vector<CutPart>& parts) {
    std::vector<CutPart> out;
    for (const CutPart& part : parts) {
        if (!out.empty() && out.back().is_match == part.is_match) {
            out.back().end = part.end;
        } else {
            out.push_back(part);
        }
    }
    return out;
}

}  // namespace

std::optional<SplitBehavior> split_behavior(std::string_view name) {
    if (name == "Removed") return SplitBehavior::Removed;
    if (name == "Isolated") return SplitBehavior::Isolated;
    if (name == "MergedWithPrevious") return SplitBehavior::MergedWithPrevious;
    if (name == "MergedWithNext") return SplitBehavior::MergedWithNext;
    if (name == "Contiguous") return SplitBehavior::Contiguous;
    return std::nullopt;
}

void split_section(const TextSection& section, std::span<const PatternMatch> matches, SplitBehavior behavior,
                   bool invert, std::vector<TextSection>& out) {
    std::vector<CutPart> parts = cover(section.end - section.begin, matches, invert);
    if (behavior == SplitBehavior::MergedWithPrevious) parts = merge_matches(std::move(parts), false);
    if (behavior == SplitBehavior::MergedWithNext) parts = merge_matches(std::move(parts), true);
    if (behavior == SplitBehavior::Contiguous) parts = merge_runs(parts);
    for (const CutPart& part : parts) {
        if (part.begin == part.end || (behavior == SplitBehavior::Removed && part.is_match)) continue;
        out.push_back({section.text, section.begin + part.begin, section.begin + part.end, -1});
    }
}

}  // namespace headlight
