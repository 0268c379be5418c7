// A comparison with a reference, for scripts.
#pragma once

#include "report/json_out.h"
#include "study/parity/parity_report.h"

namespace headlight {

/// Keys: model, family, reference, texts, layers [{kind, layer, max, mean, departs, text, head, query, key}],
/// first_departing_layer and first_departing_kind (null if none), max, hidden [{kind, state, max_relative,
/// departs}], hidden_max_relative, logits_max_relative, absent_layers, tolerance, relative_tolerance, agrees,
/// verdict.
Json parity_json(const ParityReport& report);

}  // namespace headlight
