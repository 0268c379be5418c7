// The weights file of a folder, named in place of the folder.
#include <sys/stat.h>

#include "io/checkpoint/foreign_file.h"
#include "io/checkpoint/model_files.h"
#include "io/checkpoint/model_path.h"
#include "io/io_files.h"

using namespace headlight;
namespace fs = std::filesystem;

namespace {

const std::string kOneTensor =
    test::safetensors_bytes(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4);

struct Folder {
    explicit Folder(const std::string& name) : path(test::fresh_dir("weights_of_" + name)) {}
    Folder& with(const std::string& name, const std::string& bytes = "{}") {
        test::write_bytes(path + "/" + name, bytes);
        return *this;
    }
    std::string operator/(const std::string& name) const { return path + "/" + name; }
    /// What naming the file opens: "" for the folder, else the file itself.
    std::string means(const std::string& name) const {
        const std::string resolved = resolve_model_path(*this / name).value();
        return resolved == path ? "" : fs::path(resolved).filename().string();
    }
    std::string path;
};

}  // namespace

TEST_CASE("weights of a folder: naming them is naming the folder") {
    Folder folder("single");
    folder.with("config.json").with("model.safetensors", kOneTensor);
    CHECK(folder.means("model.safetensors").empty());
    CHECK(folder.means("config.json").empty());
    CHECK(open_checkpoint(folder / "model.safetensors").value()->path == folder.path);
    CHECK(open_checkpoint(folder / "config.json").value()->path == folder.path);

    Folder shards("shards");
    shards.with("config.json").with("model.safetensors.index.json").with("model-00001-of-00002.safetensors");
    CHECK(shards.means("model.safetensors.index.json").empty());
    CHECK(shards.means("model-00001-of-00002.safetensors").empty());
    Folder torch("torch");
    torch.with("config.json").with("pytorch_model.bin");
    CHECK(torch.means("pytorch_model.bin").empty());
    Folder torch_shards("torch_shards");
    torch_shards.with("config.json")
        .with("pytorch_model.bin.index.json")
        .with("pytorch_model-00001-of-00002.bin");
    CHECK(torch_shards.means("pytorch_model.bin.index.json").empty());
    CHECK(torch_shards.means("pytorch_model-00001-of-00002.bin").empty());
    Folder gguf("gguf");
    gguf.with("tiny.gguf");
    CHECK(gguf.means("tiny.gguf").empty());
}

TEST_CASE("weights of a folder: a file that the folder would not open stays what it is") {
    Folder both("both");
    both.with("config.json")
        .with("model.safetensors", kOneTensor)
        .with("pytorch_model.bin")
        .with("tiny.gguf");
    both.with("epoch=2-step=120.ckpt").with("other.safetensors", kOneTensor).with("training.pt");
    for (const char* name :
         {"pytorch_model.bin", "tiny.gguf", "epoch=2-step=120.ckpt", "other.safetensors", "training.pt"})
        CHECK_MESSAGE(both.means(name) == name, name);
    CHECK(open_checkpoint(both / "other.safetensors").value()->config_path == both / "config.json");
    // Without settings beside them, weights may as well be measured attention.
    Folder bare("bare");
    bare.with("model.safetensors", kOneTensor);
    CHECK(bare.means("model.safetensors") == "model.safetensors");
    Folder two("two_gguf");
    two.with("a.gguf").with("b.gguf");
    CHECK(two.means("a.gguf") == "a.gguf");
    Folder half("no_index");
    half.with("config.json").with("model-00001-of-00002.safetensors");
    CHECK(half.means("model-00001-of-00002.safetensors") == "model-00001-of-00002.safetensors");
}

TEST_CASE("weights of a folder: names without a folder, and that of the current one") {
    Folder folder("here");
    folder.with("config.json").with("model.safetensors", kOneTensor);
    const fs::path before = fs::current_path();
    fs::current_path(folder.path);
    CHECK(resolve_model_path("model.safetensors").value() == ".");
    CHECK(resolve_model_path("config.json").value() == ".");
    CHECK(model_name_of(".") == fs::path(folder.path).filename().string());
    CHECK(folder_of_path("x.pt") == ".");
    fs::current_path(before);
    CHECK(folder_of_path(folder.path) == folder.path);
    CHECK(folder_of_path(folder / "config.json") == folder.path);
}

TEST_CASE("weights of a folder: a pipe or device named as a model is refused at once") {
    Folder folder("fifo");
    REQUIRE(::mkfifo((folder / "model.safetensors").c_str(), 0600) == 0);
    for (const std::string& name : {folder / "model.safetensors", std::string("/dev/zero")}) {
        for (const auto& error : {resolve_model_path(name).error(), find_model_path(name).error(),
                                  open_checkpoint(name).error(), describe_foreign_path(name)}) {
            CHECK(error.kind == ErrorKind::Unsupported);
            CHECK(error.file == name);
        }
    }
    // One in the folder is not there for whoever opens the folder.
    CHECK(!open_checkpoint(folder.path));
}

TEST_CASE("weights of a folder: the run of a trainer names the checkpoints below it") {
    Folder run("run");
    run.with("all_results.json");
    for (const char* name : {"checkpoint-500", "checkpoint-1500", "checkpoint-1000", "runs"})
        fs::create_directories(run / name);
    for (const char* name : {"checkpoint-500", "checkpoint-1500", "checkpoint-1000"})
        run.with(std::string(name) + "/model.safetensors", kOneTensor);
    const auto opened = open_checkpoint(run.path);
    REQUIRE(!opened);
    CHECK(opened.error().message.find("checkpoint-500, checkpoint-1000, checkpoint-1500") !=
          std::string::npos);
    CHECK(opened.error().message.find("runs") == std::string::npos);
    Folder above("above");
    fs::create_directories(above / "runs/first/checkpoint-7");
    above.with("runs/first/checkpoint-7/model.safetensors", kOneTensor);
    CHECK(open_checkpoint(above.path).error().message.find("runs/first/checkpoint-7") != std::string::npos);
}
