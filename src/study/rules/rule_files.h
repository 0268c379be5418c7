// Saved rules on disk: one file each in the configuration folder's rules/, or headlight_rules.json beside a
// model. {"format": "headlight-rules", "version": 1, "rules": [{"name", "rule", "threshold"}]}
#pragma once

#include <string>
#include <vector>

#include "analysis/search/own_detectors.h"
#include "base/result.h"

namespace headlight {

inline constexpr const char* kRulesBesideModel = "headlight_rules.json";
inline constexpr std::size_t kMostRuleFileBytes = std::size_t{256} << 10;
inline constexpr std::size_t kMostRuleNameBytes = 60;

/// "": the name can be used; else why not (empty, too long, other signs than letters, digits, spaces and
/// “-_.”).
std::string why_no_rule_name(const std::string& name);

/// Errors: Missing, Corrupt (no such file of rules, too many of them, a name twice, a rule that cannot be
/// read, with the rule's name).
Result<std::vector<OwnRule>> read_rules(const std::string& path);

/// The rules of these files become detectors of this process, listed behind the built-in ones
/// (set_own_detectors); no files: none. Errors: those of read_rules(), InvalidInput (a name in two files, too
/// many).
Status use_rule_files(const std::vector<std::string>& files);

/// Those of the files of `folder` (in the order of their names), then those beside the model; a name that was
/// there before is left out. `folder` and `model_path` (a folder or a file in it) may be empty or lack
/// rules. What cannot be read goes into `problems`, a line each.
std::vector<OwnRule> read_all_rules(const std::string& folder, const std::string& model_path,
                                    std::vector<std::string>& problems);

/// Writes one rule into its own file of `folder`, in place of an older one of that name. Errors: InvalidInput
/// (the name), Internal with the system's words.
Status save_rule(const std::string& folder, const OwnRule& rule);
/// Errors: Missing (no such rule in `folder`), Internal.
Status delete_rule(const std::string& folder, const std::string& name);

/// The configuration folder's.
std::string default_rules_folder();

}  // namespace headlight
