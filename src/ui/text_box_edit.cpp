// The text box's keys, clipboard, mouse and undo.
#include <imgui.h>

#include <algorithm>

#include "base/utf8.h"
#include "ui/kit.h"
#include "ui/text_box.h"

namespace headlight::ui {
namespace {

constexpr std::size_t kMostUndo = 200;
constexpr std::size_t kMostUndoBytes = std::size_t{16} << 20;  // of the texts that undo keeps
constexpr std::size_t kMostBytes = std::size_t{4} << 20;       // a longer paste is cut
constexpr double kTypingPause = 0.8;

bool is_pressed(ImGuiKey key) {
    return ImGui::IsKeyPressed(ImGui::GetKeyIndex(key));
}

}  // namespace

void TextBox::move_to(std::size_t byte, bool keeps_anchor) {
    caret_ = std::min(byte, text_.size());
    if (!keeps_anchor) anchor_ = caret_;
    caret_shown_at_ = ImGui::GetTime();
    last_edit_time_ = -10;  // what is typed next is undone by itself
}

std::size_t TextBox::line_above_or_below(int direction) {
    const gfx::TextRect at = flow_->caret(caret_);
    const float y = direction < 0 ? at.y - 0.5f * at.height : at.y + 1.5f * at.height;
    if (y < 0) return 0;
    if (y > flow_->height()) return text_.size();
    return flow_->byte_at(at.x, y);
}

bool TextBox::handle_moves() {
    const ImGuiIO& io = ImGui::GetIO();
    const bool keeps = io.KeyShift, by_word = io.KeyCtrl;
    const std::size_t before = caret_, anchor_before = anchor_;
    const bool collapses = !keeps && caret_ != anchor_;
    if (is_pressed(ImGuiKey_LeftArrow)) {
        move_to(collapses ? selection_begin()
                : by_word ? flow_->next_word(caret_, -1)
                          : flow_->move_visually(caret_, -1),
                keeps);
    }
    if (is_pressed(ImGuiKey_RightArrow)) {
        move_to(collapses ? selection_end()
                : by_word ? flow_->next_word(caret_, 1)
                          : flow_->move_visually(caret_, 1),
                keeps);
    }
    if (is_pressed(ImGuiKey_UpArrow)) move_to(line_above_or_below(-1), keeps);
    if (is_pressed(ImGuiKey_DownArrow)) move_to(line_above_or_below(1), keeps);
    if (is_pressed(ImGuiKey_Home)) move_to(by_word ? 0 : flow_->line_edge(caret_, -1), keeps);
    if (is_pressed(ImGuiKey_End)) move_to(by_word ? text_.size() : flow_->line_edge(caret_, 1), keeps);
    if (io.KeyCtrl && is_pressed(ImGuiKey_A)) {
        anchor_ = 0;
        move_to(text_.size(), true);
    }
    return caret_ != before || anchor_ != anchor_before;
}

void TextBox::note_undo() {
    undo_.push_back({text_, caret_, anchor_});
    std::size_t bytes = 0, num_kept = 0;
    for (auto edit = undo_.rbegin(); edit != undo_.rend() && num_kept < kMostUndo; ++edit) {
        bytes += edit->text.size();
        if (num_kept > 0 && bytes > kMostUndoBytes) break;
        ++num_kept;
    }
    undo_.erase(undo_.begin(), undo_.end() - static_cast<std::ptrdiff_t>(num_kept));
}

bool TextBox::replace(std::size_t begin, std::size_t end, std::string_view with) {
    if (begin == end && with.empty()) return false;
    const double now = ImGui::GetTime();
    const bool continues =
        with.size() <= 4 && with != " " && begin == end && now - last_edit_time_ < kTypingPause;
    if (!continues) note_undo();
    redo_.clear();
    const std::size_t room = kMostBytes - std::min(kMostBytes, text_.size() - (end - begin));
    std::string clean = utf8::replace_invalid(with);
    std::erase(clean, '\r');
    std::erase(clean, '\0');
    if (clean.size() > room) clean = utf8::replace_invalid(clean.substr(0, room));
    text_.replace(begin, end - begin, clean);
    caret_ = anchor_ = begin + clean.size();
    last_edit_time_ = now;
    caret_shown_at_ = now;
    return true;
}

bool TextBox::restore(std::vector<Edit>& from, std::vector<Edit>& to) {
    if (from.empty()) return false;
    to.push_back({text_, caret_, anchor_});
    const Edit edit = from.back();
    from.pop_back();
    text_ = edit.text;
    caret_ = std::min(edit.caret, text_.size());
    anchor_ = std::min(edit.anchor, text_.size());
    last_edit_time_ = -10;
    return true;
}

bool TextBox::handle_clipboard() {
    const ImGuiIO& io = ImGui::GetIO();
    if (!io.KeyCtrl) return false;
    const std::string selected = text_.substr(selection_begin(), selection_end() - selection_begin());
    if (is_pressed(ImGuiKey_C) && !selected.empty()) ImGui::SetClipboardText(selected.c_str());
    if (is_pressed(ImGuiKey_X) && !selected.empty()) {
        ImGui::SetClipboardText(selected.c_str());
        return replace(selection_begin(), selection_end(), {});
    }
    if (is_pressed(ImGuiKey_V)) {
        const char* pasted = ImGui::GetClipboardText();
        last_edit_time_ = -10;
        return pasted != nullptr && replace(selection_begin(), selection_end(), pasted);
    }
    if (is_pressed(ImGuiKey_Z) && !io.KeyShift) return restore(undo_, redo_);
    if (is_pressed(ImGuiKey_Y) || (is_pressed(ImGuiKey_Z) && io.KeyShift)) return restore(redo_, undo_);
    return false;
}

bool TextBox::handle_edits() {
    const ImGuiIO& io = ImGui::GetIO();
    const std::size_t begin = selection_begin(), end = selection_end();
    if (is_pressed(ImGuiKey_Backspace)) {
        if (begin < end) return replace(begin, end, {});
        return replace(io.KeyCtrl ? flow_->next_word(caret_, -1) : flow_->next_grapheme(caret_, -1), caret_,
                       {});
    }
    if (is_pressed(ImGuiKey_Delete)) {
        if (begin < end) return replace(begin, end, {});
        return replace(caret_, io.KeyCtrl ? flow_->next_word(caret_, 1) : flow_->next_grapheme(caret_, 1),
                       {});
    }
    if (is_pressed(ImGuiKey_Enter) || is_pressed(ImGuiKey_KeyPadEnter))
        return !io.KeyCtrl && replace(begin, end, "\n");
    const std::string& typed = kit().typed_utf8;
    if (typed.empty() || (io.KeyCtrl && !io.KeyAlt)) return false;
    return replace(begin, end, typed);
}

bool TextBox::handle_input() {
    const bool has_moved = handle_moves();
    const bool has_changed = handle_clipboard() || handle_edits();
    if (has_changed) layout(flow_width_);
    if (has_changed || has_moved) {
        scroll_to(caret_, visible_height_);
        request_redraw();
    }
    return has_changed;
}

void TextBox::handle_mouse(ImVec2 origin) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const std::size_t under = flow_->byte_at(mouse.x - origin.x, mouse.y - origin.y);
    if (ImGui::IsMouseClicked(ImGuiMouseButton_Left) &&
        ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem)) {
        is_selecting_ = true;
        if (ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
            anchor_ = flow_->next_word(std::min(text_.size(), flow_->next_grapheme(under, 1)), -1);
            move_to(flow_->next_word(anchor_, 1), true);
            is_selecting_ = false;
        } else {
            move_to(under, ImGui::GetIO().KeyShift);
        }
    } else if (is_selecting_ && ImGui::IsMouseDown(ImGuiMouseButton_Left)) {
        if (under != caret_) move_to(under, true);
    }
    if (!ImGui::IsMouseDown(ImGuiMouseButton_Left)) is_selecting_ = false;
}

}  // namespace headlight::ui
