// Which heads of the shown text an expression holds for, from whatever is known of them by now.
#pragma once

#include <memory>
#include <string>

#include "analysis/search/head_query.h"
#include "session/derived.h"
#include "session/snapshot.h"

namespace headlight {

/// What is known of the heads of the shown text; keeps it alive.
struct KnownNumbers {
    HeadNumbers numbers;
    std::shared_ptr<const AnalyzedText> text;
    std::shared_ptr<const Atlas> atlas;  // whose tags count; null: those of the text
    std::shared_ptr<const WeightAnalysis> weights, matrices;
    bool is_pending = false;  // something that was asked for is on its way
    std::string missing;      // why something is not known: "weights: ..."; empty: nothing is missing
};

/// Metrics and tags of the shown text; tags of the atlas where one is shown. Asks for nothing.
KnownNumbers numbers_of_text(const Snapshot& now);

/// Takes a derived value into `known`; `what` names it.
void take_numbers(KnownNumbers& known, Derived<WeightAnalysis> derived, const char* what,
                  std::shared_ptr<const WeightAnalysis> KnownNumbers::*place);

/// The same with metrics of the weights and of whole patterns, as asked for. `Source` hands out derived
/// values: Session or DerivedValues.
template <class Source>
KnownNumbers known_numbers(Source& source, const Snapshot& now, bool wants_weights, bool wants_matrices) {
    KnownNumbers known = numbers_of_text(now);
    if (wants_weights) take_numbers(known, source.weight_analysis(), "weights", &KnownNumbers::weights);
    if (wants_matrices)
        take_numbers(known, source.all_matrix_metrics(), "whole patterns", &KnownNumbers::matrices);
    known.numbers.weights = known.weights.get();
    known.numbers.matrices = known.matrices.get();
    return known;
}
template <class Source>
KnownNumbers known_numbers(Source& source, const Snapshot& now, const HeadQuery& query) {
    return known_numbers(source, now, query.needs(MetricKind::Weights), query.needs(MetricKind::Matrix));
}

}  // namespace headlight
