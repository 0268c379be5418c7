// What all paper figures share: format, style, caption, axes. Figures are drawn with Cairo and Pango; the
// same input gives the same bytes (no date, no random ids), several threads may draw at once, one figure
// each.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/head_id.h"
#include "core/token.h"
#include "core/units/text_unit.h"

namespace headlight {

enum class FigureFormat { Png, Svg, Pdf, Pgf };
/// "png", "svg", "pdf", "pgf" without the dot. Errors: InvalidInput with the list.
Result<FigureFormat> figure_format(const std::string& name);
const char* extension(FigureFormat format);

/// Which range the colours of weights span.
enum class FigureRange { Fixed, PerHead };  // 0 .. 1, or 0 .. the largest weight of each matrix

struct FigureStyle {
    FigureFormat format = FigureFormat::Png;
    double scale = 1.0;         // PNG pixels per unit; 1 = 100 dpi
    double gamma = 0.6;         // of the colour map, printed on the colour bar when not 1
    bool shows_numbers = true;  // percentages in cells from 10 % when they fit

    // Print: see PrintPreset. Text keeps its size in points whatever the width is.
    double width_mm = 0;      // 0: as wide as the figure likes
    double height_mm = 0;     // of the page, the figure is centred on it; 0: as high as it is
    double font_pt = 0;       // of the base text; 0: 7.92
    std::string font_family;  // "sans" (the embedded Inter), "serif", or a name; empty: sans
    bool is_dark = false, is_transparent = false;
    std::string colours = "blues", signed_colours = "rose_blue";  // of figure_colour_maps()
    FigureRange range = FigureRange::Fixed;
    bool shows_title = true, shows_axis_names = true, shows_labels = true, shows_indices = true,
         shows_colour_bar = true;
    int panel_columns = 2;
    bool has_letters = true;  // (a), (b) over several panels
    std::string recipe;       // JSON that the file keeps in its metadata; empty: none

    double unit_pt() const { return (font_pt > 0 ? font_pt : 7.92) / 11; }
    /// Units that the figure may be wide; 0: as many as it likes.
    double room() const { return width_mm * 72 / 25.4 / unit_pt(); }
    /// The same of the height, for figures that can be lower.
    double height_room() const { return height_mm * 72 / 25.4 / unit_pt(); }
};

/// Sizes that journals, slides and posters ask for.
struct PrintPreset {
    const char* name;  // "1", "2", "slide", "poster"
    const char* help;
    double width_mm, height_mm, font_pt;
};
/// One column (85 mm), two (178 mm), a 16:9 slide, a poster's column.
std::span<const PrintPreset> print_presets();

/// Everything that a title and axis needs to say what was measured.
struct FigureCaption {
    std::string model;  // "SmolLM2-135M"
    std::string dtype;  // "float32"
    std::string note;   // e.g. tag of the head, may be empty
};

using FigureTokens = std::shared_ptr<const std::vector<Token>>;

/// Both axes of a matrix of attention and what its mask allows. Queries and keys are the same tokens (one
/// pointer) in all but cross attention.
struct FigureAxes {
    FigureTokens queries, keys;
    bool is_causal = true;
    int window = 0;                      // of the layer, as TraceInfo::window
    TextUnit unit = TextUnit::Token;     // that queries and keys are
    int first_query = 0, first_key = 0;  // numbers of the first ones in the text, of a part of it
    int second = -1;  // number of sentence B's first in the text, of rows and columns alike; -1: no pair
    std::size_t size() const { return queries && keys ? queries->size() * keys->size() : 0; }
};

}  // namespace headlight
