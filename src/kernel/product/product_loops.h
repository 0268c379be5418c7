// The loops of products with stored matrices over vectors S (vectors_<isa>.h) and a type's decoder F.
// Included only by the product_<isa>.cpp files, which are compiled for their instruction set: as in
// kernel_loops.h nothing here has external linkage or calls a function of a library that has.
//
// A decoder:
//
//     struct DecodeX {
//         static constexpr int kStep, kBytes;  // kStep numbers, a multiple of S::kWidth, lie in kBytes bytes
//         template <class K>
//         static void decode(const std::uint8_t* p, K&& k);
//     };
//
// decode calls k(Index<v>{}, numbers v * S::kWidth and on) once for each v < kStep / S::kWidth, in any order.
// It reads bytes [p, p + kBytes) and none beside them, p aligned to nothing. kStep is a type's block or a
// multiple of it, zero bytes are numbers too (what they are does not matter).
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "kernel/product/product_isa.h"

// GCC drops calls of functions that only prefetch, and keeps sums in memory where a step is a call.
#define HEADLIGHT_INLINED __attribute__((always_inline))

namespace headlight {
namespace {

template <int I>
struct Index {
    static constexpr int value = I;
    HEADLIGHT_INLINED constexpr operator int() const { return I; }
};

template <class F, int... I>
HEADLIGHT_INLINED inline void for_each_of(std::integer_sequence<int, I...>, F&& f) {
    (f(Index<I>{}), ...);
}
/// f(Index<0>{}), .., f(Index<N - 1>{})
template <int N, class F>
HEADLIGHT_INLINED inline void for_each(F&& f) {
    for_each_of(std::make_integer_sequence<int, N>{}, f);
}

template <int Bytes>
HEADLIGHT_INLINED inline void prefetch(const std::uint8_t* p) {
    for_each<(Bytes + 63) / 64>([&](auto i) HEADLIGHT_INLINED { __builtin_prefetch(p + 64 * i); });
}

/// What is left of a row's numbers after its whole steps, filled up with zeros.
template <class F, int M>
struct RowEnd {
    int count = 0;
    alignas(64) float x[M][F::kStep];

