#include "session/settings_file.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "analysis/detector.h"
#include "analysis/metric.h"
#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "base/paths.h"
#include "io/json_file.h"

namespace headlight {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostFileBytes = std::size_t{1} << 20;
constexpr std::size_t kMostSettingsTextBytes = 100'000;
constexpr std::size_t kMostPathBytes = 4096;
constexpr std::size_t kMostWordBytes = 64;
constexpr std::size_t kMostRecentKept = 10;
constexpr std::chrono::milliseconds kWriteDelay{400};

void read_number(const Json& json, const char* key, double min, double max, double& out) {
    const auto it = json.find(key);
    if (it == json.end() || !it->is_number()) return;
    const double value = it->get<double>();
    if (value >= min && value <= max) out = value;
}

void read_integer(const Json& json, const char* key, int min, int max, int& out) {
    const auto it = json.find(key);
    if (it == json.end() || !it->is_number_integer()) return;
    const auto value = it->get<std::int64_t>();
    if (value >= min && value <= max) out = static_cast<int>(value);
}

void read_bool(const Json& json, const char* key, bool& out) {
    const auto it = json.find(key);
    if (it != json.end() && it->is_boolean()) out = it->get<bool>();
}

std::string string_of(const Json& json, const char* key) {
    const auto it = json.find(key);
    return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
}

void read_choice(const Json& json, const char* key, std::initializer_list<const char*> choices,
                 std::string& out) {
    const std::string value = string_of(json, key);
    for (const char* choice : choices) {
        if (value == choice) out = value;
    }
}

// An id of a list that this room does not know: small letters, digits and "_".
void read_word(const Json& json, const char* key, std::string& out) {
    const std::string value = string_of(json, key);
    const bool is_word =
        value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
    if (is_word && !value.empty() && value.size() <= kMostWordBytes) out = value;
}

// A metric id, or the word for "no metric".
void read_metric(const Json& json, const char* key, const char* none, std::string& out) {
    const std::string value = string_of(json, key);
    const bool is_effect =
        (value == kAblationTint || value == kDivergenceTint) && std::string_view(none) == "none";
    const bool is_named = !value.empty() && (find_metric(value) || find_detector(value));
    if (value == none || value == kEdgeTint || is_effect || is_named) out = value;
}

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
    constexpr int kMostSteps = 1000;
    for (const auto& [id, kept] : it->items()) {
        if (id.empty() || id.size() > kMostWordBytes || out.size() >= kMostLessonsKept || !kept.is_object())
            continue;
        LessonProgress& progress = out[id];
        read_integer(kept, "step", 0, kMostSteps, progress.step);
        read_integer(kept, "right", 0, kMostSteps, progress.num_right);
        read_bool(kept, "done", progress.is_done);
    }
}

