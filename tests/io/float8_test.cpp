// Eight-bit floats and their scales against the numbers that PyTorch reads in them.
#include "io/checkpoint/tensor_values.h"
#include "io/io_files.h"

using namespace headlight;
using test::own_fixture;

namespace {

Error refused(const std::string& name) {
    // A file in the folder takes the folder's config with it: blocks of 4 x 4.
    const auto opened = open_checkpoint(own_fixture("float8/" + name));
    REQUIRE(!opened);
    return opened.error();
}

}  // namespace

TEST_CASE("float8: every number of every type, and every kind of scale") {
    const auto opened = open_checkpoint(own_fixture("float8/model.safetensors"));
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    const auto expected = open_checkpoint(own_fixture("float8/expected.safetensors")).value();
    CHECK(expected->find("e4m3")->num_elements() == 254);
    for (const TensorInfo& tensor : expected->tensors) {
        INFO(tensor.name);
        const TensorInfo* found = (*opened)->find(tensor.name);
        REQUIRE(found != nullptr);
        CHECK(!is_plain(*found));
        CHECK(tensor_as_floats(**opened, *found).value() == tensor_as_floats(*expected, tensor).value());
    }
    // Scales are no weights of their own.
    CHECK((*opened)->tensors.size() == expected->tensors.size() + 1);
    CHECK(tensor_as_integers(**opened, *(*opened)->find("big")).value() ==
          std::vector<std::int64_t>{0, 65535});
}

TEST_CASE("float8: a scale is never ignored") {
    const Error orphan = refused("orphan.safetensors");
    CHECK(orphan.kind == ErrorKind::Unsupported);
    CHECK(orphan.tensor == "a.weight_scale");
    const Error misfit = refused("misfit.safetensors");
    CHECK(misfit.kind == ErrorKind::Corrupt);
    CHECK(misfit.message.find("[3, 3]") != std::string::npos);
    const Error packed = refused("packed.safetensors");
    CHECK(packed.kind == ErrorKind::Unsupported);
    CHECK(packed.message.find("GPTQ") != std::string::npos);
}
