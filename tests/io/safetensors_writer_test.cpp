#include "io/checkpoint/safetensors_writer.h"

#include <cstring>

#include "io/io_files.h"

using namespace headlight;

TEST_CASE("writer: what is written is read again, byte for byte") {
    const std::string path = test::fresh_dir("io_writer") + "/sub/out.safetensors";
    const std::vector<float> a = {1.5f, -2.0f, 3.25f, 0.0f, 5.0f, 6.0f};  // [2, 3]
    const std::vector<std::int64_t> b = {7, -8};
    const std::vector<TensorToWrite> tensors = {{"z", DType::Float32, {2, 3}, std::as_bytes(std::span(a))},
                                                {"ids", DType::Int64, {2}, std::as_bytes(std::span(b))},
                                                {"none", DType::Float16, {0}, {}}};
    REQUIRE(write_safetensors(path, tensors, {{"model", "tiny \"é\""}}));
    const auto opened = open_checkpoint(path);
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    CHECK((*opened)->metadata.front().second == "tiny \"é\"");
    const TensorInfo* z = (*opened)->find("z");
    REQUIRE(z != nullptr);
    CHECK(z->shape == std::vector<std::int64_t>{2, 3});
    CHECK(z->offset_bytes % 8 == 0);
    CHECK(std::memcmp((*opened)->bytes(*z).data(), a.data(), 24) == 0);
    CHECK(std::memcmp((*opened)->bytes(*(*opened)->find("ids")).data(), b.data(), 16) == 0);
    CHECK((*opened)->find("none")->length_bytes == 0);
}

TEST_CASE("writer: wrong sizes and names leave no file") {
    const std::string folder = test::fresh_dir("io_writer_bad");
    const std::string path = folder + "/out.safetensors";
    const std::vector<float> a = {1, 2, 3};
    const auto bytes = std::as_bytes(std::span(a));
    const auto refused = [&](std::vector<TensorToWrite> tensors) {
        const Status status = write_safetensors(path, tensors);
        REQUIRE(!status);
        CHECK(status.error().file == path);
        CHECK(std::filesystem::is_empty(folder));
    };
    refused({{"a", DType::Float32, {4}, bytes}});
    refused({{"a", DType::Float32, {2}, bytes}});
    refused({{"a", DType::Float32, {3}, bytes}, {"a", DType::Float32, {3}, bytes}});
    refused({{"__metadata__", DType::Float32, {3}, bytes}});
    refused({{"a\xff", DType::Float32, {3}, bytes}});
    refused({{"a", DType::Float32, {-3}, bytes}});
}

TEST_CASE("writer: a streamed tensor that is cancelled leaves the old file") {
    const std::string folder = test::fresh_dir("io_writer_cancel");
    const std::string path = folder + "/out.safetensors";
    test::write_bytes(path, "old");
    const std::vector<TensorToStream> tensors = {{"a", DType::UInt8, {4}, [](const ByteSink&) -> Status {
                                                      return fail(ErrorKind::Cancelled, "stopped");
                                                  }}};
    const Status status = stream_safetensors(path, tensors);
    REQUIRE(!status);
    CHECK(status.error().kind == ErrorKind::Cancelled);
    CHECK(test::read_bytes(path) == "old");
    CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == 1);
}
