// How much the loss moves when the output of a head is scaled a little: the gradient that reaches it, without
// autograd.
#pragma once

#include <optional>
#include <vector>

#include "study/validation/check.h"

namespace headlight {

struct GateSensitivity {
    HeadId head;
    std::optional<double> gradient;    // mean over sequences of dL/dxi, nats a token
    std::optional<double> importance;  // mean over sequences of |dL/dxi| (Michel et al. 2019)
};

struct GateReport {
    std::vector<GateSensitivity> heads;
    int num_sequences = 0;
    bool has_all_heads = false;
};

/// Central difference (L(1 + delta) - L(1 - delta)) / (2 delta) of the gate of each head, on the first
/// sequences. Which heads and how many sequences: as many as ValidationRequest::gate_budget allows, spread
/// evenly over the model; the choice depends on sizes alone. Errors: those of the runner.
Result<GateReport> measure_gates(const ValidationSetup& setup, const JobContext& job);

}  // namespace headlight
