// Lines of a training log: which metrics are worth showing first, and each as points over the steps. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/training_log.h"

namespace headlight {

struct TrainingLine {
    std::string name;
    std::vector<double> steps, values;  // rows that have a finite value
    double lo = 0, hi = 0;              // range of the values; lo < hi
};

/// nullopt when no row has a finite value.
std::optional<TrainingLine> training_line(const TrainingLog& log, const std::string& name);

/// Metrics to show at first: losses, accuracies and the model's means, at most `most`.
std::vector<std::string> first_metrics(const TrainingLog& log, std::size_t most);

/// Where a step lies on the axis from 0 to 1; logarithmic axes count from step 1.
double step_position(double step, double first, double last, bool is_log);

/// Round steps for the axis, at most about `most`: 1, 2 or 5 times a power of ten apart, or powers of ten.
std::vector<double> step_ticks(double first, double last, bool is_log, int most);

}  // namespace headlight
