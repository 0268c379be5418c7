// Owners of Pango's and Cairo's objects, for the sources of the text shaper only.
#pragma once

#include <pango/pangocairo.h>

#include <memory>
#include <string>

#include "gfx/text_shaper.h"

namespace headlight::gfx {

struct ObjectDeleter {
    void operator()(void* object) const { g_object_unref(object); }
};
struct IterDeleter {
    void operator()(PangoLayoutIter* iter) const { pango_layout_iter_free(iter); }
};
struct FontDescriptionDeleter {
    void operator()(PangoFontDescription* description) const { pango_font_description_free(description); }
};
struct CairoSurfaceDeleter {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct CairoDeleter {
    void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
};
using LayoutPtr = std::unique_ptr<PangoLayout, ObjectDeleter>;
using IterPtr = std::unique_ptr<PangoLayoutIter, IterDeleter>;
using FontDescriptionPtr = std::unique_ptr<PangoFontDescription, FontDescriptionDeleter>;
using SurfacePtr = std::unique_ptr<cairo_surface_t, CairoSurfaceDeleter>;
using CairoPtr = std::unique_ptr<cairo_t, CairoDeleter>;

struct TextShaper::Impl {
    std::unique_ptr<PangoFontMap, ObjectDeleter> font_map;
    std::unique_ptr<PangoContext, ObjectDeleter> context;

    FontDescriptionPtr font(const TextStyle& style) const;
    /// A layout of `text` (valid UTF-8) as it stands, without wrapping.
    LayoutPtr layout(const std::string& text, const TextStyle& style) const;
    /// Ascent and descent of a line of this style, whatever is written in it.
    TextExtents line_extents(const TextStyle& style) const;
};

/// Draws a layout so that its (0, 0) lies at (origin_x, origin_y) of a bitmap of this size. Fills has_color.
void draw_layout(PangoLayout* layout, Rgba color, int width, int height, float origin_x, float origin_y,
                 TextBitmap& out);

}  // namespace headlight::gfx
