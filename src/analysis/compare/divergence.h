// How far two runs' attention rows lie apart: Jensen-Shannon divergence over the keys that both have.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "analysis/compare/alignment.h"
#include "base/progress.h"
#include "core/attention_trace.h"
#include "core/head_id.h"

namespace headlight {

/// One row pair: the divergence and the mass that is on no common key, mean of both sides.
struct RowDivergence {
    double jsd = 0;      // nats, 0 .. ln 2
    double rest = 0;     // 0 .. 1
    int num_common = 0;  // keys that are aligned and that both masks allow
};

/// JSD of rows `a` [keys of A] and `b` [keys of B]: the aligned keys that both masks allow one by one, and
/// one bin of everything else (also of what a learned sink outside the text takes).
RowDivergence compare_rows(std::span<const float> a, KeyRange keys_a, std::span<const float> b,
                           KeyRange keys_b, std::span<const TokenAlignment::Pair> key_pairs);

/// A head of run A beside a head of run B.
struct HeadPair {
    HeadId a, b;
};

/// A head pair over the compared rows: aligned, two admissible keys on both sides, one common key or more.
struct HeadDivergence {
    HeadPair heads;
    std::vector<float> row_jsd;       // [queries of A], nats; 0 where the row was not compared
    std::vector<float> row_rest;      // the same: mass on no common key
    std::optional<double> jsd;        // mean over the compared rows; nullopt: there is none
    std::optional<double> jsd_after;  // over those behind the first difference
    double rest = 0, rest_after = 0;  // mean mass on no common key, of the same rows
    int num_rows = 0, num_rows_after = 0;
    /// What heads are ranked by: jsd_after where the rows before agree and would dilute the mean, else jsd;
    /// 0 without a compared row.
    double ranked = 0;
};

/// The texts of two runs, aligned.
struct RunAlignment {
    TokenAlignment queries, keys;
    int first_changed = 0;       // rows before it stand in the beginning that the texts have in common
    bool agrees_before = false;  // and are equal by construction: one causal model that read both

    bool is_after(int query) const { return query >= first_changed; }
    /// Does a row say anything of the difference?
    bool counts(int query) const { return !agrees_before || is_after(query); }
};

/// Above this the rows have too little in common for their divergence to say much.
inline constexpr double kMuchRest = 0.5;

/// Every head of A beside the head of the same number in B; the traces have as many layers and heads.
std::vector<HeadPair> same_heads(const AttentionTrace& trace);

/// Divergences of head pairs, in their order. Layers without attention have no rows. Errors: Cancelled.
Result<std::vector<HeadDivergence>> compare_heads(const AttentionTrace& a, const AttentionTrace& b,
                                                  const RunAlignment& alignment,
                                                  std::span<const HeadPair> heads, const JobContext& job,
                                                  int num_threads = 1);

/// Indices of `heads`, the most changed first; ties keep their order.
std::vector<std::size_t> most_changed(std::span<const HeadDivergence> heads);

}  // namespace headlight
