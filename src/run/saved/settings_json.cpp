#include "run/saved/settings_json.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "analysis/detector.h"
#include "analysis/metric.h"

namespace headlight {
namespace {

constexpr std::size_t kMostSettingWordBytes = 64;

void read_choice(const nlohmann::json& json, const char* key, std::initializer_list<const char*> choices,
                 std::string& out) {
    const std::string value = setting_string(json, key);
    for (const char* choice : choices) {
        if (value == choice) out = value;
    }
}

// An id of a list that this room does not know: small letters, digits and "_".
void read_setting_word(const nlohmann::json& json, const char* key, std::string& out) {
    const std::string value = setting_string(json, key);
    const bool is_word =
        value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
    if (is_word && !value.empty() && value.size() <= kMostSettingWordBytes) out = value;
}

// A metric id, or the word for "no metric".
void read_metric(const nlohmann::json& json, const char* key, const char* none, std::string& out) {
    const std::string value = setting_string(json, key);
    const bool is_effect =
        (value == kAblationTint || value == kDivergenceTint) && std::string_view(none) == "none";
    const bool is_named = !value.empty() && (find_metric(value) || find_detector(value));
    if (value == none || value == kEdgeTint || is_effect || is_named) out = value;
}

}  // namespace

void read_setting_number(const nlohmann::json& json, const char* key, double min, double max, double& out) {
    const auto it = json.find(key);
    if (it == json.end() || !it->is_number()) return;
    const double value = it->get<double>();
    if (value >= min && value <= max) out = value;
}

void read_setting_integer(const nlohmann::json& json, const char* key, int min, int max, int& out) {
    const auto it = json.find(key);
    if (it == json.end() || !it->is_number_integer()) return;
    const auto value = it->get<std::int64_t>();
    if (value >= min && value <= max) out = static_cast<int>(value);
}

void read_setting_flag(const nlohmann::json& json, const char* key, bool& out) {
    const auto it = json.find(key);
    if (it != json.end() && it->is_boolean()) out = it->get<bool>();
}

std::string setting_string(const nlohmann::json& json, const char* key) {
    const auto it = json.find(key);
    return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
}

nlohmann::json picture_settings_json(const Settings& settings) {
    nlohmann::json json;
    json["workspace"] = settings.workspace;
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
    return json;
}

void read_picture_settings(const nlohmann::json& json, Settings& out) {
    if (setting_string(json, "weight_scale") == "log") out.weight_scale = WeightScale::Log;
    if (const auto weights = weights_shown(setting_string(json, "weights_shown")))
        out.weights_shown = *weights;
    if (const auto unit = text_unit(setting_string(json, "text_unit"))) out.text_unit = *unit;
    if (const auto from = from_group(setting_string(json, "from_group"))) out.from_group = *from;
    read_setting_word(json, "workspace", out.workspace);
    read_setting_number(json, "gamma", 0.1, 4, out.gamma);
    read_setting_flag(json, "shows_numbers", out.shows_numbers);
    read_choice(json, "head_form", {"matrix", "lines", "qk"}, out.head_form);
    read_setting_integer(json, "line_share", kLeastLineShare, kMostLineShare, out.line_share);
    read_setting_word(json, "qk_sort", out.qk_sort);
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
    read_setting_integer(json, "top_k", 1, 50, out.top_k);
}

}  // namespace headlight
