// The inner loops over a vector type S. Included only by the kernel_<isa>.cpp files, which are compiled for
// their instruction set: everything here has internal linkage and calls no library function, so that no code
// of one instruction set can end up in another's place.
#pragma once

#include "kernel/kernel_isa.h"

namespace headlight {
namespace {

// exp of anything lower is below the smallest normal float and counts as 0.
constexpr float kLowestExponent = -87.0f;
constexpr int kChunkKeys = 64;  // keys summed in float before the sums go on in double

/// exp(x) for x <= 0, relative error below 2e-7: x = n ln 2 + r, series of e^r to r^7, times 2^n.
template <class S>
inline typename S::Vec exp_of(typename S::Vec x) {
    using Vec = typename S::Vec;
    const Vec is_kept = S::greater(x, S::set(kLowestExponent));
    x = S::max(S::set(kLowestExponent), x);  // in this order NaN stays NaN
    const Vec n = S::round(S::mul(x, S::set(1.44269504088896341f)));
    Vec r = S::fma(n, S::set(-0.693359375f), x);
    r = S::fma(n, S::set(2.12194440e-4f), r);
    Vec p = S::set(1.0f / 5040);
    p = S::fma(p, r, S::set(1.0f / 720));
    p = S::fma(p, r, S::set(1.0f / 120));
    p = S::fma(p, r, S::set(1.0f / 24));
    p = S::fma(p, r, S::set(1.0f / 6));
    p = S::fma(p, r, S::set(0.5f));
    p = S::fma(p, r, S::set(1.0f));
    p = S::fma(p, r, S::set(1.0f));
    return S::keep(is_kept, S::scale_by_power(p, n));
}

/// One tile of registers: Rows x (Panels * 16). With kOwnChain the sums are added to c at the end instead of
/// going on from it.
template <class S, int Rows, int Panels, bool kOwnChain>
inline void gemm_tile(const float* a, std::int64_t a_stride, int depth, const float* panels,
                      std::int64_t panel_stride, float* c, std::int64_t c_stride, bool adds) {
    constexpr int kVecs = kPanel / S::kWidth;
    typename S::Vec sum[Rows][Panels * kVecs];
    for (int r = 0; r < Rows; ++r) {
        for (int v = 0; v < Panels * kVecs; ++v) {
            sum[r][v] = adds && !kOwnChain ? S::load(c + r * c_stride + v * S::kWidth) : S::set(0.0f);
        }
    }
    for (int k = 0; k < depth; ++k) {
        typename S::Vec b[Panels * kVecs];
        for (int p = 0; p < Panels; ++p) {
            for (int v = 0; v < kVecs; ++v) {
                b[p * kVecs + v] =
                    S::load(panels + p * panel_stride + std::int64_t{k} * kPanel + v * S::kWidth);
            }
        }
        for (int r = 0; r < Rows; ++r) {
            const typename S::Vec factor = S::set(a[r * a_stride + k]);
            for (int v = 0; v < Panels * kVecs; ++v)
                sum[r][v] = S::fma(factor, b[v], sum[r][v]);
        }
    }
    for (int r = 0; r < Rows; ++r) {
        for (int v = 0; v < Panels * kVecs; ++v) {
            float* to = c + r * c_stride + v * S::kWidth;
            S::store(to, adds && kOwnChain ? S::add(S::load(to), sum[r][v]) : sum[r][v]);
        }
    }
}

/// The last, smaller strip of rows.
template <class S, int Rows, int Panels, bool kOwnChain>
inline void gemm_rest(int rows, const float* a, std::int64_t a_stride, int depth, const float* panels,
                      std::int64_t panel_stride, float* c, std::int64_t c_stride, bool adds) {
    if constexpr (Rows > 0) {
        if (rows == Rows) {
            gemm_tile<S, Rows, Panels, kOwnChain>(a, a_stride, depth, panels, panel_stride, c, c_stride,
                                                  adds);
        } else {
            gemm_rest<S, Rows - 1, Panels, kOwnChain>(rows, a, a_stride, depth, panels, panel_stride, c,
                                                      c_stride, adds);
        }
    }
}

template <class S, int Rows, int Panels, bool kOwnChain>
inline void gemm_panels(const float* a, std::int64_t a_stride, int rows, int depth, const float* panels,
                        std::int64_t panel_stride, float* c, std::int64_t c_stride, bool adds) {
    int r = 0;
    for (; r + Rows <= rows; r += Rows) {
        gemm_tile<S, Rows, Panels, kOwnChain>(a + r * a_stride, a_stride, depth, panels, panel_stride,
                                              c + r * c_stride, c_stride, adds);
    }
    gemm_rest<S, Rows - 1, Panels, kOwnChain>(rows - r, a + r * a_stride, a_stride, depth, panels,
                                              panel_stride, c + r * c_stride, c_stride, adds);
}

// Panels outside, strips inside: a panel stays in the first cache while all rows of the block use it.
template <class S, int Rows, bool kOwnChain>
void gemm(const float* a, std::int64_t a_stride, int rows, int depth, const float* panels,
          std::int64_t panel_stride, int num_panels, float* c, std::int64_t c_stride, bool adds) {
    int p = 0;
    for (; p + S::kPanels <= num_panels; p += S::kPanels) {
        gemm_panels<S, Rows, S::kPanels, kOwnChain>(a, a_stride, rows, depth, panels + p * panel_stride,
                                                    panel_stride, c + p * kPanel, c_stride, adds);
    }
    for (; p < num_panels; ++p) {
        gemm_panels<S, Rows, 1, kOwnChain>(a, a_stride, rows, depth, panels + p * panel_stride, panel_stride,
                                           c + p * kPanel, c_stride, adds);
    }
}

template <class S>
inline float row_max(const float* row, int begin, int end) {
    typename S::Vec best = S::set(kNoScore);
    for (int j = begin; j < end; j += S::kWidth)
        best = S::max(best, S::load(row + j));
    return S::largest(best);
}

/// First key in [begin, end) whose e is 1, that is, whose score is the largest.
template <class S>
inline int first_one(const float* row, int begin, int end) {
    for (int j = begin; j < end; j += S::kWidth) {
        const int found = S::first_equal(S::load(row + j), S::set(1.0f));
        if (found >= 0) return j + found;
    }
    return begin;
}

/// e and its sums over [begin, end), at most kChunkKeys keys, both multiples of 16.
template <class S>
inline void softmax_chunk(float* row, int begin, int end, float max, const TileTarget& tiles, RowSums& sums) {
    using Vec = typename S::Vec;
    const Vec shift = S::set(max);
    Vec sum = S::set(0), squares = S::set(0), cubes = S::set(0), scores = S::set(0), keys = S::set(0);
    Vec index = S::iota();  // key - begin
    for (int j = begin; j < end; j += kPanel) {
        Vec panel_sum = S::set(0), panel_max = S::set(0);
        for (int v = 0; v < kPanel; v += S::kWidth) {
            const Vec x = S::sub(S::load(row + j + v), shift);
            const Vec e = exp_of<S>(x);
            S::store(row + j + v, e);
            const Vec square = S::mul(e, e);
            panel_sum = S::add(panel_sum, e);
            panel_max = S::max(panel_max, e);
            squares = S::add(squares, square);
            cubes = S::fma(square, e, cubes);
            scores = S::fma(e, x, scores);
            keys = S::fma(e, index, keys);
            index = S::add(index, S::set(static_cast<float>(S::kWidth)));
        }
        sum = S::add(sum, panel_sum);
        if (tiles.width > 0) {
            const int tile = (tiles.first + j) / tiles.width;
            const float largest = S::largest(panel_max);
            tiles.sum[tile] += S::total(panel_sum);
            tiles.max[tile] = largest > tiles.max[tile] ? largest : tiles.max[tile];
        }
    }
    const double total = S::total(sum);
    sums.sum += total;
    sums.squares += S::total(squares);
    sums.cubes += S::total(cubes);
    sums.scores += S::total(scores);
    sums.keys += S::total(keys) + total * begin;
}

template <class S>
void softmax(float* row, int begin, int end, const TileTarget& tiles, RowSums& sums) {
    const int first = begin / kPanel * kPanel, last = (end + kPanel - 1) / kPanel * kPanel;
    for (int j = first; j < begin; ++j)
        row[j] = kNoScore;
    for (int j = end; j < last; ++j)
        row[j] = kNoScore;
    sums = RowSums{};
    sums.max = row_max<S>(row, first, last);
    for (int j = first; j < last;) {
        const int boundary = (j / kChunkKeys + 1) * kChunkKeys;
        const int chunk_end = boundary < last ? boundary : last;
        softmax_chunk<S>(row, j, chunk_end, sums.max, tiles, sums);
        j = chunk_end;
    }
    sums.argmax = first_one<S>(row, first, last);
}

template <class S>
void scale(const float* in, float factor, float* out, std::int64_t count) {
    const typename S::Vec wide = S::set(factor);
    std::int64_t i = 0;
    for (; i + S::kWidth <= count; i += S::kWidth)
        S::store(out + i, S::mul(S::load(in + i), wide));
    for (; i < count; ++i)
        out[i] = in[i] * factor;
}

template <class S>
constexpr KernelIsa make_isa(const char* name) {
    return {name, S::kRows, gemm<S, S::kRows, false>, gemm<S, S::kTallRows, true>, softmax<S>, scale<S>};
}

}  // namespace
}  // namespace headlight
