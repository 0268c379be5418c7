// Cutting a section at matches, in the ways that tokenizer files name.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tokenize/text/aligned_text.h"
#include "tokenize/text/text_pattern.h"

namespace headlight {

enum class SplitBehavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };

std::optional<SplitBehavior> split_behavior(std::string_view name);

/// Cuts `section` at `matches` (bytes of section.view(), ascending) and appends what is left to `out`,
/// without empty pieces. `invert` swaps what counts as a match.
void split_section(const TextSection& section, std::span<const PatternMatch> matches, SplitBehavior behavior,
                   bool invert, std::vector<TextSection>& out);

}  // namespace headlight
