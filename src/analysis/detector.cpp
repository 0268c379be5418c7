// The detector registry, and detection on one head of a trace.
#include "analysis/detector.h"

#include <fmt/format.h>

#include "analysis/patterns/detector_text.h"
#include "analysis/patterns/even_heads.h"
#include "base/registry.h"

namespace headlight {

const DetectorDescriptor* find_detector(std::string_view id) {
    return find_entry(detectors(), id);
}

namespace {

/// Every pattern is one within a text, and here queries and keys are of two.
std::vector<Tag> tags_of_cross_attention(const DetectorText& text) {
    std::vector<Tag> tags;
    for (const DetectorDescriptor* detector : text.registry()) {
        tags.push_back({detector, {}});
        tags.back().score.reason = "queries and keys are of two texts: patterns within one do not apply";
    }
    return tags;
}

/// What it finds between tokens means nothing between these units.
DetectorScore not_between_units(const DetectorDescriptor& detector, TextUnit unit) {
    DetectorScore out;
    out.reason = fmt::format("not asked between {}s: {}", to_string(unit), detector.why_no_coarser);
    return out;
}

std::vector<Tag> detect_with(const AttentionTrace& trace, std::span<const RowStats> rows, HeadId head,
                             const DetectorText& text, const HeadRows& seen, const EvenHead* even) {
    std::vector<Tag> tags;
    tags.reserve(text.registry().size());
    if (trace.info().kind == AttentionKind::Cross) return tags_of_cross_attention(text);
    std::vector<KeyRange> key_ranges;
    key_ranges.reserve(rows.size());
    for (int query = 0; query < static_cast<int>(rows.size()); ++query)
        key_ranges.push_back(trace.admissible(head.layer, query));
    const TextUnit unit = trace.info().unit;
    for (std::size_t d = 0; d < text.registry().size(); ++d) {
        const DetectorDescriptor& detector = *text.registry()[d];
        tags.push_back({&detector, {}});
        DetectorScore& score = tags.back().score;
        if (unit > detector.coarsest) {
            score = not_between_units(detector, unit);
            continue;
        }
        DetectorInput input{head,
                            rows,
                            text.tokens(),
                            &trace,
                            seen.mass[d],
                            text.key_set(d),
                            text.labels(),
                            seen.matrix,
                            seen.content_argmax,
                            text.similarity(),
                            key_ranges};
        if (even != nullptr) {
            input.even = even;
            input.even_mass = even->mass[d];
        }
        score = detector.measure(input);
        if (!detector.needs_profile || !score.is_tagged) continue;
        score.is_tagged = false;
        score.reason += "; the head's positional profile may explain it: a scan decides";
    }
    return tags;
}

}  // namespace

std::vector<KeySet> detector_key_sets(std::span<const Token> tokens) {
    const std::vector<TokenLabel> labels = label_ids(tokens);
    std::vector<KeySet> sets;
    for (const DetectorDescriptor* detector : detectors()) {
        if (detector->has_pairs() && detector->is_live) sets.push_back(detector->pairs({labels}));
    }
    return sets;
}

std::vector<Tag> detect(const AttentionTrace& trace, std::span<const Token> tokens, HeadId head,
                        std::span<const KeySet> key_sets) {
    std::vector<RowStats> rows(static_cast<std::size_t>(trace.num_queries()));
    trace.row_stats(head.layer, head.head, rows);
    const DetectorText text(tokens, trace.info(), key_sets);
    return detect(trace, rows, head, text, EvenHeads(trace, text));
}

std::vector<Tag> detect(const AttentionTrace& trace, std::span<const RowStats> rows, HeadId head,
                        const DetectorText& text) {
    return detect(trace, rows, head, text, EvenHeads(trace, text));
}

std::vector<Tag> detect(const AttentionTrace& trace, std::span<const RowStats> rows, HeadId head,
                        const DetectorText& text, const EvenHeads& even) {
    thread_local HeadRows seen;  // a quarter of a megabyte that would be mapped and unmapped for every head
    read_head_rows(trace, head, text, seen);
    return detect_with(trace, rows, head, text, seen, even.of(head.layer));
}

std::vector<Tag> detect(const AttentionTrace& trace, std::span<const RowStats> rows, HeadId head,
                        const DetectorText& text, const HeadRows& seen) {
    return detect_with(trace, rows, head, text, seen, nullptr);
}

}  // namespace headlight
