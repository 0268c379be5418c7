#include "ui/theme.h"

#include <cmath>

namespace headlight::ui {
namespace {

using gfx::rgb;

constexpr Colors kDark = {
    .background = rgb(0x0F1115),
    .card = rgb(0x171A21),
    .line = rgb(0x262B35),
    .text = rgb(0xE6E9EF),
    .dim = rgb(0x8D96A7),
    .accent = rgb(0xF2A33A),
    .second = rgb(0x5AA9FF),
    .third = rgb(0x6CC48A),
    .on_accent = rgb(0x1A1305),
    .control = rgb(0x212631),
    .control_hover = rgb(0x2B3140),
    .control_active = rgb(0x343B4C),
    .track = rgb(0x262B35),
    .other = rgb(0x39404E),
    .masked = rgb(0x111319),
    .grid = rgb(0x171A21),
    .popup = rgb(0x1D212A),
    .shade = rgb(0x07080B, 160),
    .error = rgb(0xF0736A),
    .warning = rgb(0xE5C15A),
};

constexpr Colors kLight = {
    .background = rgb(0xF3F4F7),
    .card = rgb(0xFFFFFF),
    .line = rgb(0xDDE1E8),
    .text = rgb(0x1B1F27),
    .dim = rgb(0x6A7384),
    .accent = rgb(0xC86E00),
    .second = rgb(0x1F6FD0),
    .third = rgb(0x2C8A4F),
    .on_accent = rgb(0xFFFFFF),
    .control = rgb(0xEDEFF4),
    .control_hover = rgb(0xE2E6EE),
    .control_active = rgb(0xD6DBE6),
    .track = rgb(0xE9ECF2),
    .other = rgb(0xD3D8E2),
    .masked = rgb(0xECEEF3),
    .grid = rgb(0xFFFFFF),
    .popup = rgb(0xFFFFFF),
    .shade = rgb(0x1B1F27, 90),
    .error = rgb(0xC2362B),
    .warning = rgb(0x9A6B00),
};

constexpr Rgba kHues[2][kNumNamedHues] = {{rgb(0xFFE14D), rgb(0xFF9A3D), rgb(0xFF5C5C), rgb(0xFF7AC6),
                                           rgb(0xB48CFF), rgb(0x5C9DFF), rgb(0x35D0C8), rgb(0x6FD35A)},
                                          {rgb(0xC9A200), rgb(0xD96B00), rgb(0xCC2222), rgb(0xCF3C93),
                                           rgb(0x7A45D6), rgb(0x1F62D0), rgb(0x0A8F8A), rgb(0x348A1F)}};

void set_colors(ImGuiStyle& style, const Colors& c) {
    const auto set = [&style](ImGuiCol which, Rgba color) { style.Colors[which] = to_vec4(color); };
    set(ImGuiCol_Text, c.text);
    set(ImGuiCol_TextDisabled, c.dim);
    set(ImGuiCol_WindowBg, c.background);
    set(ImGuiCol_ChildBg, Rgba{});
    set(ImGuiCol_PopupBg, c.popup);
    set(ImGuiCol_Border, c.line);
    set(ImGuiCol_BorderShadow, Rgba{});
    set(ImGuiCol_FrameBg, c.control);
    set(ImGuiCol_FrameBgHovered, c.control_hover);
    set(ImGuiCol_FrameBgActive, c.control_hover);
    set(ImGuiCol_ScrollbarBg, Rgba{});
    set(ImGuiCol_ScrollbarGrab, c.control_hover);
    set(ImGuiCol_ScrollbarGrabHovered, c.control_active);
    set(ImGuiCol_ScrollbarGrabActive, c.dim);
    set(ImGuiCol_CheckMark, c.accent);
    set(ImGuiCol_SliderGrab, c.dim);
    set(ImGuiCol_SliderGrabActive, c.text);
    set(ImGuiCol_Button, c.control);
    set(ImGuiCol_ButtonHovered, c.control_hover);
    set(ImGuiCol_ButtonActive, c.control_active);
    set(ImGuiCol_Header, c.control);
    set(ImGuiCol_HeaderHovered, c.control_hover);
    set(ImGuiCol_HeaderActive, c.control_active);
    set(ImGuiCol_Separator, c.line);
    set(ImGuiCol_TextSelectedBg, gfx::faded(c.second, 0.35f));
    set(ImGuiCol_NavHighlight, gfx::faded(c.dim, 0.6f));
    set(ImGuiCol_ModalWindowDimBg, c.shade);
}

}  // namespace

const Colors& theme_colors(ThemeKind kind) {
    return kind == ThemeKind::Dark ? kDark : kLight;
}

Rgba named_hue(ThemeKind kind, int index) {
    return kHues[kind == ThemeKind::Light ? 1 : 0][index % kNumNamedHues];
}

ImU32 to_u32(Rgba color) {
    return IM_COL32(color.r, color.g, color.b, color.a);
}
ImU32 to_u32(Rgba color, float opacity) {
    return to_u32(gfx::faded(color, opacity));
}
ImVec4 to_vec4(Rgba color) {
    return ImGui::ColorConvertU32ToFloat4(to_u32(color));
}

void apply_style(ThemeKind kind, float scale) {
    ImGuiStyle style;  // all defaults, so that a changed scale starts from the same numbers
    const auto px = [scale](float value) { return std::round(value * scale); };
    style.WindowPadding = {px(kCardPadding), px(kCardPadding)};
    style.WindowBorderSize = 0;
    style.ChildBorderSize = 0;
    style.PopupBorderSize = 1;
    style.FrameBorderSize = 0;
    style.WindowRounding = 0;
    style.ChildRounding = px(kRadius);
    style.PopupRounding = px(kRadius);
    style.FrameRounding = px(kControlRadius);
    style.GrabRounding = px(3);
    style.ScrollbarRounding = px(4);
    style.ScrollbarSize = px(9);
    style.FramePadding = {px(8), px(4)};
    style.ItemSpacing = {px(kGap), px(5)};
    style.ItemInnerSpacing = {px(6), px(4)};
    style.GrabMinSize = px(10);
    style.AntiAliasedLinesUseTex = true;
    set_colors(style, theme_colors(kind));
    ImGui::GetStyle() = style;
}

}  // namespace headlight::ui
