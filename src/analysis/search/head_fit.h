// How well one head fits a template: mean over the rows that can be scored of mass, cosine and Pearson.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "analysis/search/pair_template.h"
#include "core/head_id.h"

namespace headlight {

/// Scores are nullopt where no row has them. Layers without attention have none at all.
struct HeadFit {
    HeadId head;
    // Mean over rows with 0 < m_i < n_i of the mass on the pairs; a uniform head's; S / S0; (S - S0) / (1 -
    // S0).
    std::optional<double> mass, null, lift, kappa;
    std::optional<double> cosine;          // A_i·T_i / (|A_i| |T_i|)
    std::optional<double> pearson;         // over K_i, n_i >= 3; a row without variance has none
    int num_rows = 0;                      // of mass
    std::optional<double> p, q;            // pairs moved along the diagonal
    std::optional<double> p_rows, q_rows;  // rows of pairs exchanged
    std::optional<double> p_heads;  // (1 + other heads at least as high) / (1 + other heads): a rank, no test
};

/// The weights of one head with what its scores and nulls read. Kept from head to head.
struct SearchRows {
    std::vector<float> weights;  // [num_queries, num_keys]
    std::vector<float> sums;     // [num_queries, num_keys + 1]: before each key; empty unless `wants_sums`
    std::vector<double> sum, sum_squares;  // [num_queries] over the admissible keys
    // [num_queries] mean weight, and 1 / standard deviation over the row's keys: 0 where they are all alike.
    std::vector<float> mean, inverse_sd;
    std::vector<bool> is_valid;  // has admissible keys, all finite
};

/// Reads a head of `trace`. `wants_sums` for pairs that come in long runs.
void read_search_rows(const AttentionTrace& trace, HeadId head, std::span<const KeyRun> admissible,
                      bool wants_sums, SearchRows& rows);

/// Mass, null, cosine and Pearson; p and q stay empty.
HeadFit fit_head(HeadId head, const PairTemplate& pairs, const MaskedTemplate& masked,
                 const SearchRows& rows);

}  // namespace headlight
