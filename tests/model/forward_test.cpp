// The differentiable pass: equal to the kernel's, with gradients, probes and closed forms.
#include "model/forward/forward.h"

#include "family/family.h"
#include "model/forward/attention_shape_of.h"
#include "model/forward/kernel_attention.h"
#include "model/model_support.h"
#include "model/text_families.h"

#include <nlohmann/json.hpp>

using namespace headlight;
using namespace headlight::test;

namespace {

Architecture architecture(const char* family, int num_kv_heads = 0) {
    RandomModelRequest request;
    request.hidden_size = 48;
    request.num_kv_heads = num_kv_heads;
    request.num_layers = 3;
    request.vocab_size = 80;
    const Family& found = *family_by_id(family);
    return read_architecture(found, found.random_config(request), {}).value();
}

torch::Tensor ids_tensor(const std::vector<std::int32_t>& ids) {
    const std::vector<std::int64_t> wide(ids.begin(), ids.end());
    return torch::tensor(wide, torch::kInt64).unsqueeze(0);
}

/// Hidden states by the kernel.
torch::Tensor kernel_hidden(const Architecture& arch, const Weights& weights, const torch::Tensor& ids) {
    const at::NoGradGuard guard;
    KvCache cache(attention_shape_of(arch));
    const int n = static_cast<int>(ids.size(1));
    cache.reserve(n, 0);
    KernelAttention attention(arch, cache, {0, n, 1, {}, {}});
    return forward_slice(arch, weights, ids, {0, n}, attention, nullptr);
}

/// Keeps the patterns that it is shown; writes `replacement` over them where it is given.
class PatternProbe final : public Probe {
  public:
    bool wants(Site site, int) const override { return site == Site::AttentionPattern; }
    void visit(Site, int layer, torch::Tensor& pattern) override {
        patterns.push_back(pattern.detach().clone());
        if (layer == replaced_layer) pattern = replacement;
    }
    std::vector<torch::Tensor> patterns;
    int replaced_layer = -1;
    torch::Tensor replacement;
};

double difference(const torch::Tensor& a, const torch::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

}  // namespace

TEST_CASE("forward: torch's attention and the kernel agree, also with windows and without causality") {
    for (const Family* family : text_families()) {
        for (const int kv_heads : {0, 2}) {
            for (const int window : {0, 9}) {
                for (const bool is_causal : {true, false}) {
                    Architecture arch = architecture(family->id, kv_heads);
                    arch.is_causal = is_causal;
                    if (window > 0) arch.window = {window, 0, window};
                    Weights weights = random_weights(arch, 3);
                    for (TensorSlot& slot : tensor_slots(arch, weights)) {
                        if (!slot.is_norm_gain && !slot.is_bias)
                            slot_values(slot).mul_(6.0);  // patterns that are not uniform
                    }
                    const torch::Tensor ids = ids_tensor(some_ids(75, 80));
                    const torch::Tensor plain = forward_hidden(arch, weights, ids);
                    PatternProbe probe;
                    CHECK(difference(plain, forward_hidden(arch, weights, ids, &probe)) < 2e-5);
                    CHECK(probe.patterns.size() == 3);
                    CHECK(difference(plain, kernel_hidden(arch, weights, ids)) < 2e-5);
                }
            }
        }
    }
}

TEST_CASE("forward: gradients reach every weight") {
    for (const Family* family : text_families()) {
        const Architecture arch = architecture(family->id);
        if (arch.has_layer_bias() || arch.score_bias == ScoreBias::Buckets) continue;
        Weights weights = random_weights(arch, 4);
        for (TensorSlot& slot : tensor_slots(arch, weights))
            slot_values(slot).requires_grad_(true);
        const torch::Tensor ids = ids_tensor(some_ids(12, 80)).expand({2, 12});
        torch::Tensor out = forward_hidden(arch, weights, ids);
        if (arch.has_head) {
            out = output_logits(arch, weights, out);
            CHECK(out.sizes() == torch::IntArrayRef({2, 12, 80}));
        }
        // A fixed weight for every value: a plain mean of squares after a norm would not depend on what lies
        // before it.
        (out * torch::linspace(-1, 1, out.numel()).view_as(out)).mean().backward();
        for (const TensorSlot& slot : tensor_slots(arch, weights)) {
            INFO(family->id << " " << slot.name);
            // An expert that no token chose, and a decoder that did not run, have no gradient.
            if (slot.name.find(".experts.") != std::string::npos || slot.name.starts_with("decoder."))
                continue;
            // What a choice depends on alone has none: the bias of a choice, and scores of a router whose
            // choice may be the only one near.
            const bool is_mixed = slot.name.ends_with("router") && arch.moe.router == RouterKind::SparseMixer;
            if (slot.name.ends_with("choice_bias") || is_mixed) continue;
            REQUIRE(slot_values(slot).grad().defined());
            // A bias of all keys shifts each row's scores alike when nothing rotates: softmax cancels it.
            if (slot.name.find("key_bias") != std::string::npos) continue;
            CHECK(slot_values(slot).grad().abs().max().item<double>() > 0);
        }
    }
}

TEST_CASE("forward: a probe replaces a pattern and a head's output") {
    const Architecture arch = architecture("llama");
    const Weights weights = random_weights(arch, 5);
    const torch::Tensor ids = ids_tensor(some_ids(10, 80));
    PatternProbe probe;
    probe.replaced_layer = 1;
    probe.replacement = torch::eye(10).expand({1, 4, 10, 10});
    const torch::Tensor changed = forward_hidden(arch, weights, ids, &probe);
    CHECK(difference(changed, forward_hidden(arch, weights, ids)) > 1e-4);
    // Every token attends to itself only: its pattern in layer 1 no longer depends on the others.
    PatternProbe again;
    again.replaced_layer = 1;
    again.replacement = probe.patterns[1];
    CHECK(difference(forward_hidden(arch, weights, ids, &again), forward_hidden(arch, weights, ids)) < 1e-5);
}

TEST_CASE("forward: with W_Q = 0 every row is uniform over the keys that its mask allows") {
    for (const Family* family : text_families()) {
        for (const int window : {0, 5}) {
            Architecture arch = architecture(family->id);
            if (arch.score_bias != ScoreBias::None || arch.has_sinks)
                continue;  // their scores are not q.k alone
            arch.window.assign(3, window);
            Weights weights = random_weights(arch, 6);
            for (LayerWeights& layer : weights.layers)
                layer.query = torch::zeros_like(layer.query.widened());
            PatternProbe probe;
            forward_hidden(arch, weights, ids_tensor(some_ids(11, 80)), &probe);
            for (const torch::Tensor& pattern : probe.patterns) {
                for (int i = 0; i < 11; ++i) {
                    const int reach = arch.is_causal ? window - 1 : window;
                    const int first = window > 0 ? std::max(0, i - reach) : 0;
                    const int last = arch.is_causal ? i : window > 0 ? std::min(10, i + reach) : 10;
                    for (int j = 0; j < 11; ++j) {
                        const double expected = j >= first && j <= last ? 1.0 / (last + 1 - first) : 0.0;
                        CHECK(pattern[0][2][i][j].item<double>() == doctest::Approx(expected).epsilon(1e-6));
                    }
                }
            }
        }
    }
}

TEST_CASE("rotary: closed forms of both pairings") {
    RopeSettings rope;
    rope.rotary_dim = 4;
    const RotaryTable table = make_rotary_table(rope, 1, 1, 2);
    torch::Tensor unit = torch::zeros({1, 1, 1, 4});
    unit[0][0][0][0] = 1.0;
    const torch::Tensor halves = rotate(unit, table, RopePairing::Halves).flatten();
    CHECK(difference(halves, torch::tensor({0.540302f, 0.0f, 0.841471f, 0.0f})) < 1e-6);
    const torch::Tensor neighbours = rotate(unit, table, RopePairing::Neighbours).flatten();
    CHECK(difference(neighbours, torch::tensor({0.540302f, 0.841471f, 0.0f, 0.0f})) < 1e-6);
}

TEST_CASE("rotary: scores of all-ones heads depend on the distance alone, with the known values") {
    RopeSettings rope;
    for (const auto& [dim, scale, distances] :
         {std::tuple(4, 1.0, std::vector<std::pair<int, double>>{{0, 4.0}, {1, 3.0805046}, {2, 1.1673063}}),
          std::tuple(64, 0.125,
                     std::vector<std::pair<int, double>>{
                         {0, 8.0}, {1, 7.729208}, {2, 7.075966}, {8, 5.603478}, {64, 3.476522}})}) {
        rope.rotary_dim = dim;
        for (const auto& [distance, expected] : distances) {
            for (const int key : {0, 3, 200}) {
                const torch::Tensor ones = torch::ones({1, 1, 1, dim});
                const torch::Tensor q =
                    rotate(ones, make_rotary_table(rope, key + distance, 1, 300), RopePairing::Halves);
                const torch::Tensor k =
                    rotate(ones, make_rotary_table(rope, key, 1, 300), RopePairing::Halves);
                CHECK((q * k).sum().item<double>() * scale == doctest::Approx(expected).epsilon(2e-5));
            }
        }
    }
}
