// settings.json: what is kept between starts. A broken file is set aside, never fatal.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "core/settings.h"
#include "session/delayed_writer.h"

namespace headlight {

/// config_dir()/settings.json.
std::string default_settings_path();

/// Strict JSON object; invalid UTF-8 in texts is replaced by U+FFFD.
std::string settings_to_json(const Settings& settings);

/// Unknown keys are ignored; values out of range or of another type keep their default.
/// Errors: Corrupt when it is no JSON object.
Result<Settings> settings_from_json(const std::string& json, const std::string& path);

struct LoadedSettings {
    Settings settings;
    std::string warning;  // the file was broken, and where it lies now; empty if all is well
};

/// Reads the file (at most 1 MiB); a missing one gives the defaults. A broken one is renamed to
/// PATH.broken-N.
LoadedSettings load_settings(const std::string& path);

/// Writes settings on a thread of its own, shortly after the last change and when it is destroyed.
class SettingsWriter {
  public:
    /// `on_error` is called on the writer's thread, once until a write succeeds again.
    SettingsWriter(std::string path, std::function<void(const Error&)> on_error);

    void schedule(const Settings& settings);

  private:
    std::string path_;
    DelayedWriter writer_;
};

}  // namespace headlight
