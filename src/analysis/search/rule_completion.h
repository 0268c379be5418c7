// What can follow the text of a rule that is being typed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headlight {

/// A word that can come next, and the whole text with it in place of what was begun of it.
struct RuleCompletion {
    std::string word;
    std::string text;
};

/// In the order of the grammar; those that begin with the unfinished last word, if there is one.
std::vector<RuleCompletion> rule_completions(std::string_view text);

}  // namespace headlight
