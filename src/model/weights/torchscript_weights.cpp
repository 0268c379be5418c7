#include "model/weights/torchscript_weights.h"

#include <torch/script.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "io/checkpoint/checkpoint_config.h"
#include "io/checkpoint/shard_index.h"

namespace headlight {
namespace {

std::optional<DType> dtype_of(const torch::Tensor& tensor) {
    switch (tensor.scalar_type()) {
        case torch::kFloat32:
            return DType::Float32;
        case torch::kFloat16:
            return DType::Float16;
        case torch::kBFloat16:
            return DType::BFloat16;
        case torch::kFloat64:
            return DType::Float64;
        case torch::kInt64:
            return DType::Int64;
        case torch::kInt32:
            return DType::Int32;
        case torch::kInt16:
            return DType::Int16;
        case torch::kInt8:
            return DType::Int8;
        case torch::kUInt8:
            return DType::UInt8;
        case torch::kBool:
            return DType::Bool;
        default:
            return std::nullopt;
    }
}

Result<TensorInfo> copy_tensor(const std::string& name, const torch::Tensor& tensor,
                               const std::string& path) {
    const auto dtype = dtype_of(tensor);
    if (!dtype || tensor.is_sparse() || tensor.is_quantized()) {
        return fail(make_error(ErrorKind::Unsupported,
                               "the TorchScript module stores this weight as {}, which is not read",
                               c10::toString(tensor.scalar_type()))
                        .in_file(path)
                        .at_tensor(name));
    }
    const torch::Tensor rows = tensor.detach().to(torch::kCPU).contiguous();
    TensorInfo info;
    info.name = name;
    info.dtype = *dtype;
    info.shape.assign(rows.sizes().begin(), rows.sizes().end());
    info.length_bytes = rows.nbytes();
    auto bytes = std::make_shared<std::vector<std::byte>>(rows.nbytes());
    if (rows.nbytes() > 0) std::memcpy(bytes->data(), rows.data_ptr(), rows.nbytes());
    info.copy = std::move(bytes);
    return info;
}

/// A traced wrapper puts all weights under the name of its attribute.
void strip_shared_part(std::vector<TensorInfo>& tensors) {
    while (!tensors.empty()) {
        const std::size_t dot = tensors.front().name.find('.');
        if (dot == std::string::npos) return;
        const std::string part = tensors.front().name.substr(0, dot + 1);
        const bool is_shared = std::all_of(tensors.begin(), tensors.end(), [&](const TensorInfo& tensor) {
            return tensor.name.size() > part.size() && tensor.name.starts_with(part);
        });
        // "fc.weight", "fc.bias" alone: the last dot parts a weight from its module.
        const bool has_rest = std::all_of(tensors.begin(), tensors.end(), [&](const TensorInfo& tensor) {
            return tensor.name.find('.', part.size()) != std::string::npos;
        });
        if (!is_shared || !has_rest) return;
        for (TensorInfo& tensor : tensors)
            tensor.name.erase(0, part.size());
    }
}

Status read_module(const std::string& path, Checkpoint& out) {
    const torch::jit::Module module = torch::jit::load(path, torch::kCPU);
    for (const auto& parameter : module.named_parameters()) {
        HEADLIGHT_TRY(TensorInfo info, copy_tensor(parameter.name, parameter.value, path));
        out.tensors.push_back(std::move(info));
    }
    for (const auto& buffer : module.named_buffers()) {
        HEADLIGHT_TRY(TensorInfo info, copy_tensor(buffer.name, buffer.value, path));
        out.tensors.push_back(std::move(info));
    }
    if (!out.tensors.empty()) return {};
    return fail(make_error(ErrorKind::Unsupported,
                           "the TorchScript module has no parameters: they were folded into its code "
                           "(torch.jit.freeze). Save it without freezing, or its state_dict()")
                    .in_file(path));
}

}  // namespace

Result<CheckpointPtr> open_torchscript(const std::string& path, const std::string& config_path) {
    auto checkpoint = std::make_shared<Checkpoint>();
    checkpoint->path = path;
    checkpoint->format = "torchscript";
    HEADLIGHT_TRY(auto file, MappedFile::open(path));
    checkpoint->files.push_back(std::move(file));
    HEADLIGHT_CHECK(read_checkpoint_config(path, config_path, *checkpoint));
    try {
        HEADLIGHT_CHECK(read_module(path, *checkpoint));
    } catch (const c10::Error& problem) {
        return fail(make_error(ErrorKind::Corrupt, "LibTorch cannot load the TorchScript module: {}",
                               problem.what_without_backtrace())
                        .in_file(path));
    } catch (const std::bad_alloc&) {
        return fail(make_error(ErrorKind::OutOfMemory, "no memory for the weights of the TorchScript module")
                        .in_file(path));
    } catch (const std::exception& problem) {
        return fail(make_error(ErrorKind::Corrupt, "cannot load the TorchScript module: {}", problem.what())
                        .in_file(path));
    }
    strip_shared_part(checkpoint->tensors);
    HEADLIGHT_CHECK(sort_tensors(*checkpoint));
    return CheckpointPtr(std::move(checkpoint));
}

}  // namespace headlight
