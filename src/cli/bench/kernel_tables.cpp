#include "cli/bench/kernel_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace headlight {
namespace {

constexpr int kLargeLayers = 32, kPassRows = 256;
constexpr ProductShape kLargeHead{128256, 4096};

double gigabytes_a_second(const ProductTiming& cell) {
    return static_cast<double>(cell.bytes) / cell.ms * 1e-6;
}
double gigaflops(const ProductTiming& cell, double ms) {
    return cell.operations / ms * 1e-6;
}

/// Behind a cell: how it is computed in passes of models.
const char* mark_of(const ProductTiming& cell) {
    return cell.takes_torch ? "t" : cell.is_dot ? " " : "p";
}

const ProductTiming* cell_of(const KernelTable& table, const std::string& type, int num_rows) {
    for (const ProductTiming& cell : table.report.timings)
        if (cell.type == type && cell.num_rows == num_rows) return &cell;
    return nullptr;
}

/// Least time of LibTorch's over all cells with that many rows.
double reference_ms(const KernelTable& table, int num_rows) {
    double least = 0;
    for (const ProductTiming& cell : table.report.timings)
        if (cell.num_rows == num_rows && (least == 0 || cell.reference_ms < least)) least = cell.reference_ms;
    return least;
}

std::vector<int> rows_of(const KernelTable& table) {
    std::vector<int> rows;
    for (const ProductTiming& cell : table.report.timings)
        if (std::find(rows.begin(), rows.end(), cell.num_rows) == rows.end()) rows.push_back(cell.num_rows);
    return rows;
}

}  // namespace

void print_kernel_table(const KernelTable& table) {
    const std::vector<int> all_rows = rows_of(table);
    std::printf("\n%s, %d thread%s, %s: time / at::linear float32, GB/s of weights, GFLOP/s\n",
                table.shapes.c_str(), table.num_threads, table.num_threads == 1 ? "" : "s",
                table.report.isa.c_str());
    std::printf("%-11s %9s", "", "bytes/w");
    for (const int num_rows : all_rows)
        std::printf("  %18s", fmt::format("{} row{}", num_rows, num_rows == 1 ? "" : "s").c_str());
    std::printf("\n%-11s %9.4f", "at::linear", 4.0);
    for (const int num_rows : all_rows) {
        const double ms = reference_ms(table, num_rows);
        std::printf(
            "  %18s",
            ms == 0
                ? "-"
                : fmt::format("{:.4g} ms {:.0f}", ms, 2 * num_rows * table.num_weights / ms * 1e-6).c_str());
    }
    std::printf("\n");
    std::vector<std::string> types;
    for (const ProductTiming& cell : table.report.timings)
        if (types.empty() || types.back() != cell.type) types.push_back(cell.type);
    for (const std::string& type : types) {
        const ProductTiming* first = cell_of(table, type, all_rows.front());
        std::printf("%-11s %9.4f", type.c_str(), static_cast<double>(first->bytes) / table.num_weights);
        for (const int num_rows : all_rows) {
            const ProductTiming& cell = *cell_of(table, type, num_rows);
            std::printf("  %18s",
                        fmt::format("{:.2f} {:5.1f} {:5.0f}{}", cell.ms / cell.reference_ms,
                                    gigabytes_a_second(cell), gigaflops(cell, cell.ms), mark_of(cell))
                            .c_str());
        }
        std::printf("\n");
    }
    std::fflush(stdout);
}

Json kernel_table_json(const KernelTable& table) {
    Json rows = Json::array();
    for (const ProductTiming& cell : table.report.timings) {
        rows.push_back({{"type", cell.type},
                        {"rows", cell.num_rows},
                        {"ms", cell.ms},
                        {"reference_ms", cell.reference_ms},
                        {"ratio", cell.ms / cell.reference_ms},
                        {"bytes", cell.bytes},
                        {"gb_per_s", gigabytes_a_second(cell)},
                        {"gflop_per_s", gigaflops(cell, cell.ms)},
                        {"way", cell.is_dot ? "dot" : "panel"},
                        {"passes_take", cell.takes_torch ? "torch" : "own"}});
    }
    return {{"shapes", table.shapes},
            {"threads", table.num_threads},
            {"weights", table.num_weights},
            {"rows", std::move(rows)}};
}

std::vector<WholeModel> extrapolate(const KernelTable& table) {
    const double head = static_cast<double>(kLargeHead.rows) * static_cast<double>(kLargeHead.cols);
    const double layers = kLargeLayers * table.num_weights;
    const auto whole = [&](const std::string& type, double bytes_a_weight, double row_ms, double rows_ms) {
        const double head_ms = row_ms * head / table.num_weights;
        return WholeModel{type, table.num_threads, (layers + 2 * head) * bytes_a_weight * 1e-9,
                          row_ms == 0 ? 0 : row_ms * kLargeLayers + head_ms,
                          rows_ms == 0 ? 0 : rows_ms * kLargeLayers + head_ms};
    };
    std::vector<WholeModel> out = {
        whole("at::linear", 4, reference_ms(table, 1), reference_ms(table, kPassRows))};
    for (const ProductTiming& cell : table.report.timings) {
        if (out.back().type == cell.type) continue;
        const ProductTiming *row = cell_of(table, cell.type, 1), *rows = cell_of(table, cell.type, kPassRows);
        out.push_back(whole(cell.type, static_cast<double>(cell.bytes) / table.num_weights,
                            row != nullptr ? row->ms : 0, rows != nullptr ? rows->ms : 0));
    }
    return out;
}

void print_whole_models(const std::vector<WholeModel>& models) {
    std::printf("\nA whole model of the 8B shape, extrapolated from the layer above (products only)\n");
    std::printf("%-11s %8s %7s %14s %18s\n", "", "threads", "GB", "ms a token", "ms of 256 tokens");
    const auto ms = [](double value) { return value == 0 ? std::string("-") : fmt::format("{:.0f}", value); };
    for (const WholeModel& model : models)
        std::printf("%-11s %8d %7.1f %14s %18s\n", model.type.c_str(), model.num_threads, model.gigabytes,
                    ms(model.token_ms).c_str(), ms(model.pass_ms).c_str());
}

Json whole_model_json(const WholeModel& model) {
    const auto ms = [](double value) { return value == 0 ? Json() : Json(value); };
    return {{"type", model.type},
            {"threads", model.num_threads},
            {"gigabytes", model.gigabytes},
            {"token_ms", ms(model.token_ms)},
            {"pass_256_ms", ms(model.pass_ms)}};
}

}  // namespace headlight
