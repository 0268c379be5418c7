#include "views/tokens/fitted_label.h"

#include "analysis/words/text_breaks.h"
#include "views/format.h"

namespace headlight {

std::string fitted_label(const TokenizedText& tokens, int index, float room, const ui::ShapedStyle& style) {
    constexpr int kMostCharacters = 60;  // that are tried
    return shorten_middle(token_label(tokens, index, kMostCharacters), [&](const std::string& text) {
        return ui::measure_shaped(text, style).advance <= room;
    });
}

}  // namespace headlight
