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

// How many columns have chains of sums of their own: in one chain the errors grow. One or two rows of x meet
// each number as it is decoded; for more the numbers of a part of a row go through the first cache, where the
// same part of all rows of x stays.
constexpr int kManyPart = 768;
template <class S>
constexpr int few_part = S::kWidth >= 8 ? 8192 : 2048;  // fewer lanes make fewer chains
constexpr int kAheadBytes = 4096;  // of a stream that are prefetched; 2 to 8 KB are alike

constexpr int bytes_of(int numbers, int step, int step_bytes) {
    return static_cast<int>(std::int64_t{numbers} * step_bytes / step);
}

/// The `count` numbers at w; w + ahead is prefetched meanwhile.
template <class S, class F>
__attribute__((noinline)) void widen_row(const std::uint8_t* w, std::size_t ahead, int count, float* out) {
    for (; count >= F::kStep; count -= F::kStep, w += F::kBytes, out += F::kStep) {
        prefetch<F::kBytes>(w + ahead);
        F::decode(w, [&](auto v, typename S::Vec numbers)
                         HEADLIGHT_INLINED { S::store(out + v * S::kWidth, numbers); });
    }
    if (count == 0) return;
    std::uint8_t bytes[F::kBytes];  // where a whole step may be read
    float numbers[F::kStep];
    const int num_bytes = bytes_of(count, F::kStep, F::kBytes);
    for (int i = 0; i < F::kBytes; ++i)
        bytes[i] = i < num_bytes ? w[i] : std::uint8_t{0};
    F::decode(bytes,
              [&](auto v, typename S::Vec vec) HEADLIGHT_INLINED { S::store(numbers + v * S::kWidth, vec); });
    for (int i = 0; i < count; ++i)
        out[i] = numbers[i];
}

/// The last numbers of each of M rows, fewer than Width, filled up with zeros.
template <int M, int Width>
struct PaddedEnd {
    alignas(64) float at[M][Width];

    void fill(const float* from, std::int64_t stride, int count) {
        for (int m = 0; m < M; ++m) {
            for (int i = 0; i < Width; ++i)
                at[m][i] = i < count ? from[m * stride + i] : 0.0f;
        }
    }
};

/// One step of one row: F::kStep numbers with M rows of x, `At` the first chain's index of U.
template <class S, class F, int M, int U, int At>
HEADLIGHT_INLINED inline void dot_step(const std::uint8_t* w, const float* x, std::int64_t x_stride,
                                       typename S::Vec (&sums)[M][U]) {
    F::decode(w, [&](auto v, typename S::Vec numbers) HEADLIGHT_INLINED {
        constexpr int u = (At + decltype(v)::value) % U;
        for_each<M>([&](auto m) HEADLIGHT_INLINED {
            sums[m][u] = S::fma(numbers, S::load(x + m * x_stride + v * S::kWidth), sums[m][u]);
        });
    });
}

/// A part of a row with M <= 2 rows of x. One stream of bytes: the hardware's prefetching loses two that run
/// side by side in blocks that straddle lines.
template <class S, class F, int M>
HEADLIGHT_INLINED inline void dot_few_row(const std::uint8_t* w, std::size_t ahead, int count, const float* x,
                                          std::int64_t x_stride, const PaddedEnd<M, F::kStep>& end, float* y,
                                          std::int64_t y_stride, bool adds) {
    constexpr int U = M == 1 && S::kWidth >= 16 ? 8 : 4;
    constexpr int kVecs = F::kStep / S::kWidth;
    constexpr int kGroup = kVecs < U ? U / kVecs : 1;  // steps until every chain had its turn
    typename S::Vec sums[M][U];
    for_each<M>([&](auto m) HEADLIGHT_INLINED {
        for_each<U>([&](auto u) HEADLIGHT_INLINED { sums[m][u] = S::set(0.0f); });
    });
    for (; count >= kGroup * F::kStep; count -= kGroup * F::kStep) {
        prefetch<kGroup * F::kBytes>(w + ahead);
        for_each<kGroup>([&](auto g) HEADLIGHT_INLINED {
            dot_step<S, F, M, U, decltype(g)::value * kVecs>(w + g * F::kBytes, x + g * F::kStep, x_stride,
                                                             sums);
        });
        w += kGroup * F::kBytes;
        x += kGroup * F::kStep;
    }
    if constexpr (kGroup > 1) {
        for (; count >= F::kStep; count -= F::kStep, w += F::kBytes, x += F::kStep)
            dot_step<S, F, M, U, 0>(w, x, x_stride, sums);
    }
    if (count > 0) {
        PaddedEnd<1, F::kStep> numbers;
        widen_row<S, F>(w, 0, count, numbers.at[0]);
        for (int i = count; i < F::kStep; ++i)
            numbers.at[0][i] = 0.0f;
        for (int i = 0; i < F::kStep; i += S::kWidth) {
            for_each<M>([&](auto m) HEADLIGHT_INLINED {
                sums[m][0] = S::fma(S::load(numbers.at[0] + i), S::load(end.at[m] + i), sums[m][0]);
            });
        }
    }
    for_each<M>([&](auto m) HEADLIGHT_INLINED {
        for_each<U - 1>([&](auto u) HEADLIGHT_INLINED { sums[m][0] = S::add(sums[m][0], sums[m][u + 1]); });
        float* to = y + m * y_stride;
        *to = adds ? *to + S::total(sums[m][0]) : S::total(sums[m][0]);
    });
}

