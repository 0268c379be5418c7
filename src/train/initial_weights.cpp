#include "train/initial_weights.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

#include "model/weights/weights.h"
#include "train/data/codec_kinds.h"
#include "train/random.h"
#include "train/recipe.h"

namespace headlight {
namespace {

constexpr double kMatrixDeviation = 0.06;
constexpr double kEmbeddingDeviation = 0.2;
constexpr double kSharedDeviation = 0.2;

class WeightMaker {
  public:
    WeightMaker(const TrainRequest& request, Random random) : request_(request), random_(random) {}

    at::Tensor normal(std::int64_t rows, std::int64_t cols, double deviation) {
        at::Tensor matrix = at::empty({rows, cols}, at::kFloat);
        float* values = matrix.mutable_data_ptr<float>();
        for (std::int64_t i = 0; i < rows * cols; ++i)
            values[i] = static_cast<float>(deviation * random_.normal());
        return matrix;
    }
    void add_matrix(const std::string& name, at::Tensor weight, double rate_factor = 1.0) {
        add(name, std::move(weight), request_.weight_decay, rate_factor);
    }
    void add_bias(const std::string& name, std::int64_t size) {
        add(name, at::zeros({size}, at::kFloat), request_.weight_decay, 1.0);
    }
    void add_gain(const std::string& name) {
        add(name, at::ones({request_.hidden_size}, at::kFloat), 0.0, 1.0);
    }
    std::vector<Parameter> take() { return std::move(parameters_); }

  private:
    void add(const std::string& name, at::Tensor weight, double weight_decay, double rate_factor) {
        const at::Tensor zeros = at::zeros_like(weight);
        weight.set_requires_grad(true);
        parameters_.push_back({name, weight, zeros, zeros.clone(), weight_decay, rate_factor});
    }
    const TrainRequest& request_;
    Random random_;
    std::vector<Parameter> parameters_;
};

at::Tensor make_embedding(WeightMaker& maker, std::int64_t rows, std::int64_t cols, std::int32_t bos_id) {
    at::Tensor table = maker.normal(rows, cols, kEmbeddingDeviation);  // [vocab, hidden]
    const at::Tensor shared = maker.normal(1, cols, kSharedDeviation);
    table.add_(shared);
    if (bos_id >= 0) table.select(0, bos_id).sub_(shared.select(0, 0), 2);
    return table;
}

void add_layer(WeightMaker& maker, const TrainRequest& request, int layer) {
    const std::string prefix = "model.layers." + std::to_string(layer) + ".";
    const double output_deviation = kMatrixDeviation / std::sqrt(2.0 * request.num_layers);
    const std::int64_t hidden = request.hidden_size, inner = request.intermediate_size;
    maker.add_gain(prefix + "input_layernorm.weight");
    for (const char* name : {"q_proj", "k_proj", "v_proj"}) {
        maker.add_matrix(prefix + "self_attn." + name + ".weight",
                         maker.normal(hidden, hidden, kMatrixDeviation));
    }
    maker.add_matrix(prefix + "self_attn.o_proj.weight", maker.normal(hidden, hidden, output_deviation));
    maker.add_gain(prefix + "post_attention_layernorm.weight");
    maker.add_matrix(prefix + "mlp.gate_proj.weight", maker.normal(inner, hidden, kMatrixDeviation));
    maker.add_matrix(prefix + "mlp.up_proj.weight", maker.normal(inner, hidden, kMatrixDeviation));
    maker.add_matrix(prefix + "mlp.down_proj.weight", maker.normal(hidden, inner, output_deviation));
}

}  // namespace

std::vector<Parameter> make_initial_weights(const TrainRequest& request, int vocab_size,
                                            std::int32_t bos_id) {
    WeightMaker maker(request, Random(request.seed));
    const bool is_subword = request.tokenizer != kCharactersKind;
    const double table_rate = is_subword ? kEmbeddingRateFactor : 1.0;
    maker.add_matrix("model.embed_tokens.weight",
                     make_embedding(maker, vocab_size, request.hidden_size, is_subword ? bos_id : -1),
                     table_rate);
    for (int layer = 0; layer < request.num_layers; ++layer)
        add_layer(maker, request, layer);
    maker.add_gain("model.norm.weight");
    maker.add_matrix("lm_head.weight", maker.normal(vocab_size, request.hidden_size, kMatrixDeviation),
                     table_rate);
    return maker.take();
}

std::vector<Parameter> make_addition_weights(const TrainRequest& request, const Architecture& arch) {
    WeightMaker maker(request, Random(request.seed));
    for (const WeightSlot& slot : weight_slots(arch)) {
        if (slot.is_bias) {
            maker.add_bias(slot.name, slot.shape[0]);
        } else {  // rows of the tables have as many values as the matrices have inputs
            const double deviation = 1.0 / std::sqrt(static_cast<double>(slot.shape[1]));
            maker.add_matrix(slot.name, maker.normal(slot.shape[0], slot.shape[1], deviation));
        }
    }
    return maker.take();
}

}  // namespace headlight
