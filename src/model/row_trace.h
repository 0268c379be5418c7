// The engine's AttentionTrace: one shared block per query row.
#pragma once

#include <vector>

#include "core/score_parts.h"
#include "family/architecture.h"
#include "kernel/row_block.h"
#include "kernel/row_tiles.h"
#include "kernel/score_bias.h"
#include "model/weights/weights.h"

namespace headlight {

/// What a trace says of itself, and needs to compute rows again where q and k are kept.
struct TraceFacts {
    TraceInfo info;  // all but the number of queries and the storage
    ScoreBiasTable bias;
    float softcap = 0;
    std::vector<float> sinks;  // [L * H]; empty without
    // What else takes scores apart.
    std::vector<float> scales;  // [L]
    std::string bias_name;
    std::vector<RotationPair> main_rotation, local_rotation;
    std::vector<RopeUse> rotations;  // [L]
};

/// Everything of a head's ScoreParts but q, k and a bias that is not shared by the layers.
ScoreParts start_score_parts(const TraceFacts& facts, HeadId head, int num_queries, int depth);

/// Facts of a pass over `num_keys` keys.
TraceFacts make_trace_facts(const Architecture& arch, const Weights& weights, int num_keys,
                            AttentionKind kind = AttentionKind::Self);

/// A trace of rows.size() queries; `tiles` of those rows, where q and k are kept (ones of other rows are left
/// out). Safe from any thread; never calls LibTorch.
TracePtr make_row_trace(TraceFacts facts, std::vector<RowBlockPtr> rows,
                        const std::vector<RowTilesPtr>& tiles);

}  // namespace headlight
