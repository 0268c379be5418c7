// The text field of a rule, what can come next in it, and what is wrong with it.
#pragma once

#include <string>

#include "ui/text_box.h"
#include "views/view.h"

namespace headlight {

struct RuleField {
    ui::TextBox box;
    std::string known;  // what the field and the session last agreed on
    bool has_known = false;
};

/// Draws over `width` at the cursor and returns the height; at most `most_lines` lines of chips.
float draw_rule_field(ViewContext& context, RuleField& field, float width, int most_lines);

}  // namespace headlight