template <class S, class F, int M>
void dot_few(const std::uint8_t* rows, std::size_t row_bytes, int num_weight_rows, int cols, const float* x,
             std::int64_t x_stride, float* y, std::int64_t y_stride) {
    constexpr int kPart = few_part<S>;
    static_assert(kPart % F::kStep == 0);
    for (int begin = 0; begin < cols; begin += kPart) {
        const int count = cols - begin < kPart ? cols - begin : kPart, rest = count % F::kStep;
        PaddedEnd<M, F::kStep> end;
        if (rest > 0) end.fill(x + begin + count - rest, x_stride, rest);
        const std::uint8_t* w = rows + bytes_of(begin, F::kStep, F::kBytes);
        // Whole rows are one stream; of a part of each row, the next row's comes next.
        const std::size_t ahead = count == cols ? kAheadBytes : row_bytes;
        for (int r = 0; r < num_weight_rows; ++r) {
            dot_few_row<S, F, M>(w + r * row_bytes, ahead, count, x + begin, x_stride, end, y + r, y_stride,
                                 begin > 0);
        }
    }
}

/// out[i] = total of sums[i], four at a time where S has that, and then always so: the order of a sum must
/// not depend on the rows beside it. out has room to the next multiple of four.
template <class S, int N>
HEADLIGHT_INLINED inline void totals_of(const typename S::Vec (&sums)[N], float* out) {
    if constexpr (requires { S::four_totals(sums[0], sums[0], sums[0], sums[0], out); }) {
        for_each<(N + 3) / 4>([&](auto quarter) HEADLIGHT_INLINED {
            constexpr int q = decltype(quarter)::value * 4, kLast = N - 1;
            S::four_totals(sums[q], sums[q + 1 < N ? q + 1 : kLast], sums[q + 2 < N ? q + 2 : kLast],
                           sums[q + 3 < N ? q + 3 : kLast], out + q);
        });
    } else {
        for_each<N>([&](auto i) HEADLIGHT_INLINED { out[i] = S::total(sums[i]); });
    }
}

/// R rows of numbers with M rows of x, all floats; `whole` columns and one more vector of padded ends.
template <class S, int M, int R>
HEADLIGHT_INLINED inline void dot_tile(const float* w, std::int64_t w_stride, int whole, const float* x,
                                       std::int64_t x_stride, const PaddedEnd<M, S::kWidth>* end, float* y,
                                       std::int64_t y_stride, bool adds) {
    typename S::Vec sums[M * R];
    for_each<M * R>([&](auto i) HEADLIGHT_INLINED { sums[i] = S::set(0.0f); });
    const auto step = [&](const float* w_at, const float* x_at, std::int64_t stride) HEADLIGHT_INLINED {
        typename S::Vec numbers[R];
        for_each<R>([&](auto r) HEADLIGHT_INLINED { numbers[r] = S::load(w_at + r * w_stride); });
        for_each<M>([&](auto m) HEADLIGHT_INLINED {
            const typename S::Vec factor = S::load(x_at + m * stride);
            for_each<R>([&](auto r) HEADLIGHT_INLINED {
                sums[m * R + r] = S::fma(numbers[r], factor, sums[m * R + r]);
            });
        });
    };
    for (int i = 0; i < whole; i += S::kWidth)
        step(w + i, x + i, x_stride);
    if (end != nullptr) step(w + whole, end->at[0], S::kWidth);
    float totals[(M * R + 3) / 4 * 4];
    totals_of<S>(sums, totals);
    for (int m = 0; m < M; ++m) {
        for (int r = 0; r < R; ++r) {
            float& to = y[m * y_stride + r];
            to = adds ? to + totals[m * R + r] : totals[m * R + r];
        }
    }
}

