// What the training observer writes while training goes on, and what the window plots: metrics over steps.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
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

/// Rows that a writer keeps of a log that lies in the folder already.
struct TrainingLogStart {
    std::optional<std::int64_t> keeps_up_to;  // rows of later steps are dropped; none: the log begins anew
};

/// Opens the log in `folder`, which is made. Files are written row by row, so that a kill costs at most the last row.
/// A row's names become columns of metrics.csv when they first come; columns never move. Each writer starts its own
/// event file. Errors: Internal (the disk), Corrupt (the log that is to be kept).
Result<std::unique_ptr<TrainingLogWriter>> open_training_log(const std::string& folder, TrainingLogStart start);

/// True for a folder (or file in it) with metrics.jsonl.
bool is_training_log(const std::string& path);
/// Reads metrics.jsonl; a last line that is still being written is left out. Errors: Missing, Corrupt (with the line).
Result<TrainingLog> read_training_log(const std::string& path);

}  // namespace headlight
