// Folders: single, sharded, a file inside, what is missing.
#include <algorithm>
#include <set>

#include "io/io_files.h"

using namespace headlight;
using test::safetensors_bytes;
using test::shared_fixture;
using test::write_bytes;

namespace {

std::string one_tensor(const std::string& name) {
    return safetensors_bytes("{\"" + name + R"(":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1);
}

// A folder with two shards a.safetensors (x) and b.safetensors (y), and an index with the given weight_map.
std::string sharded_folder(const std::string& name, const std::string& weight_map) {
    const std::string folder = test::fresh_dir("io_" + name);
    write_bytes(folder + "/a.safetensors", one_tensor("x"));
    write_bytes(folder + "/b.safetensors", one_tensor("y"));
    write_bytes(folder + "/model.safetensors.index.json", "{\"weight_map\":" + weight_map + "}");
    return folder;
}

}  // namespace

TEST_CASE("folder: config.json beside the weights, also when the file itself is named") {
    const std::string folder = test::fresh_dir("io_single");
    write_bytes(folder + "/model.safetensors", one_tensor("x"));
    write_bytes(folder + "/config.json", R"({"model_type":"gpt2"})");
    write_bytes(folder + "/other.json", R"({"model_type":"llama"})");
    for (const std::string& path : {folder, folder + "/model.safetensors"}) {
        const auto opened = open_checkpoint(path);
        REQUIRE_MESSAGE(opened, opened.error().to_string());
        CHECK((*opened)->config["model_type"] == "gpt2");
        CHECK((*opened)->config_path == folder + "/config.json");
        CHECK((*opened)->path == folder);
    }
    const auto given = open_checkpoint(folder, folder + "/other.json");
    REQUIRE(given);
    CHECK((*given)->config["model_type"] == "llama");
    CHECK(open_checkpoint(folder, folder + "/none.json").error().kind == ErrorKind::Missing);
    write_bytes(folder + "/config.json", "[1]");
    const auto list = open_checkpoint(folder);
    REQUIRE(!list);
    CHECK(list.error().file == folder + "/config.json");
}

TEST_CASE("folder: what is not there is said") {
    const auto none = open_checkpoint("no/such/path");
    REQUIRE(!none);
    CHECK(none.error().kind == ErrorKind::Missing);
    CHECK(none.error().file == "no/such/path");
    const std::string folder = test::fresh_dir("io_empty");
    const auto empty = open_checkpoint(folder);
    REQUIRE(!empty);
    CHECK(empty.error().kind == ErrorKind::Missing);
    CHECK(empty.error().message.find("model.safetensors.index.json") != std::string::npos);
    write_bytes(folder + "/a.safetensors", one_tensor("x"));
    CHECK(open_checkpoint(folder));
    write_bytes(folder + "/b.safetensors", one_tensor("y"));
    CHECK(open_checkpoint(folder).error().message.find("2 .safetensors files") != std::string::npos);
    CHECK(!open_checkpoint(""));
}

TEST_CASE("folder: shards are one checkpoint") {
    const std::string folder = sharded_folder("shards", R"({"x":"a.safetensors","y":"b.safetensors"})");
    const auto opened = open_checkpoint(folder);
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    CHECK((*opened)->tensors.size() == 2);
    CHECK((*opened)->find("y")->file_index == 1);
}

TEST_CASE("folder: an index that lies is refused") {
    const auto error_of = [](const char* map) {
        const auto opened = open_checkpoint(sharded_folder("liar", map));
        REQUIRE_MESSAGE(!opened, map);
        return opened.error();
    };
    CHECK(error_of(R"({"x":"a.safetensors","y":"c.safetensors"})").kind == ErrorKind::Missing);
    CHECK(error_of(R"({"x":"../a.safetensors"})").kind == ErrorKind::Corrupt);
    CHECK(error_of(R"({"x":"/a.safetensors"})").kind == ErrorKind::Corrupt);
    CHECK(error_of(R"({"x":5})").kind == ErrorKind::Corrupt);
    CHECK(error_of("{}").kind == ErrorKind::Corrupt);
    CHECK(error_of("[]").kind == ErrorKind::Corrupt);
    const std::string folder = sharded_folder("twins", R"({"y":"a.safetensors","z":"b.safetensors"})");
    write_bytes(folder + "/b.safetensors", one_tensor("x"));
    const auto twins = open_checkpoint(folder);
    REQUIRE(!twins);
    CHECK(twins.error().tensor == "x");
    CHECK(twins.error().message.find("two shards") != std::string::npos);
}

