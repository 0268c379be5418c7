#include "analysis/patterns/sequence_scores.h"

#include <algorithm>

#include "analysis/patterns/detector_text.h"
#include "analysis/statistics/label_permutation.h"

namespace headlight {

struct SequenceText::Parts {
    std::vector<Token> tokens;
    TraceInfo info;  // of the text alone: length and mask
    std::vector<KeySet> live;
    std::unique_ptr<DetectorText> text;
    std::vector<PermutedPairs> permuted;  // [detector]
};

SequenceText::SequenceText(std::span<const Token> tokens, bool is_causal, const SequenceOptions& options)
    : parts_(std::make_unique<Parts>()) {
    Parts& parts = *parts_;
    parts.tokens.assign(tokens.begin(), tokens.end());
    parts.info.num_queries = parts.info.num_keys = static_cast<int>(tokens.size());
    parts.info.is_causal = is_causal;
    parts.live = detector_key_sets(parts.tokens);
    const DetectorTextOptions text_options{options.frequencies, options.embeddings, parts.info.num_queries};
    parts.text = std::make_unique<DetectorText>(parts.tokens, parts.info, parts.live, text_options);
    for (const DetectorDescriptor* detector : parts.text->registry()) {
        // Every detector draws from its own stream, so that one more in the list changes nothing of the
        // others.
        std::uint64_t seed = options.seed;
        for (const char c : std::string_view(detector->id))
            seed = seed * 1099511628211u + static_cast<unsigned char>(c);
        parts.permuted.emplace_back(*detector, parts.text->labels(), options.num_permutations, seed);
    }
}

SequenceText::~SequenceText() = default;
SequenceText::SequenceText(SequenceText&&) noexcept = default;
SequenceText& SequenceText::operator=(SequenceText&&) noexcept = default;

const std::vector<KeySet>& SequenceText::live_key_sets() const {
    return parts_->live;
}

int SequenceText::num_tokens() const {
    return static_cast<int>(parts_->tokens.size());
}

namespace {

bool is_of_text(const AttentionTrace& trace, const SequenceText& text) {
    return trace.num_queries() == text.num_tokens() && trace.num_keys() == text.num_tokens();
}

/// What the profile would do on this text, [num_queries, num_keys], with the statistics that content
/// detectors read.
std::vector<float> profile_matrix(const AttentionTrace& trace, int layer, const PositionalProfile& profile,
                                  std::vector<RowStats>& rows) {
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    std::vector<float> matrix(rows.size() * num_keys, 0.0f);
    for (std::size_t query = 0; query < rows.size(); ++query) {
        if (rows[query].num_keys == 0) continue;
        const std::span<float> row(matrix.data() + query * num_keys, num_keys);
        const KeyRange keys = trace.admissible(layer, static_cast<int>(query));
        profile.fill_row(static_cast<int>(query), keys, row);
        rows[query].first = row[0];
        rows[query].self = row[query];
        rows[query].argmax =
            static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin());
    }
    return matrix;
}

/// Scores of the positional profile for the content detectors; nullopt for the others.
void add_profile_nulls(std::vector<SequenceScore>& scores, const AttentionTrace& trace,
                       std::vector<RowStats> rows, HeadId head, const DetectorText& text,
                       const PositionalProfile& profile) {
    std::vector<float> matrix = profile_matrix(trace, head.layer, profile, rows);
    const HeadRows seen = read_head_rows(std::move(matrix), trace.num_queries(), text);
    const std::vector<Tag> tags = detect(trace, rows, head, text, seen);
    for (std::size_t d = 0; d < scores.size(); ++d) {
        if (text.registry()[d]->kind == DetectorKind::Content && scores[d].score)
            scores[d].profile_null = tags[d].score.score;
    }
}

/// What a head shows on the text, kept while the heads beside it are looked at.
struct SeenHead {
    std::vector<RowStats> rows;
    HeadRows seen;
    std::vector<float> excess;
};

/// Scores without nulls of other labels and of the profile.
std::vector<SequenceScore> plain_scores(const AttentionTrace& trace, const SequenceText::Parts& parts,
                                        HeadId head, SeenHead& kept) {
    kept.rows.resize(static_cast<std::size_t>(trace.num_queries()));
    trace.row_stats(head.layer, head.head, kept.rows);
    kept.seen = read_head_rows(trace, head, *parts.text);
    const std::vector<Tag> tags = detect(trace, kept.rows, head, *parts.text, kept.seen);
    kept.excess = excess_weights(kept.seen.matrix, trace, head.layer);
    std::vector<SequenceScore> scores(tags.size());
    for (std::size_t d = 0; d < scores.size(); ++d) {
        const DetectorScore& measured = tags[d].score;
        SequenceScore& score = scores[d];
        score.score = measured.score;
        score.null = measured.null;
        score.argmax_rate = measured.argmax_rate;
        score.is_tagged = measured.is_tagged;
        score.num_rows = measured.num_rows;
        score.column = measured.column;
    }
    return scores;
}

void add_permutations(std::vector<std::vector<SequenceScore>>& scores, const SequenceText::Parts& parts,
                      std::span<const SeenHead> heads) {
    std::vector<std::span<const float>> views;
    for (const SeenHead& head : heads)
        views.emplace_back(head.excess);
    const ExcessOfHeads excess(views);
    for (std::size_t d = 0; d < parts.permuted.size(); ++d) {
        const bool is_scored = std::any_of(scores.begin(), scores.end(),
                                           [&](const auto& of_head) { return of_head[d].score.has_value(); });
        if (!is_scored) continue;
        const std::vector<double> p = parts.permuted[d].p_values(excess);
        for (std::size_t h = 0; h < p.size(); ++h) {
            if (scores[h][d].score) scores[h][d].permutation_p = p[h];
        }
    }
}

/// The profile's scores, and the tags of detectors that have to be above them.
void add_profile(std::vector<SequenceScore>& scores, const AttentionTrace& trace,
                 const SequenceText::Parts& parts, HeadId head, const SeenHead& kept,
                 const PositionalProfile& profile) {
    add_profile_nulls(scores, trace, kept.rows, head, *parts.text, profile);
    for (std::size_t d = 0; d < scores.size(); ++d) {
        const DetectorDescriptor& detector = *parts.text->registry()[d];
        SequenceScore& score = scores[d];
        if (!detector.needs_profile || !score.score || !score.profile_null) continue;
        const DetectorInput input{head,
                                  kept.rows,
                                  parts.text->tokens(),
                                  &trace,
                                  kept.seen.mass[d],
                                  parts.text->key_set(d),
                                  parts.text->labels(),
                                  kept.seen.matrix,
                                  kept.seen.content_argmax,
                                  parts.text->similarity()};
        const bool is_above = *score.score >= *score.profile_null + kLeastAboveProfile;
        score.is_tagged = is_above && detector.measure(input).is_tagged;
    }
}

}  // namespace

