// What the reader and the writer of a training log agree on.
#pragma once

#include <string_view>

namespace headlight {

inline constexpr const char* kTrainingRowsFile = "metrics.jsonl";
inline constexpr const char* kTrainingTableFile = "metrics.csv";

/// Names that a row uses itself and no metric may have: step, epoch, point, checkpoint.
bool is_row_key(std::string_view name);

}  // namespace headlight
