#include "io/checkpoint/checkpoint_config.h"

#include <filesystem>

#include "io/checkpoint/custom_model.h"
#include "io/json_file.h"

namespace headlight {

namespace {
constexpr std::size_t kMaxConfigBytes = std::size_t{64} << 20;
}

Status read_checkpoint_config(const std::string& path, const std::string& given, Checkpoint& checkpoint) {
    namespace fs = std::filesystem;
    std::error_code code;
    std::string config = given;
    if (config.empty()) {
        const fs::path folder = fs::is_directory(path, code) ? fs::path(path) : fs::path(path).parent_path();
        config = (folder / "config.json").string();
        if (!fs::exists(config, code)) return {};
    } else if (fs::is_directory(config, code)) {
        config = (fs::path(config) / "config.json").string();
    }
    HEADLIGHT_TRY(nlohmann::json parsed, read_json_file(config, kMaxConfigBytes));
    if (!parsed.is_object()) {
        return fail(make_error(ErrorKind::Corrupt,
                               "expected a JSON object with the model's settings, found {}",
                               parsed.type_name())
                        .in_file(config));
    }
    checkpoint.config = std::move(parsed);
    checkpoint.config_path = config;
    return {};
}

Result<CheckpointPtr> use_config_above(const std::string& path, CheckpointPtr opened) {
    namespace fs = std::filesystem;
    const nlohmann::json& own = opened->config;
    const bool says_what_it_is =
        own.is_object() && (own.contains("model_type") || own.contains("architectures"));
    const bool is_of_a_file = fs::path(opened->config_path).extension() == ".json";
    if (is_of_a_file || says_what_it_is || !find_custom_model(path).empty()) return opened;
    std::error_code code;
    fs::path folder = fs::absolute(path, code).lexically_normal();
    if (!folder.has_filename()) folder = folder.parent_path();
    if (!fs::is_directory(path, code)) folder = folder.parent_path();
    const std::string above = (folder.parent_path() / "config.json").string();
    if (!fs::is_regular_file(above, code)) return opened;
    auto out = std::make_shared<Checkpoint>(*opened);
    HEADLIGHT_CHECK(read_checkpoint_config(path, above, *out));
    out->notes.push_back("the settings are those of " + above);
    return CheckpointPtr(std::move(out));
}

}  // namespace headlight
