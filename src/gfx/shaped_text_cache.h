// Shaped lines as pieces of textures, kept by text and style; least recently drawn pages go first.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gfx/color.h"
#include "gfx/gl_handles.h"
#include "gfx/text_shaper.h"

namespace headlight::gfx {

/// One line ready to draw. Texture 0 when the cache only measures (no GL).
struct ShapedText {
    GlId texture = 0;
    float u0 = 0, v0 = 0, u1 = 0, v1 = 0;
    int width = 0, height = 0;         // of the quad, pixels
    float origin_x = 0, origin_y = 0;  // pen origin inside the quad
    TextExtents extents;
    bool has_color = false;  // draw with white (times alpha), else tint with the text colour
};

class ShapedTextCache {
  public:
    enum class Mode { Gl, MeasureOnly };
    explicit ShapedTextCache(Mode mode = Mode::Gl, std::size_t budget_bytes = std::size_t{48} << 20);

    /// The line. `color` only matters for texts with colour glyphs: others are kept once and tinted when
    /// drawn. The reference is good until begin_frame().
    const ShapedText& get(std::string_view text, const TextStyle& style, Rgba color);
    TextExtents measure(std::string_view text, const TextStyle& style);

    /// Call once a frame: pages not drawn lately are dropped while the cache is over its budget.
    void begin_frame();
    std::size_t size_bytes() const;
    bool is_measuring_only() const { return mode_ == Mode::MeasureOnly; }
    std::size_t num_entries() const { return entries_.size(); }
    TextShaper& shaper() { return shaper_; }

  private:
    struct Page {
        Texture texture;
        int shelf_x = 0, shelf_y = 0, shelf_height = 0;
        std::uint64_t last_frame = 0;
        int side = 0;
    };
    struct Entry {
        ShapedText shaped;
        int page = -1;
        std::uint64_t last_frame = 0;
    };
    int place(int width, int height, int& x, int& y);
    void drop_page(std::size_t page);
    Mode mode_;
    std::size_t budget_bytes_;
    TextShaper shaper_;
    std::vector<Page> pages_;
    std::unordered_map<std::string, Entry> entries_;
    std::uint64_t frame_ = 1;
};

}  // namespace headlight::gfx
