// What `selftest` looks at on the user's machine, one function each.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/engine.h"

namespace headlight {

struct CheckOutcome {
    enum class State { Good, Failed, Skipped };
    State state = State::Good;
    std::string detail;
};

struct SelfCheck {
    const char* name;
    std::function<CheckOutcome()> run;
};

/// All checks in the order in which they run; later ones use what the first (the engine) opened.
std::vector<SelfCheck> self_checks();

/// One fixture model against its reference.
struct ParityRow {
    std::string name, family;
    CheckOutcome::State state = CheckOutcome::State::Good;
    double max_difference = 0;  // of attention, over texts, layers and heads
    std::string detail;         // why it was skipped or failed
};

/// Largest absolute difference that counts as equal: the reference itself is within 3e-6 of float64.
inline constexpr double kParityTolerance = 2e-5;

/// Every folder of `models_dir` with config.json and reference.safetensors; models of families that the
/// engine lacks are skipped. Also with config.v4.json in place of the config where there is one. Errors:
/// Missing (no such folder).
Result<std::vector<ParityRow>> check_fixtures(Engine& engine, const std::string& models_dir,
                                              const std::function<void(const ParityRow&)>& on_row);

}  // namespace headlight
