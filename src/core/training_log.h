// What the training observer takes down and the window plots: metrics over steps.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace headlight {

/// One row: every metric at one lifecycle point. Names as in requirement 1 ("attn_entropy/0"), plus "loss",
/// "test_accuracy" ...
struct TrainingRow {
    std::int64_t step = 0;
    std::int64_t epoch = -1;  // -1: not an epoch loop
    std::string point;        // "POST_EPOCH", "SNAPSHOT"
    std::map<std::string, std::optional<double>> values;
    std::string checkpoint;  // that was measured; empty where training code wrote the row itself
};

struct TrainingLog {
    std::string title;               // folder name
    std::vector<TrainingRow> rows;   // by step; of two rows of one step and one checkpoint the later counts
    std::vector<std::string> names;  // all metric names, sorted
};

}  // namespace headlight
