// Text of any script laid out by Pango and drawn by Cairo into memory. Needs no GL.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gfx/color.h"

namespace headlight::gfx {

enum class TextWeight { Regular = 400, Medium = 500, Semibold = 600 };

struct TextStyle {
    float size_px = 13;
    TextWeight weight = TextWeight::Regular;
    bool operator==(const TextStyle&) const = default;
};

/// Sizes in pixels. Pen moves `advance`; ascent and descent are the line's, the same for every text of a
/// style.
struct TextExtents {
    float advance = 0, ascent = 0, descent = 0;
    float height() const { return ascent + descent; }
};

/// A drawn line. Pixels are RGBA, straight alpha. Pen origin (left end of the baseline) is at (origin_x,
/// origin_y).
struct TextBitmap {
    int width = 0, height = 0;
    float origin_x = 0, origin_y = 0;
    TextExtents extents;
    bool has_color = false;  // holds colour glyphs (emoji), so it cannot be tinted afterwards
    std::vector<Rgba> pixels;
};

struct TextRect {
    float x = 0, y = 0, width = 0, height = 0;
};

/// One thread only. Invalid UTF-8 counts as U+FFFD; a character that no font has is drawn as "<U+XXXX>" in
/// angle brackets; line breaks are drawn as spaces by the one-line functions.
class TextShaper {
  public:
    TextShaper();
    ~TextShaper();
    TextShaper(const TextShaper&) = delete;
    TextShaper& operator=(const TextShaper&) = delete;

    TextExtents measure(std::string_view text, const TextStyle& style);
    TextBitmap draw(std::string_view text, const TextStyle& style, Rgba color);
    /// What is drawn in place of `text`: missing characters as code points.
    std::string drawable(std::string_view text, const TextStyle& style);

    struct Impl;  // Pango's objects; known to the sources of the shaper only
    Impl& impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

/// A wrapped paragraph with caret geometry, for the text box. Offsets are bytes into the given text (valid
/// UTF-8).
class TextParagraph {
  public:
    TextParagraph(TextShaper& shaper, std::string text, const TextStyle& style, float wrap_width_px);
    ~TextParagraph();
    TextParagraph(TextParagraph&&) noexcept;
    TextParagraph& operator=(TextParagraph&&) noexcept;

    const std::string& text() const;
    float width() const;
    float height() const;
    int num_lines() const;
    /// Caret before the byte: a rectangle without width.
    TextRect caret(std::size_t byte) const;
    /// The caret position nearest to a point.
    std::size_t byte_at(float x, float y) const;
    /// Rectangles that cover [begin, end) on each line.
    std::vector<TextRect> selection(std::size_t begin, std::size_t end) const;
    /// Next caret position visually left (-1) or right (+1); by grapheme, never inside a cluster.
    std::size_t move_visually(std::size_t byte, int direction) const;
    /// Grapheme and word boundaries in logical order; direction -1 or +1.
    std::size_t next_grapheme(std::size_t byte, int direction) const;
    std::size_t next_word(std::size_t byte, int direction) const;
    /// Start or end (direction -1, +1) of the line that holds the byte.
    std::size_t line_edge(std::size_t byte, int direction) const;
    /// The rows of pixels [y_begin, y_end) of the paragraph; the bitmap's origin is where the paragraph's (0,
    /// 0) lies in it.
    TextBitmap draw(Rgba color, float y_begin, float y_end) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace headlight::gfx
