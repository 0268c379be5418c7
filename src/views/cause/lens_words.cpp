#include "views/cause/lens_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/kit.h"
#include "views/cause/cause_card.h"
#include "views/pictures.h"
#include "views/weights/weight_words.h"

namespace headlight {

void refresh_lens(LensState& state, const std::shared_ptr<const Lens>& lens, float word_width) {
    if (state.lens == lens && state.word_width == word_width) return;
    if (state.lens != lens) {
        state.focus = -1;
        state.largest_kl = 1e-3f;
        for (const float kl : lens->kl.values)
            if (std::isfinite(kl)) state.largest_kl = std::max(state.largest_kl, kl);
    }
    state.lens = lens;
    state.word_width = word_width;
    state.words.assign(
        static_cast<std::size_t>(lens->num_states) * static_cast<std::size_t>(lens->num_tokens), {});
}

std::string lens_state_label(const Lens& lens, int state) {
    return state + 1 == lens.num_states ? "out" : fmt::format("L{}", state);
}

const std::string& lens_word(const ViewContext& context, LensState& state, int row, int token) {
    std::string& word =
        state.words[static_cast<std::size_t>(row) * static_cast<std::size_t>(state.lens->num_tokens) +
                    static_cast<std::size_t>(token)];
    if (word.empty())
        word =
            ui::shorten_shaped(token_name(context.snapshot, state.lens->top_ids[state.lens->at(row, token)]),
                               state.word_width, kLensWordStyle);
    return word;
}

ui::Rgba lens_fill(const ViewContext& context, const LensState& state, int row, int token) {
    const auto map = weight_colormap(ui::kit().theme);
    if (!state.shows_kl) {
        return gfx::color_of_value(state.lens->top_probs[state.lens->at(row, token)],
                                   weight_scale(context.snapshot.settings), map);
    }
    const float least = 0.01f, kl = state.lens->kl.at(row, token);
    const float place =
        std::log(std::max(kl, least) / least) / std::log(std::max(state.largest_kl / least, 1.01f));
    return gfx::color_of_value(1 - std::clamp(place, 0.0f, 1.0f), {0, 1, 1, false, 0}, map);
}

std::string lens_sentence(const ViewContext& context, const Lens& lens, int row, int token) {
    const std::size_t at = lens.at(row, token);
    std::string words =
        fmt::format("{}, state {} read with the last head: “{}” {}",
                    quoted_token(context.model_tokens(), token), lens_state_label(lens, row),
                    token_name(context.snapshot, lens.top_ids[at]), format_percent(lens.top_probs[at]));
    words += fmt::format("; KL from the output {} nats, entropy {}", format_number(lens.kl.at(row, token)),
                         format_number(lens.entropy.at(row, token)));
    if (!lens.rank_answer.empty())
        words += fmt::format("; {} is number {} of the list", context.snapshot.part<QuestionState>().answer,
                             static_cast<int>(lens.rank_answer.at(row, token)));
    return words;
}

}  // namespace headlight
