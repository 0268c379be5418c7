#include "views/panels/training_lines.h"

#include <algorithm>
#include <cmath>

namespace headlight {

std::optional<TrainingLine> training_line(const TrainingLog& log, const std::string& name) {
    TrainingLine line;
    line.name = name;
    for (const TrainingRow& row : log.rows) {
        const auto found = row.values.find(name);
        if (found == row.values.end() || !found->second || !std::isfinite(*found->second)) continue;
        line.steps.push_back(static_cast<double>(row.step));
        line.values.push_back(*found->second);
    }
    if (line.values.empty()) return std::nullopt;
    line.lo = *std::min_element(line.values.begin(), line.values.end());
    line.hi = *std::max_element(line.values.begin(), line.values.end());
    if (line.hi - line.lo < 1e-12) {
        const double pad = std::max(1e-6, std::abs(line.hi) * 0.05);
        line.lo -= pad;
        line.hi += pad;
    }
    return line;
}

std::vector<std::string> first_metrics(const TrainingLog& log, std::size_t most) {
    static constexpr const char* kTelling[] = {"loss",          "train_loss",    "validation_loss",
                                               "test_loss",     "test_accuracy", "attn_entropy",
                                               "effective_rank"};
    std::vector<std::string> out;
    for (const char* name : kTelling) {
        const bool is_there = std::find(log.names.begin(), log.names.end(), name) != log.names.end();
        if (is_there && out.size() < most) out.emplace_back(name);
    }
    for (const std::string& name : log.names) {
        if (out.size() >= std::min<std::size_t>(most, 2)) break;
        if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
    }
    return out;
}

double step_position(double step, double first, double last, bool is_log) {
    if (is_log) {
        step = std::log(std::max(1.0, step));
        first = std::log(std::max(1.0, first));
        last = std::log(std::max(1.0, last));
    }
    return last > first ? std::clamp((step - first) / (last - first), 0.0, 1.0) : 0.5;
}

std::vector<double> step_ticks(double first, double last, bool is_log, int most) {
    std::vector<double> out;
    if (!(last > first)) return {first};
    if (is_log) {
        for (double step = 1; step <= last; step *= 10) {
            if (step >= first) out.push_back(step);
        }
        if (!out.empty()) return out;
    }
    const double rough = (last - first) / std::max(1, most);
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    double pitch = 10 * power;
    for (const double factor : {5.0, 2.0, 1.0}) {
        if (factor * power >= rough) pitch = factor * power;
    }
    pitch = std::max(1.0, pitch);
    for (double step = std::ceil(first / pitch) * pitch; step <= last; step += pitch)
        out.push_back(step);
    return out;
}

}  // namespace headlight
