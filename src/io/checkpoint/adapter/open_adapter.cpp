#include "io/checkpoint/adapter/open_adapter.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "io/checkpoint/adapter/merge_adapter.h"
#include "io/checkpoint/folder/choose_weights.h"
#include "io/checkpoint/model_files.h"
#include "io/checkpoint/model_path.h"
#include "io/checkpoint/shard_index.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWeightNames[] = {"adapter_model.safetensors", "adapter_model.bin"};

bool has(const fs::path& folder, const char* name) {
    std::error_code code;
    return fs::is_regular_file(folder / name, code);
}

/// Does something that opens as a model lie there, other than the adapter itself?
bool is_base(const fs::path& path, const fs::path& adapter) {
    std::error_code code;
    if (!fs::exists(path, code) || fs::equivalent(path, adapter, code)) return false;
    return fs::is_regular_file(path, code) || has(path, "config.json") || is_adapter(path.string());
}

/// Where the base of this name may lie when the cache does not have it, the likeliest first.
std::vector<fs::path> places_of(const std::string& name, const fs::path& folder) {
    std::error_code code;
    const fs::path absolute = fs::absolute(folder, code).lexically_normal();
    const fs::path own = absolute.has_filename() ? absolute : absolute.parent_path();
    fs::path named = fs::path(name).lexically_normal();
    if (!named.has_filename()) named = named.parent_path();
    std::vector<fs::path> out = {own / name, own.parent_path() / name};
    if (named.has_filename() && named.filename() != "." && named.filename() != "..")
        out.push_back(own.parent_path() / named.filename());
    return out;
}

Error missing_base(const std::string& path, const std::string& name) {
    if (name.empty()) {
        return make_error(ErrorKind::Missing,
                          "this is a LoRA adapter, and its {} does not name the base model "
                          "(base_model_name_or_path). Give it: "
                          "--base DIR",
                          kAdapterConfigName)
            .in_file(path);
    }
    const bool is_path =
        name.starts_with('/') || name.starts_with('.') || std::count(name.begin(), name.end(), '/') > 1;
    const std::string download = is_path ? std::string() : fmt::format("run `hf download {}`, or ", name);
    return make_error(
               ErrorKind::Missing,
               "this is a LoRA adapter of the base model '{}', which is needed too and was not found: not as "
               "a path, not in "
               "the Hugging Face cache, not beside the adapter. To open it {}say where the base lies with "
               "--base DIR; nothing is downloaded here",
               name.substr(0, 200), download)
        .in_file(path);
}

/// The same part of the name may be of a cache that has another revision.
Status check_revision(const AdapterConfig& config) {
    if (config.revision.empty() || config.revision == "main") return {};
    return fail(
        make_error(
            ErrorKind::Unsupported,
            "the adapter is of revision '{}' of '{}', and which revision the cache holds is not looked "
            "up; say where that revision lies with --base DIR",
            config.revision.substr(0, 80), config.base_name.substr(0, 200))
            .in_file(config.file)
            .at_tensor("revision"));
}

Result<std::string> look_for_base(const std::string& folder, const AdapterConfig& config) {
    const std::string& name = config.base_name;
    if (name.empty() || name.find('\0') != std::string::npos) return fail(missing_base(folder, {}));
    for (const fs::path& place : {fs::path(name), places_of(name, folder).front()})
        if (is_base(place, folder)) return place.string();
    auto cached = find_model_path(name);
    if (cached && is_base(*cached, folder)) {
        HEADLIGHT_CHECK(check_revision(config));
        return cached;
    }
    for (const fs::path& place : places_of(name, folder))
        if (is_base(place, folder)) return place.string();
    return fail(missing_base(folder, name));
}

/// Tensors of the adapter's file with what their names say.
std::vector<AdapterTensor> named_tensors(const Checkpoint& checkpoint) {
    std::vector<AdapterTensor> out;
    for (const TensorInfo& tensor : checkpoint.tensors)
        out.push_back({read_adapter_name(tensor.name), tensor});
    return out;
}

Result<CheckpointPtr> open_weights_of(const std::string& folder) {
    for (const char* name : kWeightNames) {
        if (!has(folder, name)) continue;
        return open_weights_file((fs::path(folder) / name).string(), {});
    }
    return fail(make_error(ErrorKind::Missing,
                           "the folder has {} and no weights of an adapter; expected {} or {}",
                           kAdapterConfigName, kWeightNames[0], kWeightNames[1])
                    .in_file(folder));
}

}  // namespace

