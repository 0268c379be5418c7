#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "analysis/weights/random_spectrum.h"
#include "analysis/weights/spectral_measures.h"
#include "analysis/weights/spectrum.h"

using namespace headlight;
using doctest::Approx;

namespace {

/// The same values that the reference numbers were computed on: a linear congruential sequence in [-0.5,
/// 0.5).
Matrix sequence_matrix(int rows, int cols, std::uint32_t state) {
    Matrix matrix(rows, cols);
    for (float& value : matrix.values) {
        state = state * 1664525u + 1013904223u;
        value = static_cast<float>((state >> 8) / 16777216.0 - 0.5);
    }
    return matrix;
}

Matrix transpose(const Matrix& matrix) {
    Matrix out(matrix.cols, matrix.rows);
    for (int i = 0; i < matrix.rows; ++i) {
        for (int j = 0; j < matrix.cols; ++j)
            out.at(j, i) = matrix.at(i, j);
    }
    return out;
}

HeadWeights head_of(Matrix query, Matrix key, Matrix value, Matrix output) {
    HeadWeights weights;
    weights.query = std::move(query);
    weights.key = std::move(key);
    weights.value = std::move(value);
    weights.output = std::move(output);
    return weights;
}

void check_spectrum(int rows, int cols, const std::vector<double>& expected) {
    const auto sigma =
        singular_values_of_product(sequence_matrix(rows, cols, 1), sequence_matrix(rows, cols, 2));
    REQUIRE(sigma.size() == static_cast<std::size_t>(cols));
    for (std::size_t i = 0; i < sigma.size(); ++i) {
        const double value = i < expected.size() ? expected[i] : 0.0;
        CHECK(sigma[i] == Approx(value).epsilon(1e-10).scale(expected[0] / 10));
    }
}

/// tr((A^T A)(B^T B)), which is the sum of the squared singular values of A B^T (notes 1.1).
double trace_identity(const Matrix& a, const Matrix& b) {
    double sum = 0;
    for (int i = 0; i < a.cols; ++i) {
        for (int j = 0; j < a.cols; ++j) {
            double gram_a = 0, gram_b = 0;
            for (int r = 0; r < a.rows; ++r) {
                gram_a += static_cast<double>(a.at(r, i)) * a.at(r, j);
                gram_b += static_cast<double>(b.at(r, i)) * b.at(r, j);
            }
            sum += gram_a * gram_b;
        }
    }
    return sum;
}

}  // namespace

// Reference: numpy 2 linalg.svd of the full d x d product in float64.
TEST_CASE("spectrum: singular values equal those of the full product") {
    check_spectrum(20, 5, {2.15905582595, 1.64846872477, 1.60830738419, 1.33419055683, 1.12768191053});
    check_spectrum(96, 8,
                   {10.3908757945, 9.46325082886, 8.57253201053, 7.6891390879, 7.41280983822, 6.78190195593,
                    6.30360978782, 5.72269229702});
    check_spectrum(48, 17,
                   {6.6030382216, 5.80629032362, 5.31530381218, 4.99767362024, 4.56443495979, 4.35353543788,
                    4.24730131984, 4.07790939328, 3.90008864478, 3.6233547409, 3.12783151497, 2.6963649726,
                    2.50388262742, 2.20647225152, 1.98253195783, 1.76480116205, 1.11050211562});
}

TEST_CASE("spectrum: factors wider than tall give the rank's values and zeros (closed form C23)") {
    check_spectrum(5, 9, {0.853968242794, 0.545829517349, 0.160046566035, 0.0661765368804, 0.0304931030281});
}

TEST_CASE("spectrum: sum of squares equals the trace of the Grams, for every size of the last panel") {
    for (const int cols : {1, 2, 3, 7, 8, 9, 15, 16, 31, 64}) {
        const Matrix a = sequence_matrix(70, cols, 11), b = sequence_matrix(70, cols, 12);
        double squares = 0;
        for (const double value : singular_values_of_product(a, b))
            squares += value * value;
        CHECK(squares == Approx(trace_identity(a, b)).epsilon(1e-12));
    }
}

TEST_CASE("spectrum: invariances (closed form C10)") {
    const Matrix a = sequence_matrix(40, 6, 5), b = sequence_matrix(40, 6, 6);
    const auto sigma = singular_values_of_product(a, b), swapped = singular_values_of_product(b, a);
    Matrix scaled = a;
    for (float& value : scaled.values)
        value *= 4.0f;
    const auto larger = singular_values_of_product(scaled, b);
    const HeadSpectrum both = compute_spectrum(head_of(a, b, a, transpose(b)));
    for (std::size_t i = 0; i < sigma.size(); ++i) {
        CHECK(swapped[i] == Approx(sigma[i]).epsilon(1e-12));
        CHECK(larger[i] == Approx(4 * sigma[i]).epsilon(1e-12));
        CHECK(both.qk[i] == Approx(sigma[i]).epsilon(1e-12));
        CHECK(both.ov[i] == Approx(sigma[i]).epsilon(1e-12));
    }
}

