#include "train/checkpoint_folder.h"

#include <ATen/ops/isfinite.h>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "io/checkpoint/safetensors_writer.h"
#include "train/language_model.h"

namespace headlight {
namespace {

struct StoredType {
    at::ScalarType torch;
    DType file;
};

StoredType stored_type(const std::string& name) {
    if (name == "float16") return {at::kHalf, DType::Float16};
    if (name == "bfloat16") return {at::kBFloat16, DType::BFloat16};
    return {at::kFloat, DType::Float32};
}

Status write_weights(const std::string& folder, const std::string& dtype,
                     std::span<const Parameter> parameters) {
    const StoredType type = stored_type(dtype);
    std::vector<at::Tensor> stored;  // keeps the bytes alive until they are written
    std::vector<TensorToWrite> tensors;
    for (const Parameter& parameter : parameters) {
        stored.push_back(parameter.weight.detach().to(type.torch).contiguous());
        const at::Tensor& tensor = stored.back();
        if (!tensor.isfinite().all().item<bool>()) {
            return fail(
                make_error(ErrorKind::InvalidInput, "a weight is too large for {}; save as float32", dtype)
                    .at_tensor(parameter.name));
        }
        tensors.push_back({parameter.name,
                           type.file,
                           tensor.sizes().vec(),
                           {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()}});
    }
    return write_safetensors(folder + "/model.safetensors", tensors, {{"format", "pt"}});
}

}  // namespace

std::string make_config_json(const TrainRequest& request, const TextCodec& codec) {
    nlohmann::ordered_json config;
    config["architectures"] = {"LlamaForCausalLM"};
    config["model_type"] = "llama";
    config["vocab_size"] = codec.vocab_size();
    config["hidden_size"] = request.hidden_size;
    config["intermediate_size"] = request.intermediate_size;
    config["num_hidden_layers"] = request.num_layers;
    config["num_attention_heads"] = request.num_heads;
    config["num_key_value_heads"] = request.num_heads;
    config["head_dim"] = request.hidden_size / request.num_heads;
    config["hidden_act"] = "silu";
    config["max_position_embeddings"] = request.context_length;
    config["rms_norm_eps"] = kNormEpsilon;
    // Said twice: readers of today look at rope_parameters, older ones at rope_theta.
    config["rope_parameters"] = {{"rope_theta", request.rope_theta}, {"rope_type", "default"}};
    config["rope_theta"] = request.rope_theta;
    config["attention_bias"] = false;
    config["mlp_bias"] = false;
    config["tie_word_embeddings"] = false;
    config["bos_token_id"] = codec.bos_id();
    if (codec.eos_id() >= 0) config["eos_token_id"] = codec.eos_id();
    config["torch_dtype"] = request.save_dtype;
    config["dtype"] = request.save_dtype;
    config["use_cache"] = true;
    return config.dump(1) + "\n";
}

std::string make_own_config_json(const Architecture& arch, const std::string& dtype) {
    const char* const norms[] = {"none", "layer", "rms"};  // in the order of NormKind
    nlohmann::ordered_json config;
    config["model_type"] = "headlight";
    config["num_layers"] = arch.num_layers;
    config["num_heads"] = arch.num_heads;
    config["num_kv_heads"] = arch.num_kv_heads;
    config["head_dim"] = arch.head_dim;
    config["hidden_size"] = arch.hidden_size;
    config["intermediate_size"] = arch.intermediate_size;
    config["vocab_size"] = arch.vocab_size;
    config["max_positions"] = arch.max_positions;
    config["norm"] = norms[static_cast<int>(arch.norm)];
    config["norm_eps"] = arch.norm_eps;
    config["norm_bias"] = arch.has_norm_bias;
    config["position"] = arch.position == PositionKind::Learned ? "learned" : "none";
    config["activation"] = "relu";
    config["is_gated"] = arch.is_gated;
    config["qkv_bias"] = arch.has_qkv_bias;
    config["output_bias"] = arch.has_output_bias;
    config["mlp_bias"] = arch.has_mlp_bias;
    config["head_bias"] = arch.has_head_bias;
    config["is_head_tied"] = arch.is_head_tied;
    config["is_causal"] = arch.is_causal;
    config["dtype"] = dtype;
    return config.dump(1) + "\n";
}

Status write_checkpoint_folder(const std::string& folder, const std::string& dtype,
                               std::span<const Parameter> parameters, std::span<const CodecFile> files) {
    HEADLIGHT_CHECK(write_weights(folder, dtype, parameters));
    for (const CodecFile& file : files) {
        HEADLIGHT_CHECK(write_file_atomic(folder + "/" + file.name, file.bytes));
    }
    return {};
}

}  // namespace headlight
