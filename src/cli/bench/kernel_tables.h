// The tables of `bench --kernels`: one of a list of shapes and a number of threads, and what a layer says of
// a whole model.
#pragma once

#include <string>
#include <vector>

#include "core/bench/product_timing.h"
#include "report/json_out.h"

namespace headlight {

/// What was measured of one list of shapes.
struct KernelTable {
    std::string shapes;
    int num_threads = 0;
    double num_weights = 0;
    ProductsReport report;
};

void print_kernel_table(const KernelTable& table);
Json kernel_table_json(const KernelTable& table);

/// What a model of 32 such layers would take: the head reads one row, the embedding is looked up only.
struct WholeModel {
    std::string type;
    int num_threads = 0;
    double gigabytes = 0, token_ms = 0, pass_ms = 0;  // 0: not measured
};

/// From a layer of Llama 3 8B: LibTorch's first, then the types of the table.
std::vector<WholeModel> extrapolate(const KernelTable& layer);
void print_whole_models(const std::vector<WholeModel>& models);
Json whole_model_json(const WholeModel& model);

}  // namespace headlight
