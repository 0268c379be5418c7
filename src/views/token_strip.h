// The tokens as chips under the text box: tinted by the attention that the hovered or chosen one gives or
// receives.
#pragma once

#include <vector>

#include "ui/text_box.h"
#include "views/chip_layout.h"
#include "views/view.h"

namespace headlight {

class TokenStrip {
  public:
    /// Height of the chips' lines, at most `max_lines` of them, pixels.
    float height(const ViewContext& context, float width, int max_lines);
    /// Draws into the given rectangle; longer texts scroll.
    void draw(ViewContext& context, ImVec2 pos, ImVec2 size);
    /// Bytes of the hovered token, to be marked in the text box.
    std::vector<ui::TextMark> marks(const ViewContext& context) const;

  private:
    void layout(const ViewContext& context, float width);
    void draw_chip(ViewContext& context, int index, ImVec2 pos, std::span<const float> weights, int subject);
    void follow_query(const ViewContext& context, float height);

    ChipLayout layout_;
    float scale_ = 0;
    float scroll_ = 0;
    int last_query_ = -1;
};

}  // namespace headlight
