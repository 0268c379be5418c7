// What products with stored weights cost beside LibTorch's: asked by `bench --kernels`, measured by the
// engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace headlight {

/// Of a weight, [out, in].
struct ProductShape {
    std::int64_t rows = 0, cols = 0;
};

/// Weights of one pass in its order: those of an inner list multiply the same x.
using ProductPass = std::vector<std::vector<ProductShape>>;

struct ProductsRequest {
    ProductPass pass;
    std::vector<std::string> types;  // names of stored types ("Q4_K"); empty: all
    std::vector<int> num_rows;       // of x
    int num_threads = 1;
    /// Of the copies of the weights together, so that a pass finds none of them in a cache. 0: twice the last
    /// cache, at most an eighth of the memory that is free.
    std::size_t pool_bytes = 0;
    double seconds = 0.15;  // of measuring each cell and its reference, at least
};

struct ProductTiming {
    std::string type;
    int num_rows = 0;
    double ms = 0;             // one pass over the weights, least of the repeats
    double reference_ms = 0;   // the same by at::linear with float32 weights, interleaved
    bool is_dot = false;       // rows of the weights one by one; else panels
    bool takes_torch = false;  // passes of models take LibTorch's here, which was found faster
    std::size_t bytes = 0;     // of the weights as stored
    double operations = 0;     // floating-point ones of a pass
};

struct ProductsReport {
    std::string isa;                     // of our products; LibTorch takes its own
    std::size_t pool_bytes = 0;          // that was asked for or chosen
    std::vector<ProductTiming> timings;  // types whose blocks the shapes allow, by type, then rows
};

}  // namespace headlight
