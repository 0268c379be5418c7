// What libheadlight_ranks.so exports. All functions give 0 when they worked.
#pragma once

#define HEADLIGHT_RANKS_EXPORT __attribute__((visibility("default")))

extern "C" {
/// Joins the other processes of this mpirun.
HEADLIGHT_RANKS_EXPORT int headlight_ranks_start(int* rank, int* size);
/// The largest number of all processes; returns when each has called it.
HEADLIGHT_RANKS_EXPORT int headlight_ranks_largest(int own, int* largest);
HEADLIGHT_RANKS_EXPORT void headlight_ranks_stop();
}
