// Names of files that are being written, and the removal of those that a killed process left behind.
#pragma once

#include <string>

namespace headlight {

/// A name beside `path` that says which process writes it: "report.json.tmp-4e1f07c2-1234-0". No two calls
/// give the same.
std::string temporary_name(const std::string& path);

/// Removes from the folder (empty: the current one) what dead processes of this program were writing there:
/// their names say who they were, and a name of another machine counts as dead after a day without a change.
/// Looks once per folder and process; never fails.
void remove_stale_temporaries(const std::string& folder);

}  // namespace headlight
