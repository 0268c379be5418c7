#include "ui/paint/kept_picture.h"

#include <backends/imgui_impl_opengl3.h>

#include <algorithm>

#include "gfx/surface.h"

namespace headlight::ui {
namespace {

/// Where the back end lets a command draw, as it rounds the clip rectangle itself.
gfx::SurfacePart scissor_of(const ImDrawCmd& command, int height_px) {
    const ImVec4& clip = command.ClipRect;
    const int height = static_cast<int>(clip.w - clip.y),
              bottom = height_px - static_cast<int>(static_cast<float>(height_px) - clip.w);
    return {static_cast<int>(clip.x), bottom - height, static_cast<int>(clip.z - clip.x), height};
}

/// The command as often as there are parts that it touches, cut to each of them.
void add_cut(ImVector<ImDrawCmd>& out, const ImDrawCmd& command, const TouchedArea& area,
             const std::vector<gfx::SurfacePart>& parts, int height_px) {
    const gfx::SurfacePart own = scissor_of(command, height_px);
    for (const gfx::SurfacePart& part : parts) {
        if (!area.touches(part)) continue;
        const int x0 = std::max(own.x, part.x), y0 = std::max(own.y, part.y),
                  x1 = std::min(own.x + own.width, part.x + part.width),
                  y1 = std::min(own.y + own.height, part.y + part.height);
        if (x0 >= x1 || y0 >= y1) continue;
        out.push_back(command);
        out.back().ClipRect = {static_cast<float>(x0), static_cast<float>(y0), static_cast<float>(x1),
                               static_cast<float>(y1)};
    }
}

}  // namespace

/// The lists get other commands for as long as they are painted; vertices stay where they are.
void KeptPicture::paint_parts(ImDrawData& data, const std::vector<gfx::SurfacePart>& parts) {
    std::vector<ImVector<ImDrawCmd>> cut(static_cast<std::size_t>(data.CmdListsCount));
    std::vector<ImDrawList*> lists;
    std::size_t next = 0;
    for (int i = 0; i < data.CmdListsCount; ++i) {
        ImVector<ImDrawCmd>& commands = cut[static_cast<std::size_t>(i)];
        for (const ImDrawCmd& command : data.CmdLists[i]->CmdBuffer)
            add_cut(commands, command, changes_.areas()[next++], parts, target_.height());
        data.CmdLists[i]->CmdBuffer.swap(commands);
        if (!data.CmdLists[i]->CmdBuffer.empty()) lists.push_back(data.CmdLists[i]);
    }
    ImDrawData painted = data;
    painted.CmdLists = lists.data();
    painted.CmdListsCount = static_cast<int>(lists.size());
    ImGui_ImplOpenGL3_RenderDrawData(&painted);
    for (int i = 0; i < data.CmdListsCount; ++i)
        data.CmdLists[i]->CmdBuffer.swap(cut[static_cast<std::size_t>(i)]);
}

Result<bool> KeptPicture::paint(ImDrawData& data, int width_px, int height_px, gfx::Rgba background) {
    num_painted_ = 0;
    if (!target_ || target_.width() != width_px || target_.height() != height_px) {
        forget();
        HEADLIGHT_TRY(target_, gfx::Framebuffer::make(width_px, height_px));
    }
    const bool has_pixels = data.FramebufferScale.x == 1 && data.FramebufferScale.y == 1 &&
                            data.DisplayPos.x == 0 && data.DisplayPos.y == 0 &&
                            data.DisplaySize.x == static_cast<float>(width_px) &&
                            data.DisplaySize.y == static_cast<float>(height_px);
    if (!has_pixels) {
        forget();
        gfx::bind_surface(&target_, width_px, height_px, background);
        ImGui_ImplOpenGL3_RenderDrawData(&data);
        num_painted_ = static_cast<long long>(width_px) * height_px;
        return true;
    }
    const std::vector<gfx::SurfacePart>& parts = changes_.find(data);
    if (parts.empty()) return false;
    for (const gfx::SurfacePart& part : parts)
        num_painted_ += static_cast<long long>(part.width) * part.height;
    gfx::bind_parts(target_, parts, background);
    paint_parts(data, parts);
    return true;
}

Result<gfx::Image> KeptPicture::read_back() const {
    HEADLIGHT_TRY(gfx::Image image, gfx::read_framebuffer(target_));
    image.flip_rows();
    return image;
}

}  // namespace headlight::ui
