// The observer's numbers against those of tests/train/observer_check.py, which computes them with NumPy.
#include "core/dense_trace.h"
#include "train/attention_observer.h"

#include <ATen/ops/empty.h>
#include <doctest/doctest.h>

#include <cmath>

#include "train/addition_run.h"
#include "train/embedding_frequencies.h"

using namespace headlight;

namespace {

// What `observer_check.py --print-test-values` prints.
const std::map<std::string, double> kExpected = {
    {"answer_entropy", 0.8432277735},
    {"answer_on_first/0/0", 0.3464699392},
    {"answer_on_first/0/1", 0.3637717008},
    {"answer_on_first/1/0", 0.3443173661},
    {"answer_on_first/1/1", 0.3413372523},
    {"attn_entropy", 0.5157416517},
    {"attn_entropy/0", 0.5832621365},
    {"attn_entropy/1", 0.4482211669},
    {"attn_variance", 0.02300653632},
    {"attn_variance/0", 0.004967802005},
    {"attn_variance/1", 0.04104527063},
    {"effective_rank", 6.944888618},
    {"embedding_top5_frequencies", 0.8958413718},
    {"previous_score", 0.5422108323},
    {"sink_share", 0.4483491896},
    {"sv_concentration", 0.2380436094},
    {"top5_explained_var", 0.9164010985},
    {"weight_norm", 18.97075852},
};

TrainRequest made_up_request() {
    TrainRequest request;
    request.task = "addition";
    request.modulus = 13;
    request.num_layers = 2;
    request.num_heads = 2;
    request.hidden_size = 16;
    request.intermediate_size = 24;
    return request;
}

// Exact in float32, of full rank, the same rule as in the script.
std::vector<Parameter> made_up_weights(const Architecture& arch) {
    std::vector<Parameter> parameters;
    std::int64_t slot_index = 0;
    for (const WeightSlot& slot : weight_slots(arch)) {
        at::Tensor weight = at::empty(slot.shape, at::kFloat);
        float* values = weight.mutable_data_ptr<float>();
        for (std::int64_t i = 0; i < weight.numel(); ++i)
            values[i] = static_cast<float>((i * i * 31 + i * 17 + slot_index * 101) % 257 - 128) / 256.0F;
        weight.set_requires_grad(true);
        parameters.push_back({slot.name, weight, {}, {}});
        ++slot_index;
    }
    return parameters;
}

ObservedSample all_pairs(int modulus) {
    ObservedSample sample;
    for (int a = 0; a < modulus; ++a) {
        for (int b = 0; b < modulus; ++b)
            sample.texts.push_back({a, b, modulus});
    }
    return sample;
}

}  // namespace

TEST_CASE("observer: every metric is that of an independent NumPy computation") {
    const TrainRequest request = made_up_request();
    const Architecture arch = addition_architecture(request);
    const auto parameters = made_up_weights(arch);
    const auto model = make_language_model(arch, parameters, own_name);
    REQUIRE(model);
    const ObservedSample sample = all_pairs(request.modulus);
    auto values = observe_model(**model, parameters, sample, {});
    REQUIRE(values);
    (*values)["embedding_top5_frequencies"] =
        top_frequency_share((*model)->weights().token_embedding.tensor(), 13);
    const auto texts = capture_patterns(**model, sample.texts, {});
    REQUIRE(texts);
    add_answer_rows(*texts, *values);
    CHECK(values->size() == kExpected.size());
    for (const auto& [name, expected] : kExpected) {
        REQUIRE_MESSAGE(values->count(name) == 1, name);
        REQUIRE_MESSAGE(values->at(name).has_value(), name);
        CHECK_MESSAGE(std::abs(*values->at(name) - expected) < 1e-5 * std::max(1.0, std::abs(expected)), name,
                      ": ", *values->at(name), ", expected ", expected);
    }
}

TEST_CASE("observer: the induction score is the weight on what followed, of the best head") {
    // Two layers of one head, texts X X with X of 2 tokens: query 2 should look at key 1, query 3 at key 2.
    const auto trace = [](float first, float second) {
        TraceInfo info;
        info.num_layers = 2;
        info.num_heads = 1;
        info.num_queries = info.num_keys = 4;
        std::vector<float> weights(2 * 16, 0.0F);
        for (std::size_t row = 0; row < 4; ++row)
            weights[row * 4] = 1;  // layer 0 looks at the first token
        float* layer1 = weights.data() + 16;
        layer1[0] = layer1[4] = 1;
        layer1[2 * 4 + 1] = first, layer1[2 * 4] = 1 - first;
        layer1[3 * 4 + 2] = second, layer1[3 * 4] = 1 - second;
        return make_dense_trace(info, weights);
    };
    const std::vector<TracePtr> repeats = {trace(0.5F, 1.0F), trace(0.25F, 0.75F)};
    CHECK(*induction_score(repeats, 2) == doctest::Approx(0.625));
    CHECK_FALSE(induction_score({}, 2).has_value());
}

TEST_CASE("observer: weights of zero have no spectrum, and an even attention") {
    const TrainRequest request = made_up_request();
    const Architecture arch = addition_architecture(request);
    auto parameters = made_up_weights(arch);
    for (Parameter& p : parameters)
        p.weight.detach().zero_();
    const auto model = make_language_model(arch, parameters, own_name);
    REQUIRE(model);
    const auto values = observe_model(**model, parameters, all_pairs(13), {});
    REQUIRE(values);
    CHECK_FALSE(values->at("sv_concentration").has_value());
    CHECK_FALSE(values->at("effective_rank").has_value());
    CHECK(*values->at("attn_entropy") == doctest::Approx((std::log(2.0) + std::log(3.0)) / 3));
    CHECK(*values->at("attn_variance") == doctest::Approx(0.0));
    CHECK(*values->at("weight_norm") == 0.0);
}
