// TensorBoard event files: TFRecords of Event messages, written by hand so that no protobuf library is
// needed. Record: length (u64), masked CRC of the length (u32), bytes, masked CRC of the bytes (u32), all
// little-endian.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace headlight {

/// One scalar of a step.
using EventScalar = std::pair<std::string, double>;

/// One TFRecord around `payload`.
std::string tfrecord(std::string_view payload);

/// Event messages (tensorflow/core/util/event.proto), without the record around them. `wall_time` in seconds.
std::string file_version_event(double wall_time);
/// Says that the steps from `step` on are written again: TensorBoard then drops what older files hold of
/// them.
std::string session_start_event(double wall_time, std::int64_t step);
/// Scalars are stored as 32-bit floats, as TensorBoard's own writers do.
std::string scalar_event(double wall_time, std::int64_t step, std::span<const EventScalar> scalars);

/// A new file events.out.tfevents.<seconds>.<machine>.<process>.<number> in `folder` with the version record
/// in it. Returns its path. Errors: Internal (the disk).
Result<std::string> create_event_file(const std::string& folder);

/// Seconds since 1970.
double wall_clock_seconds();

}  // namespace headlight
