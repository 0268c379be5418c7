// The tokens as chips under the text box: tinted by the attention that the hovered or chosen one gives or
// receives.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ui/text_box.h"
#include "views/tokens/chip_layout.h"
#include "views/view.h"

namespace headlight {

/// Which list the chips are: the one of queries and keys, or one of the two of cross attention.
enum class StripSide { Both, Queries, Keys };

class TokenStrip {
  public:
    /// Call before the others of a frame.
    void set_side(StripSide side) { side_ = side; }
    /// Height of the chips' lines, at most `max_lines` of them, pixels.
    float height(const ViewContext& context, float width, int max_lines);
    /// Draws into the given rectangle; longer texts scroll.
    void draw(ViewContext& context, ImVec2 pos, ImVec2 size);
    /// Bytes of the hovered token, to be marked in the text box that holds `typed`.
    std::vector<ui::TextMark> marks(const ViewContext& context, const std::string& typed) const;

  private:
    const TokenizedText& tokens(const ViewContext& context) const;
    /// What the chips are made of; null: they are tokens.
    const std::vector<TokenRange>* units(const ViewContext& context) const;
    bool shows_received(const ViewContext& context) const;
    int subject(const ViewContext& context, bool follows_pointer) const;
    std::span<const float> line_of(ViewContext& context, int subject) const;
    std::string chip_sentence(const ViewContext& context, int index, int subject,
                              std::span<const float> weights) const;
    void layout(const ViewContext& context, float width);
    void draw_chip(ViewContext& context, int index, ImVec2 pos, std::span<const float> weights, int subject);
    void follow_query(const ViewContext& context, float height);

    StripSide side_ = StripSide::Both;
    ChipLayout layout_;
    float scale_ = 0;
    float scroll_ = 0;
    int last_query_ = -1;
};

}  // namespace headlight
