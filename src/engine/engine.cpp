// The engine behind core/engine.h: what model/ and train/ do, behind the library's one exported symbol.
#include "core/engine.h"

#include <torch/version.h>

#include <atomic>

#include "kernel/kernel_isa.h"
#include "model/forward/guard.h"
#include "model/model_runner.h"
#include "model/product_bench/measure_products.h"
#ifdef HEADLIGHT_HAS_TRAINER
#include "train/trainer.h"
#endif

namespace headlight {
namespace {

class TorchEngine final : public Engine {
  public:
    std::string version() const override {
        return std::string("LibTorch ") + TORCH_VERSION + ", " + kernel_isa().name;
    }

    Result<std::unique_ptr<ModelRunner>> open_model(const OpenModelRequest& request,
                                                    const JobContext& job) override {
        return open_model_runner(request, job, threads_);
    }

    Result<std::unique_ptr<ModelRunner>> random_model(const RandomModelRequest& request) override {
        return random_model_runner(request, threads_);
    }

    Result<std::unique_ptr<ModelRunner>> random_copy(const OpenModelRequest& request,
                                                     std::uint64_t seed) override {
        return random_copy_runner(request, seed, threads_);
    }

    Result<TrainReport> train(const TrainRequest& request, const TrainCallback& callback,
                              const JobContext& job) override {
#ifdef HEADLIGHT_HAS_TRAINER
        return guarded("training", [&] { return train_model(request, callback, job); });
#else
        (void)request, (void)callback, (void)job;
        return fail(ErrorKind::Unsupported, "this engine was built without the trainer");
#endif
    }

    Result<ProductsReport> measure_products(const ProductsRequest& request, const JobContext& job) override {
        return guarded("measuring products", [&] { return measure_products_of(request, job); });
    }

    void set_num_threads(int num_threads) override {
        threads_->store(num_threads < 0 ? 0 : num_threads);
    }

  private:
    std::shared_ptr<std::atomic<int>> threads_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace
}  // namespace headlight

/// Called once per process by load_engine(); the engine lives until the process ends.
extern "C" __attribute__((visibility("default"))) headlight::Engine* headlight_create_engine() {
    return new headlight::TorchEngine();
}
