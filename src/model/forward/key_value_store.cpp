#include "model/forward/key_value_store.h"

#include <ATen/ops/from_blob.h>

#include "model/forward/attention_shape_of.h"

namespace headlight {
namespace {

class KernelStore final : public KeyValueStore {
  public:
    explicit KernelStore(const Architecture& arch) : arch_(arch), cache_(attention_shape_of(arch)) {}

    void reserve(int num_tokens, int num_kept) override { cache_.reserve(num_tokens, num_kept); }
    std::unique_ptr<AttentionStep> attention(CapturePlan plan) override {
        return std::make_unique<KernelAttention>(arch_, cache_, std::move(plan));
    }
    torch::Tensor values(int layer, int kv_head, int num_tokens) override {
        const torch::Tensor panels =
            torch::from_blob(cache_.values(layer, kv_head), {num_tokens, cache_.num_value_panels(), kPanel},
                             {kPanel, cache_.value_stride(), 1}, torch::kFloat32);
        return panels.reshape({num_tokens, -1}).narrow(1, 0, arch_.head_dim);
    }

  private:
    const Architecture& arch_;
    KvCache cache_;
};

}  // namespace

std::unique_ptr<KeyValueStore> make_kernel_store(const Architecture& arch) {
    return std::make_unique<KernelStore>(arch);
}

}  // namespace headlight
