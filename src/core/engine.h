// The engine: what model/ and train/ hand out, declared here so that the rest of the program never sees
// LibTorch. It lives in libheadlight_engine.so, which is opened on first use (load_engine).
#pragma once

#include <memory>
#include <string>

#include "base/progress.h"
#include "base/result.h"
#include "core/bench/product_timing.h"
#include "core/model_runner.h"
#include "core/open_request.h"
#include "core/train_request.h"

namespace headlight {

class Engine {
  public:
    virtual ~Engine() = default;
    /// "LibTorch 2.13.0+cpu, AVX2"
    virtual std::string version() const = 0;
    /// Maps the checkpoint and checks every weight's name and shape. Errors: Missing, Corrupt, Unsupported
    /// (family).
    virtual Result<std::unique_ptr<ModelRunner>> open_model(const OpenModelRequest& request,
                                                            const JobContext& job) = 0;
    /// Random weights; the same seed gives the same weights.
    virtual Result<std::unique_ptr<ModelRunner>> random_model(const RandomModelRequest& request) = 0;
    /// The architecture of a checkpoint with freshly drawn weights: the negative control of a scan.
    virtual Result<std::unique_ptr<ModelRunner>> random_copy(const OpenModelRequest& request,
                                                             std::uint64_t seed);
    /// Trains a small model. A stop request ends after a saved checkpoint.
    virtual Result<TrainReport> train(const TrainRequest& request, const TrainCallback& callback,
                                      const JobContext& job) = 0;
    /// Times products with stored weights beside LibTorch's in float32. Errors: InvalidInput (a type that is
    /// not known, with those that are), OutOfMemory, Cancelled, Unsupported.
    virtual Result<ProductsReport> measure_products(const ProductsRequest& request, const JobContext& job);
    /// Sets the threads of the next runs; 0 = automatic (one for short texts).
    virtual void set_num_threads(int num_threads) = 0;
};

/// Sets the environment that OpenMP and the BLAS read when LibTorch is loaded, and how the allocator keeps
/// pages. main() calls it before there is a second thread: the environment has no lock, and what changes it
/// pulls it from under the graphics driver's and the fonts' getenv(). What is set already stays.
void prepare_process();

/// Opens the engine once per process and returns it; later calls return the same one. `library_path` empty:
/// $HEADLIGHT_ENGINE, else beside the binary, else in ../lib/headlight. Thread-safe, after prepare_process();
/// without that it is done here.
/// Errors: Missing with the paths that were tried, Internal with the loader's words.
Result<Engine*> load_engine(const std::string& library_path = {});

/// The one symbol that the engine library exports.
extern "C" {
using HeadlightCreateEngine = Engine* (*)();
}
inline constexpr const char* kEngineSymbol = "headlight_create_engine";
inline constexpr const char* kEngineFileName = "libheadlight_engine.so";

}  // namespace headlight
