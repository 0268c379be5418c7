// What a path is, by what lies there.
#include <doctest/doctest.h>

#include <fstream>

#include "io/identify_path.h"
#include "io/training/training_log.h"
#include "support/fixtures.h"

using namespace headlight;

namespace {

PathKind kind_of(const std::string& path) {
    const auto found = identify_path(path);
    REQUIRE_MESSAGE(found, path);
    return found->kind;
}

void write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("identify: models, stored attention and programs") {
    CHECK(kind_of(test::own_fixture("gpt2")) == PathKind::Model);
    CHECK(kind_of(test::own_fixture("gguf/tokenizer.gguf")) == PathKind::Model);
    CHECK(kind_of(test::own_fixture("dumps/two.npz")) == PathKind::AttentionDump);
    CHECK(kind_of(test::own_fixture("dumps/tuple.pt")) == PathKind::AttentionDump);
    CHECK(kind_of("no/such/model") == PathKind::Model);  // its reader says where it looked
}

TEST_CASE("identify: a weights file stands for its folder") {
    const auto found = identify_path(test::own_fixture("gpt2/model.safetensors"));
    REQUIRE(found);
    CHECK(found->path == test::own_fixture("gpt2"));
}

TEST_CASE("identify: a training log alone, and one that lies with a model") {
    const std::string alone = test::fresh_dir("log_alone");
    write(alone + "/metrics.jsonl", "{\"step\": 1}\n");
    CHECK(kind_of(alone) == PathKind::TrainingLog);

    const std::string model = test::fresh_dir("log_beside");
    write(model + "/config.json", "{}");
    std::filesystem::create_directories(model + "/training");
    write(model + "/training/metrics.jsonl", "{\"step\": 1}\n");
    const auto found = identify_path(model);
    REQUIRE(found);
    CHECK(found->kind == PathKind::Model);
    CHECK(found->log_path == model + "/training");
}

TEST_CASE("identify: an empty name is refused") {
    const auto found = identify_path("");
    REQUIRE_FALSE(found);
    CHECK(found.error().kind == ErrorKind::InvalidInput);
}
