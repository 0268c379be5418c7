// What an ablation puts in the place of attention: which heads, and what they do instead. Plain values; the
// engine carries them out, views and commands only name them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/attention_trace.h"
#include "core/head_id.h"
#include "core/matrix.h"

namespace headlight {

enum class InterventionMode {
    Uniform,        // 1 / n_i on every admissible key
    LocalWindow,    // uniform over admissible keys with |i - j| <= window
    PreviousToken,  // all on i - 1 (row 0: itself)
    FirstToken,     // all on the first admissible key: the head rests
    Identity,       // all on i
    Pattern,        // given rows: the user's own, or another text's
    ZeroOutput,     // nothing is moved: the head adds only its constant value bias (independent of weight
                    // folding)
    MeanOutput,     // the head adds the same vector everywhere: its mean over a reference set
    KnockOut,       // single edges cut, the rest of the row scaled up to 1
    Scale           // head output times `factor`; 1 changes nothing
};

inline constexpr InterventionMode kInterventionModes[] = {
    InterventionMode::Uniform,    InterventionMode::LocalWindow, InterventionMode::PreviousToken,
    InterventionMode::FirstToken, InterventionMode::Identity,    InterventionMode::Pattern,
    InterventionMode::ZeroOutput, InterventionMode::MeanOutput,  InterventionMode::KnockOut,
    InterventionMode::Scale};

/// "uniform", "local", "previous", "first", "identity", "pattern", "zero", "mean", "knock_out", "scale".
const char* to_string(InterventionMode mode);
/// "uniform attention", "local window" ... for labels: every result names its mode.
const char* label_of(InterventionMode mode);
std::optional<InterventionMode> intervention_mode(std::string_view name);

/// One cell of a pattern.
struct Edge {
    int query = 0;
    int key = 0;
    auto operator<=>(const Edge&) const = default;
};

struct Intervention {
    InterventionMode mode = InterventionMode::Uniform;
    std::vector<HeadId> heads;    // not empty but with mlp_layers; a layer or a model is all of its heads
    std::vector<int> mlp_layers;  // ZeroOutput, Scale: layers whose feed-forward part is changed too
    int window = 5;               // LocalWindow
    std::vector<Matrix>
        patterns;  // Pattern: one for all heads or one per head, [N, N]; rows are masked and renormalised
    std::vector<Edge> edges;                  // KnockOut: for all heads of this intervention
    std::vector<std::vector<float>> outputs;  // MeanOutput: per head [head_dim], before the output projection
    double factor = 1;                        // Scale
};

/// "L1H3: uniform attention", "layer 2: zero output", "L0H1: edge 5 -> 2 cut": what a title says.
std::string describe(const Intervention& intervention, int num_layers, int num_heads);

/// Is there a MeanOutput without `outputs`: a mean that was asked for by name only?
bool wants_mean_outputs(std::span<const Intervention> interventions);
/// Writes the means of each head, [HeadGrid, head_dim], into the MeanOutput changes that have none.
void fill_mean_outputs(std::span<Intervention> interventions, const Matrix& means, HeadGrid grid);

/// Row `query` of a pattern mode into out [num_keys]: 0 outside `keys`, sums to 1 inside. For Uniform,
/// LocalWindow, PreviousToken, FirstToken and Identity; a target outside the mask falls back to the nearest
/// admissible key.
void write_replacement_row(InterventionMode mode, int query, KeyRange keys, int window, std::span<float> out);

/// Cuts the edges of `query` out of a measured row [num_keys] and scales the rest to sum 1. When nothing
/// remains the row is spread evenly over the admissible keys that were not cut, and if there are none it is
/// left as it was.
void knock_out_row(int query, KeyRange keys, std::span<const Edge> edges, std::span<float> row);

}  // namespace headlight