/// How many rows of W share a vector of x: as many as leave registers for it and for themselves.
template <class S>
constexpr int rows_together(int num_rows) {
    if (S::kWidth >= 16) return num_rows <= 4 ? 4 : 2;
    if (S::kWidth >= 8) return num_rows <= 4 ? 3 : num_rows <= 6 ? 2 : 1;
    return num_rows <= 4 ? 2 : 1;
}

/// `rows` rows of numbers with M rows of x.
template <class S, int M>
__attribute__((noinline)) void dot_numbers(const float* w, std::int64_t w_stride, int rows, int whole,
                                           const float* x, std::int64_t x_stride,
                                           const PaddedEnd<M, S::kWidth>* end, float* y,
                                           std::int64_t y_stride, bool adds) {
    constexpr int R = rows_together<S>(M);
    int r = 0;
    for (; r + R <= rows; r += R)
        dot_tile<S, M, R>(w + r * w_stride, w_stride, whole, x, x_stride, end, y + r, y_stride, adds);
    for (; r < rows; ++r)
        dot_tile<S, M, 1>(w + r * w_stride, w_stride, whole, x, x_stride, end, y + r, y_stride, adds);
}

template <class S, class F, int M>
void dot_many(const std::uint8_t* rows, std::size_t row_bytes, int num_weight_rows, int cols, const float* x,
              std::int64_t x_stride, float* y, std::int64_t y_stride) {
    constexpr int R = rows_together<S>(M);
    static_assert(kManyPart % F::kStep == 0);
    alignas(64) float numbers[R][kManyPart];
    for (int begin = 0; begin < cols; begin += kManyPart) {
        const int count = cols - begin < kManyPart ? cols - begin : kManyPart, rest = count % S::kWidth;
        PaddedEnd<M, S::kWidth> end;
        if (rest > 0) end.fill(x + begin + count - rest, x_stride, rest);
        const std::uint8_t* w = rows + bytes_of(begin, F::kStep, F::kBytes);
        const PaddedEnd<M, S::kWidth>* padded = rest > 0 ? &end : nullptr;
        if (F::kBytes == 4 * F::kStep && rest == 0 && row_bytes % 4 == 0) {  // floats as they are
            dot_numbers<S, M>(reinterpret_cast<const float*>(w), static_cast<std::int64_t>(row_bytes / 4),
                              num_weight_rows, count, x + begin, x_stride, nullptr, y, y_stride, begin > 0);
            continue;
        }
        for (int r = 0; r < num_weight_rows; r += R) {
            const int n = num_weight_rows - r < R ? num_weight_rows - r : R;
            for (int i = 0; i < n; ++i) {
                widen_row<S, F>(w + (r + i) * row_bytes, R * row_bytes, count, numbers[i]);
                for (int pad = count; pad % S::kWidth != 0; ++pad)
                    numbers[i][pad] = 0.0f;
            }
            dot_numbers<S, M>(numbers[0], kManyPart, n, count - rest, x + begin, x_stride, padded, y + r,
                              y_stride, begin > 0);
        }
    }
}

/// A ProductIsa's dot[type]. A row's sums do not depend on the rows beside it.
template <class S, class F>
void dot(const std::byte* rows, std::size_t row_bytes, int num_weight_rows, int cols, const float* x,
         std::int64_t x_stride, int num_rows, float* y, std::int64_t y_stride) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(rows);
    for_each<8>([&](auto index) HEADLIGHT_INLINED {
        constexpr int M = decltype(index)::value + 1;
        if (num_rows != M) return;
        if constexpr (M <= 2) {
            dot_few<S, F, M>(bytes, row_bytes, num_weight_rows, cols, x, x_stride, y, y_stride);
        } else {
            dot_many<S, F, M>(bytes, row_bytes, num_weight_rows, cols, x, x_stride, y, y_stride);
        }
    });
}

/// A ProductIsa's widen[type].
template <class S, class F>
void widen(const std::byte* rows, std::size_t row_bytes, int num_weight_rows, int begin, int count,
           float* out, std::int64_t out_stride) {
    const auto* w = reinterpret_cast<const std::uint8_t*>(rows) + bytes_of(begin, F::kStep, F::kBytes);
    for (int r = 0; r < num_weight_rows; ++r)
        widen_row<S, F>(w + r * row_bytes, row_bytes, count, out + r * out_stride);
}

}  // namespace
}  // namespace headlight
