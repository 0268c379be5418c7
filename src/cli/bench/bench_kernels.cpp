#include "cli/bench/bench_kernels.h"

#include <algorithm>
#include <cstdio>

#include "cli/bench/bench_run.h"
#include "cli/bench/kernel_tables.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "run/live_model.h"

namespace headlight {
namespace {

constexpr const char* kSmallPass = "smollm2";   // every weight of SmolLM2-135M
constexpr const char* kLargeLayer = "llama8b";  // one layer of Llama 3 8B

/// Weights of a layer of Llama's kind, [out, in].
ProductPass llama_layer(std::int64_t hidden, std::int64_t kv, std::int64_t inner) {
    return {{{hidden, hidden}, {kv, hidden}, {kv, hidden}},
            {{hidden, hidden}},
            {{inner, hidden}, {inner, hidden}},
            {{hidden, inner}}};
}

Result<ProductPass> pass_of(const std::string& shapes) {
    constexpr std::int64_t kMostSize = 1 << 20;
    if (shapes == kLargeLayer) return llama_layer(4096, 1024, 14336);
    if (shapes == kSmallPass) {
        ProductPass pass;
        for (int layer = 0; layer < 30; ++layer) {
            for (auto& weights : llama_layer(576, 192, 1536))
                pass.push_back(std::move(weights));
        }
        pass.push_back({{49152, 576}});
        return pass;
    }
    long long rows = 0, cols = 0;
    int end = 0;
    if (std::sscanf(shapes.c_str(), "%lldx%lld%n", &rows, &cols, &end) == 2 &&
        static_cast<std::size_t>(end) == shapes.size() && std::min(rows, cols) > 0 &&
        std::max(rows, cols) <= kMostSize)
        return ProductPass{{{rows, cols}}};
    return fail(
        ErrorKind::InvalidInput,
        "'{}' names no shapes: give OUTxIN such as 576x1536, {} (all weights of a pass) or {} (one layer)",
        shapes, kSmallPass, kLargeLayer);
}

double weights_of(const ProductPass& pass) {
    double count = 0;
    for (const auto& shapes : pass)
        for (const ProductShape& shape : shapes)
            count += static_cast<double>(shape.rows) * static_cast<double>(shape.cols);
    return count;
}

Result<KernelTable> measure_table(Engine& engine, const KernelBenchOptions& options,
                                  const std::string& shapes, int num_threads) {
    KernelTable table;
    table.shapes = shapes;
    table.num_threads = num_threads;
    ProductsRequest request;
    HEADLIGHT_TRY(request.pass, pass_of(shapes));
    request.types = options.types;
    if (options.types == std::vector<std::string>{"all"}) request.types.clear();
    request.num_rows = options.num_rows;
    request.num_threads = num_threads;
    request.pool_bytes = static_cast<std::size_t>(options.pool_mb) * 1'000'000;
    table.num_weights = weights_of(request.pass);
    ProgressBar bar("bench");
    const JobContext job(interrupt_token(), [&](const ProgressUpdate& update) {
        bar.show(update.fraction, fmt::format("{}, {} threads, {}", shapes, num_threads, update.detail));
    });
    HEADLIGHT_TRY(table.report, engine.measure_products(request, job));
    bar.finish();
    return table;
}

}  // namespace

Status bench_kernels(const KernelBenchOptions& options, const std::string& json_path) {
    for (const std::string& shapes : options.shapes)
        HEADLIGHT_CHECK(pass_of(shapes));
    const int most_threads = *std::max_element(options.threads.begin(), options.threads.end());
    HEADLIGHT_TRY(Engine * engine, engine_with_threads(most_threads)());
    const bool shows_tables = json_path != "-";
    if (shows_tables)
        std::printf(
            "%s; %s; least of interleaved runs; p: by widened panels, t: passes of models take LibTorch's\n",
            machine_name().c_str(), engine->version().c_str());
    Json tables = Json::array(), whole = Json::array();
    Json out = {{"machine", machine_name()}, {"engine", engine->version()}};
    for (const std::string& shapes : options.shapes) {
        for (const int num_threads : options.threads) {
            HEADLIGHT_TRY(const KernelTable table, measure_table(*engine, options, shapes, num_threads));
            if (shows_tables) print_kernel_table(table);
            tables.push_back(kernel_table_json(table));
            out["isa"] = table.report.isa;
            out["pool_mb"] = static_cast<double>(table.report.pool_bytes) * 1e-6;
            if (shapes != kLargeLayer) continue;
            const std::vector<WholeModel> models = extrapolate(table);
            if (shows_tables) print_whole_models(models);
            for (const WholeModel& model : models)
                whole.push_back(whole_model_json(model));
        }
    }
    out["tables"] = std::move(tables);
    out["extrapolated"] = std::move(whole);
    return json_path.empty() ? Status() : write_json(json_path, out);
}

}  // namespace headlight