bool is_adapter(const std::string& path) {
    if (!has(path, kAdapterConfigName)) return false;
    return has(path, kWeightNames[0]) || has(path, kWeightNames[1]) || !has(path, "config.json");
}

Error no_adapter(const std::string& path) {
    return make_error(ErrorKind::InvalidInput,
                      "--base names the base model of an adapter, but this is no adapter: its folder would "
                      "hold {} and {}",
                      kAdapterConfigName, kWeightNames[0])
        .in_file(path);
}

Result<std::string> find_base(const std::string& path, const AdapterChoice& adapter) {
    std::string base;
    if (!adapter.base.empty()) {
        HEADLIGHT_TRY(base, resolve_model_path(adapter.base));
    } else {
        HEADLIGHT_TRY(const AdapterConfig config,
                      read_adapter_config((fs::path(path) / kAdapterConfigName).string()));
        HEADLIGHT_TRY(base, look_for_base(path, config));
        base = whole_model(base);
    }
    std::error_code code;
    if (is_adapter(base) || fs::equivalent(base, path, code))
        return fail(
            make_error(
                ErrorKind::Unsupported,
                "the base of this adapter is an adapter itself; merge that one first and name the merged "
                "model with --base DIR")
                .in_file(base));
    return base;
}

Result<CheckpointPtr> open_adapter(const std::string& path, const std::string& config_path,
                                   const AdapterChoice& adapter) {
    HEADLIGHT_TRY(const AdapterConfig config,
                  read_adapter_config((fs::path(path) / kAdapterConfigName).string()));
    HEADLIGHT_TRY(const std::string base_path, find_base(path, adapter));
    HEADLIGHT_TRY(const CheckpointPtr base, open_checkpoint(base_path, config_path));
    CheckpointPtr shown = base;
    if (!adapter.shows_base) {
        HEADLIGHT_TRY(const CheckpointPtr weights, open_weights_of(path));
        HEADLIGHT_TRY(shown, merge_adapter(*base, *weights, named_tensors(*weights), config));
        HEADLIGHT_CHECK(shown->check_unchanged());
    }
    auto out = std::make_shared<Checkpoint>(*shown);
    out->path = path;
    out->base_path = base_path;
    return CheckpointPtr(std::move(out));
}

Result<CheckpointPtr> merge_own_adapter(CheckpointPtr opened) {
    std::vector<AdapterTensor> adapter;
    auto base = std::make_shared<Checkpoint>(*opened);
    base->tensors.clear();
    bool has_wrappers = false;
    for (AdapterTensor& named : named_tensors(*opened)) {
        has_wrappers = has_wrappers || named.tensor.name.find(".base_layer.") != std::string::npos ||
                       named.tensor.name.find(".modules_to_save.") != std::string::npos;
        if (named.name.part != AdapterPart::Plain) {
            adapter.push_back(std::move(named));
            continue;
        }
        named.tensor.name = named.name.module;
        base->tensors.push_back(std::move(named.tensor));
    }
    if (adapter.empty() && !has_wrappers) return opened;
    const fs::path settings = fs::path(folder_of_path(opened->path)) / kAdapterConfigName;
    std::error_code code;
    if (!fs::is_regular_file(settings, code)) {
        return fail(
            make_error(
                ErrorKind::Unsupported,
                "these are the weights of a PEFT model, a LoRA adapter beside its base (lora_A, lora_B, "
                "base_layer). How strong the adapter is stands in {} (lora_alpha), which is not there: "
                "put it beside the weights, or merge the adapter where it was trained "
                "(merge_and_unload(), save_pretrained(...)) and open that folder",
                kAdapterConfigName)
                .in_file(opened->path));
    }
    HEADLIGHT_TRY(const AdapterConfig config, read_adapter_config(settings.string()));
    HEADLIGHT_CHECK(sort_tensors(*base));
    if (std::none_of(adapter.begin(), adapter.end(),
                     [](const AdapterTensor& t) { return t.name.part != AdapterPart::Superseded; }))
        return CheckpointPtr(std::move(base));
    return merge_adapter(*base, *opened, adapter, config);
}

}  // namespace headlight
