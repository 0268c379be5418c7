// The saved state: comes back to the last bit, and broken files are refused without touching the weights.
#include "train/train_state.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "base/mapped_file.h"
#include "support/fixtures.h"
#include "train/initial_weights.h"

using namespace headlight;

namespace {

TrainRequest small_request() {
    TrainRequest request;
    request.hidden_size = 8;
    request.num_layers = 1;
    request.num_heads = 2;
    request.intermediate_size = 12;
    return request;
}

TrainState some_state() {
    TrainState state;
    state.step = 7;
    state.smoothed_loss = 1.0 / 3.0;
    state.seconds = 0.1;
    state.sampler = {1, 0xFFFFFFFFFFFFFFFFULL, 3, 0x123456789ABCDEFULL};
    state.run = R"({"seed":1})";
    state.corpus = "0123456789abcdef";
    return state;
}

std::vector<Parameter> weights(std::uint64_t seed) {
    TrainRequest request = small_request();
    request.seed = seed;
    return make_initial_weights(request, 20, 1);
}

std::string saved(const char* name) {
    const std::string path = test::fresh_dir(name) + "/state.safetensors";
    REQUIRE(save_train_state(path, some_state(), weights(1)));
    return path;
}

void check_refused(const std::string& path, ErrorKind kind, const TrainState& expected = some_state()) {
    std::vector<Parameter> target = weights(2);
    const at::Tensor before = target[0].weight.detach().clone();
    const auto loaded = load_train_state(path, expected, target);
    REQUIRE_FALSE(loaded);
    CHECK_MESSAGE(loaded.error().kind == kind, loaded.error().to_string());
    CHECK(before.equal(target[0].weight));
}

}  // namespace

TEST_CASE("train state: everything comes back to the last bit") {
    const std::string path = saved("state_round");
    std::vector<Parameter> target = weights(2);
    target[3].moment2.fill_(5.0);
    const auto loaded = load_train_state(path, some_state(), target);
    REQUIRE(loaded);
    CHECK(loaded->step == 7);
    CHECK(loaded->smoothed_loss == 1.0 / 3.0);
    CHECK(loaded->seconds == 0.1);
    CHECK(loaded->sampler == some_state().sampler);
    const std::vector<Parameter> expected = weights(1);
    for (std::size_t i = 0; i < target.size(); ++i) {
        CHECK(target[i].weight.equal(expected[i].weight));
        CHECK(target[i].moment2.equal(expected[i].moment2));
    }
}

TEST_CASE("train state: another run's or another corpus' state is refused") {
    const std::string path = saved("state_other");
    TrainState other_run = some_state(), other_corpus = some_state();
    other_run.run = R"({"seed":2})";
    other_corpus.corpus = "fedcba9876543210";
    check_refused(path, ErrorKind::InvalidInput, other_run);
    check_refused(path, ErrorKind::InvalidInput, other_corpus);
}

TEST_CASE("train state: broken files are refused") {
    const std::string path = saved("state_broken");
    const auto whole = read_text_file(path);
    REQUIRE(whole);
    const auto write = [&](const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; };
    write(whole->substr(0, whole->size() - 4));
    check_refused(path, ErrorKind::Corrupt);
    std::string not_finite = *whole;
    const float infinity = std::numeric_limits<float>::infinity();
    not_finite.replace(not_finite.size() - 4, 4, reinterpret_cast<const char*>(&infinity), 4);
    write(not_finite);
    check_refused(path, ErrorKind::Corrupt);
    std::string bad_step = *whole;
    const std::size_t step = bad_step.find("\"step\":\"7\"");
    REQUIRE(step != std::string::npos);
    bad_step.replace(step, 10, "\"step\":\"x\"");
    write(bad_step);
    check_refused(path, ErrorKind::Corrupt);
    std::filesystem::remove(path);
    check_refused(path, ErrorKind::Missing);
}

TEST_CASE("train state: a model of another shape is refused") {
    const std::string path = saved("state_shape");
    TrainRequest wide = small_request();
    wide.intermediate_size = 16;
    std::vector<Parameter> target = make_initial_weights(wide, 20, 1);
    const auto loaded = load_train_state(path, some_state(), target);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().kind == ErrorKind::Corrupt);
    CHECK_FALSE(loaded.error().tensor.empty());
}
