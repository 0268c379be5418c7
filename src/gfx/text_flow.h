// A wrapped text of any length with caret geometry: cut into pieces, of which only those in sight are laid
// out, and only those that an edit touches again. Offsets are bytes into the text (valid UTF-8). Needs no GL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gfx/text_shaper.h"

namespace headlight::gfx {

class TextFlow {
  public:
    TextFlow(TextShaper& shaper, const TextStyle& style, float wrap_width_px);
    ~TextFlow();
    TextFlow(const TextFlow&) = delete;
    TextFlow& operator=(const TextFlow&) = delete;

    const std::string& text() const { return text_; }
    /// What has not changed at both ends keeps its layout.
    void set_text(const std::string& text);
    /// Changes whenever anything may look or lie otherwise.
    std::uint64_t version() const { return version_; }

    /// Pixels; pieces that nobody has seen count with an estimate.
    float height() const;
    float line_height() const { return line_height_; }
    /// Lays out what [top, bottom) shows and `spare` around it. How far what was at `top` has moved down:
    /// estimates above it were wrong by so much.
    float show(float top, float bottom, float spare);
    std::size_t num_pieces() const { return pieces_.size(); }
    /// How many of them were ever laid out; for tests.
    std::size_t num_layouts() const { return num_layouts_; }

    // As of a TextParagraph. What they need is laid out.
    TextRect caret(std::size_t byte);
    std::size_t byte_at(float x, float y);
    /// Of the lines between y_begin and y_end.
    std::vector<TextRect> selection(std::size_t begin, std::size_t end, float y_begin, float y_end);
    std::size_t move_visually(std::size_t byte, int direction);
    std::size_t next_grapheme(std::size_t byte, int direction);
    std::size_t next_word(std::size_t byte, int direction);
    std::size_t line_edge(std::size_t byte, int direction);
    TextBitmap draw(Rgba color, float y_begin, float y_end);

  private:
    /// Whole lines of the text, or a part of a very long one.
    struct Piece {
        std::size_t begin = 0, end = 0;  // a line break at the end is not part of it
        bool is_cut = false;             // the next piece goes on in the same line of the text
        float height = 0;                // an estimate until it is laid out
        std::unique_ptr<TextParagraph> paragraph;
    };
    /// Pieces of text_[begin, end), which begins a piece.
    std::vector<Piece> cut(std::size_t begin, std::size_t end) const;
    std::size_t cut_line(std::size_t begin, std::size_t end, bool is_from_right) const;
    float estimated_height(std::size_t begin, std::size_t end) const;
    std::size_t piece_of(std::size_t byte) const;
    float top_of(std::size_t piece) const;
    const TextParagraph& paragraph(std::size_t piece);
    using Step = std::size_t (TextParagraph::*)(std::size_t, int) const;
    std::size_t step(std::size_t byte, int direction, Step how);

    TextShaper& shaper_;
    TextStyle style_;
    float width_, line_height_ = 0, letter_width_ = 1;
    std::string text_;
    std::vector<Piece> pieces_;  // at least one
    std::uint64_t version_ = 0;
    std::size_t num_layouts_ = 0;
};

}  // namespace headlight::gfx
