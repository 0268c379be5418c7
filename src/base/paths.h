// Where things lie: the XDG folders of the user, and the program's own assets.
#pragma once

#include <string>

namespace headlight {

/// $XDG_CONFIG_HOME/headlight or ~/.config/headlight. Not created.
std::string config_dir();
/// $XDG_CACHE_HOME/headlight or ~/.cache/headlight. Not created.
std::string cache_dir();
/// $XDG_STATE_HOME/headlight or ~/.local/state/headlight: what comes back after a crash. Not created.
std::string state_dir();
/// Folder of the running binary, without a trailing slash.
std::string executable_dir();
/// The assets folder: $HEADLIGHT_ASSETS, else the first that exists of <binary>/../share/headlight/assets,
/// <binary>/../../assets (a build tree in the clone), <binary>/assets. Empty if there is none.
std::string assets_dir();

}  // namespace headlight
