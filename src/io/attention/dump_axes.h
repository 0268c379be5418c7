// Which axis of an array of attention holds layers, heads, queries and keys.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace headlight {

/// Positions of the axes; -1: the array has none. All others have length 1.
struct AxisRoles {
    int layer = -1, head = -1, query = -1, key = -1;
};

/// What is known of an array before its axes are.
struct AxisQuestion {
    std::string name;
    std::vector<std::int64_t> shape;
    bool is_one_layer = false, is_one_head = false;  // its name says so
    bool is_square = true;                           // queries and keys are one text, if some axes allow that
    std::int64_t num_queries = 0, num_keys = 0;      // from token lists; 0: not known
};

/// Sums of the values along an axis lie within `tolerance` of 1, no value is negative or not finite.
/// `may_be_less`: sums may be less than 1 (a sink outside the text takes the rest).
struct SumCheck {
    double tolerance = 1e-3;
    bool may_be_less = false;
};

/// For each axis: does every sum of `values` (of `shape`, row-major) along it pass?
std::vector<bool> axes_that_sum_to_one(std::span<const float> values, std::span<const std::int64_t> shape,
                                       const SumCheck& check);

/// Is every value zero whose key comes after its query? Equal axis lengths assumed.
bool is_causal_along(std::span<const float> values, std::span<const std::int64_t> shape, int query, int key);

/// The axes as letters say them: l, h, q, k, and b for a batch of one ("lhqk"). Errors: InvalidInput (letters
/// that do not fit the shape; says which).
Result<AxisRoles> axes_from_letters(const AxisQuestion& question, const std::string& letters);

/// Detects the axes. The key axis is the one along which weights sum to one (`sums`), the query axis the one
/// of the same length or of the number of tokens, the rest are layers and heads, in this order. The usual
/// order [layers, heads, queries, keys] wins over an equally possible one only if `values` (may be empty) are
/// causal in it alone. Errors: InvalidInput where several orders fit (names them, and how to say which),
/// Corrupt where none does.
Result<AxisRoles> detect_axes(const AxisQuestion& question, const std::vector<bool>& sums,
                              std::span<const float> values);

/// values [shape] -> [layers, heads, queries, keys]
std::vector<float> in_usual_order(std::span<const float> values, std::span<const std::int64_t> shape,
                                  const AxisRoles& roles);

/// Length of an axis; 1 where the array has none.
std::int64_t axis_length(std::span<const std::int64_t> shape, int axis);

}  // namespace headlight
