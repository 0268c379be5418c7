// Weights out of TorchScript archives, which only a trusting user gets.
#include "model/weights/torchscript_weights.h"

#include "io/checkpoint/tensor_values.h"
#include "support/fixtures.h"

using namespace headlight;
using test::own_fixture;
using test::shared_fixture;

TEST_CASE("torchscript: without trust the archive is refused by name") {
    const auto refused = open_checkpoint(own_fixture("torchscript/traced.pt"));
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::Unsupported);
    CHECK(refused.error().message.find("TorchScript") != std::string::npos);
    CHECK(refused.error().message.find("--trust-torchscript") != std::string::npos);
}

TEST_CASE("torchscript: parameters and buffers by name, without the wrapper's part") {
    const auto opened = open_torchscript(own_fixture("torchscript/traced.pt"));
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    CHECK((*opened)->format == "torchscript");
    const auto expected = open_checkpoint(own_fixture("torchscript/expected.safetensors")).value();
    CHECK((*opened)->tensors.size() == expected->tensors.size());
    for (const TensorInfo& tensor : expected->tensors) {
        INFO(tensor.name);
        const TensorInfo* found = (*opened)->find(tensor.name);
        REQUIRE(found != nullptr);
        CHECK(found->shape == tensor.shape);
        CHECK(found->dtype == tensor.dtype);
        if (tensor.dtype == DType::Int64) {
            CHECK(tensor_as_integers(**opened, *found).value() ==
                  tensor_as_integers(*expected, tensor).value());
        } else {
            CHECK(tensor_as_floats(**opened, *found).value() == tensor_as_floats(*expected, tensor).value());
        }
    }
}

TEST_CASE("torchscript: what cannot be loaded is an error") {
    const auto frozen = open_torchscript(own_fixture("torchscript/frozen.pt"));
    REQUIRE(!frozen);
    CHECK(frozen.error().message.find("freeze") != std::string::npos);
    CHECK(open_torchscript(own_fixture("pytorch/training.pt")).error().kind == ErrorKind::Corrupt);
    CHECK(open_torchscript("no/such/file.pt").error().kind == ErrorKind::Missing);
}

TEST_CASE("shared: a traced GPT-2 holds the weights of the safetensors file") {
    HEADLIGHT_NEEDS(shared_fixture("formats/torchscript/gpt2_traced.pt"));
    const auto opened =
        open_torchscript(shared_fixture("formats/torchscript/gpt2_traced.pt"), shared_fixture("models/gpt2"));
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    CHECK((*opened)->config["model_type"] == "gpt2");
    const auto same = open_checkpoint(shared_fixture("models/gpt2")).value();
    for (const TensorInfo& tensor : same->tensors) {
        INFO(tensor.name);
        const TensorInfo* found = (*opened)->find(tensor.name);
        REQUIRE(found != nullptr);
        CHECK(tensor_as_floats(**opened, *found).value() == tensor_as_floats(*same, tensor).value());
    }
}
