#include "base/paths.h"

#include <cstdlib>
#include <filesystem>

namespace headlight {
namespace {

std::string xdg_dir(const char* variable, const char* fallback) {
    if (const char* value = std::getenv(variable); value != nullptr && *value == '/') {
        return std::string(value) + "/headlight";
    }
    const char* home = std::getenv("HOME");
    return std::string(home != nullptr ? home : "/tmp") + fallback + "/headlight";
}

}  // namespace

std::string config_dir() {
    return xdg_dir("XDG_CONFIG_HOME", "/.config");
}
std::string cache_dir() {
    return xdg_dir("XDG_CACHE_HOME", "/.cache");
}

std::string state_dir() {
    return xdg_dir("XDG_STATE_HOME", "/.local/state");
}

std::string executable_dir() {
    std::error_code code;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", code);
    return code ? std::string(".") : path.parent_path().string();
}

std::string assets_dir() {
    if (const char* given = std::getenv("HEADLIGHT_ASSETS")) return given;
    const std::filesystem::path binary = executable_dir();
    for (const char* relative : {"../share/headlight/assets", "../../assets", "assets"}) {
        std::error_code code;
        const auto candidate = std::filesystem::weakly_canonical(binary / relative, code);
        if (!code && std::filesystem::is_directory(candidate, code)) return candidate.string();
    }
    return {};
}

}  // namespace headlight
