// What figures look like: colours, font, colour maps, sizes. The style of a figure is in force on its thread
// while it is laid out and painted (LookScope), so that no drawing names a colour or a font.
#pragma once

#include <string>

#include "figure/colour_maps.h"
#include "figure/figure.h"

namespace headlight {

struct FigureLook {
    bool is_dark = false, is_transparent = false;
    Rgb8 paper, ink, dim, line, faint_line, node;
    /// Keys that the mask forbids. Neutral, while every colour of the default map but its ground has a hue.
    Rgb8 masked;
    Rgb8 self, previous, first, other;  // shares of the flow plot
    std::string families;               // for Pango and SVG, first choice first
    const Colormap* weights = nullptr;
    const SignedColourMap* changes = nullptr;

    /// Colour of a weight in [0, 1] after weight^gamma.
    Rgb8 weight_colour(double value, double gamma) const { return sample(*weights, value, gamma); }
    /// Colour of a change in [-1, 1], by |value|^gamma.
    Rgb8 change_colour(double value, double gamma) const { return changes->at(value, gamma); }
    /// Ink or paper of the light theme, whichever reads better on a colour.
    static Rgb8 text_on(Rgb8 colour);
};

/// Of this thread. The light look without a LookScope.
const FigureLook& look();

/// Puts a style's look in force. Names of maps that are unknown give the default ones: check_style() refuses
/// them before.
class LookScope {
  public:
    explicit LookScope(const FigureStyle& style);
    ~LookScope();
    LookScope(const LookScope&) = delete;
    LookScope& operator=(const LookScope&) = delete;

  private:
    FigureLook mine_;
    const FigureLook* before_;
};

/// Errors: InvalidInput (a colour map that is not there, sizes out of range) with what there is.
Status check_style(const FigureStyle& style);

/// Series that curves, lines and bars tell apart, also with colour-blind eyes; -1: the dim one.
inline constexpr int kNumCurveColours = 10;
Rgb8 series_colour(int index);

// Sizes in units, at which text of the natural size stands.
inline constexpr double kTitlePx = 15;
inline constexpr double kTextPx = 11;
inline constexpr double kLabelPx = 10;
inline constexpr double kMarginPx = 16;
inline constexpr double kAxisNamePx = 18;  // room for "query (from)" and "key (to)"

/// Empty room around a figure: little in print, where the page has its own.
inline double margin_of(const FigureStyle& style) {
    return style.width_mm > 0 ? 2 : kMarginPx;
}

}  // namespace headlight