TEST_CASE("folder: the index decides between two copies, and may name what is nowhere") {
    for (const char* wanted : {"a.safetensors", "b.safetensors"}) {
        const std::string folder = sharded_folder(
            "copies", R"({"x":")" + std::string(wanted) +
                          R"(","y":"b.safetensors","mtp.fc":"a.safetensors","z":"a.safetensors"})");
        const std::string header = R"({"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                   R"("y":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})";
        write_bytes(folder + "/b.safetensors", safetensors_bytes(header, 2));
        const auto opened = open_checkpoint(folder);
        REQUIRE_MESSAGE(opened, opened.error().to_string());
        const Checkpoint& checkpoint = **opened;
        CHECK(checkpoint.tensors.size() == 2);
        CHECK(checkpoint.files[checkpoint.find("x")->file_index]->path() == folder + "/" + wanted);
        REQUIRE(checkpoint.absent.size() == 2);
        CHECK(checkpoint.absent[0].first == "mtp.fc");
        CHECK(checkpoint.absent[0].second.find("a.safetensors") != std::string::npos);
    }
    // What the index looks for in the wrong shard is where it is.
    CHECK(open_checkpoint(sharded_folder("swapped", R"({"x":"b.safetensors","y":"a.safetensors"})")));
}

TEST_CASE("folder: the file whose tensors fit the config is the model") {
    const auto table = [](const std::string& name, const char* shape, std::size_t size) {
        return safetensors_bytes("{\"" + name + R"(":{"dtype":"U8","shape":)" + shape +
                                     R"(,"data_offsets":[0,)" + std::to_string(size) + "]}}",
                                 size);
    };
    const auto file_of = [](const std::string& folder) {
        const auto opened = open_checkpoint(folder);
        REQUIRE_MESSAGE(opened, opened.error().to_string());
        CHECK((*opened)->path == folder);
        return std::filesystem::path((*opened)->files.front()->path()).filename().string();
    };
    const std::string folder = test::fresh_dir("io_fitting");
    write_bytes(folder + "/config.json", R"({"model_type":"gpt2","vocab_size":5,"n_embd":4})");
    write_bytes(folder + "/linear_probe.safetensors", table("w", "[2,4]", 8));
    write_bytes(folder + "/z.safetensors", table("wte.weight", "[5,4]", 20));
    CHECK(file_of(folder) == "z.safetensors");
    CHECK(open_checkpoint(folder).value()->notes.size() == 1);
    write_bytes(folder + "/._z.safetensors", "Mac OS X        ");
    write_bytes(folder + "/.hidden.bin", "PK\x03\x04");
    CHECK(file_of(folder) == "z.safetensors");
    write_bytes(folder + "/y.safetensors", table("wte.weight", "[5,4]", 20));
    CHECK(open_checkpoint(folder).error().message.find("y.safetensors, z.safetensors") != std::string::npos);
    write_bytes(folder + "/model.safetensors", table("wte.weight", "[5,4]", 20));
    CHECK(file_of(folder) == "model.safetensors");
    CHECK(open_checkpoint(folder).value()->notes.empty());
    // One under the usual name that does not fit gives way to the only one that does, else it is the model.
    write_bytes(folder + "/model.safetensors", table("w", "[2,4]", 8));
    CHECK(file_of(folder) == "model.safetensors");
    std::filesystem::remove(folder + "/y.safetensors");
    CHECK(file_of(folder) == "z.safetensors");
}

TEST_CASE("folder: measured attention beside a file of torch.save hides no model") {
    const std::string folder = test::fresh_dir("io_dump_beside");
    std::filesystem::copy(test::own_fixture("pytorch/training.pt"), folder + "/pytorch_model.bin");
    write_bytes(folder + "/attention.safetensors",
                safetensors_bytes(R"({"__metadata__":{"headlight":"{}"},"attn.0":{"dtype":"U8","shape":[1],)"
                                  R"("data_offsets":[0,1]}})",
                                  1));
    CHECK(open_checkpoint(folder).value()->format == "pytorch");
    std::filesystem::rename(folder + "/pytorch_model.bin", folder + "/ckpt.pt");
    CHECK(open_checkpoint(folder).value()->format == "pytorch");
}

