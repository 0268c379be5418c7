// The detector registry, and detection on one head of a trace.
#include "analysis/detector.h"

#include "analysis/patterns/detector_text.h"
#include "base/registry.h"

namespace headlight {

const DetectorDescriptor* find_detector(std::string_view id) {
    return find_entry(detectors(), id);
}

namespace {

/// Every pattern is one within a text, and here queries and keys are of two.
std::vector<Tag> tags_of_cross_attention() {
    std::vector<Tag> tags;
    for (const DetectorDescriptor* detector : detectors()) {
        tags.push_back({detector, {}});
        tags.back().score.reason = "queries and keys are of two texts: patterns within one do not apply";
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
    return detect(trace, rows, head, DetectorText(tokens, trace.info(), key_sets));
}

std::vector<Tag> detect(const AttentionTrace& trace, std::span<const RowStats> rows, HeadId head,
                        const DetectorText& text) {
    thread_local HeadRows seen;  // a quarter of a megabyte that would be mapped and unmapped for every head
    read_head_rows(trace, head, text, seen);
    return detect(trace, rows, head, text, seen);
}

std::vector<Tag> detect(const AttentionTrace& trace, std::span<const RowStats> rows, HeadId head,
                        const DetectorText& text, const HeadRows& seen) {
    std::vector<Tag> tags;
    tags.reserve(detectors().size());
    if (trace.info().kind == AttentionKind::Cross) return tags_of_cross_attention();
    std::vector<KeyRange> key_ranges;
    key_ranges.reserve(rows.size());
    for (int query = 0; query < static_cast<int>(rows.size()); ++query)
        key_ranges.push_back(trace.admissible(head.layer, query));
    for (std::size_t d = 0; d < detectors().size(); ++d) {
        const DetectorInput input{head,
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
        tags.push_back({detectors()[d], detectors()[d]->measure(input)});
        DetectorScore& score = tags.back().score;
        if (!detectors()[d]->needs_profile || !score.is_tagged) continue;
        score.is_tagged = false;
        score.reason += "; the head's positional profile may explain it: a scan decides";
    }
    return tags;
}

}  // namespace headlight
