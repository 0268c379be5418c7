#include "ui/paint/changed_parts.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "gfx/texture_changes.h"

namespace headlight::ui {
namespace {

/// One round of a multiplicative hash; the shift brings the high bits, which are the good ones, down again.
std::uint64_t stir(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15ull;
    return hash ^ (hash >> 32);
}

std::uint64_t bits_of(const void* eight_bytes) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, eight_bytes, sizeof bits);
    return bits;
}

std::uint64_t stir_vertex(std::uint64_t hash, const ImDrawVert& vertex) {
    return stir(stir(stir(hash, bits_of(&vertex.pos)), bits_of(&vertex.uv)), vertex.col);
}

std::uint64_t hash_of_state(const ImDrawCmd& command) {
    const auto texture = static_cast<gfx::GlId>(reinterpret_cast<std::uintptr_t>(command.GetTexID()));
    const std::uint64_t hash = stir(stir(1, texture), gfx::texture_stamp(texture));
    return stir(stir(hash, bits_of(&command.ClipRect.x)), bits_of(&command.ClipRect.z));
}

int divide_up(int a, int b) {
    return (a + b - 1) / b;
}

}  // namespace

// What a command covers, a pixel more to each side: edges are rounded by the driver.
void ChangedParts::add_command(const ImDrawList& list, const ImDrawCmd& command) {
    TouchedArea touched{static_cast<float>(width_), static_cast<float>(height_), 0, 0};
    const std::uint64_t state = hash_of_state(command);
    const TouchedArea clip{std::max(0.0f, command.ClipRect.x), std::max(0.0f, command.ClipRect.y),
                           std::min(static_cast<float>(width_), command.ClipRect.z),
                           std::min(static_cast<float>(height_), command.ClipRect.w)};
    const ImDrawIdx* index = list.IdxBuffer.Data + command.IdxOffset;
    const ImDrawVert* vertices = list.VtxBuffer.Data + command.VtxOffset;
    for (unsigned i = 0; i + 2 < command.ElemCount; i += 3) {
        const ImDrawVert &a = vertices[index[i]], &b = vertices[index[i + 1]], &c = vertices[index[i + 2]];
        const float x0 = std::max(clip.x0, std::min({a.pos.x, b.pos.x, c.pos.x}) - 1),
                    y0 = std::max(clip.y0, std::min({a.pos.y, b.pos.y, c.pos.y}) - 1),
                    x1 = std::min(clip.x1, std::max({a.pos.x, b.pos.x, c.pos.x}) + 1),
                    y1 = std::min(clip.y1, std::max({a.pos.y, b.pos.y, c.pos.y}) + 1);
        if (!(x0 < x1 && y0 < y1)) continue;
        touched = {std::min(touched.x0, x0), std::min(touched.y0, y0), std::max(touched.x1, x1),
                   std::max(touched.y1, y1)};
        const std::uint64_t hash = stir_vertex(stir_vertex(stir_vertex(state, a), b), c);
        const int first = static_cast<int>(x0) / kTilePx,
                  last = std::min(across_ - 1, static_cast<int>(x1) / kTilePx);
        const int bottom = std::min(down_ - 1, static_cast<int>(y1) / kTilePx);
        for (int row = static_cast<int>(y0) / kTilePx; row <= bottom; ++row) {
            std::uint64_t* tiles =
                now_.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(across_);
            for (int col = first; col <= last; ++col)
                tiles[col] = stir(tiles[col], hash);
        }
    }
    areas_.push_back(touched);
}

void ChangedParts::add_list(const ImDrawList& list) {
    for (const ImDrawCmd& command : list.CmdBuffer) {
        if (command.UserCallback == nullptr) {
            add_command(list, command);
            continue;
        }
        areas_.push_back({0, 0, static_cast<float>(width_), static_cast<float>(height_)});
        has_callback_ = has_callback_ || command.UserCallback != ImDrawCallback_ResetRenderState;
    }
}

const std::vector<gfx::SurfacePart>& ChangedParts::find(const ImDrawData& data) {
    const int width = static_cast<int>(data.DisplaySize.x), height = static_cast<int>(data.DisplaySize.y);
    if (width != width_ || height != height_) forget();
    width_ = width;
    height_ = height;
    across_ = divide_up(width, kTilePx);
    down_ = divide_up(height, kTilePx);
    areas_.clear();
    has_callback_ = false;
    now_.assign(static_cast<std::size_t>(across_) * static_cast<std::size_t>(down_), 0);
    for (int i = 0; i < data.CmdListsCount; ++i)
        add_list(*data.CmdLists[i]);
    parts_.clear();
    if (before_.size() != now_.size() || has_callback_) {
        if (width > 0 && height > 0) parts_.push_back({0, 0, width, height});
    } else {
        std::vector<std::uint8_t> is_changed(now_.size());
        for (std::size_t i = 0; i < now_.size(); ++i)
            is_changed[i] = now_[i] != before_[i] ? 1 : 0;
        collect(std::move(is_changed), across_, down_);
    }
    before_.swap(now_);
    return parts_;
}

/// Rectangles of changed tiles: runs of a row, joined with the same run of the row above. Where there are too
/// many, four tiles become one.
void ChangedParts::collect(std::vector<std::uint8_t> is_changed, int across, int down) {
    for (int side = kTilePx;; side *= 2) {
        parts_.clear();
        for (int row = 0; row < down; ++row) {
            const std::uint8_t* tiles = is_changed.data() + static_cast<std::ptrdiff_t>(row) * across;
            for (int col = 0; col < across; ++col) {
                if (tiles[col] == 0) continue;
                const int first = col;
                while (col < across && tiles[col] != 0)
                    ++col;
                const int x = first * side, y = row * side, width = std::min(width_, col * side) - x,
                          height = std::min(height_, (row + 1) * side) - y;
                const auto above = std::find_if(parts_.begin(), parts_.end(), [&](const auto& part) {
                    return part.x == x && part.width == width && part.y + part.height == y;
                });
                if (above != parts_.end()) above->height += height;
                if (above == parts_.end()) parts_.push_back({x, y, width, height});
            }
        }
        if (parts_.size() <= kMostParts) return;
        const int half_across = divide_up(across, 2), half_down = divide_up(down, 2);
        std::vector<std::uint8_t> coarse(static_cast<std::size_t>(half_across) *
                                         static_cast<std::size_t>(half_down));
        for (int row = 0; row < down; ++row) {
            for (int col = 0; col < across; ++col)
                coarse[static_cast<std::size_t>(row / 2 * half_across + col / 2)] |=
                    is_changed[static_cast<std::size_t>(row * across + col)];
        }
        is_changed = std::move(coarse);
        across = half_across;
        down = half_down;
    }
}

}  // namespace headlight::ui
