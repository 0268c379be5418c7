// Text shaped by Pango, one font map per thread (Pango's own rule). Shaped texts are kept and used again: the
// same token labels stand in hundreds of figures.
#pragma once

#include <string>
#include <string_view>
#include <vector>

typedef struct _PangoLayout PangoLayout;

namespace headlight {

/// One shaped line. Lengths in figure units.
struct ShapedText {
    std::string text;  // what is drawn: code points that no font has are written as ⟨hex⟩
    PangoLayout* layout = nullptr;
    double width = 0;   // advance
    double ascent = 0;  // from the top of the line to the baseline
    double height = 0;  // of the line
};

/// Shapes a line in the font of look(). The reference lives until the same thread has shaped some thousand
/// other texts; use it at once. Control characters and line breaks are drawn as ⟨hex⟩.
const ShapedText& shape_text(std::string_view text, double size_px, bool is_bold = false);

double text_width(std::string_view text, double size_px, bool is_bold = false);

/// The text, or its longest beginning with "…" that is at most `max_width` wide; cut between graphemes only.
std::string fit_text(std::string_view text, double size_px, double max_width, bool is_bold = false);

/// The text in lines that are at most `max_width` wide, broken between words; no more than `most_lines`, the
/// last one then ends in "…".
std::vector<std::string> wrap_text(std::string_view text, double size_px, double max_width, int most_lines);

/// A label that is at most `max_width` wide: where it is longer its middle gives way to "…"
/// (shorten_middle()).
std::string fit_label(std::string_view text, double size_px, double max_width);

/// Distance that two lines of this size need so that accents and descenders do not touch.
double line_height(double size_px);

/// How many code points of the text no installed font can draw.
int count_missing_glyphs(std::string_view text);

}  // namespace headlight
