#include "io/checkpoint/tensor_values.h"

#include <cmath>

#include "io/io_files.h"

using namespace headlight;

TEST_CASE("values: half precision by hand") {  // IEEE 754 binary16
    CHECK(half_to_float(0x3C00) == 1.0f);
    CHECK(half_to_float(0xC000) == -2.0f);
    CHECK(half_to_float(0x7BFF) == 65504.0f);
    CHECK(half_to_float(0x0001) == std::ldexp(1.0f, -24));
    CHECK(half_to_float(0x0400) == std::ldexp(1.0f, -14));
    CHECK(half_to_float(0x3555) == doctest::Approx(0.333251953125));
    CHECK(half_to_float(0x8000) == 0.0f);
    CHECK(std::signbit(half_to_float(0x8000)));
    CHECK(std::isinf(half_to_float(0x7C00)));
    CHECK(std::isnan(half_to_float(0x7E00)));
}

TEST_CASE("values: bfloat16 is the upper half of a float") {
    CHECK(bfloat16_to_float(0x3F80) == 1.0f);
    CHECK(bfloat16_to_float(0xC040) == -3.0f);
    CHECK(std::isnan(bfloat16_to_float(0x7FC0)));
}

TEST_CASE("values: tensors of any type as numbers") {
    std::string bytes = test::safetensors_bytes(
        R"({"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"i":{"dtype":"I16","shape":[2],"data_offsets":[8,12]}})",
        12);
    const double value = 0.25;
    const std::int16_t numbers[2] = {-3, 500};
    bytes.replace(bytes.size() - 12, 8, reinterpret_cast<const char*>(&value), 8);
    bytes.replace(bytes.size() - 4, 4, reinterpret_cast<const char*>(numbers), 4);
    const auto opened = test::open_bytes("values", bytes);
    REQUIRE(opened);
    const Checkpoint& file = **opened;
    CHECK(*tensor_as_floats(file, *file.find("d")) == std::vector<float>{0.25f});
    CHECK(*tensor_as_integers(file, *file.find("i")) == std::vector<std::int64_t>{-3, 500});
    CHECK(tensor_as_floats(file, *file.find("i")).error().tensor == "i");
    CHECK(!tensor_as_integers(file, *file.find("d")));
}
