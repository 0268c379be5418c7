// How the text of a token is shown.
#pragma once

#include <string>
#include <string_view>

namespace headlight {

/// Visible form of decoded token text: space "·", newline "⏎", tab "⇥", other control characters as ⟨hex⟩,
/// bytes that are no valid UTF-8 as ⟨hex⟩. Empty text gives "∅".
std::string display_form(std::string_view text);

}  // namespace headlight
