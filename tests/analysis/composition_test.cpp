// Composition scores of later heads on earlier ones. The reference numbers are what
// tests/analysis/weights_check.py prints (NumPy, full products in float64).
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <stop_token>

#include "analysis/weight_matrices.h"
#include "analysis/weights/composition.h"
#include "analysis/weights/composition_partners.h"

using namespace headlight;
using doctest::Approx;

namespace {

std::function<Result<HeadWeights>(int, int)> weights_of(const ModelRunner& model) {
    return [&model](int layer, int head) { return model.head_weights(layer, head); };
}

}  // namespace

TEST_CASE("composition: scores of later heads on earlier ones, as NumPy has them") {
    struct Known {
        int earlier, later;
        double query, key, value;
    };
    const Known all[] = {{0, 2, 0.196540911957, 0.195310877757, 0.173388877557},
                         {1, 2, 0.230398815213, 0.185041261017, 0.183711852266},
                         {0, 3, 0.237965160156, 0.168346763935, 0.211828799438},
                         {1, 3, 0.281141920737, 0.208745418841, 0.188024842907},
                         {0, 4, 0.179310301627, 0.190126600337, 0.123165845365},
                         {1, 4, 0.18483651771, 0.176685062862, 0.204378095364},
                         {2, 4, 0.177219890334, 0.166530642354, 0.147115740365},
                         {3, 4, 0.199016323366, 0.206690228114, 0.164296978594},
                         {0, 5, 0.214749261009, 0.198658269823, 0.212023060289},
                         {1, 5, 0.205046551156, 0.264785027222, 0.183836098048},
                         {2, 5, 0.284017974409, 0.171646700692, 0.183293958522},
                         {3, 5, 0.207036001014, 0.212086580667, 0.197495646294}};
    const test::WeightsModel model;
    const auto scores = compute_composition(3, 2, weights_of(model), {});
    REQUIRE(scores.has_value());
    for (const Known& known : all) {
        CHECK(scores->query.at(known.later, known.earlier) == Approx(known.query).epsilon(1e-6));
        CHECK(scores->key.at(known.later, known.earlier) == Approx(known.key).epsilon(1e-6));
        CHECK(scores->value.at(known.later, known.earlier) == Approx(known.value).epsilon(1e-6));
    }
    for (int later = 0; later < 6; ++later) {
        for (int earlier = later / 2 * 2; earlier < 6; ++earlier)
            CHECK(scores->query.at(later, earlier) == 0.0f);
    }
    CHECK(scores->baseline == Approx(1 / std::sqrt(24.0)));
}

TEST_CASE(
    "composition: a head that reads only what another writes scores 1, one that cannot see it scores 0") {
    // Rank one: head (0, 0) writes along axis 5. In layer 1 one head reads axis 5 as query, one reads axis 4.
    const auto model = [](int layer, int head) -> Result<HeadWeights> {
        HeadWeights weights;
        weights.query = weights.key = weights.value = Matrix(12, 2);
        weights.output = Matrix(2, 12);
        weights.value.at(head, 0) = 2;
        weights.output.at(0, layer == 0 ? 5 : 7) = 3;
        weights.query.at(layer == 1 && head == 0 ? 5 : 4, 1) = 0.5f;
        weights.key.at(5, 1) = 0.25f;
        return weights;
    };
    const auto scores = compute_composition(2, 2, model, {});
    REQUIRE(scores.has_value());
    CHECK(scores->query.at(2, 0) == Approx(1.0));
    CHECK(scores->query.at(3, 0) == Approx(0.0));
    CHECK(scores->key.at(2, 0) == Approx(1.0));
    CHECK(scores->key.at(3, 1) == Approx(1.0));
    CHECK(scores->value.at(2, 0) == Approx(0.0));
}

TEST_CASE(
    "composition: random weights average the baseline, heads wider than the model work, stop and errors") {
    const auto random = [](int layer, int head) -> Result<HeadWeights> {
        return test::head_weights(31 + 977u * static_cast<std::uint32_t>(layer * 8 + head), 256, 32);
    };
    const auto scores = compute_composition(2, 8, random, {});
    REQUIRE(scores.has_value());
    double squares = 0;
    for (int later = 8; later < 16; ++later) {
        for (int earlier = 0; earlier < 8; ++earlier)
            squares += std::pow(scores->value.at(later, earlier), 2) / 64;
    }
    CHECK(std::sqrt(squares) == Approx(scores->baseline).epsilon(.02));

    const auto wide = [](int layer, int head) -> Result<HeadWeights> {
        return test::head_weights(5 + 31u * static_cast<std::uint32_t>(layer * 2 + head), 3, 5);
    };
    CHECK(compute_composition(2, 2, wide, {}).has_value());

    std::stop_source stop;
    stop.request_stop();
    const test::WeightsModel model;
    CHECK(compute_composition(3, 2, weights_of(model), JobContext(stop.get_token())).error().kind ==
          ErrorKind::Cancelled);
    CHECK(compute_composition(0, 2, weights_of(model), {}).error().kind == ErrorKind::InvalidInput);
    const auto broken = [](int, int) -> Result<HeadWeights> {
        HeadWeights weights = test::head_weights(1);
        weights.key = Matrix(3, 2);
        return weights;
    };
    CHECK(compute_composition(2, 2, broken, {}).error().kind == ErrorKind::InvalidInput);
}

TEST_CASE("composition: the partners of one head are its row and column of all scores, strongest first") {
    const test::WeightsModel model;
    const auto all = compute_composition(3, 2, weights_of(model), {});
    const auto partners = composition_partners(3, 2, {1, 1}, weights_of(model), 3, {});
    REQUIRE(all.has_value());
    REQUIRE(partners.has_value());
    REQUIRE(partners->query.size() == 2);  // the heads of layer 0
    REQUIRE(partners->read_as_key.size() == 2);
    for (const CompositionPartner& partner : partners->query)
        CHECK(partner.score == Approx(all->query.at(3, partner.head.layer * 2 + partner.head.head)));
    for (const CompositionPartner& partner : partners->read_as_key)
        CHECK(partner.score == Approx(all->key.at(partner.head.layer * 2 + partner.head.head, 3)));
    CHECK(partners->query[0].score >= partners->query[1].score);
    CHECK(partners->baseline == Approx(all->baseline));
    CHECK(composition_partners(3, 2, {1, 1}, weights_of(model), 1, {})->value.size() == 1);
    CHECK(composition_partners(3, 2, {3, 0}, weights_of(model), 1, {}).error().kind ==
          ErrorKind::InvalidInput);
}
