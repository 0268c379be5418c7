// Weights metrics beyond the plain spectra: folded norms, eigenvalues, single factors, rotation, composition.
// The reference numbers are what tests/analysis/weights_check.py prints (NumPy, full products in float64).
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <stop_token>

#include "analysis/linear_algebra/eigenvalues.h"
#include "analysis/weight_matrices.h"
#include "analysis/weights/random_spectrum.h"
#include "analysis/weights/spectral_measures.h"
#include "analysis/weights/spectrum.h"
#include "analysis/weights/weight_analysis.h"

using namespace headlight;
using doctest::Approx;

namespace {

constexpr int kHidden = 24, kHeadDim = 6;

HeadWeights normed_head(bool is_centred) {
    HeadWeights weights = test::head_weights(21);
    for (int i = 0; i < kHidden; ++i)
        weights.norm_gain.push_back(0.5f + static_cast<float>(i) / 32);
    weights.is_centred = is_centred;
    weights.query_bias = test::sequence(1, kHeadDim, 77).values;
    return weights;
}

Columns columns_of(const Matrix& matrix) {
    Columns out;
    read_columns({matrix}, out);
    return out;
}

std::vector<std::complex<double>> sorted(std::vector<std::complex<double>> values) {
    std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) {
        return a.real() < b.real() - 1e-9 || (a.real() < b.real() + 1e-9 && a.imag() < b.imag());
    });
    return values;
}

}  // namespace

TEST_CASE("weights: the norm before attention folded in, as NumPy has it") {
    const HeadSpectrum rms = compute_spectrum(normed_head(false)),
                       layer_norm = compute_spectrum(normed_head(true));
    CHECK(*effective_rank(rms.folded_qk) == Approx(5.5214660749).epsilon(1e-9));
    CHECK(*concentration(rms.folded_qk) == Approx(0.269885830273).epsilon(1e-9));
    CHECK(*effective_rank(rms.folded_ov) == Approx(5.68787969839).epsilon(1e-9));
    CHECK(*concentration(rms.folded_ov) == Approx(0.261266771959).epsilon(1e-9));
    CHECK(*effective_rank(layer_norm.folded_qk) == Approx(5.52535756344).epsilon(1e-9));
    CHECK(*concentration(layer_norm.folded_qk) == Approx(0.269772319499).epsilon(1e-9));
    CHECK(*effective_rank(layer_norm.folded_ov) == Approx(5.58428686755).epsilon(1e-9));
    CHECK(*concentration(layer_norm.folded_ov) == Approx(0.268645366283).epsilon(1e-9));
    CHECK(rms.qk == layer_norm.qk);  // the plain ids hold the stored weights
}

TEST_CASE("weights: what is not known has no number") {
    HeadWeights weights = test::head_weights(21);
    const HeadSpectrum plain = compute_spectrum(weights);
    CHECK(plain.folded_qk.empty());
    CHECK(plain.folded_ov.empty());
    CHECK(!plain.column_bias);
    const HeadSpectrum least = compute_spectrum(normed_head(false), {false, false, false});
    CHECK(least.qk == plain.qk);
    CHECK(least.ov == plain.ov);
    CHECK(least.folded_qk.empty());
    CHECK(least.query.empty());
    CHECK(!least.ov_copying);
    // A LayerNorm that has no gain still takes the mean away.
    weights.is_centred = true;
    CHECK(compute_spectrum(weights).folded_qk.size() == kHeadDim);
    weights.value.at(3, 2) = std::numeric_limits<float>::quiet_NaN();
    const HeadSpectrum broken = compute_spectrum(weights);
    CHECK(!broken.ov_copying);
    CHECK(!effective_rank(broken.ov));
    CHECK(*effective_rank(broken.qk) == Approx(*effective_rank(plain.qk)));
}

TEST_CASE("weights: column bias and single factors, as NumPy has them") {
    const HeadSpectrum spectrum = compute_spectrum(normed_head(false));
    CHECK(spectrum.column_bias.value() == Approx(0.769782953758).epsilon(1e-10));
    CHECK(*effective_rank(spectrum.query) == Approx(5.86072988254).epsilon(1e-10));
    CHECK(*effective_rank(spectrum.key) == Approx(5.75132017173).epsilon(1e-10));
    CHECK(*effective_rank(spectrum.value) == Approx(5.87912376632).epsilon(1e-10));
    CHECK(*effective_rank(spectrum.output) == Approx(5.73673906759).epsilon(1e-10));
}

