// A question with a few answers.
#include "ui/controls.h"
#include "ui/dialogs/dialogs.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/overlay.h"

namespace headlight::ui {

void ChoiceDialog::open(std::string title, std::string body, std::vector<std::string> answers) {
    is_open_ = true;
    title_ = std::move(title);
    body_ = std::move(body);
    answers_ = std::move(answers);
}

std::optional<int> ChoiceDialog::draw() {
    if (!is_open_) return std::nullopt;
    std::optional<int> chosen;
    if (!begin_overlay({"choice", {px(560), 0}})) chosen = -1;
    {
        const FontScope font(kit().fonts.semibold);
        text(title_);
    }
    ImGui::Dummy({1, px(2)});
    text_wrapped(body_, colors().text);
    ImGui::Dummy({1, px(6)});
    // What does nothing comes first and is the bright one: an answer must be meant.
    if (pill_button("Cancel##choice_cancel", true)) chosen = -1;
    for (std::size_t i = 0; i < answers_.size(); ++i) {
        ImGui::SameLine(0, px(8));
        const float needed = measure_text(kit().fonts.body, answers_[i]).x + px(32);
        if (ImGui::GetContentRegionAvail().x < needed) ImGui::NewLine();
        const std::string label = answers_[i] + "##choice_" + std::to_string(i);
        if (pill_button(label.c_str())) chosen = static_cast<int>(i);
    }
    end_overlay();
    if (chosen) is_open_ = false;
    return chosen;
}

}  // namespace headlight::ui
