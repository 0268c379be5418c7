// What `selftest` looks at on the user's machine, one function each.
#pragma once

#include <functional>
#include <string>
#include <vector>

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

/// Largest absolute difference that counts as equal: the reference itself is within 3e-6 of float64.
inline constexpr double kParityTolerance = 2e-5;

}  // namespace headlight
