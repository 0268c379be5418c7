// The files of a training log: written row by row while training goes on, and read back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "core/training_log.h"

namespace headlight {

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

/// Opens the log in `folder`, which is made. Files are written row by row, so that a kill costs at most the
/// last row. A row's names become columns of metrics.csv when they first come; columns never move. Each
/// writer starts its own event file. Errors: Internal (the disk), Corrupt (the log that is to be kept).
Result<std::unique_ptr<TrainingLogWriter>> open_training_log(const std::string& folder,
                                                             TrainingLogStart start);

/// True for a folder (or file in it) with metrics.jsonl.
bool is_training_log(const std::string& path);
/// Reads metrics.jsonl; a last line that is still being written is left out. Errors: Missing, Corrupt (with
/// the line).
Result<TrainingLog> read_training_log(const std::string& path);

}  // namespace headlight
