// The same weights in other containers: each must give the attention of the reference that the list names.
#include <unistd.h>

#include <filesystem>

#include "base/atomic_file.h"
#include "cli/selftest/fixture_table.h"
#include "cli/terminal.h"
#include "io/checkpoint/checkpoint.h"
#include "io/json_file.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

/// "pytorch", and "GGUF Q8_0" for files whose weights are stored otherwise than in float32.
std::string format_name(const fs::path& path, const std::string& dtype) {
    const auto checkpoint = open_checkpoint(path.string());
    const std::string format = checkpoint ? (*checkpoint)->format : path.extension().string();
    return dtype.empty() || dtype == "float32" ? format : format + " " + dtype;
}

bool is_torchscript(const std::string& what) {
    return what.find("torch.jit") != std::string::npos;
}

/// What describes the traced attention layer of the fixtures, which comes without a config.
constexpr const char* kTracedLayer = R"({
  "family": "headlight",
  "config": {"num_layers": 1, "num_heads": 2, "hidden_size": 16, "vocab_size": 50, "max_positions": 4096,
             "norm": "none", "position": "none", "qkv_bias": true, "has_mlp": false, "has_output": false,
             "has_head": false},
  "weights": [{"match": "emb\\.weight", "name": "token_embedding"},
              {"match": "q\\.weight", "name": "layers.0.query"}, {"match": "q\\.bias", "name": "layers.0.query_bias"},
              {"match": "k\\.weight", "name": "layers.0.key"}, {"match": "k\\.bias", "name": "layers.0.key_bias"},
              {"match": "v\\.weight", "name": "layers.0.value"}, {"match": "v\\.bias", "name": "layers.0.value_bias"}]
})";

/// A TorchScript file holds weights and code, no config: that of the model it was made from, or a description
/// of ours.
Result<std::string> config_for(const FixtureWork& work, const nlohmann::json& entry,
                               const fs::path& scratch) {
    const auto same = entry.find("same_weights_as");
    if (same != entry.end() && same->is_string()) {
        return (fs::path(work.folder) / "models" / same->get<std::string>() / "config.json").string();
    }
    HEADLIGHT_CHECK(write_file_atomic(scratch.string(), kTracedLayer));
    return scratch.string();
}

FixtureRow check_format(const FixtureWork& work, const nlohmann::json& entry) {
    FixtureRow row;
    row.part = "formats";
    row.name = entry.value("path", "");
    const fs::path path = fs::path(work.folder) / "formats" / row.name;
    const fs::path scratch = fs::temp_directory_path() / fmt::format("headlight-traced-{}.json", getpid());
    OpenModelRequest request;
    request.device = work.device;
    request.path = path.string();
    if (is_torchscript(entry.value("what", ""))) {
        // Such a file must not run without being asked to; then its attention counts.
        if (work.engine.open_model(request, work.job)) {
            row.detail = "code of a TorchScript file ran without --trust-torchscript";
            return row;
        }
        say(fmt::format("{}: a TorchScript file, its code is run for this check.", row.name));
        request.trusts_torchscript = true;
        auto config = config_for(work, entry, scratch);
        if (!config) {
            row.detail = config.error().message;
            return row;
        }
        request.config_path = std::move(*config);
    }
    const double tolerance = entry.value("tolerance", 2e-5);
    compare_with_reference(work, request, (fs::path(work.folder) / entry.value("reference", "")).string(),
                           tolerance, row);
    row.kind = format_name(path, entry.value("dtype", ""));
    std::error_code ignored;
    fs::remove(scratch, ignored);
    return row;
}

}  // namespace

Status check_fixture_formats(const FixtureWork& work) {
    HEADLIGHT_TRY(const nlohmann::json list,
                  read_json_file((fs::path(work.folder) / "formats" / "formats.json").string()));
    for (const auto& entry : list.value("formats", nlohmann::json::array())) {
        if (work.job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
        if (entry.is_object()) work.add(check_format(work, entry));
    }
    return {};
}

}  // namespace headlight