TEST_CASE("weights: copying score of OV (closed form C11)") {
    HeadWeights weights = test::head_weights(21);
    CHECK(compute_spectrum(weights).ov_copying.value() == Approx(0.0229942518396).epsilon(1e-8));
    weights.output = test::transposed(weights.value);
    CHECK(compute_spectrum(weights).ov_copying.value() == Approx(1.0));
    weights.output = test::transposed(weights.value, -1);
    CHECK(compute_spectrum(weights).ov_copying.value() == Approx(-1.0));
    // Antisymmetric: W_V = (A, B), W_O = (B, -A)^T, so that W_V W_O = A B^T - B A^T.
    for (int i = 0; i < kHidden; ++i) {
        for (int j = 0; j < kHeadDim / 2; ++j) {
            weights.output.at(j, i) = weights.value.at(i, j + kHeadDim / 2);
            weights.output.at(j + kHeadDim / 2, i) = -weights.value.at(i, j);
        }
    }
    CHECK(std::abs(compute_spectrum(weights).ov_copying.value()) < 1e-7);
    weights.output = Matrix(kHeadDim, kHidden);
    CHECK(!compute_spectrum(weights).ov_copying);
}

TEST_CASE("eigenvalues: a full matrix, as NumPy has it") {
    const double real[] = {-1.3774245634,   -0.84945979627,  -0.468474202666, -0.468474202666,
                           -0.425419159226, -0.425419159226, 0.0896923792034, 0.0896923792034,
                           0.109120280222,  0.2666114327,    0.2666114327,    0.893025409877,
                           1.02229655993};
    const double imaginary[] = {0,
                                0,
                                -0.742468952999,
                                0.742468952999,
                                -0.0320516309397,
                                0.0320516309397,
                                -0.289278068227,
                                0.289278068227,
                                0,
                                -0.581022343141,
                                0.581022343141,
                                0,
                                0};
    const auto values = eigenvalues(columns_of(test::sequence(13, 13, 5)));
    REQUIRE(values.has_value());
    REQUIRE(values->size() == 13);
    const auto ordered = sorted(*values);
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        CHECK(ordered[i].real() == Approx(real[i]).epsilon(1e-9));
        CHECK(ordered[i].imag() == Approx(imaginary[i]).epsilon(1e-9));
    }
}

TEST_CASE("eigenvalues: closed forms that are hard for QR steps") {
    // A cycle of n: the n-th roots of 1, on which unshifted steps stand still.
    for (const int size : {1, 2, 3, 4, 5, 16, 64}) {
        Columns cycle(size, size);
        for (int i = 0; i < size; ++i)
            cycle.at((i + 1) % size, i) = 1;
        const auto values = eigenvalues(cycle);
        REQUIRE(values.has_value());
        REQUIRE(values->size() == static_cast<std::size_t>(size));
        std::complex<double> sum = 0;
        for (const auto& value : *values) {
            CHECK(std::abs(value) == Approx(1.0).epsilon(1e-10));
            CHECK(std::abs(std::pow(value, size) - 1.0) < 1e-9);
            sum += value;
        }
        CHECK(std::abs(sum) == Approx(size == 1 ? 1.0 : 0.0).epsilon(1e-9));
    }
    // Triangular with equal entries, a Jordan block, and nothing at all.
    Columns jordan(9, 9);
    for (int i = 0; i < 9; ++i) {
        jordan.at(i, i) = 3;
        if (i > 0) jordan.at(i - 1, i) = 1;
    }
    const auto values = eigenvalues(jordan);
    REQUIRE(values.has_value());
    for (const auto& value : *values)
        CHECK(std::abs(value - 3.0) < 1e-12);
    CHECK(positive_share_of_eigenvalues(jordan).value() == Approx(1.0));
    CHECK(!positive_share_of_eigenvalues(Columns(4, 4)));
    jordan.at(2, 3) = std::numeric_limits<double>::infinity();
    CHECK(!eigenvalues(jordan));
}

TEST_CASE("eigenvalues: traces of powers, every size, huge and tiny scale") {
    for (const int size : {2, 3, 7, 16, 33, 64}) {
        const Matrix matrix = test::sequence(size, size, 9);
        double trace = 0, squares = 0;
        for (int i = 0; i < size; ++i) {
            trace += matrix.at(i, i);
            for (int j = 0; j < size; ++j)
                squares += static_cast<double>(matrix.at(i, j)) * matrix.at(j, i);
        }
        for (const double scale : {1.0, 1e200, 1e-200}) {
            Columns scaled = columns_of(matrix);
            for (double& value : scaled.values)
                value *= scale;
            const auto values = eigenvalues(scaled);
            REQUIRE(values.has_value());
            std::complex<double> sum = 0, sum_squares = 0;
            for (const auto& value : *values) {
                sum += value / scale;
                sum_squares += (value / scale) * (value / scale);
            }
            CHECK(sum.real() == Approx(trace).epsilon(1e-10).scale(size));
            CHECK(sum_squares.real() == Approx(squares).epsilon(1e-10).scale(size));
            CHECK(std::abs(sum.imag()) < 1e-9);
        }
    }
}

