// Where the token chips lie.
#include "views/tokens/chip_layout.h"

#include <algorithm>

namespace headlight {

namespace {
constexpr std::size_t kMostWidths = 50000;
}

void ChipLayout::forget() {
    labels_.clear();
    places_.clear();
    widths_.clear();
}

float ChipLayout::width_of(const std::string& label, Measure measure, int& budget) {
    const auto found = widths_.find(label);
    if (found != widths_.end()) return found->second;
    if (widths_.size() > kMostWidths) widths_.clear();
    --budget;
    return widths_[label] = measure(label);
}

bool ChipLayout::update(const std::vector<Token>& tokens, float width, float gap, Measure measure,
                        int budget) {
    if (width != width_ || gap != gap_) {
        labels_.clear();
        places_.clear();
        width_ = width;
        gap_ = gap;
    }
    std::size_t same = 0;
    while (same < labels_.size() && same < tokens.size() && labels_[same] == tokens[same].display)
        ++same;
    labels_.resize(same);
    places_.resize(same);
    while (places_.size() < tokens.size()) {
        if (budget <= 0) return false;
        const std::string& label = tokens[places_.size()].display;
        ChipPlace place;
        place.width = std::min(width_of(label, measure, budget), width);
        if (!places_.empty()) {
            const ChipPlace& last = places_.back();
            place.x = last.x + last.width + gap;
            place.line = last.line;
            if (place.x + place.width > width) {
                place.x = 0;
                ++place.line;
            }
        }
        places_.push_back(place);
        labels_.push_back(label);
    }
    return true;
}

std::size_t ChipLayout::first_of_line(int line) const {
    const auto found =
        std::lower_bound(places_.begin(), places_.end(), line,
                         [](const ChipPlace& place, int wanted) { return place.line < wanted; });
    return static_cast<std::size_t>(found - places_.begin());
}

}  // namespace headlight
