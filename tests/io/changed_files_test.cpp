// Files of every kind that are cut off or written into after they were opened: the numbers behind are
// refused.
#include <doctest/doctest.h>

#include <filesystem>

#include "io/attention/dump_contents.h"
#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/tensor_values.h"
#include "support/fixtures.h"

using namespace headlight;
namespace fs = std::filesystem;

namespace {

/// A copy that may be changed, last written to an hour ago.
std::string old_copy(const std::string& fixture) {
    static const std::string folder = test::fresh_dir("changed");
    const std::string path = folder + "/" + fs::path(fixture).filename().string();
    fs::copy_file(test::own_fixture(fixture), path, fs::copy_options::overwrite_existing);
    fs::permissions(path, fs::perms::owner_write, fs::perm_options::add);
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
    return path;
}

bool is_float(const TensorInfo& tensor) {
    return tensor.dtype <= DType::Float64 || is_quantized(tensor.dtype) || is_float8(tensor.dtype);
}

/// Every tensor that lies in the file gives `is_good`; tensors that were copied while opening stay good.
void check_values(const Checkpoint& file, bool is_good) {
    int num_in_file = 0;
    for (const TensorInfo& tensor : file.tensors) {
        if (tensor.copy || tensor.length_bytes == 0) continue;
        ++num_in_file;
        const auto error = [&]() -> std::optional<Error> {
            if (is_float(tensor)) {
                const auto values = tensor_as_floats(file, tensor);
                return values ? std::nullopt : std::optional(values.error());
            }
            const auto values = tensor_as_integers(file, tensor);
            return values ? std::nullopt : std::optional(values.error());
        }();
        CHECK_MESSAGE(error.has_value() == !is_good, file.path << " " << tensor.name);
        if (error) CHECK(error->message.find("while it was open") != std::string::npos);
    }
    CHECK(num_in_file > 0);
}

constexpr const char* kCheckpoints[] = {"gpt2/model.safetensors", "gguf/types.gguf", "pytorch/nanogpt.pt",
                                        "pytorch/legacy.pt"};
constexpr const char* kDumps[] = {"dumps/sink.safetensors", "dumps/sink.npy", "dumps/two.npz",
                                  "dumps/tuple.pt"};

}  // namespace

TEST_CASE("changed files: a checkpoint of any format gives no number once it was cut off or written into") {
    for (const char* fixture : kCheckpoints) {
        for (const bool is_cut : {true, false}) {
            const std::string path = old_copy(fixture);
            const auto opened = open_checkpoint(path);
            REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().to_string()));
            check_values(**opened, true);
            CHECK((*opened)->check_unchanged());
            if (is_cut)
                fs::resize_file(path, 0);
            else
                fs::last_write_time(path, fs::file_time_type::clock::now());
            check_values(**opened, false);
            CHECK(!(*opened)->check_unchanged());
        }
    }
}

TEST_CASE("changed files: attention of any format gives no number once it was cut off") {
    for (const char* fixture : kDumps) {
        const std::string path = old_copy(fixture);
        const auto contents = read_dump_contents(path);
        REQUIRE_MESSAGE(contents, (contents ? "" : contents.error().to_string()));
        check_values(contents->arrays, true);
        fs::resize_file(path, 0);
        check_values(contents->arrays, false);
    }
}
