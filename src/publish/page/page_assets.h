// The parts of assets/page/ as they are built in.
#pragma once

#include <string>
#include <string_view>

namespace headlight {

/// page.html, with its gaps.
std::string_view page_skeleton();
std::string_view page_style();
/// The scripts in the order of their use, in one scope.
std::string page_script();

}  // namespace headlight
