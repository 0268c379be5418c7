#include "model/other_device.h"

#include <ATen/EmptyTensor.h>
#include <ATen/InferSize.h>
#include <ATen/TensorUtils.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>
#include <torch/types.h>

#include <cstdint>
#include <cstdlib>

namespace headlight::test {
namespace {

constexpr auto kType = c10::DeviceType::PrivateUse1;
// No address of a process has this bit: whoever reads there is ended by the processor.
constexpr std::uintptr_t kHidden = std::uintptr_t{1} << 62;

void* hidden(void* memory) {
    return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(memory) | kHidden);
}
void* real(const void* shown) {
    return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(shown) & ~kHidden);
}

struct HiddenMemory final : c10::Allocator {
    c10::DataPtr allocate(std::size_t size) override {
        void* memory = std::malloc(size > 0 ? size : 1);
        TORCH_CHECK(memory != nullptr, "no memory");
        return {hidden(memory), memory, &std::free, other_device()};
    }
    c10::DeleterFnPtr raw_deleter() const override { return nullptr; }
    void copy_data(void* to, const void* from, std::size_t size) const override {
        default_copy_data(real(to), real(from), size);
    }
};

HiddenMemory& memory() {
    static HiddenMemory one;
    return one;
}

c10::DispatchKeySet keys() {
    return c10::DispatchKeySet(c10::DispatchKey::PrivateUse1);
}

/// The same values as a tensor of the processor, not a copy.
at::Tensor seen(const at::Tensor& x) {
    if (x.is_cpu()) return x;
    return at::from_blob(real(x.const_data_ptr()), x.sizes(), x.strides(), x.options().device(at::kCPU));
}

at::Tensor empty(at::IntArrayRef size, std::optional<at::ScalarType> type, std::optional<at::Layout>,
                 std::optional<at::Device>, std::optional<bool>, std::optional<at::MemoryFormat> format) {
    return at::detail::empty_generic(size, &memory(), keys(), type.value_or(at::kFloat), format);
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride, std::optional<at::ScalarType> type,
                         std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>) {
    return at::detail::empty_strided_generic(size, stride, &memory(), keys(), type.value_or(at::kFloat));
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool) {
    seen(to).copy_(seen(from));
    return to;
}

at::Tensor alias(const at::Tensor& self, at::IntArrayRef size, at::IntArrayRef stride, std::int64_t offset) {
    at::Tensor out = at::detail::make_tensor<c10::TensorImpl>(
        c10::TensorImpl::VIEW, c10::Storage(self.storage()), self.key_set(), self.dtype());
    out.unsafeGetTensorImpl()->set_sizes_and_strides(size, stride, offset);
    return out;
}

at::Tensor as_strided(const at::Tensor& self, at::IntArrayRef size, at::IntArrayRef stride,
                      std::optional<std::int64_t> offset) {
    return alias(self, size, stride, offset.value_or(self.storage_offset()));
}

at::Tensor reshape_alias(const at::Tensor& self, at::IntArrayRef size, at::IntArrayRef stride) {
    return alias(self, size, stride, self.storage_offset());
}

at::Tensor view(const at::Tensor& self, at::IntArrayRef wanted) {
    const auto size = at::infer_size_dv(wanted, self.numel());
    const auto stride = at::detail::computeStride(self.sizes(), self.strides(), size);
    TORCH_CHECK(stride.has_value(), "no view of this shape");
    return alias(self, size, *stride, self.storage_offset());
}

const at::Tensor& resize_other(const at::Tensor& self, at::IntArrayRef size,
                               std::optional<at::MemoryFormat>) {
    if (self.sizes() == size) return self;
    const at::Tensor made =
        empty(size, self.scalar_type(), std::nullopt, std::nullopt, std::nullopt, std::nullopt);
    self.unsafeGetTensorImpl()->set_storage_and_dtype(made.storage(), made.dtype());
    self.unsafeGetTensorImpl()->set_sizes_contiguous(size);
    return self;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to) {
    resize_other(to, from.sizes(), std::nullopt);
    return copy_from(from, to, false);
}

at::Scalar local_scalar(const at::Tensor& self) {
    return seen(self).item();
}

void on_processor(const c10::OperatorHandle& operation, torch::jit::Stack* stack) {
    at::native::cpu_fallback(operation, stack);
}

}  // namespace

c10::Device other_device() {
    return {kType, 0};
}

}  // namespace headlight::test

namespace c10::impl {
C10_REGISTER_GUARD_IMPL(PrivateUse1, NoOpDeviceGuardImpl<DeviceType::PrivateUse1>)
}  // namespace c10::impl

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
    library.fallback(torch::CppFunction::makeFromBoxedFunction<&headlight::test::on_processor>());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
    using namespace headlight::test;
    library.impl("empty.memory_format", &empty);
    library.impl("empty_strided", &empty_strided);
    library.impl("_copy_from", &copy_from);
    library.impl("_copy_from_and_resize", &copy_from_and_resize);
    library.impl("as_strided", &as_strided);
    library.impl("_reshape_alias", &reshape_alias);
    library.impl("view", &view);
    library.impl("resize_", &resize_other);
    library.impl("_local_scalar_dense", &local_scalar);
}
