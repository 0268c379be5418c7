// The header of one file: what is accepted, and each defect by itself.
#include <algorithm>

#include "io/checkpoint/safetensors_header.h"
#include "io/io_files.h"

using namespace headlight;
using test::open_bytes;
using test::safetensors_bytes;

namespace {

const char* kGood =
    R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[3],"data_offsets":[16,22]},)"
    R"("a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"scalar":{"dtype":"I64","shape":[],"data_offsets":[22,30]},)"
    R"("empty":{"dtype":"BF16","shape":[0,7],"data_offsets":[30,30]}})";

// Opens a file whose header is one entry "t" with the given text, and expects it to be refused.
Error refused_entry(const std::string& entry, std::size_t data_bytes) {
    const auto opened = open_bytes("entry", safetensors_bytes("{\"t\":" + entry + "}", data_bytes));
    REQUIRE_MESSAGE(!opened, entry);
    CHECK(opened.error().file.ends_with("model.safetensors"));
    CHECK(opened.error().tensor == "t");
    return opened.error();
}

}  // namespace

TEST_CASE("safetensors: a good file lists its tensors by name with their bytes") {
    std::string bytes = safetensors_bytes(kGood, 30);
    bytes[bytes.size() - 30 + 16] = 'h';  // first byte of b
    const auto opened = open_bytes("good", bytes);
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    const Checkpoint& checkpoint = **opened;
    CHECK(checkpoint.format == "safetensors");
    CHECK(checkpoint.config.is_null());
    REQUIRE(checkpoint.tensors.size() == 4);
    CHECK(std::is_sorted(checkpoint.tensors.begin(), checkpoint.tensors.end(),
                         [](const auto& a, const auto& b) { return a.name < b.name; }));
    const TensorInfo* b = checkpoint.find("b");
    REQUIRE(b != nullptr);
    CHECK(b->dtype == DType::Float16);
    CHECK(b->shape == std::vector<std::int64_t>{3});
    CHECK(b->length_bytes == 6);
    CHECK(checkpoint.bytes(*b).front() == std::byte{'h'});
    CHECK(checkpoint.find("scalar")->num_elements() == 1);
    CHECK(checkpoint.find("empty")->num_elements() == 0);
    CHECK(checkpoint.find("c") == nullptr);
    CHECK(checkpoint.metadata == std::vector<std::pair<std::string, std::string>>{{"format", "pt"}});
}

TEST_CASE("safetensors: a file cut at any length is refused") {
    const std::string whole = safetensors_bytes(kGood, 30);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const auto opened = open_bytes("cut", std::string_view(whole).substr(0, length));
        REQUIRE_MESSAGE(!opened, "cut at " << length);
        CHECK(opened.error().kind == ErrorKind::Corrupt);
        CHECK(opened.error().file.ends_with("model.safetensors"));
    }
}

TEST_CASE("safetensors: each byte of the header flipped gives a result, never a crash") {
    const std::string whole = safetensors_bytes(kGood, 30);
    for (std::size_t i = 0; i < whole.size() - 30; ++i) {
        for (const int flip : {0x01, 0x20, 0x80}) {
            std::string bytes = whole;
            bytes[i] = static_cast<char>(bytes[i] ^ flip);
            const auto opened = open_bytes("flip", bytes);
            if (!opened) CHECK(!opened.error().message.empty());
        }
    }
}

TEST_CASE("safetensors: the header length is checked before anything is read") {
    for (const std::uint64_t length :
         {std::uint64_t{1} << 60, UINT64_MAX, std::uint64_t{100'000'001}, std::uint64_t{31}}) {
        std::string bytes = safetensors_bytes(R"({"t":{}})", 10);
        for (std::size_t i = 0; i < 8; ++i)
            bytes[i] = static_cast<char>(length >> (8 * i));
        const auto opened = open_bytes("length", bytes);
        REQUIRE(!opened);
        CHECK(opened.error().kind == ErrorKind::Corrupt);
        CHECK(opened.error().offset == 0);
    }
}