Settings settings_of(const Json& json) {
    Settings out;
    if (string_of(json, "theme") == "light") out.theme = Theme::Light;
    if (string_of(json, "weight_scale") == "log") out.weight_scale = WeightScale::Log;
    if (const auto weights = weights_shown(string_of(json, "weights_shown"))) out.weights_shown = *weights;
    if (const auto unit = text_unit(string_of(json, "text_unit"))) out.text_unit = *unit;
    if (const auto from = from_group(string_of(json, "from_group"))) out.from_group = *from;
    double scale = 0;
    read_number(json, "ui_scale", 0.5, 4, scale);
    out.ui_scale = scale;
    read_bool(json, "is_presenting", out.is_presenting);
    read_integer(json, "window_width", 320, 16384, out.window_width);
    read_integer(json, "window_height", 240, 16384, out.window_height);
    read_number(json, "left_share", 0, 0.6, out.left_share);
    read_number(json, "right_share", 0, 0.6, out.right_share);
    if (auto script = string_of(json, "resume"); script.size() <= kMostSettingsTextBytes)
        out.resume = std::move(script);
    read_word(json, "workspace", out.workspace);
    read_recent(json, out.recent);
    read_number(json, "gamma", 0.1, 4, out.gamma);
    read_bool(json, "shows_numbers", out.shows_numbers);
    read_choice(json, "head_form", {"matrix", "lines", "qk"}, out.head_form);
    read_integer(json, "line_share", kLeastLineShare, kMostLineShare, out.line_share);
    read_word(json, "qk_sort", out.qk_sort);
    read_choice(json, "qk_shown", {"products", "keys"}, out.qk_shown);
    read_choice(json, "thumbnails", {"picture", "lines"}, out.thumbnails);
    read_metric(json, "grid_tint", "none", out.grid_tint);
    read_metric(json, "grid_order", "layer", out.grid_order);
    read_choice(json, "metrics_scope", {"head", "layer", "model"}, out.metrics_scope);
    read_choice(json, "flow_mode", {"shares", "rollout"}, out.flow_mode);
    read_choice(json, "flow_method", {"rollout", "value_weighted", "max_flow"}, out.flow_method);
    read_choice(json, "top_k_mode", {"attends", "predicts"}, out.top_k_mode);
    read_choice(json, "strip_direction", {"gives", "receives"}, out.strip_direction);
    read_choice(json, "answer_metric", {"difference", "probability", "kl"}, out.answer_metric);
    read_integer(json, "top_k", 1, 50, out.top_k);
    if (auto text = string_of(json, "last_text"); text.size() <= kMostSettingsTextBytes)
        out.last_text = std::move(text);
    read_lessons(json, out.lessons);
    read_bool(json, "invites_to_lessons", out.invites_to_lessons);
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
    Json json;
    json["theme"] = settings.theme == Theme::Light ? "light" : "dark";
    json["ui_scale"] = settings.ui_scale;
    json["is_presenting"] = settings.is_presenting;
    json["window_width"] = settings.window_width;
    json["window_height"] = settings.window_height;
    json["left_share"] = settings.left_share;
    json["right_share"] = settings.right_share;
    json["resume"] = settings.resume.size() <= kMostSettingsTextBytes ? settings.resume : std::string();
    json["workspace"] = settings.workspace;
    json["recent"] = settings.recent;
    json["weights_shown"] = to_string(settings.weights_shown);
    json["text_unit"] = to_string(settings.text_unit);
    json["from_group"] = to_string(settings.from_group);
    json["weight_scale"] = settings.weight_scale == WeightScale::Log ? "log" : "linear";
    json["head_form"] = settings.head_form;
    json["line_share"] = settings.line_share;
    json["qk_sort"] = settings.qk_sort;
    json["qk_shown"] = settings.qk_shown;
    json["thumbnails"] = settings.thumbnails;
    json["gamma"] = settings.gamma;
    json["shows_numbers"] = settings.shows_numbers;
    json["grid_tint"] = settings.grid_tint;
    json["grid_order"] = settings.grid_order;
    json["metrics_scope"] = settings.metrics_scope;
    json["flow_mode"] = settings.flow_mode;
    json["flow_method"] = settings.flow_method;
    json["top_k_mode"] = settings.top_k_mode;
    json["strip_direction"] = settings.strip_direction;
    json["answer_metric"] = settings.answer_metric;
    json["top_k"] = settings.top_k;
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
    : path_(std::move(path)),
      on_error_(std::move(on_error)),
      thread_([this](const std::stop_token& stop) { write_loop(stop); }) {}

SettingsWriter::~SettingsWriter() {
    thread_.request_stop();
    thread_.join();
}

void SettingsWriter::schedule(const Settings& settings) {
    {
        const std::lock_guard lock(mutex_);
        pending_ = settings;
    }
    changed_.notify_one();
}

void SettingsWriter::write(const Settings& settings) {
    const Status status = write_file_atomic(path_, settings_to_json(settings));
    if (!status && !has_failed_ && on_error_) on_error_(status.error());
    has_failed_ = !status;
}

void SettingsWriter::write_loop(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, stop, [this] { return pending_.has_value(); });
        // Gather what follows at once: a slider makes dozens of changes.
        if (pending_) changed_.wait_for(lock, stop, kWriteDelay, [] { return false; });
        const std::optional<Settings> settings = std::exchange(pending_, std::nullopt);
        if (!settings && stop.stop_requested()) return;
        if (!settings) continue;
        lock.unlock();
        write(*settings);
        lock.lock();
    }
}

}  // namespace headlight
