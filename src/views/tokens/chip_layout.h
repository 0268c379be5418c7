// Where the token chips lie: lines filled from the left. Long texts are laid out a part a frame, and a text
// with the same beginning keeps the chips that did not change.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "core/token.h"

namespace headlight {

struct ChipPlace {
    float x = 0, width = 0;
    int line = 0;
};

class ChipLayout {
  public:
    /// Width of a chip with this label, pixels. Asked once a label.
    using Measure = float (*)(const std::string& label);

    /// Goes on with the layout for at most `budget` chips that were never measured. True when all are placed.
    bool update(const std::vector<Token>& tokens, float width, float gap, Measure measure, int budget = 400);

    const std::vector<ChipPlace>& places() const { return places_; }
    int num_lines() const { return places_.empty() ? 0 : places_.back().line + 1; }
    /// First chip of a line (places().size() when there is no such line).
    std::size_t first_of_line(int line) const;
    /// A new scale or theme: all widths are measured again.
    void forget();

  private:
    float width_of(const std::string& label, Measure measure, int& budget);
    float width_ = 0, gap_ = 0;
    std::vector<std::string> labels_;  // of the placed chips
    std::vector<ChipPlace> places_;
    std::unordered_map<std::string, float> widths_;
};

}  // namespace headlight
