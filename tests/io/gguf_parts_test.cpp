// A model in several GGUF files, opened by any of them.
#include "io/gguf/gguf_file.h"
#include "io/io_files.h"

using namespace headlight;
using test::own_fixture;
namespace fs = std::filesystem;

namespace {

const char* const kParts[] = {"model-00001-of-00002.gguf", "model-00002-of-00002.gguf"};

/// A copy of the parts, each under its own name.
std::string copied(const std::string& name) {
    const std::string folder = test::fresh_dir("gguf_parts_" + name);
    for (const char* part : kParts)
        fs::copy_file(own_fixture("gguf/parts/") + part, folder + "/" + part);
    return folder;
}

}  // namespace

TEST_CASE("gguf parts: the folder or any part is the whole model") {
    const auto whole = open_checkpoint(own_fixture("gguf/model_qwen2.gguf")).value();
    for (const std::string name : {"", "/model-00001-of-00002.gguf", "/model-00002-of-00002.gguf"}) {
        INFO(name);
        const auto opened = open_checkpoint(own_fixture("gguf/parts") + name);
        REQUIRE_MESSAGE(opened, opened.error().to_string());
        CHECK((*opened)->config == whole->config);
        CHECK((*opened)->files.size() == 2);
        REQUIRE((*opened)->tensors.size() == whole->tensors.size());
        for (std::size_t i = 0; i < whole->tensors.size(); ++i) {
            const TensorInfo &found = (*opened)->tensors[i], &expected = whole->tensors[i];
            CHECK(found.name == expected.name);
            CHECK(std::ranges::equal((*opened)->bytes(found), whole->bytes(expected)));
        }
    }
}

TEST_CASE("gguf parts: what is missing or strange is named") {
    for (const int missing : {0, 1}) {
        const std::string folder = copied("missing");
        fs::remove(folder + "/" + kParts[missing]);
        for (const std::string& path : {folder, folder + "/" + kParts[1 - missing]}) {
            const auto opened = open_checkpoint(path);
            REQUIRE(!opened);
            CHECK(opened.error().kind == ErrorKind::Missing);
            CHECK(opened.error().file == folder + "/" + kParts[missing]);
        }
    }
    const std::string folder = copied("swapped");
    fs::rename(folder + "/" + kParts[0], folder + "/other.gguf");
    const auto odd = open_checkpoint(folder + "/other.gguf");
    REQUIRE(!odd);
    CHECK(odd.error().message.find("does not say which") != std::string::npos);
    fs::copy_file(folder + "/" + kParts[1], folder + "/" + kParts[0]);
    const auto twice = open_checkpoint(folder + "/" + kParts[0]);
    REQUIRE(!twice);
    CHECK(twice.error().kind == ErrorKind::Corrupt);
    CHECK(gguf_files(folder).size() == 2);  // the odd one, and the parts as one
}
