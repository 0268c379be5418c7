// The text box: several lines, any script, shaped by Pango, with selection, clipboard and undo. Dear ImGui's
// own input field cannot show Hebrew, Chinese or emoji.
#pragma once

#include <imgui.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gfx/gl_handles.h"
#include "gfx/text_flow.h"
#include "ui/theme.h"

namespace headlight::ui {

/// A byte range of the text that is drawn with its own background (hovered token).
struct TextMark {
    std::size_t begin = 0, end = 0;
    Rgba fill;
};

class TextBox {
  public:
    TextBox();
    ~TextBox();
    TextBox(const TextBox&) = delete;
    TextBox& operator=(const TextBox&) = delete;

    const std::string& text() const { return text_; }
    /// Replaces the text (invalid UTF-8 becomes U+FFFD); the caret goes to its end. Forgets undo when
    /// `is_new`.
    void set_text(std::string text, bool is_new = false);
    bool is_focused() const { return is_focused_; }
    /// Takes the keyboard with all of the text selected.
    void focus() { wants_focus_ = true; }
    /// Byte offset of the caret, for following it.
    std::size_t caret() const { return caret_; }
    /// Scrolls so that the byte is in sight when it is drawn next, unless somebody types.
    void reveal(std::size_t byte) { wanted_in_sight_ = byte; }
    /// How far the text is scrolled, pixels.
    float scroll() const { return scroll_y_; }

    /// Draws at the cursor. `label` is "##text"; `hint` is shown while empty. Height grows with the lines
    /// from one to `max_lines`, then it scrolls. Returns true when the text changed this frame.
    bool draw(const char* label, std::string_view hint, float width, int max_lines,
              const std::vector<TextMark>& marks = {});
    /// Height that draw() would take now.
    float height(float width, int max_lines);

  private:
    struct Edit {
        std::string text;
        std::size_t caret = 0, anchor = 0;
    };
    gfx::TextStyle style() const;
    void layout(float width);
    void take_focus(ImVec2 min, ImVec2 max, bool is_pressed);
    bool handle_input();
    bool handle_moves();
    bool handle_edits();
    bool handle_clipboard();
    void handle_mouse(ImVec2 origin);
    void move_to(std::size_t byte, bool keeps_anchor);
    std::size_t line_above_or_below(int direction);
    std::size_t selection_begin() const { return caret_ < anchor_ ? caret_ : anchor_; }
    std::size_t selection_end() const { return caret_ < anchor_ ? anchor_ : caret_; }
    bool replace(std::size_t begin, std::size_t end, std::string_view with);
    bool restore(std::vector<Edit>& from, std::vector<Edit>& to);
    void scroll_to(std::size_t byte, float visible_height);
    void note_undo();
    void draw_content(ImDrawList* list, ImVec2 origin, float visible_height,
                      const std::vector<TextMark>& marks);
    void refresh_texture(float visible_height);

    std::string text_;
    std::size_t caret_ = 0, anchor_ = 0;
    bool is_focused_ = false, wants_focus_ = false, is_selecting_ = false;
    bool wants_caret_in_sight_ = false;  // it was moved before the text was laid out
    std::optional<std::size_t> wanted_in_sight_;
    float scroll_y_ = 0, visible_height_ = 0;
    double caret_shown_at_ = 0;  // the caret blinks from here
    std::vector<Edit> undo_, redo_;
    double last_edit_time_ = -10;  // letters typed in quick succession are undone together
    std::unique_ptr<gfx::TextFlow> flow_;
    float flow_width_ = 0, flow_size_ = 0;
    // What is seen of the text, as a texture.
    gfx::Texture texture_;
    float texture_x_ = 0, texture_y_ = 0;  // of the text's origin in it
    float texture_scroll_ = 0, texture_height_ = 0;
    Rgba texture_color_;
    std::uint64_t texture_version_ = 0;  // of the flow; 0: there is none yet
};

}  // namespace headlight::ui
