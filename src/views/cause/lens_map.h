// Where the rows of the lens stand: a few states with words around the chosen one, the others as thin strips.
// Pure; in pixels.
#pragma once

#include <vector>

namespace headlight {

struct LensRow {
    float y = 0, height = 0;
    bool has_words = false;
};

/// `num_states` rows in `height`; around `focus` (a state) as many as fit get `words_px`, the others share
/// what is left. The order is that of the layers.
std::vector<LensRow> place_lens_rows(int num_states, float height, float words_px, float least_px, int focus);

/// Which of `count` columns are seen when each wants `least_px` of `width`: a window that holds `chosen`.
struct LensColumns {
    int first = 0, count = 0;
    float width = 0;  // of each
};
LensColumns place_lens_columns(int count, float width, float least_px, float most_px, int chosen, int first);

}  // namespace headlight
