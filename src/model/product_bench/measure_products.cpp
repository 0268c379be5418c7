#include "model/product_bench/measure_products.h"

#include <c10/core/InferenceMode.h>
#include <fmt/ranges.h>
#include <torch/types.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <optional>

#include "base/memory.h"
#include "base/stopwatch.h"
#include "kernel/product/product.h"
#include "kernel/worker_pool.h"
#include "model/forward/kernel_choice.h"
#include "model/forward/worker_threads.h"
#include "model/product_bench/sample_weights.h"

namespace headlight {
namespace {

constexpr double kSampleSeconds = 0.004;  // passes that are shorter are timed together
constexpr int kLeastSamples = 5;
constexpr std::size_t kUsualCache = std::size_t{64} << 20;  // where the system does not tell its size

std::size_t chosen_pool_bytes() {
    const long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
    const std::size_t bytes = cache > 0 ? static_cast<std::size_t>(cache) : kUsualCache;
    return std::min<std::size_t>(2 * bytes, available_memory() / 8);
}

Result<std::vector<StoredType>> types_of(const std::vector<std::string>& names) {
    std::vector<StoredType> types;
    std::vector<std::string> known;
    for (int i = 0; i < kNumStoredTypes; ++i) {
        const StoredTypeFacts& facts = facts_of(static_cast<StoredType>(i));
        known.emplace_back(facts.name);
        if (names.empty() || std::find(names.begin(), names.end(), facts.name) != names.end())
            types.push_back(facts.type);
    }
    for (const std::string& name : names) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            return fail(ErrorKind::InvalidInput, "no products know the type '{}' (known: {})", name,
                        fmt::join(known, ", "));
    }
    return types;
}

/// x of every product of a pass [num_rows, cols], and room for what comes out.
struct SampleRows {
    int num_rows;
    std::vector<torch::Tensor> x;
    std::vector<std::vector<torch::Tensor>> out;

    SampleRows(const ProductPass& pass, int rows) : num_rows(rows) {
        for (const auto& shapes : pass) {
            x.push_back(torch::randn({rows, shapes.front().cols}));
            out.emplace_back();
            for (const ProductShape& shape : shapes)
                out.back().push_back(torch::empty({rows, shape.rows}));
        }
    }
};

void multiply_pass(const SamplePass& pass, SampleRows& rows, const ProductThreads& threads) {
    std::vector<ProductTask> tasks;
    for (std::size_t i = 0; i < pass.size(); ++i) {
        tasks.clear();
        for (std::size_t k = 0; k < pass[i].size(); ++k)
            tasks.push_back({&pass[i][k], nullptr, rows.out[i][k].data_ptr<float>(), pass[i][k].rows});
        multiply(product_isa(), tasks, rows.x[i].const_data_ptr<float>(), pass[i].front().cols, rows.num_rows,
                 threads);
    }
}

void multiply_pass_by_torch(const SamplePass& pass, const SampleRows& rows) {
    for (std::size_t i = 0; i < pass.size(); ++i) {
        for (const StoredMatrix& matrix : pass[i]) {
            auto* data = const_cast<std::byte*>(matrix.data);  // from_blob takes no const pointer
            const auto weight = torch::from_blob(data, {matrix.rows, matrix.cols}, torch::kFloat32);
            (void)at::linear(rows.x[i], weight);
        }
    }
}

/// Least time of one kind of pass. The processor's time of this thread where it works alone: other programs
/// take the clock's.
template <class Pass>
class Sampled {
  public:
    Sampled(const Pass& pass, bool is_alone) : pass_(pass), is_alone_(is_alone) {
        pass_();  // threads are started, pages are there
        const double once = seconds_of(1);
        num_passes_ = std::max(1, static_cast<int>(kSampleSeconds / std::max(once, 1e-6)));
    }
    void sample() { least_ = std::min(least_, seconds_of(num_passes_) / num_passes_); }
    double ms() const { return least_ * 1000; }

  private:
    double now() const {
        timespec time{};
        clock_gettime(is_alone_ ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    }
    double seconds_of(int count) const {
        const double start = now();
        for (int i = 0; i < count; ++i)
            pass_();
        return now() - start;
    }

    const Pass& pass_;
    bool is_alone_;
    int num_passes_ = 1;
    double least_ = std::numeric_limits<double>::infinity();
};

struct ProductRace {
    const ProductsRequest& request;
    ProductThreads threads;
    SampleWeights reference;
    double num_weights = 0;

    ProductRace(const ProductsRequest& wanted, std::size_t pool_bytes)
        : request(wanted), reference(StoredType::F32, wanted.pass, pool_bytes) {
        threads.num_threads = wanted.num_threads;
        threads.run = [count = wanted.num_threads](int num_parts, const auto& body) {
            run_in_pool(num_parts, count, body);
        };
        num_weights = static_cast<double>(reference.pass_bytes()) / sizeof(float);
    }

    ProductTiming timing(StoredType type, SampleWeights& weights, int num_rows) {
        SampleRows rows(request.pass, num_rows);
        const bool is_alone = request.num_threads == 1;
        const auto own = [&] { multiply_pass(weights.next(), rows, threads); };
        const auto torch = [&] { multiply_pass_by_torch(reference.next(), rows); };
        Sampled own_times(own, is_alone);
        Sampled torch_times(torch, is_alone);
        const Stopwatch watch;
        for (int i = 0; i < kLeastSamples || watch.seconds() < 2 * request.seconds; ++i) {
            own_times.sample();
            torch_times.sample();
        }
        ProductTiming out;
        out.type = facts_of(type).name;
        out.num_rows = num_rows;
        out.ms = own_times.ms();
        out.reference_ms = torch_times.ms();
        out.is_dot = num_rows <= product_isa().most_dot_rows[static_cast<int>(type)];
        out.takes_torch = type == StoredType::F32 && torch_multiplies_faster(num_rows);
        out.bytes = weights.pass_bytes();
        out.operations = 2.0 * num_rows * num_weights;
        return out;
    }
};

}  // namespace

Result<ProductsReport> measure_products_of(const ProductsRequest& request, const JobContext& job) {
    HEADLIGHT_TRY(const std::vector<StoredType> types, types_of(request.types));
    const c10::InferenceMode inference;
    use_threads(request.num_threads, std::numeric_limits<int>::max());
    ProductsReport report;
    report.isa = product_isa().kernel->name;
    report.pool_bytes = request.pool_bytes > 0 ? request.pool_bytes : chosen_pool_bytes();
    ProductRace race(request, report.pool_bytes);
    const double total = static_cast<double>(types.size() * request.num_rows.size());
    double done = 0;
    for (const StoredType type : types) {
        if (!fits_blocks(type, request.pass)) continue;
        // The largest pools are those of float32: no more than two are there at once.
        std::optional<SampleWeights> stored;
        if (type != StoredType::F32) stored.emplace(type, request.pass, report.pool_bytes);
        for (const int num_rows : request.num_rows) {
            if (job.should_stop()) return fail(ErrorKind::Cancelled, "measuring products was stopped");
            job.report({"products", done++ / total, facts_of(type).name});
            report.timings.push_back(race.timing(type, stored ? *stored : race.reference, num_rows));
        }
    }
    return report;
}

}  // namespace headlight
