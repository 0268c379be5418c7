#include "kernel/product/panels.h"

#include <algorithm>
#include <array>
#include <memory>
#include <new>

namespace headlight {
namespace {

constexpr std::size_t kAlign = 64;
constexpr std::size_t kKeptFloats = 8 << 20;

struct FreeFloats {
    void operator()(float* p) const { ::operator delete[](p, std::align_val_t{kAlign}); }
};
struct ScratchSlot {
    std::unique_ptr<float[], FreeFloats> floats;
    std::size_t size = 0;
};

// Four by four: the compiler's vectors, which every processor has.
typedef float Four __attribute__((vector_size(16)));
typedef std::int32_t FourIndices __attribute__((vector_size(16)));

Four load_four(const float* p) {
    Four x;
    __builtin_memcpy(&x, p, sizeof x);
    return x;
}
void store_four(float* p, Four x) {
    __builtin_memcpy(p, &x, sizeof x);
}
/// Rows of a 4 x 4 block become its columns.
void turn_four(Four (&row)[4]) {
    const Four low0 = __builtin_shuffle(row[0], row[1], FourIndices{0, 4, 1, 5});
    const Four low1 = __builtin_shuffle(row[2], row[3], FourIndices{0, 4, 1, 5});
    const Four high0 = __builtin_shuffle(row[0], row[1], FourIndices{2, 6, 3, 7});
    const Four high1 = __builtin_shuffle(row[2], row[3], FourIndices{2, 6, 3, 7});
    row[0] = __builtin_shuffle(low0, low1, FourIndices{0, 1, 4, 5});
    row[1] = __builtin_shuffle(low0, low1, FourIndices{2, 3, 6, 7});
    row[2] = __builtin_shuffle(high0, high1, FourIndices{0, 1, 4, 5});
    row[3] = __builtin_shuffle(high0, high1, FourIndices{2, 3, 6, 7});
}

}  // namespace

float* scratch_floats(int slot, std::size_t count) {
    static thread_local std::array<ScratchSlot, 3> slots;
    ScratchSlot& scratch = slots[static_cast<std::size_t>(slot)];
    if (scratch.size < count || (scratch.size > kKeptFloats && count <= kKeptFloats)) {
        scratch.floats.reset();
        scratch.floats.reset(
            static_cast<float*>(::operator new[](count * sizeof(float), std::align_val_t{kAlign})));
        scratch.size = count;
    }
    return scratch.floats.get();
}

void PackedPanels::shape(int num_rows, int cols) {
    num_rows_ = num_rows;
    cols_ = cols;
    stride_ = std::int64_t{cols} * kPanel + kPanel;  // panels do not meet in the same lines of a cache
    floats_ = scratch_floats(2, static_cast<std::size_t>(count() * stride_));
}

void PackedPanels::pack(int panel, const float* x, std::int64_t x_stride) const {
    float* to = floats_ + panel * stride_;
    const int first = panel * kPanel, rows = std::min(kPanel, num_rows_ - first);
    x += first * x_stride;
    int k = 0;
    for (; rows == kPanel && k + 4 <= cols_; k += 4) {
        for (int r = 0; r < kPanel; r += 4) {
            Four block[4];
            for (int i = 0; i < 4; ++i)
                block[i] = load_four(x + (r + i) * x_stride + k);
            turn_four(block);
            for (int i = 0; i < 4; ++i)
                store_four(to + (k + i) * kPanel + r, block[i]);
        }
    }
    for (; k < cols_; ++k) {
        for (int r = 0; r < kPanel; ++r)
            to[k * kPanel + r] = r < rows ? x[r * x_stride + k] : 0.0f;
    }
}

void turn_sums(const float* sums, std::int64_t stride, int rows, int num_rows, const float* bias, float* out,
               std::int64_t out_stride) {
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
        const Four added = bias != nullptr ? load_four(bias + r) : Four{};
        for (int m = 0; m < num_rows; m += 4) {
            Four block[4];
            for (int i = 0; i < 4; ++i)
                block[i] = load_four(sums + (r + i) * stride + m);
            turn_four(block);
            for (int i = 0; i < 4 && m + i < num_rows; ++i)
                store_four(out + (m + i) * out_stride + r, block[i] + added);
        }
    }
    for (; r < rows; ++r) {
        for (int m = 0; m < num_rows; ++m)
            out[m * out_stride + r] = sums[r * stride + m] + (bias != nullptr ? bias[r] : 0.0f);
    }
}

}  // namespace headlight
