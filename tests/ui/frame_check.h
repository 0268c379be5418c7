// Looks at a drawn frame as a person would: does a letter lie on another, is something cut off, do two things
// to press share a place?
#pragma once

#include <string>
#include <vector>

#include "ui/ui_harness.h"

namespace headlight::test {

/// One sentence for each fault of the last frame; empty: all is well. Letters come from Dear ImGui's draw
/// lists, shaped text and items from the recorder. Faults: two lines of text over each other, two items over
/// each other, a text across an item's edge, and whatever is cut by its window, card or clip rectangle (but
/// at the upper and lower edge of what scrolls).
std::vector<std::string> faults_of_frame(UiHarness& harness);

}  // namespace headlight::test
