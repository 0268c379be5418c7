// The bar at the window's top. While it gets narrower its parts give way one after the other, as `BarFold`
// lists them.
#include <algorithm>
#include <cmath>
#include <string>

#include "ui/controls.h"
#include "ui/dialogs/dialogs.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"

namespace headlight::ui {
namespace {

constexpr const char* kMoreButton = "\u2026##top_more";
constexpr float kBarMoreWidth = 30, kPad = 14;

/// What has given way; each step includes those before it.
enum class BarFold {
    Nothing,
    RightWords,
    ChipDim,
    SegmentsAreChip,
    MenusInOne,
    ButtonShort,
    NameGone,
    ChipShort
};

float text_width(std::string_view text) {
    return measure_text(kit().fonts.body, text).x;
}

float pill_width(std::string_view label) {
    return std::round(text_width(visible_text(label)) + 2 * px(12));
}

/// A chip that opens a list of the segments: as wide as its chosen word.
float segment_chip_width(std::span<const Segment> segments, int selected) {
    if (segments.empty()) return 0;
    const std::string_view chosen = segments[static_cast<std::size_t>(selected)].label;
    return std::round(text_width(visible_text(chosen)) + px(36));
}

class TopBar {
  public:
    TopBar(const TopBarSpec& spec, float menus_width) : spec_(spec), menus_width_(menus_width) {}

    /// Gives way until all fits into `width`.
    void fit(float width) {
        while (needed() > width && fold_ != BarFold::ChipShort)
            fold_ = static_cast<BarFold>(static_cast<int>(fold_) + 1);
    }
    bool has(BarFold part) const { return fold_ >= part; }
    /// Of a switch, or of the chip that it became.
    float width_of(std::span<const Segment> segments, int selected) const {
        if (segments.empty()) return 0;
        return has(BarFold::SegmentsAreChip) ? segment_chip_width(segments, selected)
                                             : segmented_width(segments);
    }
    const char* button() const {
        return has(BarFold::ButtonShort) && spec_.short_button ? spec_.short_button : spec_.right_button;
    }

  private:
    float needed() const {
        float out = px(kPad) + px(10);
        if (!has(BarFold::NameGone)) out += measure_text(kit().fonts.semibold, spec_.name).x + px(10);
        out += has(BarFold::MenusInOne) ? px(kBarMoreWidth) + px(6) : menus_width_ + px(kPad);
        out += text_width(spec_.chip_strong) + 2 * px(9) + px(16);
        if (!has(BarFold::ChipDim)) out += std::min(text_width(spec_.chip_dim), px(140));
        if (!has(BarFold::RightWords) && !spec_.right.empty()) out += text_width(spec_.right) + px(kPad);
        if (!spec_.variants.empty()) out += width_of(spec_.variants, spec_.variant) + px(8);
        if (!spec_.segments.empty()) out += width_of(spec_.segments, spec_.selected) + px(kPad);
        return out + (button() != nullptr ? pill_width(button()) : 0);
    }