std::vector<std::vector<SequenceScore>> score_sequence(const AttentionTrace& trace, const SequenceText& text,
                                                       std::span<const HeadId> heads,
                                                       std::span<const PositionalProfile> profiles) {
    const SequenceText::Parts& parts = text.parts();
    std::vector<std::vector<SequenceScore>> scores(heads.size(),
                                                   std::vector<SequenceScore>(parts.text->registry().size()));
    if (!is_of_text(trace, text)) return scores;
    std::vector<SeenHead> kept(heads.size());
    for (std::size_t h = 0; h < heads.size(); ++h)
        scores[h] = plain_scores(trace, parts, heads[h], kept[h]);
    add_permutations(scores, parts, kept);
    for (std::size_t h = 0; h < profiles.size(); ++h) {
        if (!profiles[h].is_empty()) add_profile(scores[h], trace, parts, heads[h], kept[h], profiles[h]);
    }
    return scores;
}

std::vector<SequenceScore> score_sequence(const AttentionTrace& trace, const SequenceText& text, HeadId head,
                                          const PositionalProfile* profile) {
    const std::span<const PositionalProfile> profiles(profile, profile == nullptr ? 0 : 1);
    return std::move(score_sequence(trace, text, std::span(&head, 1), profiles).front());
}

std::vector<float> row_masses(const AttentionTrace& trace, const SequenceText& text, HeadId head,
                              std::size_t detector) {
    const SequenceText::Parts& parts = text.parts();
    if (detector >= parts.text->registry().size() || !is_of_text(trace, text)) return {};
    const KeySet* set = parts.text->key_set(detector);
    const std::string_view id = parts.text->registry()[detector]->id;
    std::vector<RowStats> rows(static_cast<std::size_t>(trace.num_queries()));
    trace.row_stats(head.layer, head.head, rows);
    std::vector<float> masses(rows.size(), -1.0f);
    if (set != nullptr) {
        const std::vector<float> matrix = trace.matrix(head.layer, head.head);
        const std::vector<float> all = masses_of(matrix, trace.num_queries(), *set);
        for (std::size_t query = 0; query < rows.size(); ++query) {
            const auto num_pairs = static_cast<int>(set->row(query).size());
            if (num_pairs > 0 && num_pairs < rows[query].num_keys) masses[query] = all[query];
        }
        return masses;
    }
    constexpr std::size_t kWindow = 5;  // RowStats::local
    for (std::size_t query = 1; query < rows.size(); ++query) {
        const RowStats& row = rows[query];
        if (row.num_keys < 2) continue;
        if (id == "previous_token") {
            masses[query] = row.previous;
        } else if (id == "first_token") {
            masses[query] = row.first;
        } else if (id == "self") {
            masses[query] = row.self;
        } else if (id == "local_window") {
            masses[query] = query > kWindow ? row.local : -1.0f;
        } else {
            return {};
        }
    }
    return masses;
}

}  // namespace headlight
