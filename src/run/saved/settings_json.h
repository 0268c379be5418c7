// Settings as JSON: those of the picture, which session files hold too. Impossible values keep their default.
#pragma once

#include <nlohmann/json.hpp>

#include "core/settings.h"

namespace headlight {

/// Workspace, units, weights, tints and orders, forms of views: what picture_settings() keeps.
nlohmann::json picture_settings_json(const Settings& settings);

/// Reads the same into `out`; unknown keys are left alone.
void read_picture_settings(const nlohmann::json& json, Settings& out);

// For those who read other settings.
void read_setting_number(const nlohmann::json& json, const char* key, double min, double max, double& out);
void read_setting_integer(const nlohmann::json& json, const char* key, int min, int max, int& out);
void read_setting_flag(const nlohmann::json& json, const char* key, bool& out);
std::string setting_string(const nlohmann::json& json, const char* key);

}  // namespace headlight
