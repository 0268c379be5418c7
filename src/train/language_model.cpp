#include "train/language_model.h"

#include <torch/types.h>

#include <cmath>
#include <map>

#include "model/forward/forward.h"

namespace headlight {
namespace {

class SharedWeightsModel final : public LanguageModel {
  public:
    SharedWeightsModel(Architecture arch, Weights weights)
        : arch_(std::move(arch)), weights_(std::move(weights)) {}

    Result<at::Tensor> loss(const Batch& batch) const override {
        const torch::Tensor ids =
            torch::tensor(batch.inputs, torch::kLong).view({batch.num_rows, batch.length});
        const torch::Tensor targets = torch::tensor(batch.targets, torch::kLong);
        torch::Tensor hidden = forward_hidden(arch_, weights_, ids);
        if (!hidden.defined())
            return fail(ErrorKind::Internal, "the forward pass of the trainer gave nothing");
        hidden = hidden.reshape({-1, arch_.hidden_size});  // [rows * length, hidden]
        // Masked targets need no logits, which are a good part of a small model's work.
        const torch::Tensor kept = torch::nonzero(targets.ne(kMaskedTarget)).squeeze(1);
        const torch::Tensor logits = output_logits(arch_, weights_, hidden.index_select(0, kept));
        return torch::cross_entropy_loss(logits, targets.index_select(0, kept));
    }

    const Architecture& architecture() const override { return arch_; }
    const Weights& weights() const override { return weights_; }

  private:
    Architecture arch_;
    Weights weights_;
};

}  // namespace

Result<double> LanguageModel::evaluate(const Batch& batch) const {
    HEADLIGHT_TRY(const at::Tensor mean, loss(batch));
    return mean.item<double>();
}

Architecture make_architecture(const TrainRequest& request, int vocab_size) {
    Architecture arch;
    arch.num_layers = request.num_layers;
    arch.num_heads = arch.num_kv_heads = request.num_heads;
    arch.head_dim = request.hidden_size / request.num_heads;
    arch.hidden_size = request.hidden_size;
    arch.intermediate_size = request.intermediate_size;
    arch.vocab_size = vocab_size;
    arch.max_positions = request.context_length;
    arch.norm_eps = kNormEpsilon;
    arch.rope.theta = request.rope_theta;
    arch.rope.rotary_dim = arch.head_dim;
    const float scale = 1.0F / std::sqrt(static_cast<float>(arch.head_dim));
    arch.attention_scale.assign(static_cast<std::size_t>(arch.num_layers), scale);
    return arch;
}

std::string checkpoint_name(const std::string& slot) {
    static const std::map<std::string, std::string> kNames = {{"token_embedding", "model.embed_tokens"},
                                                              {"final_norm", "model.norm"},
                                                              {"head", "lm_head"},
                                                              {"attention_norm", "input_layernorm"},
                                                              {"query", "self_attn.q_proj"},
                                                              {"key", "self_attn.k_proj"},
                                                              {"value", "self_attn.v_proj"},
                                                              {"output", "self_attn.o_proj"},
                                                              {"mlp_norm", "post_attention_layernorm"},
                                                              {"gate", "mlp.gate_proj"},
                                                              {"up", "mlp.up_proj"},
                                                              {"down", "mlp.down_proj"}};
    const std::size_t dot = slot.rfind('.');
    const std::string last = dot == std::string::npos ? slot : slot.substr(dot + 1);
    const std::string prefix = dot == std::string::npos ? "" : "model." + slot.substr(0, dot + 1);
    return prefix + kNames.at(last) + ".weight";
}

std::string own_name(const std::string& slot) {
    return slot;
}

Result<std::unique_ptr<LanguageModel>> make_language_model(const Architecture& arch,
                                                           std::span<const Parameter> parameters,
                                                           std::string (*name_of)(const std::string&)) {
    std::map<std::string, at::Tensor> by_name;
    for (const Parameter& parameter : parameters)
        by_name[parameter.name] = parameter.weight;
    Weights weights;
    for (const TensorSlot& slot : tensor_slots(arch, weights)) {
        const auto found = by_name.find(name_of(slot.name));
        if (found == by_name.end() || found->second.sizes() != at::IntArrayRef(slot.shape)) {
            return fail(make_error(ErrorKind::Internal,
                                   "the trainer has no weight of the shape that the model asks for")
                            .at_tensor(slot.name));
        }
        slot.set(found->second);
    }
    return std::make_unique<SharedWeightsModel>(arch, std::move(weights));
}

}  // namespace headlight