TEST_CASE("weights: copying score of random weights scatters around 0 by 1.5 / k") {
    double sum = 0, squares = 0;
    constexpr int kDraws = 200, kDim = 16;
    for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
        const HeadWeights weights = test::head_weights(1000 + 7919 * draw, 96, kDim);
        const double score = compute_spectrum(weights, {false, false, true}).ov_copying.value();
        sum += score / kDraws;
        squares += score * score / kDraws;
    }
    CHECK(std::abs(sum) < 0.02);
    CHECK(std::sqrt(squares) == Approx(.090).epsilon(.15));  // simulated elsewhere for k = 16
}

TEST_CASE("weights: random references of a single factor") {
    CHECK(random_factor_effective_rank(768, 64).value() == Approx(63.3).epsilon(.002));
    CHECK(!random_factor_effective_rank(0, 4));
    CHECK(!random_factor_effective_rank(4, 6));
}

TEST_CASE("weights: the QK form of a rotary head at each distance, as NumPy has it") {
    const HeadWeights weights = test::head_weights(21);
    const int deltas[] = {0, 1, 7};
    const std::vector<double> halves[] = {
        {2.98259951142, 2.48867911954, 1.71510024774, 1.48981557658, 1.2838431585, 1.1456768417},
        {3.06996935912, 2.20182315275, 1.71820562968, 1.5495519675, 1.36100198412, 1.13894684408},
        {3.0895359872, 2.19771549228, 1.67799927661, 1.61125211055, 1.24554591934, 1.22005731373}};
    const std::vector<double> neighbours[] = {
        halves[0],
        {3.05134114263, 2.50376359755, 1.63883328069, 1.53076755637, 1.24752056936, 1.1667670276},
        {2.77511594877, 2.52837464841, 1.81462272733, 1.53017244861, 1.30182095069, 1.09991577673}};
    for (const bool is_interleaved : {false, true}) {
        const auto spectra = rotary_spectra(weights, {100.0, 4, is_interleaved}, deltas);
        REQUIRE(spectra.size() == 3);
        for (std::size_t d = 0; d < 3; ++d) {
            for (std::size_t i = 0; i < kHeadDim; ++i)
                CHECK(spectra[d][i] == Approx((is_interleaved ? neighbours : halves)[d][i]).epsilon(1e-10));
        }
    }
    CHECK(rotary_spectra(weights, {100.0, 5, false}, deltas).empty());
    CHECK(rotary_spectra(weights, {100.0, 8, false}, deltas).empty());
}

TEST_CASE("weights: heads that share key and value read the same as alone") {
    const test::WeightsModel model(true);
    std::vector<HeadWeights> heads = {model.head_weights(1, 0).value(), model.head_weights(1, 1).value(),
                                      model.head_weights(2, 0).value()};
    const auto together = compute_spectra(heads);
    for (std::size_t i = 0; i < heads.size(); ++i) {
        const HeadSpectrum alone = compute_spectrum(heads[i]);
        CHECK(together[i].qk == alone.qk);
        CHECK(together[i].ov == alone.ov);
        CHECK(together[i].key == alone.key);
        CHECK(together[i].value == alone.value);
        CHECK(together[i].ov_copying == alone.ov_copying);
    }
}

TEST_CASE("weights: all heads of a model, with progress, stop and errors") {
    for (const bool is_grouped : {false, true}) {
        test::WeightsModel model(is_grouped);
        std::atomic<int> num_reports{0};
        const JobContext job({}, [&](const ProgressUpdate&) { ++num_reports; });
        const auto all = analyze_weights(model, job, 2);
        REQUIRE(all.has_value());
        REQUIRE(all->size() == 6);
        CHECK(num_reports == (is_grouped ? 3 : 6));
        for (int i = 0; i < 6; ++i) {
            const HeadSpectrum alone = compute_spectrum(model.head_weights(i / 2, i % 2).value());
            const auto expected = compute_weight_metrics(alone, kHidden, kHeadDim);
            for (std::size_t m = 0; m < expected.size(); ++m)
                CHECK((*all)[static_cast<std::size_t>(i)][m].value == expected[m].value);
        }
        std::stop_source stop;
        stop.request_stop();
        CHECK(analyze_weights(model, JobContext(stop.get_token()), 1).error().kind == ErrorKind::Cancelled);
        model.broken_layer = 1;
        CHECK(analyze_weights(model, {}, 2).error().kind == ErrorKind::Corrupt);
    }
}
