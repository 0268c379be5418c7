// Which run a panel shows, in words: a picture of replaced attention never passes for the model's own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "session/snapshot.h"

namespace headlight {

/// "Metrics" while the unchanged run is all there is; "Metrics · after", "Heatmap · difference", "Flow ·
/// before" while attention is replaced. Panels without differences show the changed run then:
/// `has_difference` false.
std::string titled(std::string_view title, const Snapshot& snapshot, bool has_difference = false);

/// "after: L1H3: uniform attention"; "before; the changed run is being computed"; empty without
/// interventions.
std::string run_words(const Snapshot& snapshot, bool has_difference);

/// "of the text before" while the shown text is not the typed one and stays so; else empty.
std::string left_over_words(const Snapshot& snapshot);

/// "8 of 22 rows written by the model": numbers over them are of no natural text. Empty where none was
/// written.
std::string written_words(const AnalyzedText* text);

/// `left_over_words`, `run_words` and `written_words` before what the panel says anyway, and after it the
/// type of the model's weights ("Q4_K").
std::string with_run(const Snapshot& snapshot, std::string_view context, bool has_difference = false);

/// "Cross attention · Layer 1 · Head 2" where a model has several kinds; `title` itself elsewhere.
std::string with_kind(std::string_view title, const Snapshot& snapshot);

/// "encoder", "decoder", "cross"; empty for the attention of a text over itself.
const char* kind_word(AttentionKind kind);

/// Do the heads of the shown attention come in groups with one key/value head each?
bool shares_kv_heads(const ModelSpec& spec, const TraceInfo& info);

/// "Layer 3 has no softmax attention" when none of the heads' layers has; else empty.
std::string absent_words(const AttentionTrace& trace, const std::vector<HeadId>& heads);

/// What is replaced, "L1H3: uniform attention and 2 more"; empty without interventions.
std::string intervention_words(const Snapshot& snapshot);

}  // namespace headlight
