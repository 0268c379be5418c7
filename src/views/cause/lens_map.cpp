#include "views/cause/lens_map.h"

#include <algorithm>
#include <cmath>

namespace headlight {

std::vector<LensRow> place_lens_rows(int num_states, float height, float words_px, float least_px,
                                     int focus) {
    std::vector<LensRow> rows(static_cast<std::size_t>(std::max(0, num_states)));
    if (rows.empty() || height <= 0) return rows;
    const float count = static_cast<float>(num_states);
    // n rows with words and the others at their least: n words + (count - n) least <= height.
    const float fitting = words_px > least_px ? (height - count * least_px) / (words_px - least_px) : count;
    const int num_words = std::clamp(static_cast<int>(std::floor(fitting)), 0, num_states);
    const int first = std::clamp(focus - num_words / 2, 0, num_states - num_words);
    const float strips = static_cast<float>(num_states - num_words);
    const float strip = strips > 0 ? (height - static_cast<float>(num_words) * words_px) / strips : 0;
    // With few states every row has room to spare: words do not grow without end.
    const float words = strips > 0 ? words_px : std::min(height / count, words_px * 1.6f);
    float y = 0;
    for (int state = 0; state < num_states; ++state) {
        LensRow& row = rows[static_cast<std::size_t>(state)];
        row.has_words = state >= first && state < first + num_words;
        row.y = y;
        row.height = row.has_words ? words : strip;
        y += row.height;
    }
    return rows;
}

LensColumns place_lens_columns(int count, float width, float least_px, float most_px, int chosen, int first) {
    LensColumns out;
    if (count <= 0 || width <= 0) return out;
    out.count = std::clamp(static_cast<int>(width / least_px), 1, count);
    out.width = std::min(width / static_cast<float>(out.count), most_px);
    out.first = std::clamp(first, 0, count - out.count);
    if (chosen >= 0 && chosen < out.first) out.first = chosen;
    if (chosen >= out.first + out.count) out.first = std::min(chosen, count - 1) - out.count + 1;
    return out;
}

}  // namespace headlight