TEST_CASE("folder: a model that lies further below is found where the folder says so") {
    const std::string folder = test::fresh_dir("io_below");
    const auto add = [&](const std::string& name) {
        std::filesystem::create_directories(folder + "/" + name);
        write_bytes(folder + "/" + name + "/model.safetensors", one_tensor("x"));
    };
    add("0_Transformer");
    add("global_step7");
    CHECK(open_checkpoint(folder).error().message.find("0_Transformer, global_step7") != std::string::npos);
    write_bytes(folder + "/latest", "global_step7\n");
    CHECK(open_checkpoint(folder).value()->path == folder + "/global_step7");
    write_bytes(folder + "/config.json", R"({"model_type":"gpt2"})");
    const auto opened = open_checkpoint(folder).value();
    CHECK(opened->config_path == folder + "/config.json");
    CHECK(opened->notes.size() == 1);
    write_bytes(folder + "/modules.json",
                R"([{"idx":0,"path":"0_Transformer","type":"models.Transformer"}])");
    CHECK(open_checkpoint(folder).value()->path == folder + "/0_Transformer");
    for (const char* path : {"../elsewhere", "/tmp", "..", ""}) {
        write_bytes(folder + "/modules.json", std::string(R"([{"path":")") + path + R"("}])");
        CHECK_MESSAGE(open_checkpoint(folder).value()->path == folder + "/global_step7", path);
    }
    add("models--org--name/snapshots/abc");
    std::filesystem::create_directories(folder + "/models--org--name/refs");
    write_bytes(folder + "/models--org--name/refs/main", "abc");
    for (const char* name : {"/models--org--name", "/models--org--name/", "/models--org--name/snapshots",
                             "/models--org--name/refs"})
        CHECK_MESSAGE(
            open_checkpoint(folder + name).value()->path == folder + "/models--org--name/snapshots/abc",
            name);
}

TEST_CASE("folder: formats of others are named, not opened") {
    const auto error_of = [](const char* name, std::string_view bytes) {
        const std::string folder = test::fresh_dir("io_foreign");
        write_bytes(folder + "/" + name, bytes);
        const auto by_folder = open_checkpoint(folder);
        const auto by_file = open_checkpoint(folder + "/" + name);
        REQUIRE(!by_folder);
        REQUIRE(!by_file);
        CHECK(by_folder.error().kind == ErrorKind::Unsupported);
        CHECK(by_file.error().kind == ErrorKind::Unsupported);
        CHECK(by_file.error().message == by_folder.error().message);
        return by_file.error().message;
    };
    CHECK(error_of("tf_model.h5", "\x89HDF\r\n\x1a\n").find("HDF5") != std::string::npos);
}

TEST_CASE("shared: sharded checkpoints hold the tensors of the single file") {
    HEADLIGHT_NEEDS(shared_fixture("formats/gpt2_sharded"));
    for (const auto& [shards, single] : {std::pair("formats/gpt2_sharded", "models/gpt2"),
                                         std::pair("formats/llama_sharded", "models/llama")}) {
        const auto a = open_checkpoint(shared_fixture(shards)), b = open_checkpoint(shared_fixture(single));
        REQUIRE_MESSAGE(a, a.error().to_string());
        REQUIRE_MESSAGE(b, b.error().to_string());
        CHECK((*a)->files.size() > 1);
        REQUIRE((*a)->tensors.size() == (*b)->tensors.size());
        for (const TensorInfo& tensor : (*b)->tensors) {
            const TensorInfo* found = (*a)->find(tensor.name);
            REQUIRE(found != nullptr);
            CHECK(found->shape == tensor.shape);
            const auto x = (*a)->bytes(*found), y = (*b)->bytes(tensor);
            CHECK(std::equal(x.begin(), x.end(), y.begin(), y.end()));
        }
        const auto by_shard = open_checkpoint((*a)->files.front()->path());
        REQUIRE_MESSAGE(by_shard, by_shard.error().to_string());
        CHECK((*by_shard)->tensors.size() == (*a)->tensors.size());
    }
}

TEST_CASE("shared: half precision is listed as such") {
    HEADLIGHT_NEEDS(shared_fixture("formats/llama_bf16"));
    const auto half = open_checkpoint(shared_fixture("formats/gpt2_fp16"));
    const auto brain = open_checkpoint(shared_fixture("formats/llama_bf16"));
    const auto mixed = open_checkpoint(shared_fixture("formats/llama_mixed_dtypes"));
    REQUIRE(half);
    REQUIRE(brain);
    REQUIRE(mixed);
    for (const TensorInfo& tensor : (*half)->tensors)
        CHECK(tensor.dtype == DType::Float16);
    for (const TensorInfo& tensor : (*brain)->tensors)
        CHECK(tensor.dtype == DType::BFloat16);
    std::set<DType> dtypes;
    for (const TensorInfo& tensor : (*mixed)->tensors)
        dtypes.insert(tensor.dtype);
    CHECK(dtypes.size() > 1);
}
