#include "train/initial_weights.h"

#include <ATen/ops/cosine_similarity.h>
#include <doctest/doctest.h>

#include <cmath>

#include "train/language_model.h"

using namespace headlight;

namespace {

const at::Tensor& find(const std::vector<Parameter>& parameters, const std::string& name) {
    for (const Parameter& p : parameters) {
        if (p.name == name) return p.weight;
    }
    FAIL("no weight " << name);
    return parameters.front().weight;
}

double deviation(const at::Tensor& t) {
    return t.detach().std().item<double>();
}

}  // namespace

TEST_CASE("initial weights: deviations of the recipe") {
    const TrainRequest request;
    const auto parameters = make_initial_weights(request, 1024, 1);
    CHECK(parameters.size() == 3 + 9 * 4);
    CHECK(deviation(find(parameters, "model.layers.2.self_attn.q_proj.weight")) ==
          doctest::Approx(0.06).epsilon(0.02));
    CHECK(deviation(find(parameters, "model.layers.3.mlp.gate_proj.weight")) ==
          doctest::Approx(0.06).epsilon(0.02));
    CHECK(deviation(find(parameters, "lm_head.weight")) == doctest::Approx(0.06).epsilon(0.02));
    const double residual = 0.06 / std::sqrt(8.0);
    CHECK(deviation(find(parameters, "model.layers.0.self_attn.o_proj.weight")) ==
          doctest::Approx(residual).epsilon(0.02));
    CHECK(deviation(find(parameters, "model.layers.0.mlp.down_proj.weight")) ==
          doctest::Approx(residual).epsilon(0.02));
    CHECK(find(parameters, "model.norm.weight").eq(1).all().item<bool>());
}

TEST_CASE("initial weights: one vector is shared by all embedding rows, with the other sign by BOS") {
    const auto parameters = make_initial_weights(TrainRequest{}, 1024, 1);
    const at::Tensor table = find(parameters, "model.embed_tokens.weight").detach();  // [vocab, hidden]
    const at::Tensor mean = table.mean(0);
    CHECK(deviation(mean) == doctest::Approx(0.2).epsilon(0.15));  // 192 draws
    const auto likeness = [&](std::int64_t row) {
        return at::cosine_similarity(table[row], mean, 0).item<double>();
    };
    CHECK(likeness(1) < -0.5);
    CHECK(likeness(0) > 0.5);
    CHECK(likeness(700) > 0.5);
}

TEST_CASE("initial weights: gains do not decay, embedding and output learn at twice the rate") {
    for (const Parameter& p : make_initial_weights(TrainRequest{}, 300, 1)) {
        const bool is_gain = p.weight.dim() == 1;
        const bool is_table = p.name == "lm_head.weight" || p.name == "model.embed_tokens.weight";
        CHECK(p.weight_decay == (is_gain ? 0.0 : 0.1));
        CHECK(p.rate_factor == (is_table ? 2.0 : 1.0));
        CHECK(p.weight.requires_grad());
        CHECK(p.moment1.eq(0).all().item<bool>());
    }
}

TEST_CASE(
    "language model: a model of random logits costs about ln(vocabulary), masked targets cost nothing") {
    TrainRequest request;
    request.hidden_size = 32;
    request.num_heads = 2;
    request.num_layers = 2;
    request.intermediate_size = 48;
    request.context_length = 16;
    auto parameters = make_initial_weights(request, 300, 1);
    const auto model = make_language_model(make_architecture(request, 300), parameters);
    REQUIRE(model);
    Batch batch{1, 4, {1, 260, 270, 280}, {260, 270, 280, 290}};
    const auto all = (*model)->evaluate(batch);
    REQUIRE(all);
    CHECK(*all == doctest::Approx(std::log(300.0)).epsilon(0.2));
    // The mean over four targets is the mean of the four alone.
    double sum = 0;
    for (std::size_t kept = 0; kept < 4; ++kept) {
        Batch one = batch;
        for (std::size_t i = 0; i < 4; ++i) {
            if (i != kept) one.targets[i] = kMaskedTarget;
        }
        const auto loss = (*model)->evaluate(one);
        REQUIRE(loss);
        sum += *loss;
    }
    CHECK(sum / 4 == doctest::Approx(*all).epsilon(1e-5));
    parameters.pop_back();
    CHECK_FALSE(make_language_model(make_architecture(request, 300), parameters));
}

TEST_CASE("language model: names of a Llama checkpoint") {
    CHECK(checkpoint_name("token_embedding") == "model.embed_tokens.weight");
    CHECK(checkpoint_name("layers.3.query") == "model.layers.3.self_attn.q_proj.weight");
    CHECK(checkpoint_name("layers.0.mlp_norm") == "model.layers.0.post_attention_layernorm.weight");
    CHECK(checkpoint_name("head") == "lm_head.weight");
}
