// The inner loops of the capture kernel, once per instruction set; chosen when the program runs.
#pragma once

#include <cstdint>
#include <span>

namespace headlight {

/// Keys (and columns of values) lie in panels of 16: element (k, c) of panel p at panels[p * panel_stride + k
/// * 16 + c].
inline constexpr int kPanel = 16;

/// Stands for "no key": far below any score, and finite, so that 0 times it stays 0.
inline constexpr float kNoScore = -1e30f;

/// Sums over one row after softmax's exponent e = exp(s - max); weights are e / sum.
struct RowSums {
    float max = 0;       // largest score
    int argmax = 0;      // its key, the lowest on ties
    double sum = 0;      // sum e
    double squares = 0;  // sum e^2
    double cubes = 0;    // sum e^3
    double scores = 0;   // sum e (s - max)
    double keys = 0;     // sum e j
};

/// Largest and sum of e per tile of `width` keys (a multiple of 16; 0 = not wanted), tile t at [t]. Key 0 is
/// the `first`-th of tile 0.
struct TileTarget {
    int width = 0;
    float* max = nullptr;
    float* sum = nullptr;
    int first = 0;
};

struct KernelIsa {
    const char* name;
    int strip_rows;  // rows that one tile of registers holds
    /// C[rows, 16 panels] = A[rows, depth] B (or += with `adds`); C's panel p starts at column 16 p. Each
    /// element is one chain of multiply-adds in order of depth, whatever the blocking, so that a row computed
    /// again is the same.
    void (*gemm)(const float* a, std::int64_t a_stride, int rows, int depth, const float* panels,
                 std::int64_t panel_stride, int num_panels, float* c, std::int64_t c_stride, bool adds);
    /// The same for products of weights: each call's sums are chains of their own, which are then added, and
    /// strips are as tall as is fastest for many rows.
    void (*gemm_of_part)(const float* a, std::int64_t a_stride, int rows, int depth, const float* panels,
                         std::int64_t panel_stride, int num_panels, float* c, std::int64_t c_stride,
                         bool adds);
    /// Turns row[begin, end) of scores into e and takes the sums. Clears to the neighbouring multiples of 16,
    /// which must be readable and writable.
    void (*softmax)(float* row, int begin, int end, const TileTarget& tiles, RowSums& sums);
    /// out[i] = in[i] * factor.
    void (*scale)(const float* in, float factor, float* out, std::int64_t count);
};

/// Whether `HEADLIGHT_ISA` (avx512, avx2, portable) asks for the one of this name ("AVX-512").
bool is_asked_for(const char* isa_name);

/// The one that `HEADLIGHT_ISA` asks for where this machine runs it, else the fastest.
const KernelIsa& kernel_isa();

/// All that this machine runs, fastest first; the last is the portable one.
std::span<const KernelIsa* const> kernel_isas();

}  // namespace headlight
