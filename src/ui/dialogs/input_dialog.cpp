// A line of words for something.
#include <utility>

#include "ui/controls.h"
#include "ui/dialogs/dialogs.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/overlay.h"

namespace headlight::ui {

void InputDialog::open(std::string title, std::string body, std::string usage) {
    is_open_ = takes_focus_ = true;
    title_ = std::move(title);
    body_ = std::move(body);
    usage_ = std::move(usage);
    typed_.clear();
}

std::optional<std::string> InputDialog::draw() {
    if (!is_open_) return std::nullopt;
    if (!begin_overlay({"input", {px(460), 0}})) is_open_ = false;
    {
        const FontScope font(kit().fonts.semibold);
        text(title_);
    }
    text_wrapped(body_, colors().dim);
    ImGui::Dummy({1, px(4)});
    filter_input("##input_words", usage_.c_str(), typed_, ImGui::GetContentRegionAvail().x,
                 std::exchange(takes_focus_, false));
    const bool is_entered =
        ImGui::IsItemDeactivated() && ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Enter), false);
    ImGui::Dummy({1, px(4)});
    const bool is_pressed =
        pill_button("Run##input_ok", true, !typed_.empty()) || (is_entered && !typed_.empty());
    ImGui::SameLine(0, px(kGap));
    if (pill_button("Cancel##input_cancel")) is_open_ = false;
    end_overlay();
    if (!is_pressed) return std::nullopt;
    is_open_ = false;
    return typed_;
}

}  // namespace headlight::ui
