#include "io/checkpoint/checkpoint_config.h"

#include <filesystem>

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

}  // namespace headlight
