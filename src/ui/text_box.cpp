#include "ui/text_box.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/utf8.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"

namespace headlight::ui {
namespace {

constexpr float kTextSize = 14, kPadX = 12, kPadY = 8;
constexpr double kBlinkSeconds = 0.53;

}  // namespace

TextBox::TextBox() = default;
TextBox::~TextBox() = default;

gfx::TextStyle TextBox::style() const {
    return {kTextSize * kit().scale, gfx::TextWeight::Regular};
}

void TextBox::set_text(std::string text, bool is_new) {
    text = utf8::replace_invalid(text);
    if (text == text_ && !is_new) return;
    if (is_new) {
        undo_.clear();
        redo_.clear();
    } else {
        note_undo();
    }
    text_ = std::move(text);
    caret_ = anchor_ = text_.size();
    wants_caret_in_sight_ = !is_new;
    last_edit_time_ = -10;
}

void TextBox::layout(float width) {
    const gfx::TextStyle wanted = style();
    if (!flow_ || flow_width_ != width || flow_size_ != wanted.size_px) {
        flow_ = std::make_unique<gfx::TextFlow>(kit().text_cache.shaper(), wanted, width);
        flow_width_ = width;
        flow_size_ = wanted.size_px;
        texture_version_ = 0;
    }
    flow_->set_text(text_);
}

float TextBox::height(float width, int max_lines) {
    layout(width - 2 * px(kPadX));
    const float most = flow_->line_height() * static_cast<float>(max_lines);
    flow_->show(0, most, 0);
    return std::round(std::min(flow_->height(), most) + 2 * px(kPadY));
}

void TextBox::take_focus(ImVec2 min, ImVec2 max, bool is_pressed) {
    if (wants_focus_) {
        anchor_ = 0;
        caret_ = text_.size();
        kit().focus.hide();
    }
    if (wants_focus_ || is_pressed) {
        if (!is_focused_) caret_shown_at_ = ImGui::GetTime();
        is_focused_ = true;
        wants_focus_ = false;
        ImGui::ClearActiveID();
    } else if (is_focused_ && ImGui::IsMouseClicked(ImGuiMouseButton_Left) &&
               !ImGui::IsMouseHoveringRect(min, max)) {
        is_focused_ = false;
    }
    // Another field took the keyboard, or Escape gave it back.
    ImGuiContext* context = ImGui::GetCurrentContext();
    if (is_focused_ && context->ActiveId != 0 && context->InputTextState.ID == context->ActiveId)
        is_focused_ = false;
    const bool is_escaped =
        ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape), false) && !kit().was_escape_used;
    const bool is_left = ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Tab), false);
    if (is_focused_ && (is_escaped || is_left)) is_focused_ = false;
    if (!is_focused_) is_selecting_ = false;
}

bool TextBox::draw(const char* label, std::string_view hint, float width, int max_lines,
                   const std::vector<TextMark>& marks) {
    const Colors& c = colors();
    const float outer_height = height(width, max_lines), visible_height = outer_height - 2 * px(kPadY);
    visible_height_ = visible_height;
    ImGui::InvisibleButton(label, {std::max(1.0f, width), outer_height}, ImGuiButtonFlags_PressedOnClick);
    const bool is_hovered = ImGui::IsItemHovered();
    const bool is_pressed = is_hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Left);
    const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
    record_item(label, min, max, true, is_focused_, text_);
    if (is_hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_TextInput);
    take_focus(min, max, is_pressed);

    const ImVec2 origin{min.x + px(kPadX), min.y + px(kPadY)};
    bool has_changed = false;
    if (is_focused_) {
        ImGui::CaptureKeyboardFromApp(true);
        ImGui::GetCurrentContext()->WantTextInputNextFrame = 1;
        handle_mouse({origin.x, origin.y - scroll_y_});
        has_changed = handle_input();
        if (has_changed) request_redraw();
    }
    layout(width - 2 * px(kPadX));
    if (std::exchange(wants_caret_in_sight_, false)) scroll_to(caret_, visible_height);
    const auto wanted = std::exchange(wanted_in_sight_, std::nullopt);
    if (wanted && !is_focused_) scroll_to(std::min(*wanted, text_.size()), visible_height);
    if (is_hovered && ImGui::GetIO().MouseWheel != 0 && flow_->height() > visible_height) {
        scroll_y_ -= ImGui::GetIO().MouseWheel * 3 * style().size_px;
    }
    scroll_y_ = std::clamp(scroll_y_, 0.0f, std::max(0.0f, flow_->height() - visible_height));
    scroll_y_ += flow_->show(scroll_y_, scroll_y_ + visible_height, visible_height);
    scroll_y_ = std::clamp(scroll_y_, 0.0f, std::max(0.0f, flow_->height() - visible_height));

    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_fill(list, min, max, c.control, px(6));
    draw_frame(list, min, max, is_focused_ ? gfx::mix(c.line, c.dim, 0.7f) : c.line, px(6));
    list->PushClipRect({min.x + px(4), min.y + px(2)}, {max.x - px(4), max.y - px(2)}, true);
    if (text_.empty())
        draw_text(list, kit().fonts.body, {origin.x, origin.y + px(1)}, c.dim,
                  shorten_text(kit().fonts.body, hint, width - 2 * px(kPadX)));
    draw_content(list, {origin.x, std::round(origin.y - scroll_y_)}, visible_height, marks);
    list->PopClipRect();
    return has_changed;
}

