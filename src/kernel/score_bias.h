// What is added to the scores of queries and keys, laid out so that the kernel reads it row by row whatever
// its kind.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace headlight {

/// The value of (head, query, key) lies at head * head_stride + origin + query * query_stride + key. A query
/// stride of 0 is a bias by key, of -1 one by the distance key - query, of the number of keys a whole matrix.
struct ScoreBiasTable {
    std::shared_ptr<const std::vector<float>> values;  // null: no bias
    std::int64_t head_stride = 0, query_stride = 0, origin = 0;

    explicit operator bool() const { return values != nullptr; }
    /// Value of key 0; keys follow one after the other.
    const float* row(int head, int query) const {
        return values->data() + head * head_stride + origin + query * query_stride;
    }
};

}  // namespace headlight
