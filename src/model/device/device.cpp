#include "model/device/device.h"

#include <ATen/Context.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include "core/open_request.h"

namespace headlight {
namespace {

/// Products and convolutions of float32 in whole float32.
void use_whole_float32() {
    at::globalContext().setFloat32MatmulPrecision("highest");
    at::globalContext().setAllowTF32CuDNN(false);
}

Error no_cuda(const std::string& name) {
    if (!at::globalContext().hasCUDART()) {
        return make_error(ErrorKind::Missing,
                          "the model cannot run on '{}': this program was built with a LibTorch ({}) without "
                          "CUDA; build it with an official CUDA LibTorch (cmake -DTORCH_ROOT=FOLDER, "
                          "docs/devices.md), or use --device cpu",
                          name, TORCH_VERSION);
    }
    return make_error(ErrorKind::Missing,
                      "the model cannot run on '{}': LibTorch {} has CUDA but finds no GPU; see whether "
                      "nvidia-smi lists one and its driver is new enough for this LibTorch, and whether "
                      "CUDA_VISIBLE_DEVICES hides it; or use --device cpu",
                      name, TORCH_VERSION);
}

Result<std::optional<torch::Device>> find_cuda(const std::string& name) {
    constexpr std::size_t kPrefix = sizeof("cuda:") - 1;
    const int index = name.size() > kPrefix ? std::stoi(name.substr(kPrefix)) : 0;
    const int count = static_cast<int>(torch::cuda::device_count());
    if (count == 0) return fail(no_cuda(name));
    if (index >= count) {
        return fail(ErrorKind::Missing, "there is no device '{}': this machine has cuda:0{}", name,
                    count > 1 ? fmt::format(" to cuda:{}", count - 1) : std::string(" alone"));
    }
    use_whole_float32();
    return torch::Device(torch::kCUDA, static_cast<c10::DeviceIndex>(index));
}

}  // namespace

Result<std::optional<torch::Device>> find_device(const std::string& name) {
    if (!is_device_name(name)) {
        return fail(ErrorKind::InvalidInput,
                    "'{}' is no device; known: auto, cpu, cpu-torch, cuda, cuda:0 ...", name.substr(0, 60));
    }
    if (name == kProcessor) return std::optional<torch::Device>();
    if (name == kProcessorByTorch) {
        use_whole_float32();
        return torch::Device(torch::kCPU);
    }
    if (name == "auto" && torch::cuda::device_count() == 0) return std::optional<torch::Device>();
    return find_cuda(name == "auto" ? "cuda" : name);
}

std::string device_label(const std::optional<torch::Device>& device) {
    if (!device) return kProcessor;
    return device->is_cpu() ? kProcessorByTorch : device->str();
}

}  // namespace headlight