    const TopBarSpec& spec_;
    float menus_width_;
    BarFold fold_ = BarFold::Nothing;
};

// The chip in the middle: what is open. Returns its width.
float draw_chip(const TopBarSpec& spec, ImVec2 pos, float max_width, bool has_dim, bool& is_clicked) {
    const Colors& c = colors();
    Kit& k = kit();
    const float pad = px(9), height = px(kControlHeight);
    const std::string strong = shorten_text(k.fonts.body, spec.chip_strong, max_width - 2 * pad);
    const float strong_width = text_width(strong);
    const std::string dim =
        has_dim ? shorten_text(k.fonts.body, spec.chip_dim, max_width - strong_width - 2 * pad)
                : std::string();
    const float width = std::max(1.0f, strong_width + text_width(dim) + 2 * pad);
    ImGui::SetCursorScreenPos(pos);
    is_clicked = ImGui::InvisibleButton("##open_chip", {width, height});
    const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
    record_item("##open_chip", min, max, true, false, spec.chip_strong);
    if (!has_dim || dim.size() < spec.chip_dim.size()) {
        const std::string whole = std::string(spec.chip_strong) + std::string(spec.chip_dim);
        tooltip_for_last_item(whole);
    }
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_fill(list, min, max, ImGui::IsItemHovered() ? c.control_hover : c.control, px(kControlRadius));
    const float top = 0.5f * (min.y + max.y - k.fonts.body->FontSize);
    draw_text(list, k.fonts.body, {min.x + pad, top}, c.text, strong);
    draw_text(list, k.fonts.body, {min.x + pad + strong_width, top}, c.dim, dim);
    return width;
}

/// All menus behind one button at the right end.
void draw_menus_in_one(const TopBarSpec& spec, ImVec2 pos) {
    ImGui::SetCursorScreenPos(pos);
    if (pill_button(kMoreButton) || kit().focus.take_menu_wish()) ImGui::OpenPopup("##all_menus");
    if (!begin_menu_popup("##all_menus", {ImGui::GetItemRectMax().x, pos.y + px(kControlHeight) + px(4)}, 1))
        return;
    kit().density = Density::Menu;
    spec.menus();
    kit().density = Density::Full;
    ImGui::EndPopup();
}

}  // namespace

float top_bar_height() {
    return px(40);
}

TopBarResponse top_bar(const TopBarSpec& spec, ImVec2 pos, float width) {
    const Colors& c = colors();
    Kit& k = kit();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float height = top_bar_height(), control_top = pos.y + 0.5f * (height - px(kControlHeight));
    const float text_top = pos.y + 0.5f * (height - k.fonts.body->FontSize);
    TopBarResponse response{.chosen_segment = spec.selected, .chosen_variant = spec.variant};
    draw_hline(list, pos.x, pos.x + width, pos.y + height - 1, c.line);
    ImGui::PushID("##top");
    const auto draw_menus = [&] {
        if (spec.menus) spec.menus();
    };
    TopBar bar(spec, unseen_width(draw_menus, Density::Full));
    bar.fit(width);
    float x = pos.x + px(kPad), right = pos.x + width - px(10);
    if (!bar.has(BarFold::NameGone)) {
        draw_text(list, k.fonts.semibold, {x, text_top}, c.text, spec.name);
        x += measure_text(k.fonts.semibold, spec.name).x + px(10);
    }
    if (bar.has(BarFold::MenusInOne)) {
        right -= pill_width(kMoreButton);
        draw_menus_in_one(spec, {right, control_top});
        right -= px(6);
    } else {
        ImGui::SetCursorScreenPos({x, control_top});
        ImGui::BeginGroup();
        draw_menus();
        ImGui::EndGroup();
        x += ImGui::GetItemRectSize().x + px(kPad);
    }
    if (bar.button() != nullptr) {
        right -= pill_width(bar.button());
        ImGui::SetCursorScreenPos({right, control_top});
        response.is_button_clicked = pill_button(bar.button());
        right -= px(kPad);
    }
    const bool has_chip = bar.has(BarFold::SegmentsAreChip);
    const float segments = bar.width_of(spec.segments, spec.selected);
    const float variants = spec.variants.empty() ? 0 : bar.width_of(spec.variants, spec.variant) + px(8);
    if (segments > 0 && !has_chip) {
        right -= segments;
        ImGui::SetCursorScreenPos({right, control_top});
        segmented("##segments", spec.segments, response.chosen_segment);
        right -= px(kPad);
    }
    if (!bar.has(BarFold::RightWords)) {
        right -= text_width(spec.right);
        draw_text(list, k.fonts.body, {right, text_top}, c.dim, spec.right);
    }
    if (has_chip) right -= segments + px(6);
    x += draw_chip(spec, {x, control_top}, std::max(px(60), right - x - px(16) - variants),
                   !bar.has(BarFold::ChipDim), response.is_chip_clicked);
    k.density = has_chip ? Density::Compact : Density::Full;
    if (variants > 0) {
        ImGui::SetCursorScreenPos({x + px(8), control_top});
        segmented("##variants", spec.variants, response.chosen_variant);
        x += variants;
    }
    if (has_chip && segments > 0) {
        ImGui::SetCursorScreenPos({x + px(8), control_top});
        segmented("##segments", spec.segments, response.chosen_segment);
    }
    k.density = Density::Full;
    ImGui::PopID();
    return response;
}

}  // namespace headlight::ui
