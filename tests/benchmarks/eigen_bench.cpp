// Our singular values and eigenvalues beside those of Eigen 3.4: how many times faster, and how far the
// values differ.
#include <Eigen/Eigenvalues>
#include <Eigen/SVD>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <random>

#include "analysis/linear_algebra/eigenvalues.h"
#include "analysis/linear_algebra/symmetric_eigen.h"

using namespace headlight;

namespace {

using Square = Eigen::MatrixXd;

Square gaussian(int size) {
    std::mt19937_64 random(static_cast<unsigned>(size));
    std::normal_distribution<double> normal;
    return Square::NullaryExpr(size, size, [&] { return normal(random); });
}

Columns columns_of(const Square& matrix) {
    Columns out(static_cast<int>(matrix.rows()), static_cast<int>(matrix.cols()));
    for (int j = 0; j < out.cols; ++j)
        std::copy_n(matrix.col(j).data(), out.rows, out.column(j));
    return out;
}

/// Processor time, so that what else the machine does counts little.
double milliseconds() {
    return 1000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// Best of several rounds, the two in turn.
template <class Ours, class Theirs>
void compare(const char* what, int size, const Ours& ours, const Theirs& theirs) {
    double our_ms = 1e300, their_ms = 1e300, difference = 0;
    const double begin = milliseconds();
    for (int round = 0; round < 5 || milliseconds() - begin < 500; ++round) {
        const double first = milliseconds();
        const std::vector<double> a = ours();
        const double second = milliseconds();
        const std::vector<double> b = theirs();
        our_ms = std::min(our_ms, second - first);
        their_ms = std::min(their_ms, milliseconds() - second);
        for (std::size_t i = 0; i < a.size(); ++i)
            difference = std::max(difference, std::abs(a[i] - b[i]));
    }
    std::printf("%-32s %4d  ours %9.3f ms  Eigen %9.3f ms  ratio %6.2f  values differ by %.0e\n", what, size,
                our_ms, their_ms, their_ms / our_ms, difference);
}

std::vector<double> ordered(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values;
}

/// The real parts; conjugate pairs and rounding leave their order open.
template <class Values>
std::vector<double> real_parts(const Values& values) {
    std::vector<double> out;
    for (const auto& value : values)
        out.push_back(value.real());
    return ordered(std::move(out));
}

}  // namespace

int main() {
    for (const int size : {64, 128, 256}) {
        const Square matrix = gaussian(size);
        const Columns columns = columns_of(matrix);
        compare(
            "singular values", size, [&] { return singular_values(columns); },
            [&] {
                const Eigen::BDCSVD<Square> svd(matrix);
                const auto& values = svd.singularValues();
                return std::vector<double>(values.data(), values.data() + values.size());
            });
        compare(
            "eigenvalues", size, [&] { return real_parts(*eigenvalues(columns)); },
            [&] { return real_parts(Eigen::EigenSolver<Square>(matrix, false).eigenvalues()); });
    }
    for (const int size : {144, 384, 768}) {
        const Square half = gaussian(size), matrix = half + half.transpose();
        const std::vector<double> values(matrix.data(), matrix.data() + matrix.size());
        compare(
            "symmetric, two vectors", size, [&] { return ordered(symmetric_eigen(values, size, 2)->values); },
            [&] {
                const Eigen::SelfAdjointEigenSolver<Square> solver(matrix);
                return std::vector<double>(solver.eigenvalues().data(), solver.eigenvalues().data() + size);
            });
    }
}
