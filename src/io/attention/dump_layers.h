// The arrays of one kind of attention in a file, put together to [layers, heads, queries, keys].
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "io/attention/dump_contents.h"
#include "io/attention/dump_names.h"

namespace headlight {

/// One array and what its name says.
struct DumpPart {
    AttentionName name;
    const TensorInfo* array = nullptr;
};

struct LayersRequest {
    std::vector<DumpPart> parts;                 // of one kind
    std::string axes;                            // letters; empty: detected
    bool is_square = true;                       // queries and keys are one text, if that fits
    std::int64_t num_queries = 0, num_keys = 0;  // from token lists; 0: not known
    int num_layers = 0;                          // at least so many
    bool may_sum_less = false;                   // a sink outside the text takes a part of each row
    bool is_sealed = false;                      // DumpOptions::is_sealed
};

struct DumpLayers {
    int num_layers = 0, num_heads = 0, num_queries = 0, num_keys = 0;
    std::vector<int> absent_layers;   // numbers that no array has
    std::vector<float> weights;       // [layer, head, query, key]; absent layers are 0
    std::span<const float> in_place;  // the same where they lie in a sealed file, and `weights` is empty
    std::shared_ptr<const void> owner;
    bool is_causal = false;  // no query sees a later key (square only)
    DType dtype = DType::Float32;
    std::string note;  // how the axes were read, where that is not the usual order
};

/// Reads, orders and checks: finite, not negative, rows that sum to 1. Errors: Corrupt (array, layer, head,
/// query and sum), InvalidInput (ambiguous axes), Missing (a head).
Result<DumpLayers> read_dump_layers(const DumpContents& contents, LayersRequest request);

}  // namespace headlight
