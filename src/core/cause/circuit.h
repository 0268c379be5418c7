// What a head does with tokens, read off its weights (causal.md d).
#pragma once

#include <cstdint>
#include <vector>

#include "core/head_id.h"
#include "core/matrix.h"

namespace headlight {

/// What stands for a token at the head's layer.
enum class TokenState {
    Embedding,   // its row of the table
    FirstBlock,  // what leaves block 0 for the token alone; recommended from layer 1 on
};

struct ScoredTokens {
    std::vector<std::int32_t> ids;
    std::vector<float> scores;
};

/// Both ends of a list over the vocabulary; `bottom` ascends.
struct TokenRanking {
    ScoredTokens top, bottom;
    std::vector<float> scores;  // [vocab], when asked for
};

struct CircuitRequest {
    std::vector<HeadId> heads;
    std::vector<std::int32_t> tokens;
    TokenState state = TokenState::FirstBlock;
    int count = 10;                 // entries of each end
    bool wants_scores = false;      // TokenRanking::scores
    std::vector<bool> is_ordinary;  // [vocab] tokens that may be listed; empty: all
};

/// Of one head and token. Scores of OV have arbitrary units (divisors are left out); those of QK are logits
/// at distance 0, centred over the keys.
struct CircuitOfToken {
    TokenRanking writes;           // OV: tokens that looking at this one raises and lowers
    TokenRanking writes_specific;  // minus the mean over all tokens looked at
    TokenRanking looks_for;        // QK: keys that this token asks for
};

struct Circuits {
    std::vector<std::vector<CircuitOfToken>> of;  // [heads][tokens]
    bool has_writes = true;  // false: the head of the model is not linear in the stream (BERT's transform)
};

}  // namespace headlight
