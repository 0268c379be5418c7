#include <fmt/format.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "ui/controls.h"
#include "ui/dialogs/dialogs.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/overlay.h"
#include "ui/plots.h"

namespace headlight::ui {
namespace {

namespace fs = std::filesystem;
constexpr float kWidth = 760, kHeight = 540, kPlacesWidth = 150;

std::string size_text(std::uint64_t bytes) {
    constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1000 && unit < 4) {
        value /= 1000;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", bytes)
                     : fmt::format("{:.{}f} {}", value, value < 10 ? 1 : 0, kUnits[unit]);
}

bool is_shown(const FolderEntry& entry, const std::vector<std::string>& extensions) {
    if (entry.is_folder || extensions.empty()) return true;
    return std::any_of(extensions.begin(), extensions.end(), [&](const std::string& extension) {
        return entry.name.size() > extension.size() && entry.name.ends_with(extension);
    });
}

// One line of the list; the response says clicked or double-clicked.
ItemResponse draw_line(const FolderEntry& entry, int index, bool is_selected) {
    const Colors& c = colors();
    const std::string label = entry.name + "##entry" + std::to_string(index);
    const float width = ImGui::GetContentRegionAvail().x;
    ItemResponse response;
    response.is_clicked = ImGui::InvisibleButton(label.c_str(), {std::max(1.0f, width), px(26)});
    response.is_hovered = ImGui::IsItemHovered();
    response.is_double_clicked = response.is_hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
    const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
    record_item(label, min, max, true, is_selected);
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (is_selected || response.is_hovered)
        draw_fill(list, min, max, is_selected ? c.control_active : c.control_hover, px(4));
    ImFont* font = kit().fonts.body;
    const float top = 0.5f * (min.y + max.y - font->FontSize);
    const std::string right = !entry.note.empty() ? entry.note
                              : entry.is_folder   ? ""
                                                  : size_text(entry.size_bytes);
    const float right_width = tabular_width(font, right);
    const std::string name = entry.name + (entry.is_folder ? "/" : "");
    draw_shaped(list, {min.x + px(10), top}, shorten_shaped(name, max.x - min.x - right_width - px(32)),
                c.text);
    draw_tabular(list, font, {max.x - px(10) - right_width, top},
                 to_u32(entry.note.empty() ? c.dim : c.second), right);
    return response;
}

}  // namespace

void FileBrowser::open(Spec spec, const std::string& start_dir) {
    spec_ = std::move(spec);
    is_open_ = takes_focus_ = true;
    std::error_code error;
    fs::path start = start_dir.empty() ? fs::current_path(error) : fs::path(start_dir);
    if (!fs::is_directory(start, error)) start = start.parent_path();
    if (!fs::is_directory(start, error)) start = "/";
    go_to(start.string());
    has_moved_ = false;
}

void FileBrowser::go_to(const std::string& dir) {
    auto listed = list_folder(dir);
    selected_ = -1;
    if (!listed) {
        error_ = listed.error().message;
        return;
    }
    error_.clear();
    std::error_code error;
    const fs::path normal = fs::weakly_canonical(dir, error);
    dir_ = error ? dir : normal.string();
    has_moved_ = true;
    if (!spec_.picks_new_file) typed_ = dir_;
    entries_.clear();
    constexpr std::size_t kMostDescribed = 300;  // looking into each folder costs a file access
    for (FolderEntry& entry : *listed) {
        if (!is_shown(entry, spec_.extensions)) continue;
        if (spec_.describe && entries_.size() < kMostDescribed)
            entry.note = spec_.describe(dir_ + "/" + entry.name, entry.is_folder);
        entries_.push_back(std::move(entry));
    }
    request_redraw();
}

void FileBrowser::draw_places() {
    const char* home = std::getenv("HOME");
    std::string wanted;
    if (toolbar_button("Up##browser_up", false, dir_ != "/")) wanted = fs::path(dir_).parent_path().string();
    if (home != nullptr && toolbar_button("Home##browser_home")) wanted = home;
    for (const char* name : {"Downloads", "Documents", "Desktop"}) {
        std::error_code error;
        const std::string place = home != nullptr ? std::string(home) + "/" + name : std::string();
        if (place.empty() || !fs::is_directory(place, error)) continue;
        if (toolbar_button((std::string(name) + "##browser_" + name).c_str())) wanted = place;
    }
    std::error_code error;
    if (toolbar_button("Current folder##browser_cwd")) wanted = fs::current_path(error).string();
    if (toolbar_button("Computer##browser_root")) wanted = "/";
    if (!wanted.empty()) go_to(wanted);
}

std::optional<std::string> FileBrowser::draw_suggestions() {
    std::optional<std::string> chosen;
    if (has_moved_ || spec_.suggestions.empty()) return chosen;
    for (std::size_t i = 0; i < spec_.suggestions.size(); ++i) {
        const Spec::Suggestion& suggestion = spec_.suggestions[i];
        const ItemResponse response = draw_line({.name = suggestion.path, .note = suggestion.note},
                                                -1 - static_cast<int>(i), typed_ == suggestion.path);
        if (response.is_clicked) {
            typed_ = suggestion.path;
            selected_ = -1;
        }
        if (response.is_double_clicked) chosen = suggestion.path;
    }
    menu_separator();
    return chosen;
}

std::optional<std::string> FileBrowser::draw_list() {
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2{0, 0});
    std::optional<std::string> chosen = draw_suggestions();
    std::string wanted_dir;
    if (entries_.empty()) text_dim("Nothing here that could be opened.");
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const FolderEntry& entry = entries_[i];
        const ItemResponse response = draw_line(entry, static_cast<int>(i), static_cast<int>(i) == selected_);
        const std::string path = (dir_ == "/" ? "" : dir_) + "/" + entry.name;
        if (response.is_clicked) {
            selected_ = static_cast<int>(i);
            typed_ = path;
        }
        if (!response.is_double_clicked) continue;
        if (entry.is_folder) {
            wanted_dir = path;
        } else {
            chosen = path;
        }
    }
    ImGui::PopStyleVar();
    if (!wanted_dir.empty()) go_to(wanted_dir);
    return chosen;
}

