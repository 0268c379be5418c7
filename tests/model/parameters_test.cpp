// What the runner tells of a model's weights: parameters of attention, embeddings, head weights, random
// copies.
#include "model/family_files.h"
#include "model/model_support.h"

using namespace headlight;
using namespace headlight::test;

namespace {

const ParameterHealth& named(const std::vector<ParameterHealth>& all, const std::string& name) {
    for (const ParameterHealth& health : all) {
        if (health.name == name) return health;
    }
    FAIL("there is no parameter " << name);
    return all.front();
}

}  // namespace

TEST_CASE("parameters: names, shapes and moments are those of the checkpoint") {
    for (const char* folder : {"gpt2", "llama_biases"}) {
        const std::string path = own_fixture(folder);
        const auto runner = open(path);
        const auto all = runner->attention_parameters({}).value();
        const CheckpointPtr file = open_checkpoint(path).value();
        CHECK(all.size() == (std::string(folder) == "gpt2" ? 8 : 16));
        for (const ParameterHealth& health : all) {
            INFO(health.name);
            const TensorInfo* info = file->find(health.name);
            REQUIRE(info != nullptr);
            CHECK(info->shape == health.shape);
            CHECK(health.name.find(health.layer == 0 ? ".0." : ".1.") != std::string::npos);
            const std::vector<float> values = tensor_as_floats(*file, *info).value();
            double sum = 0, squares = 0;
            for (const float x : values)
                sum += x;
            const double mean = sum / static_cast<double>(values.size());
            for (const float x : values)
                squares += (x - mean) * (x - mean);
            CHECK(health.num_values == static_cast<std::int64_t>(values.size()));
            CHECK(health.num_not_finite == 0);
            CHECK(health.mean == doctest::Approx(mean).epsilon(1e-9));
            CHECK(health.standard_deviation ==
                  doctest::Approx(std::sqrt(squares / values.size())).epsilon(1e-6));
            CHECK(health.max_abs == doctest::Approx(largest_value(values)));
            CHECK(health.duplicate_head == -1);
        }
    }
}

TEST_CASE("parameters: a repeated head and values that are not finite are found") {
    FamilyFiles files = family_files(*family_by_id("llama"));
    for (FileTensor& tensor : files.tensors) {
        if (tensor.name == "model.layers.1.self_attn.q_proj.weight") {
            tensor.values.narrow(0, 18, 6).copy_(tensor.values.narrow(0, 6, 6));  // head 3 is head 1
        }
        if (tensor.name == "model.layers.0.self_attn.o_proj.weight") {
            tensor.values.narrow(1, 12, 6).copy_(tensor.values.narrow(1, 0, 6));  // head 2 is head 0
            tensor.values[3][13] = std::nan("");
            tensor.values[3][1] = std::nan("");
        }
        if (tensor.name == "model.layers.0.self_attn.v_proj.weight") tensor.values.zero_();
    }
    const std::string folder = fresh_dir("parameters");
    write_files(folder, files);
    const auto all = open(folder)->attention_parameters({}).value();
    CHECK(named(all, "model.layers.1.self_attn.q_proj.weight").duplicate_head == 1);
    CHECK(named(all, "model.layers.1.self_attn.k_proj.weight").duplicate_head == -1);
    const ParameterHealth& output = named(all, "model.layers.0.self_attn.o_proj.weight");
    CHECK(output.num_not_finite == 2);
    CHECK(output.num_values == 24 * 24);
    CHECK(std::isfinite(output.mean));
    CHECK(named(all, "model.layers.0.self_attn.v_proj.weight").max_abs == 0);
    const auto random = random_runner({})->attention_parameters({}).value();
    CHECK(named(random, "layers.3.output").shape == std::vector<std::int64_t>{256, 256});
}

TEST_CASE("parameters: token embeddings are rows of the table") {
    const auto runner = open(own_fixture("gpt2"));
    const CheckpointPtr file = open_checkpoint(own_fixture("gpt2")).value();
    const TensorInfo* info = file->find("transformer.wte.weight");
    if (info == nullptr) info = file->find("wte.weight");
    REQUIRE(info != nullptr);
    const std::vector<float> table = tensor_as_floats(*file, *info).value();
    const Matrix rows = runner->token_embeddings(std::vector<std::int32_t>{60, 0, 7, 7}).value();
    CHECK(rows.rows == 4);
    CHECK(rows.cols == 24);
    for (int d = 0; d < 24; ++d) {
        const auto at = static_cast<std::size_t>(d);
        CHECK(rows.at(0, d) == table[60 * 24 + at]);
        CHECK(rows.at(3, d) == table[7 * 24 + at]);
    }
    CHECK_FALSE(runner->token_embeddings(std::vector<std::int32_t>{61}).has_value());
}

TEST_CASE("parameters: head weights say which norm stands before them and whether they rotate") {
    const HeadWeights gpt2 = open(own_fixture("gpt2"))->head_weights(1, 2).value();
    CHECK(gpt2.norm_gain.size() == 24);
    CHECK(gpt2.norm_bias.size() == 24);
    CHECK(gpt2.is_centred);
    CHECK_FALSE(gpt2.is_rotary);
    const CheckpointPtr file = open_checkpoint(own_fixture("llama_biases")).value();
    const HeadWeights llama = open(own_fixture("llama_biases"))->head_weights(1, 2).value();
    CHECK(llama.norm_gain ==
          tensor_as_floats(*file, *file->find("model.layers.1.input_layernorm.weight")).value());
    CHECK(llama.norm_bias.empty());
    CHECK_FALSE(llama.is_centred);
    CHECK(llama.is_rotary);
    RandomModelRequest plain;
    plain.family = "headlight";
    const HeadWeights own = random_runner(plain)->head_weights(0, 0).value();
    CHECK(own.norm_gain.empty());
    CHECK_FALSE(own.is_rotary);
}

TEST_CASE("parameters: a random copy has the checkpoint's architecture and weights of its own") {
    const std::string path = own_fixture("llama_biases");
    const auto copy = [&](std::uint64_t seed) {
        auto runner = random_copy_runner({path, {}}, seed, threads());
        REQUIRE(runner.has_value());
        return std::move(*runner);
    };
    const auto original = open(path), one = copy(1), again = copy(1), two = copy(2);
    CHECK(one->spec().num_kv_heads == original->spec().num_kv_heads);
    CHECK(one->spec().family == "llama");
    CHECK(one->spec().has_random_weights);
    CHECK(one->head_weights(1, 1)->query.values == again->head_weights(1, 1)->query.values);
    CHECK(one->head_weights(1, 1)->query.values != two->head_weights(1, 1)->query.values);
    CHECK(one->head_weights(1, 1)->query.values != original->head_weights(1, 1)->query.values);
    // The config's initializer_range is 0.02, and its biases start at zero.
    const auto all = one->attention_parameters({}).value();
    CHECK(named(all, "layers.0.query").standard_deviation == doctest::Approx(0.02).epsilon(0.1));
    CHECK(named(all, "layers.0.query_bias").max_abs == 0);
    const auto refused = random_copy_runner({own_fixture("nowhere"), {}}, 1, threads());
    CHECK_FALSE(refused.has_value());
}
