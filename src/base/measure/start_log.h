// When the phases of getting ready were over: HEADLIGHT_START_LOG=FILE. Rows of three numbers and words, for
// tests/benchmarks/start.py and for people who look for what a start waits for.
#pragma once

namespace headlight {

/// Writes that `phase` has just ended: milliseconds since the process began, milliseconds of processor time
/// of all its threads so far, and the words. Only the first time for each phase; nothing without the
/// variable. From any thread.
void note_start(const char* phase);

}  // namespace headlight
