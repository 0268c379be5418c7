// Which parts of the window look different from the last frame: draw lists compared tile by tile. No GL.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <vector>

#include "gfx/surface.h"

namespace headlight::ui {

/// What one command of a draw list touches, in pixels; empty (x0 >= x1) when nothing of it is to be seen.
struct TouchedArea {
    float x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    bool touches(const gfx::SurfacePart& part) const {
        return x0 < static_cast<float>(part.x + part.width) &&
               y0 < static_cast<float>(part.y + part.height) && x1 > static_cast<float>(part.x) &&
               y1 > static_cast<float>(part.y);
    }
};

/// A pixel depends on nothing but the triangles over it, in their order, their clip rectangles and textures.
/// So a tile over which all of these are as they were holds what it would hold if it were drawn again.
class ChangedParts {
  public:
    static constexpr int kTilePx = 32;
    static constexpr std::size_t kMostParts = 16;

    /// Compares with the data of the last call. The parts do not overlap and lie inside the window; all of it
    /// at the first call, after forget(), and where a draw list calls back.
    const std::vector<gfx::SurfacePart>& find(const ImDrawData& data);
    /// The same data may look different now: fonts or colours behind it changed.
    void forget() { before_.clear(); }
    /// Of the data of the last call, list after list, command after command.
    const std::vector<TouchedArea>& areas() const { return areas_; }

  private:
    void add_list(const ImDrawList& list);
    void add_command(const ImDrawList& list, const ImDrawCmd& command);
    void collect(std::vector<std::uint8_t> is_changed, int across, int down);

    int width_ = 0, height_ = 0, across_ = 0, down_ = 0;
    bool has_callback_ = false;
    std::vector<std::uint64_t> now_, before_;  // [down, across] hashes of all that lies over a tile
    std::vector<TouchedArea> areas_;
    std::vector<gfx::SurfacePart> parts_;
};

}  // namespace headlight::ui
