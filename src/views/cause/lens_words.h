// What the lens shows at each place: words, colours, sentences.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/cause/lens.h"
#include "ui/shaped_text.h"
#include "views/view.h"

namespace headlight {

inline constexpr ui::ShapedStyle kLensWordStyle{11, gfx::TextWeight::Regular};

struct LensState final : ViewState {
    std::shared_ptr<const Lens> lens;
    bool shows_kl = true;
    int focus = -1;                  // state in the middle of the rows with words; -1: the last
    int first_column = 0;            // of a long text
    int num_fitting = 0;             // columns, of the last frame
    int last_query = -1;             // that the columns followed
    float word_width = 0;            // that `words` were cut to
    std::vector<std::string> words;  // [states, tokens] likeliest token, made when it is seen
    float largest_kl = 1;
    int open_state = -1, open_token = -1;  // whose whole list is open
};

/// Forgets the words when the lens is another one, or their room.
void refresh_lens(LensState& state, const std::shared_ptr<const Lens>& lens, float word_width);
/// "L12", "out".
std::string lens_state_label(const Lens& lens, int state);
/// The likeliest token, cut to its room.
const std::string& lens_word(const ViewContext& context, LensState& state, int row, int token);
/// Probability as weights are coloured; KL on a log scale from 0.01 nats, the output brightest.
ui::Rgba lens_fill(const ViewContext& context, const LensState& state, int row, int token);
std::string lens_sentence(const ViewContext& context, const Lens& lens, int row, int token);

}  // namespace headlight