/// The line for the path, with the keyboard at first; Tab completes it. True when Enter was pressed.
bool FileBrowser::draw_path(float width) {
    const char* hint = spec_.picks_new_file ? "File name" : spec_.takes_names ? "Path, or org/name" : "Path";
    const auto complete = [](ImGuiInputTextCallbackData* data) {
        const auto* browser = static_cast<const FileBrowser*>(data->UserData);
        const std::string completed =
            complete_path({data->Buf, static_cast<std::size_t>(data->BufTextLen)}, browser->dir_);
        data->DeleteChars(0, data->BufTextLen);
        data->InsertChars(0, completed.c_str());
        return 0;
    };
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2{px(10), px(7)});
    ImGui::SetNextItemWidth(width);
    if (std::exchange(takes_focus_, false)) ImGui::SetKeyboardFocusHere();
    ImGui::InputTextWithHint("##browser_path", hint, &typed_,
                             ImGuiInputTextFlags_AutoSelectAll | ImGuiInputTextFlags_CallbackCompletion,
                             complete, this);
    record_item("##browser_path", ImGui::GetItemRectMin(), ImGui::GetItemRectMax(), true,
                ImGui::IsItemActive(), typed_);
    ImGui::PopStyleVar();
    return ImGui::IsItemDeactivated() && ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Enter), false);
}

/// What was typed or chosen, if it can be opened. Enter on a folder with a model opens it, on another shows
/// it.
std::optional<std::string> FileBrowser::take_typed(bool is_entered) {
    const std::string path = absolute_path(typed_, dir_);
    std::error_code error;
    if (spec_.picks_new_file && !fs::is_directory(path, error)) return path;
    const bool may_be_name = spec_.takes_names && !typed_.starts_with('/') && !typed_.starts_with('.');
    if (!fs::exists(path, error) && may_be_name) return typed_;
    if (!fs::exists(path, error)) {
        error_ = "There is no such file or folder: " + path;
        return std::nullopt;
    }
    const bool is_plain_folder =
        fs::is_directory(path, error) && (!spec_.describe || spec_.describe(path, true).empty());
    const bool enters = is_plain_folder && is_entered && selected_ < 0;
    if (!fs::is_directory(path, error) || (spec_.picks_folders && !enters)) return path;
    go_to(path);
    takes_focus_ = true;
    return std::nullopt;
}

std::optional<std::string> FileBrowser::draw_footer() {
    const float ok_width = measure_text(kit().fonts.semibold, spec_.button).x + 2 * px(12);
    const float cancel_width = measure_text(kit().fonts.body, "Cancel").x + 2 * px(12);
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x, top = origin.y + px(3);
    const float cancel_left = origin.x + width - cancel_width, ok_left = cancel_left - px(kGap) - ok_width;
    const bool is_entered = draw_path(ok_left - px(kGap) - origin.x);
    ImGui::SetCursorScreenPos({ok_left, top});
    const bool is_pressed = pill_button((spec_.button + "##browser_ok").c_str(), true, !typed_.empty());
    ImGui::SetCursorScreenPos({cancel_left, top});
    if (pill_button("Cancel##browser_cancel")) is_open_ = false;
    if (!is_pressed && !is_entered) return std::nullopt;
    return take_typed(is_entered);
}

std::optional<std::string> FileBrowser::draw() {
    if (!is_open_) return std::nullopt;
    if (!begin_overlay({"browser", {px(kWidth), px(kHeight)}})) is_open_ = false;
    {
        const FontScope font(kit().fonts.semibold);
        text(spec_.title);
    }
    ImGui::SameLine(0, px(10));
    text_dim(shorten_text(kit().fonts.body, dir_, ImGui::GetContentRegionAvail().x));
    ImGui::Dummy({1, px(4)});
    const float list_height =
        ImGui::GetContentRegionAvail().y - px(30 + 2 * 8) - (error_.empty() ? 0 : px(24));
    ImGui::BeginChild("##places", {px(kPlacesWidth), list_height}, false, ImGuiWindowFlags_NoNav);
    draw_places();
    ImGui::EndChild();
    ImGui::SameLine(0, px(8));
    ImGui::BeginChild("##listing", {0, list_height}, false, ImGuiWindowFlags_NoNav);
    std::optional<std::string> chosen = draw_list();
    ImGui::EndChild();
    if (!error_.empty())
        text_small(shorten_text(kit().fonts.small_, error_, ImGui::GetContentRegionAvail().x),
                   colors().error);
    if (auto from_footer = draw_footer()) chosen = from_footer;
    end_overlay();
    if (chosen) {
        is_open_ = false;
        request_redraw();
    }
    return chosen;
}

}  // namespace headlight::ui
