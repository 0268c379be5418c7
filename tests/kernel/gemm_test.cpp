// Tiles of float32, those of the capture kernel and those of products: every instruction set of this machine
// against double precision, whatever the shape.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernel/kernel_isa.h"
#include "kernel/product_cases.h"

namespace headlight {
extern const KernelIsa k_isa_portable_wide;
}

using namespace headlight;
using namespace headlight::test;

namespace {

using Gemm = decltype(KernelIsa::gemm);

/// A [rows, depth] times B [depth, 16 panels], each with gaps, the result on top of what is there.
struct GemmCase {
    int rows, depth, panels;
    std::int64_t a_stride, panel_stride, c_stride;
    std::vector<float> a, b, before;

    GemmCase(int num_rows, int num_deep, int num_panels, Random& random)
        : rows(num_rows),
          depth(num_deep),
          panels(num_panels),
          a_stride(num_deep + 3),
          panel_stride(std::int64_t{num_deep} * kPanel + 7),
          c_stride(num_panels * kPanel + 5),
          a(normal_numbers(static_cast<std::size_t>(num_rows * a_stride), random)),
          b(normal_numbers(static_cast<std::size_t>(num_panels * panel_stride), random)),
          before(normal_numbers(static_cast<std::size_t>(num_rows * c_stride), random)) {}

    std::vector<float> run(Gemm gemm, bool adds) const {
        std::vector<float> c = before;
        gemm(a.data(), a_stride, rows, depth, b.data(), panel_stride, panels, c.data(), c_stride, adds);
        return c;
    }
    /// Largest error in units of the root of the sum of the squared parts; 1e30 where the gaps changed.
    double error(const std::vector<float>& c, bool adds) const {
        double worst = 0;
        for (int r = 0; r < rows; ++r) {
            for (int col = 0; col < c_stride; ++col) {
                const auto at = static_cast<std::size_t>(r * c_stride + col);
                if (col >= panels * kPanel) {
                    if (c[at] != before[at]) return 1e30;
                    continue;
                }
                double sum = adds ? before[at] : 0.0, squares = sum * sum;
                for (int k = 0; k < depth; ++k) {
                    const auto from =
                        static_cast<std::size_t>(col / kPanel * panel_stride + k * kPanel + col % kPanel);
                    const double part =
                        static_cast<double>(a[static_cast<std::size_t>(r * a_stride + k)]) * b[from];
                    sum += part;
                    squares += part * part;
                }
                const double error = std::abs(c[at] - sum) / std::sqrt(squares);
                worst = std::isnan(error) ? 1e30 : std::max(worst, error);
            }
        }
        return worst;
    }
};

/// Those that this machine runs, and the shape of the widest in plain code.
std::vector<const KernelIsa*> gemm_isas() {
    std::vector<const KernelIsa*> list(kernel_isas().begin(), kernel_isas().end());
    list.push_back(&k_isa_portable_wide);
    return list;
}

}  // namespace

TEST_CASE("gemm: strips and panels of every height and number agree with double precision") {
    Random random(31);
    for (const int rows : {1, 2, 3, 5, 6, 7, 8, 9, 11, 12, 13, 16, 17, 24, 25, 31}) {
        for (const int panels : {1, 2, 3, 5}) {
            const GemmCase one(rows, rows % 2 == 0 ? 64 : 37, panels, random);
            for (const KernelIsa* isa : gemm_isas()) {
                INFO(isa->name << ", " << rows << " rows, " << panels << " panels");
                for (const bool adds : {false, true}) {
                    CHECK(one.error(one.run(isa->gemm, adds), adds) <= 2e-6);
                    CHECK(one.error(one.run(isa->gemm_of_part, adds), adds) <= 2e-6);
                }
            }
        }
    }
}

TEST_CASE("gemm: an element does not depend on the rows and panels beside it") {
    Random random(32);
    const GemmCase all(29, 80, 5, random);
    for (const KernelIsa* isa : gemm_isas()) {
        for (const Gemm gemm : {isa->gemm, isa->gemm_of_part}) {
            const std::vector<float> expected = all.run(gemm, true);
            int num_different = 0;
            for (int r = 0; r < all.rows; ++r) {
                for (int p = 0; p < all.panels; ++p) {
                    const auto at = static_cast<std::size_t>(r * all.c_stride + p * kPanel);
                    std::vector<float> c(all.before.begin() + static_cast<std::ptrdiff_t>(at),
                                         all.before.begin() + static_cast<std::ptrdiff_t>(at) + kPanel);
                    gemm(all.a.data() + r * all.a_stride, all.a_stride, 1, all.depth,
                         all.b.data() + p * all.panel_stride, all.panel_stride, 1, c.data(), kPanel, true);
                    num_different +=
                        std::equal(c.begin(), c.end(), expected.begin() + static_cast<std::ptrdiff_t>(at))
                            ? 0
                            : 1;
                }
            }
            INFO(isa->name);
            CHECK(num_different == 0);
        }
    }
}
