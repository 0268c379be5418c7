// List and text dialogs.
#include "ui/dialogs/dialogs.h"

#include <algorithm>

#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/overlay.h"
#include "ui/rows.h"

namespace headlight::ui {
namespace {

void dialog_title(const std::string& title) {
    const FontScope font(kit().fonts.semibold);
    text(title);
}

}  // namespace

void ListDialog::open(std::string title, std::vector<PaletteEntry> entries) {
    is_open_ = true;
    title_ = std::move(title);
    entries_ = std::move(entries);
    filter_.clear();
}

std::optional<std::string> ListDialog::draw() {
    if (!is_open_) return std::nullopt;
    if (!begin_overlay({"list", {px(560), px(460)}})) is_open_ = false;
    std::optional<std::string> chosen;
    dialog_title(title_);
    filter_input("##list_filter", "Filter", filter_, ImGui::GetContentRegionAvail().x, false);
    ImGui::BeginChild("##list_entries", {0, ImGui::GetContentRegionAvail().y - px(kControlHeight + 8)}, false,
                      ImGuiWindowFlags_NoNav);
    const Column columns[] = {{"", 1}, {"", 0, 120, true}};
    for (const PaletteEntry& entry : entries_) {
        if (!filter_.empty() && !fuzzy_score(filter_, entry.label)) continue;
        const Cell cells[] = {{.text = entry.label}, {.text = entry.shortcut, .color = colors().dim}};
        const ItemResponse response =
            table_row((entry.label + "##list_" + entry.id).c_str(), columns, cells, false, !entry.is_enabled);
        if (response.is_clicked && entry.is_enabled) chosen = entry.id;
        if (entry.help.empty()) continue;
        const FontScope font(kit().fonts.small_);
        text_wrapped(entry.help, colors().dim);
    }
    ImGui::EndChild();
    if (pill_button("Close##list_close")) is_open_ = false;
    end_overlay();
    if (chosen) is_open_ = false;
    return chosen;
}

void TextDialog::open(std::string title, std::string body) {
    is_open_ = true;
    title_ = std::move(title);
    body_ = std::move(body);
}

void TextDialog::draw() {
    if (!is_open_) return;
    if (!begin_overlay({"text", {px(620), px(420)}})) is_open_ = false;
    dialog_title(title_);
    ImGui::BeginChild("##dialog_text", {0, ImGui::GetContentRegionAvail().y - px(kControlHeight + 8)}, false,
                      ImGuiWindowFlags_NoNav);
    text_wrapped(body_, colors().text);
    ImGui::EndChild();
    if (pill_button("Close##text_close", true)) is_open_ = false;
    ImGui::SameLine();
    if (pill_button("Copy##text_copy")) ImGui::SetClipboardText(body_.c_str());
    end_overlay();
}

}  // namespace headlight::ui
