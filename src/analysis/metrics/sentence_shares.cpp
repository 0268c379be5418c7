// The table of metrics of a sentence pair: how much of the attention of one sentence's queries goes to which.
// [CLS] and all before B's first token is of A, so the separator is of the sentence that it ends.
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

enum class Sentence { A, B };

/// Mean over the rows of `From` of what they give to `To`.
template <Sentence From, Sentence To>
std::optional<double> value(const HeadPattern& pattern) {
    const SentencePattern& pair = pattern.sentences;
    if (!pair.is_pair()) return std::nullopt;
    return mean_over_rows(pattern, 1, [&](const RowStats& row, int query) -> std::optional<double> {
        if ((query < pair.second) != (From == Sentence::A)) return std::nullopt;
        const double own = pair.own[static_cast<std::size_t>(query)];
        return std::clamp(From == To ? own : row.row_sum - own, 0.0, 1.0);
    });
}

template <Sentence From, Sentence To>
std::optional<double> reference(const HeadPattern& pattern) {
    return value<From, To>(pattern.of_even_sentences());
}

struct SentenceShare {
    const char *id, *label, *formula, *help;
    std::optional<double> (*value)(const HeadPattern& pattern);
    std::optional<double> (*reference)(const HeadPattern& pattern);
};

constexpr MetricDescriptor sentence_share(const SentenceShare& line) {
    return {
        .id = line.id,
        .label = line.label,
        .unit = "",
        .formula = line.formula,
        .source = "definition as given; [CLS] is of A, a separator of the sentence that it ends",
        .help = line.help,
        .reference_label = kUniformHead,
        .kind = MetricKind::Pattern,
        .direction = MetricDirection::Neither,
        .min = 0,
        .max = 1,
        .from_pattern = line.value,
        .reference_from_pattern = line.reference,
        .needs_pair = true,
    };
}

}  // namespace

extern const MetricDescriptor k_metric_a_to_a = sentence_share({
    .id = "a_to_a",
    .label = "A → A",
    .formula = "mean over rows i of A of sum over keys j of A of a_ij; uniform: |A| / n",
    .help = "How much of the attention of sentence A's tokens stays in A.",
    .value = value<Sentence::A, Sentence::A>,
    .reference = reference<Sentence::A, Sentence::A>,
});
extern const MetricDescriptor k_metric_a_to_b = sentence_share({
    .id = "a_to_b",
    .label = "A → B",
    .formula = "mean over rows i of A of sum over keys j of B of a_ij; uniform: |B| / n",
    .help = "How much of the attention of sentence A's tokens goes to B.",
    .value = value<Sentence::A, Sentence::B>,
    .reference = reference<Sentence::A, Sentence::B>,
});
extern const MetricDescriptor k_metric_b_to_a = sentence_share({
    .id = "b_to_a",
    .label = "B → A",
    .formula = "mean over rows i of B of sum over keys j of A of a_ij; uniform: |A| / n",
    .help = "How much of the attention of sentence B's tokens goes to A.",
    .value = value<Sentence::B, Sentence::A>,
    .reference = reference<Sentence::B, Sentence::A>,
});
extern const MetricDescriptor k_metric_b_to_b = sentence_share({
    .id = "b_to_b",
    .label = "B → B",
    .formula = "mean over rows i of B of sum over keys j of B of a_ij; uniform: |B| / n",
    .help = "How much of the attention of sentence B's tokens stays in B.",
    .value = value<Sentence::B, Sentence::B>,
    .reference = reference<Sentence::B, Sentence::B>,
});

}  // namespace headlight