TEST_CASE("spectrum: rank one, zero and identity factors (closed form C10)") {
    Matrix one(12, 4), zero(12, 4), identity(12, 4);
    for (int i = 0; i < 12; ++i) {
        for (int j = 0; j < 4; ++j)
            one.at(i, j) = static_cast<float>((i + 1) * (j + 1));
        if (i < 4) identity.at(i, i) = 1;
    }
    const auto sigma = singular_values_of_product(one, one);
    CHECK(*concentration(sigma) == Approx(1.0));
    CHECK(*effective_rank(sigma) == Approx(1.0));
    CHECK(*stable_rank(sigma) == Approx(1.0));
    CHECK(*top5_share(sigma) == Approx(1.0));
    CHECK(!concentration(singular_values_of_product(zero, one)));
    CHECK(*effective_rank(singular_values_of_product(identity, identity)) == Approx(4.0));
}

TEST_CASE("spectrum: matrices that do not fit and values that are no numbers") {
    CHECK(singular_values_of_product(Matrix(4, 2), Matrix(5, 2)).empty());
    CHECK(singular_values_of_product(Matrix(), Matrix()).empty());
    Matrix broken = sequence_matrix(8, 2, 1);
    broken.at(3, 1) = std::numeric_limits<float>::infinity();
    CHECK(!effective_rank(singular_values_of_product(broken, sequence_matrix(8, 2, 2))));
}

TEST_CASE("spectral measures: closed forms (closed form C10)") {
    const std::vector<double> identity(64, 1.0);
    CHECK(*concentration(identity) == Approx(1.0 / 64));
    CHECK(*effective_rank(identity) == Approx(64.0));
    CHECK(*participation_ratio(identity) == Approx(64.0));
    CHECK(*top5_share(identity) == Approx(.078125));
    const std::vector<double> three = {2, 1, 1};
    CHECK(*concentration(three) == Approx(.5));
    CHECK(*effective_rank(three) == Approx(2.8284271247));
    CHECK(*participation_ratio(three) == Approx(2.6666667));
    CHECK(*top5_share(three) == Approx(1.0));
    CHECK(*stable_rank(three) == Approx(1.5));
    const std::vector<double> four = {4, 3, 2, 1};
    CHECK(*concentration(four) == Approx(.4));
    CHECK(*effective_rank(four) == Approx(3.5961155));
    CHECK(*participation_ratio(four) == Approx(3.3333333));
    std::vector<double> halving;
    for (int i = 0; i < 8; ++i)
        halving.push_back(std::pow(2.0, -i));
    CHECK(*concentration(halving) == Approx(.5019608));
    CHECK(*effective_rank(halving) == Approx(3.8986669));
    CHECK(*participation_ratio(halving) == Approx(2.9766537));
    CHECK(*top5_share(halving) == Approx(.9990386));
}

// Reference: numpy simulation of the full factors; 768 x 64 also in published numbers of section 1.1.
TEST_CASE("spectrum: reference of random weights") {
    struct Known {
        int hidden, head_dim;
        double concentration, effective_rank, participation_ratio, stable_rank, top5;
    };
    const Known all[] = {{768, 64, .0224, 62.62, 61.32, 32.5, .1425},
                         {576, 64, .0235, 62.15, 60.46, 30.0, .1536},
                         {192, 32, .0510, 30.55, 29.29, 13.15, .319},
                         {16, 16, .1910, 10.47, 8.78, 3.19, .855},
                         {1024, 512, .00463, 439.1, 392.0, 119.2, .0403}};
    for (const Known& known : all) {
        CAPTURE(known.hidden);
        const SpectralReference reference = random_product_measures(known.hidden, known.head_dim);
        CHECK(*reference.concentration == Approx(known.concentration).epsilon(.03));
        CHECK(*reference.effective_rank == Approx(known.effective_rank).epsilon(.01));
        CHECK(*reference.participation_ratio == Approx(known.participation_ratio).epsilon(.02));
        CHECK(*reference.stable_rank == Approx(known.stable_rank).epsilon(.06));
        CHECK(*reference.top5_share == Approx(known.top5).epsilon(.03));
    }
    CHECK(!random_product_measures(0, 4).concentration);
    CHECK(random_product_measures(4, 6).effective_rank.value() > 1.0);
}

TEST_CASE("spectrum: weight metrics come with their reference") {
    HeadWeights weights = head_of(sequence_matrix(40, 6, 5), sequence_matrix(40, 6, 6),
                                  sequence_matrix(40, 6, 7), transpose(sequence_matrix(40, 6, 8)));
    weights.norm_gain.assign(40, 1.25f);
    weights.query_bias.assign(6, 0.0f);
    const auto values = compute_weight_metrics(compute_spectrum(weights), 40, 6);
    REQUIRE(!values.empty());
    for (const MetricValue& value : values) {
        CAPTURE(std::string(value.metric->id));
        REQUIRE(value.value.has_value());
        REQUIRE(value.reference.has_value());
        for (const double number : {*value.value, *value.reference}) {
            CHECK(number >= value.metric->min);
            CHECK(number <= value.metric->max);
        }
        // These factors are random themselves; the copying score scatters by about 1.5 / 6 around 0.
        if (std::string(value.metric->id) == "ov_copying") {
            CHECK(std::abs(*value.value) < 3 * 1.5 / 6);
        } else {
            CHECK(*value.value == Approx(*value.reference).epsilon(.35));
        }
    }
}