    RowEnd(const float* from, std::int64_t stride, int num_left) : count(num_left) {
        if (num_left == 0) return;
        for (int m = 0; m < M; ++m) {
            for (int i = 0; i < F::kStep; ++i)
                x[m][i] = i < num_left ? from[m * stride + i] : 0.0f;
        }
    }
    static int bytes_of(int numbers) { return numbers * F::kBytes / F::kStep; }
    /// The numbers' bytes, which may be the last of a mapping, copied to where a whole step may be read.
    static void copy_bytes(const std::uint8_t* from, int num_left, std::uint8_t* to) {
        for (int i = 0; i < F::kBytes; ++i)
            to[i] = 0;
        for (int i = 0; i < bytes_of(num_left); ++i)
            to[i] = from[i];
    }
};

// How M rows of x meet R rows of W: U chains of sums for each pair. One stream of bytes for few rows of x,
// for the hardware's prefetching loses two that run side by side in blocks that straddle lines; two from
// three rows on, where each vector of x is then used twice.
template <class S, int M>
struct DotShape {
    static constexpr int kRows = M <= 2 ? 1 : 2;
    static constexpr int kChains = M == 1 ? (S::kWidth >= 16 ? 8 : 4) : M == 2 ? 4 : M == 3 ? 2 : 1;
};
constexpr int kAheadBytes = 4096;      // of one stream that is prefetched
constexpr int kPartFloats = 8 * 1024;  // of x, so that it stays in the first cache
/// Columns of one part of a row, whose sums are chains of their own: in one chain the errors grow.
constexpr int part_columns(int num_rows) {
    return kPartFloats / num_rows / 512 * 512;
}

/// One step: F::kStep numbers of each of R rows, `At` the first chain's index.
template <class S, class F, int M, int R, int U, int At>
HEADLIGHT_INLINED inline void dot_step(const std::uint8_t* w, std::size_t row_bytes, const float* x,
                                       std::int64_t x_stride, typename S::Vec (&sums)[R][M][U]) {
    for_each<R>([&](auto r) HEADLIGHT_INLINED {
        F::decode(w + r * row_bytes, [&](auto v, typename S::Vec numbers) HEADLIGHT_INLINED {
            constexpr int u = (At + decltype(v)::value) % U;
            for_each<M>([&](auto m) HEADLIGHT_INLINED {
                sums[r][m][u] = S::fma(numbers, S::load(x + m * x_stride + v * S::kWidth), sums[r][m][u]);
            });
        });
    });
}

/// R rows of W with a part of M rows of x: y = or += the sums.
template <class S, class F, int M, int R, int U>
HEADLIGHT_INLINED inline void dot_rows(const std::uint8_t* w, std::size_t row_bytes, int steps,
                                       std::size_t ahead, const float* x, std::int64_t x_stride,
                                       const RowEnd<F, M>& end, float* y, std::int64_t y_stride, bool adds) {
    constexpr int kVecs = F::kStep / S::kWidth;
    constexpr int kGroup = kVecs < U ? U / kVecs : 1;  // steps until every chain had its turn
    typename S::Vec sums[R][M][U];
    for_each<R>([&](auto r) HEADLIGHT_INLINED {
        for_each<M>([&](auto m) HEADLIGHT_INLINED {
            for_each<U>([&](auto u) HEADLIGHT_INLINED { sums[r][m][u] = S::set(0.0f); });
        });
    });
    int s = 0;
    for (; s + kGroup <= steps; s += kGroup) {
        const std::uint8_t* at = w + static_cast<std::size_t>(s) * F::kBytes;
        for_each<R>([&](auto r)
                        HEADLIGHT_INLINED { prefetch<kGroup * F::kBytes>(at + r * row_bytes + ahead); });
        for_each<kGroup>([&](auto g) HEADLIGHT_INLINED {
            dot_step<S, F, M, R, U, decltype(g)::value * kVecs>(at + g * F::kBytes, row_bytes,
                                                                x + (s + g) * F::kStep, x_stride, sums);
        });
    }
    for (; s < steps; ++s) {
        dot_step<S, F, M, R, U, 0>(w + static_cast<std::size_t>(s) * F::kBytes, row_bytes, x + s * F::kStep,
                                   x_stride, sums);
    }
    if (end.count > 0) {
        std::uint8_t bytes[R][F::kBytes];
        for (int r = 0; r < R; ++r)
            end.copy_bytes(w + r * row_bytes + static_cast<std::size_t>(s) * F::kBytes, end.count, bytes[r]);
        dot_step<S, F, M, R, U, 0>(bytes[0], F::kBytes, end.x[0], F::kStep, sums);
    }
    for_each<R>([&](auto r) HEADLIGHT_INLINED {
        for_each<M>([&](auto m) HEADLIGHT_INLINED {
            typename S::Vec sum = sums[r][m][0];
            for_each<U - 1>([&](auto u) HEADLIGHT_INLINED { sum = S::add(sum, sums[r][m][u + 1]); });
            float* to = y + m * y_stride + r;
            *to = adds ? *to + S::total(sum) : S::total(sum);
        });
    });
}

/// DotRows for M rows of x. A row's sums do not depend on the rows beside it.
template <class S, class F, int M>
void dot_of(const std::byte* rows, std::size_t row_bytes, int num_weight_rows, int cols, const float* x,
            std::int64_t x_stride, float* y, std::int64_t y_stride) {
    constexpr int R = DotShape<S, M>::kRows, U = DotShape<S, M>::kChains;
    constexpr int kPart = part_columns(M);
    static_assert(kPart % F::kStep == 0);
    for (int begin = 0; begin < cols; begin += kPart) {
        const int count = cols - begin < kPart ? cols - begin : kPart, steps = count / F::kStep;
        const RowEnd<F, M> end(x + begin + steps * F::kStep, x_stride, count - steps * F::kStep);
        const auto* w = reinterpret_cast<const std::uint8_t*>(rows) +
                        static_cast<std::size_t>(begin / F::kStep) * F::kBytes;
        // Whole rows are one stream; of a part of each row, the next row's comes next.
        const std::size_t ahead = R == 1 && count == cols ? kAheadBytes : R * row_bytes;
        int r = 0;
        for (; r + R <= num_weight_rows; r += R) {
            dot_rows<S, F, M, R, U>(w + r * row_bytes, row_bytes, steps, ahead, x + begin, x_stride, end,
                                    y + r, y_stride, begin > 0);
        }
        for (; r < num_weight_rows; ++r) {
            dot_rows<S, F, M, 1, U>(w + r * row_bytes, row_bytes, steps, ahead, x + begin, x_stride, end,
                                    y + r, y_stride, begin > 0);
        }
    }
}

/// A ProductIsa's dot[type].
template <class S, class F>
void dot(const std::byte* rows, std::size_t row_bytes, int num_weight_rows, int cols, const float* x,
         std::int64_t x_stride, int num_rows, float* y, std::int64_t y_stride) {
    for_each<8>([&](auto m) {
        if (num_rows == m + 1)
            dot_of<S, F, m + 1>(rows, row_bytes, num_weight_rows, cols, x, x_stride, y, y_stride);
    });
}

/// A ProductIsa's widen[type].
template <class S, class F>
void widen(const std::byte* rows, std::size_t row_bytes, int num_weight_rows, int begin, int count,
           float* out, std::int64_t out_stride) {
    const int steps = count / F::kStep, rest = count - steps * F::kStep;
    for (int r = 0; r < num_weight_rows; ++r) {
        const auto* w =
            reinterpret_cast<const std::uint8_t*>(rows) + r * row_bytes + RowEnd<F, 1>::bytes_of(begin);
        float* to = out + r * out_stride;
        for (int s = 0; s < steps; ++s, w += F::kBytes, to += F::kStep) {
            F::decode(w, [&](auto v, typename S::Vec numbers)
                             HEADLIGHT_INLINED { S::store(to + v * S::kWidth, numbers); });
        }
        if (rest == 0) continue;
        std::uint8_t bytes[F::kBytes];
        float numbers[F::kStep];
        RowEnd<F, 1>::copy_bytes(w, rest, bytes);
        F::decode(bytes, [&](auto v, typename S::Vec vec)
                             HEADLIGHT_INLINED { S::store(numbers + v * S::kWidth, vec); });
        for (int i = 0; i < rest; ++i)
            to[i] = numbers[i];
    }
}

}  // namespace
}  // namespace headlight