void TextBox::draw_content(ImDrawList* list, ImVec2 origin, float visible_height,
                           const std::vector<TextMark>& marks) {
    const Colors& c = colors();
    const auto fill = [&](std::size_t begin, std::size_t end, Rgba color) {
        for (const gfx::TextRect& rect :
             flow_->selection(begin, end, scroll_y_ - 1, scroll_y_ + visible_height + 1)) {
            draw_fill(list, {origin.x + rect.x, origin.y + rect.y},
                      {origin.x + rect.x + rect.width, origin.y + rect.y + rect.height}, color, px(3));
        }
    };
    for (const TextMark& mark : marks)
        fill(mark.begin, std::min(mark.end, text_.size()), mark.fill);
    if (is_focused_) fill(selection_begin(), selection_end(), gfx::faded(c.second, 0.30f));
    refresh_texture(visible_height);
    if (texture_ && !text_.empty()) {
        const ImVec2 min{origin.x - texture_x_, origin.y - texture_y_};
        draw_texture(
            list, texture_.id(), min,
            {min.x + static_cast<float>(texture_.width()), min.y + static_cast<float>(texture_.height())});
    }
    if (!is_focused_) return;
    const double since = ImGui::GetTime() - caret_shown_at_;
    if (std::fmod(since, 2 * kBlinkSeconds) < kBlinkSeconds) {
        const gfx::TextRect caret = flow_->caret(caret_);
        draw_fill(list, {origin.x + caret.x, origin.y + caret.y},
                  {origin.x + caret.x + std::max(1.0f, px(1.5f)), origin.y + caret.y + caret.height}, c.text);
    }
    request_redraw(kBlinkSeconds - std::fmod(since, kBlinkSeconds) + 0.01);
}

void TextBox::refresh_texture(float visible_height) {
    const Rgba color = colors().text;
    const bool is_whole =
        texture_scroll_ <= scroll_y_ && texture_scroll_ + texture_height_ >= scroll_y_ + visible_height;
    if (texture_version_ == flow_->version() + 1 && is_whole && texture_color_ == color) return;
    // Some lines more than are seen, so that scrolling a little draws nothing anew.
    const float spare = visible_height;
    texture_scroll_ = std::max(0.0f, scroll_y_ - spare);
    texture_height_ = visible_height + 2 * spare;
    texture_color_ = color;
    texture_ = {};
    if (text_.empty() || kit().text_cache.is_measuring_only()) {
        texture_version_ = flow_->version() + 1;
        return;
    }
    const gfx::TextBitmap bitmap = flow_->draw(color, texture_scroll_, texture_scroll_ + texture_height_);
    texture_version_ = flow_->version() + 1;  // drawing may have laid out more
    if (bitmap.pixels.empty()) return;
    texture_x_ = bitmap.origin_x;
    texture_y_ = bitmap.origin_y;
    if (auto made =
            gfx::Texture::make(gfx::TexelFormat::RGBA8, bitmap.width, bitmap.height, bitmap.pixels.data())) {
        texture_ = std::move(*made);
    }
}

void TextBox::scroll_to(std::size_t byte, float visible_height) {
    const gfx::TextRect at = flow_->caret(byte);
    // What lies around it may be higher than was thought: laid out first, it is not moved away again.
    const float y = at.y + flow_->show(at.y, at.y + at.height, visible_height);
    if (y < scroll_y_) scroll_y_ = y;
    if (y + at.height > scroll_y_ + visible_height) scroll_y_ = y + at.height - visible_height;
}

}  // namespace headlight::ui
