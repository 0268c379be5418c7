// What the training observer writes while training goes on, and what the window plots: metrics over steps.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace headlight {

/// One row: every metric at one lifecycle point. Names as in requirement 1 ("attn_entropy/0"), plus "loss", "test_accuracy" ...
struct TrainingRow {
    std::int64_t step = 0;
    std::int64_t epoch = -1;          // -1: not an epoch loop
    std::string point;                // "POST_EPOCH", "SNAPSHOT"
    std::map<std::string, std::optional<double>> values;
};

struct TrainingLog {
    std::string title;                // folder name
    std::vector<TrainingRow> rows;    // by step; of two rows of one step the later counts
    std::vector<std::string> names;   // all metric names, sorted
};

/// Writes rows to metrics.jsonl, metrics.csv and a TensorBoard event file in `folder`, flushed row by row.
class TrainingLogWriter {
  public:
    virtual ~TrainingLogWriter() = default;
    virtual Status append(const TrainingRow& row) = 0;
};

/// True for a folder (or file in it) with metrics.jsonl.
bool is_training_log(const std::string& path);
/// Reads metrics.jsonl; a last line that is still being written is left out. Errors: Missing, Corrupt (with the line).
Result<TrainingLog> read_training_log(const std::string& path);

}  // namespace headlight
