#include "session/settings_file.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "base/paths.h"
#include "core/open_request.h"
#include "io/json_file.h"
#include "run/saved/settings_json.h"

namespace headlight {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostFileBytes = std::size_t{1} << 20;
constexpr std::size_t kMostSettingsTextBytes = 100'000;
constexpr std::size_t kMostPathBytes = 4096;
constexpr std::size_t kMostRecentKept = 10;
constexpr std::size_t kMostLessonIdBytes = 64;

void read_recent(const Json& json, std::vector<std::string>& out) {
    const auto it = json.find("recent");
    if (it == json.end() || !it->is_array()) return;
    for (const Json& path : *it) {
        if (!path.is_string() || out.size() >= kMostRecentKept) continue;
        std::string value = path.get<std::string>();
        const bool is_known = std::find(out.begin(), out.end(), value) != out.end();
        if (!value.empty() && value.size() <= kMostPathBytes && !is_known) out.push_back(std::move(value));
    }
}

void read_lessons(const Json& json, std::map<std::string, LessonProgress>& out) {
    const auto it = json.find("lessons");
    if (it == json.end() || !it->is_object()) return;
    constexpr int kMostLessonSteps = 1000;
    for (const auto& [id, kept] : it->items()) {
        if (id.empty() || id.size() > kMostLessonIdBytes || out.size() >= kMostLessonsKept ||
            !kept.is_object())
            continue;
        LessonProgress& progress = out[id];
        read_setting_integer(kept, "step", 0, kMostLessonSteps, progress.step);
        read_setting_integer(kept, "right", 0, kMostLessonSteps, progress.num_right);
        read_setting_flag(kept, "done", progress.is_done);
    }
}

Settings settings_of(const Json& json) {
    Settings out;
    read_picture_settings(json, out);
    if (setting_string(json, "theme") == "light") out.theme = Theme::Light;
    double scale = 0;
    read_setting_number(json, "ui_scale", 0.5, 4, scale);
    out.ui_scale = scale;
    read_setting_flag(json, "is_presenting", out.is_presenting);
    read_setting_integer(json, "window_width", 320, 16384, out.window_width);
    read_setting_integer(json, "window_height", 240, 16384, out.window_height);
    read_setting_number(json, "left_share", 0, 0.6, out.left_share);
    read_setting_number(json, "right_share", 0, 0.6, out.right_share);
    read_recent(json, out.recent);
    if (auto device = setting_string(json, "device"); is_device_name(device)) out.device = std::move(device);
    if (auto text = setting_string(json, "last_text"); text.size() <= kMostSettingsTextBytes)
        out.last_text = std::move(text);
    read_lessons(json, out.lessons);
    read_setting_flag(json, "invites_to_lessons", out.invites_to_lessons);
    return out;
}

// The first free name of the form PATH.broken-N, and the file moved there; empty when it cannot be moved.
std::string set_aside(const std::string& path) {
    for (int number = 1; number <= 1000; ++number) {
        std::error_code code;
        const std::string target = fmt::format("{}.broken-{}", path, number);
        if (std::filesystem::exists(target, code)) continue;
        std::filesystem::rename(path, target, code);
        return code ? std::string() : target;
    }
    return {};
}

}  // namespace

std::string default_settings_path() {
    return config_dir() + "/settings.json";
}

std::string settings_to_json(const Settings& settings) {
    Json json = picture_settings_json(settings);
    json["theme"] = settings.theme == Theme::Light ? "light" : "dark";
    json["ui_scale"] = settings.ui_scale;
    json["is_presenting"] = settings.is_presenting;
    json["window_width"] = settings.window_width;
    json["window_height"] = settings.window_height;
    json["left_share"] = settings.left_share;
    json["right_share"] = settings.right_share;
    json["recent"] = settings.recent;
    json["device"] = settings.device;
    json["last_text"] =
        settings.last_text.size() <= kMostSettingsTextBytes ? settings.last_text : std::string();
    json["lessons"] = Json::object();
    for (const auto& [id, progress] : settings.lessons)
        json["lessons"][id] = {
            {"step", progress.step}, {"right", progress.num_right}, {"done", progress.is_done}};
    json["invites_to_lessons"] = settings.invites_to_lessons;
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Settings> settings_from_json(const std::string& text, const std::string& path) {
    HEADLIGHT_TRY(const Json json, parse_json(text, path));
    if (!json.is_object()) {
        return fail(
            make_error(ErrorKind::Corrupt, "settings must be a JSON object, found {}", json.type_name())
                .in_file(path));
    }
    return settings_of(json);
}

LoadedSettings load_settings(const std::string& path) {
    auto text = read_text_file(path, kMostFileBytes);
    if (!text && text.error().kind == ErrorKind::Missing) {
        LoadedSettings first_start;
        first_start.settings.invites_to_lessons = true;
        return first_start;
    }
    auto settings = text ? settings_from_json(*text, path) : fail(std::move(text).error());
    if (settings) return {std::move(*settings), {}};
    const std::string target = set_aside(path);
    const std::string fate =
        target.empty() ? "it could not be moved and will be overwritten" : "moved to " + target;
    return {{},
            fmt::format("the settings file is broken, so the defaults are used; {}\n{}", fate,
                        settings.error().to_string())};
}

SettingsWriter::SettingsWriter(std::string path, std::function<void(const Error&)> on_error)
    : path_(std::move(path)), writer_(std::move(on_error)) {}

void SettingsWriter::schedule(const Settings& settings) {
    writer_.schedule(
        "settings", [path = path_, settings] { return write_file_atomic(path, settings_to_json(settings)); });
}

}  // namespace headlight
