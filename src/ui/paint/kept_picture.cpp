#include "ui/paint/kept_picture.h"

#include <backends/imgui_impl_opengl3.h>

#include <algorithm>

#include "gfx/surface.h"

namespace headlight::ui {
namespace {

/// The command as often as there are parts that it touches, cut to each of them.
void add_cut(ImVector<ImDrawCmd>& out, const ImDrawCmd& command, const TouchedArea& area,
             const std::vector<gfx::SurfacePart>& parts) {
    for (const gfx::SurfacePart& part : parts) {
        if (!area.touches(part)) continue;
        ImDrawCmd cut = command;
        cut.ClipRect.x = std::max(cut.ClipRect.x, static_cast<float>(part.x));
        cut.ClipRect.y = std::max(cut.ClipRect.y, static_cast<float>(part.y));
        cut.ClipRect.z = std::min(cut.ClipRect.z, static_cast<float>(part.x + part.width));
        cut.ClipRect.w = std::min(cut.ClipRect.w, static_cast<float>(part.y + part.height));
        if (cut.ClipRect.x < cut.ClipRect.z && cut.ClipRect.y < cut.ClipRect.w) out.push_back(cut);
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
            add_cut(commands, command, changes_.areas()[next++], parts);
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
