// Names in the cache of Hugging Face's tools: a made-up cache folder of links, as those tools lay it out.
#include "io/checkpoint/model_path.h"

#include <cstdlib>

#include "io/io_files.h"

using namespace headlight;
namespace fs = std::filesystem;

namespace {

constexpr const char* kHash = "0123456789abcdef0123456789abcdef01234567";

/// Sets a variable of the environment while it lives; null takes it away.
class Variable {
  public:
    Variable(const char* name, const char* value) : name_(name) {
        const char* before = std::getenv(name);
        if (before != nullptr) before_ = before, had_ = true;
        value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
    }
    ~Variable() { had_ ? ::setenv(name_, before_.c_str(), 1) : ::unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

  private:
    const char* name_;
    std::string before_;
    bool had_ = false;
};

struct Cache {
    explicit Cache(const std::string& name)
        : root(test::fresh_dir("model_path_" + name)),
          cache("HF_HUB_CACHE", nullptr),
          older("HUGGINGFACE_HUB_CACHE", nullptr),
          home("HF_HOME", root.c_str()) {}

    fs::path snapshot(const std::string& folder) const {
        return fs::path(root) / "hub" / folder / "snapshots" / kHash;
    }
    void add_model(const std::string& folder) const {
        fs::create_directories(snapshot(folder));
        fs::create_directories(fs::path(root) / "hub" / folder / "refs");
        fs::create_directories(fs::path(root) / "hub" / folder / "blobs");
        test::write_bytes((fs::path(root) / "hub" / folder / "refs" / "main").string(), kHash);
    }
    /// As the tools do: the contents among the blobs, a link in the snapshot.
    void add_file(const std::string& folder, const std::string& name, const std::string& bytes) const {
        test::write_bytes((fs::path(root) / "hub" / folder / "blobs" / ("blob_" + name)).string(), bytes);
        fs::create_symlink("../../blobs/blob_" + name, snapshot(folder) / name);
    }
    std::string root;
    Variable cache, older, home;
};

const std::string kSafetensors =
    test::safetensors_bytes(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4);

}  // namespace

TEST_CASE("model path: org/name is the snapshot that refs/main names, and opens") {
    const Cache cache("whole");
    cache.add_model("models--some-org--tiny_model");
    cache.add_file("models--some-org--tiny_model", "model.safetensors", kSafetensors);
    cache.add_file("models--some-org--tiny_model", "config.json", R"({"model_type": "gpt2"})");
    test::write_bytes((cache.snapshot("models--some-org--tiny_model") / "pytorch_model.bin").string(),
                      "not read");
    const auto path = resolve_model_path("some-org/tiny_model");
    REQUIRE_MESSAGE(path, path.error().to_string());
    CHECK(*path == cache.snapshot("models--some-org--tiny_model").string());
    CHECK(model_name_of(*path) == "some-org/tiny_model");
    CHECK(model_name_of(*path + "/") == "some-org/tiny_model");
    CHECK(model_name_of(*path + "/model.safetensors") == "some-org/tiny_model");
    const auto opened = open_checkpoint("some-org/tiny_model");
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    CHECK((*opened)->format == "safetensors");
    CHECK((*opened)->config["model_type"] == "gpt2");
    cache.add_model("models--gpt2");
    CHECK(resolve_model_path("gpt2").value() == cache.snapshot("models--gpt2").string());
}

TEST_CASE("model path: the variables in their order") {
    const Cache cache("variables");
    cache.add_model("models--a--b");
    const std::string hub = cache.root + "/hub";
    {
        const Variable first("HF_HUB_CACHE", hub.c_str());
        const Variable home("HF_HOME", "/nowhere");
        CHECK(resolve_model_path("a/b").has_value());
    }
    const Variable home("HF_HOME", nullptr);
    const Variable xdg("XDG_CACHE_HOME", (cache.root + "/xdg").c_str());
    CHECK(!resolve_model_path("a/b"));
    fs::create_directories(cache.root + "/xdg/huggingface");
    fs::rename(hub, cache.root + "/xdg/huggingface/hub");
    CHECK(resolve_model_path("a/b").has_value());
}

TEST_CASE("model path: what is absent says where it looked and what to run") {
    const Cache cache("absent");
    const auto absent = resolve_model_path("some-org/other");
    REQUIRE(!absent);
    CHECK(absent.error().kind == ErrorKind::Missing);
    CHECK(absent.error().message.find("`hf download some-org/other`") != std::string::npos);
    CHECK(absent.error().message.find(cache.root + "/hub") != std::string::npos);
    for (const char* path :
         {"/no/such/folder", "./x", "../x", "a/b/c", "model.safetensors", "a/../b", "-x/y", "a/b;c"}) {
        const auto missing = resolve_model_path(path);
        REQUIRE(!missing);
        CHECK(missing.error().message.find("hf download") == std::string::npos);
        CHECK(missing.error().message.find("no such file or folder") != std::string::npos);
    }
    CHECK(resolve_model_path("").error().kind == ErrorKind::InvalidInput);
}

TEST_CASE("model path: a snapshot that was not downloaded whole says so") {
    const Cache cache("partial");
    const auto error_of = [](const std::string& name) {
        const auto opened = open_checkpoint(name);
        REQUIRE(!opened);
        CHECK(opened.error().kind == ErrorKind::Missing);
        CHECK(opened.error().message.find("`hf download " + name + "`") != std::string::npos);
        return opened.error().message;
    };
    cache.add_model("models--a--dangling");
    fs::create_symlink("../../blobs/gone", cache.snapshot("models--a--dangling") / "model.safetensors");
    CHECK(error_of("a/dangling").find("model.safetensors") != std::string::npos);

    cache.add_model("models--a--config_only");
    cache.add_file("models--a--config_only", "config.json", "{}");
    CHECK(error_of("a/config_only").find("no weights") != std::string::npos);
    CHECK(resolve_model_path("a/config_only").has_value());  // its tokenizer may be there

    cache.add_model("models--a--shards");
    cache.add_file("models--a--shards", "model-00001-of-00002.safetensors", kSafetensors);
    cache.add_file(
        "models--a--shards", "model.safetensors.index.json",
        R"({"weight_map": {"w": "model-00001-of-00002.safetensors", "v": "model-00002-of-00002.safetensors"}})");
    CHECK(error_of("a/shards").find("model-00002-of-00002.safetensors") != std::string::npos);

    cache.add_model("models--a--no_snapshot");
    fs::remove_all(cache.snapshot("models--a--no_snapshot"));
    CHECK(error_of("a/no_snapshot").find(kHash) != std::string::npos);
}

TEST_CASE("model path: a local path wins, refs/main cannot lead out of the cache") {
    const Cache cache("local");
    CHECK(resolve_model_path(cache.root).value() == cache.root);
    CHECK(model_name_of(cache.root + "/") == fs::path(cache.root).filename());
    cache.add_model("models--a--evil");
    test::write_bytes(cache.root + "/hub/models--a--evil/refs/main", "../../../elsewhere");
    CHECK(resolve_model_path("a/evil").value() == cache.snapshot("models--a--evil").string());
}