TEST_CASE("safetensors: entries with wrong types are refused by name") {
    refused_entry("3", 0);
    refused_entry(R"({"shape":[1],"data_offsets":[0,4]})", 4);
    refused_entry(R"({"dtype":7,"shape":[1],"data_offsets":[0,4]})", 4);
    refused_entry(R"({"dtype":"F32","shape":4,"data_offsets":[0,4]})", 4);
    refused_entry(R"({"dtype":"F32","shape":[-1],"data_offsets":[0,4]})", 4);
    refused_entry(R"({"dtype":"F32","shape":[1.0],"data_offsets":[0,4]})", 4);
    refused_entry(R"({"dtype":"F32","shape":[1],"data_offsets":[0]})", 4);
    refused_entry(R"({"dtype":"F32","shape":[1],"data_offsets":[0,-4]})", 4);
    refused_entry(R"({"dtype":"F32","shape":[1],"data_offsets":[4,0]})", 4);
    std::string axes = "1";
    for (int i = 0; i < 40; ++i)
        axes += ",1";
    refused_entry(R"({"dtype":"F32","data_offsets":[0,4],"shape":[)" + axes + "]}", 4);
}

TEST_CASE("safetensors: shape times element size must be the bytes") {
    CHECK(refused_entry(R"({"dtype":"F64","shape":[2],"data_offsets":[0,8]})", 8).message.find("16") !=
          std::string::npos);
    refused_entry(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]})", 0);
    refused_entry(R"({"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]})", 0);
    refused_entry(R"({"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,0]})", 0);
}

TEST_CASE("safetensors: bytes outside the file, with the offset") {
    const Error error = refused_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 4);
    CHECK(error.kind == ErrorKind::Corrupt);
    CHECK(error.offset.has_value());
}

TEST_CASE("safetensors: overlaps, holes and left-over bytes") {
    const auto two = [](const char* second) {
        return std::string(
                   R"({"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"y":{"dtype":"U8","shape":[4],"data_offsets":)") +
               second + "}}";
    };
    CHECK(open_bytes("both", safetensors_bytes(two("[4,8]"), 8)));
    const auto overlap = open_bytes("overlap", safetensors_bytes(two("[2,6]"), 6));
    REQUIRE(!overlap);
    CHECK(overlap.error().message.find("'x'") != std::string::npos);
    CHECK(overlap.error().tensor == "y");
    CHECK(open_bytes("same", safetensors_bytes(two("[0,4]"), 4)).error().message.find("claim") !=
          std::string::npos);
    CHECK(open_bytes("hole", safetensors_bytes(two("[6,10]"), 10)).error().tensor == "y");
    CHECK(open_bytes("rest", safetensors_bytes(two("[4,8]"), 9)).error().message.find("after the last") !=
          std::string::npos);
}

TEST_CASE("safetensors: names once only and valid UTF-8, metadata strings only") {
    const std::string entry = R"({"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
    const auto twice = open_bytes("twice", safetensors_bytes("{\"t\":" + entry + ",\"t\":" + entry + "}", 1));
    REQUIRE(!twice);
    CHECK(twice.error().tensor == "t");
    CHECK(!open_bytes("utf8", safetensors_bytes("{\"\xC3\":" + entry + "}", 1)));
    CHECK(open_bytes("metadata", safetensors_bytes(R"({"__metadata__":{"a":1}})", 0)).error().tensor == "a");
    CHECK(!open_bytes("metadata", safetensors_bytes(R"({"__metadata__":[]})", 0)));
    CHECK(open_bytes("metadata", safetensors_bytes(R"({"__metadata__":null})", 0)));
    CHECK(open_bytes("none", safetensors_bytes("{}", 0)));
}

TEST_CASE("safetensors: an element type that is not supported says so") {
    const Error error = refused_entry(R"({"dtype":"C64","shape":[1],"data_offsets":[0,1]})", 1);
    CHECK(error.kind == ErrorKind::Unsupported);
    CHECK(error.message.find("C64") != std::string::npos);
}

TEST_CASE("safetensors: names and sizes of element types agree") {
    for (const DType dtype : {DType::Float32, DType::Float16, DType::BFloat16, DType::Float64, DType::Int64,
                              DType::Int32, DType::Int16, DType::Int8, DType::UInt8, DType::Bool}) {
        CHECK(safetensors_dtype(safetensors_dtype_name(dtype)) == dtype);
        CHECK(size_bytes(dtype) > 0);
    }
    CHECK(shape_to_string(std::vector<std::int64_t>{768, 2304}) == "[768, 2304]");
    CHECK(shape_to_string({}) == "[]");
}
