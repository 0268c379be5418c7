// Products with stored weights beside LibTorch's, by shape, type and number of rows: tables and JSON.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace headlight {

struct KernelBenchOptions {
    std::vector<std::string> shapes = {"576x576",    "576x1536", "1536x576", "4096x4096",
                                       "4096x14336", "smollm2",  "llama8b"};
    std::vector<std::string> types = {"F32", "BF16", "F16", "Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q6_K"};
    std::vector<int> num_rows = {1, 2, 4, 8, 16, 64, 256};
    std::vector<int> threads = {1, 2};
    int pool_mb = 0;  // 0: ProductsRequest::pool_bytes
};

/// Prints a table for each of the shapes and numbers of threads, then what the layer of the 8B shape says of
/// a whole model; `json_path` as in write_json(), "-" prints no tables. Errors: InvalidInput (a shape or type
/// that is not known), those of Engine::measure_products().
Status bench_kernels(const KernelBenchOptions& options, const std::string& json_path);

}  // namespace headlight
