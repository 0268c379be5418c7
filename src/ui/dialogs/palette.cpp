#include "ui/dialogs/palette.h"

#include <algorithm>
#include <cctype>

#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/overlay.h"
#include "ui/plots.h"

namespace headlight::ui {
namespace {

constexpr int kVisibleEntries = 12;

int fold(char c) {
    return std::tolower(static_cast<unsigned char>(c));
}

bool is_word_start(std::string_view text, std::size_t i) {
    return i == 0 || text[i - 1] == ' ' || text[i - 1] == ':' || text[i - 1] == '-' || text[i - 1] == '_' ||
           text[i - 1] == '/';
}

void draw_with_hits(ImDrawList* list, ImVec2 pos, std::string_view text, const std::vector<std::size_t>& hits,
                    Rgba ink) {
    Kit& k = kit();
    float x = pos.x;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i + 1;
        const bool is_hit = std::find(hits.begin(), hits.end(), i) != hits.end();
        while (end < text.size() && (std::find(hits.begin(), hits.end(), end) != hits.end()) == is_hit)
            ++end;
        ImFont* font = is_hit ? k.fonts.semibold : k.fonts.body;
        draw_text(list, font, {x, pos.y}, is_hit ? colors().accent : ink, text.substr(i, end - i));
        x += measure_text(font, text.substr(i, end - i)).x;
        i = end;
    }
}

}  // namespace

std::optional<int> fuzzy_score(std::string_view pattern, std::string_view text,
                               std::vector<std::size_t>* hits) {
    if (hits != nullptr) hits->clear();
    int score = 0;
    std::size_t at = 0;
    bool is_run = false;
    for (const char wanted : pattern) {
        if (wanted == ' ') {
            is_run = false;
            continue;
        }
        // A word start is preferred over the next plain occurrence, unless a run is going on.
        std::size_t found = std::string_view::npos;
        if (is_run && at < text.size() && fold(text[at]) == fold(wanted)) found = at;
        for (std::size_t i = at; found == std::string_view::npos && i < text.size(); ++i) {
            if (fold(text[i]) == fold(wanted) && is_word_start(text, i)) found = i;
        }
        const bool continues = is_run && found == at;
        for (std::size_t i = at; found == std::string_view::npos && i < text.size(); ++i) {
            if (fold(text[i]) == fold(wanted)) found = i;
        }
        if (found == std::string_view::npos) return std::nullopt;
        score += continues ? 8 : is_word_start(text, found) ? 6 : 1;
        score -= static_cast<int>(std::min<std::size_t>(found - at, 4)) / 2;
        if (hits != nullptr) hits->push_back(found);
        at = found + 1;
        is_run = true;
    }
    return score * 4 - static_cast<int>(std::min<std::size_t>(text.size(), 80)) / 4;
}

void CommandPalette::open(std::string filter) {
    is_open_ = true;
    takes_focus_ = true;
    filter_ = std::move(filter);
    ranked_count_ = std::string::npos;  // rank again
    cursor_ = 0;
}

void CommandPalette::rank(std::span<const PaletteEntry> entries) {
    if (ranked_filter_ == filter_ && ranked_count_ == entries.size()) return;
    ranked_filter_ = filter_;
    ranked_count_ = entries.size();
    std::vector<std::pair<int, int>> scored;  // -score, index
    for (std::size_t i = 0; i < entries.size(); ++i) {
        auto score = fuzzy_score(filter_, entries[i].label);
        if (!score) {
            score = fuzzy_score(filter_, entries[i].id);
            if (score) *score -= 20;
        }
        if (score) scored.emplace_back(filter_.empty() ? 0 : -*score, static_cast<int>(i));
    }
    std::sort(scored.begin(), scored.end());
    order_.clear();
    for (const auto& [score, index] : scored)
        order_.push_back(index);
    cursor_ = 0;
}

bool CommandPalette::draw_entry(const PaletteEntry& entry, int rank, float width) {
    const Colors& c = colors();
    const std::string label = entry.label + "##palette_" + entry.id;
    const bool is_clicked = ImGui::InvisibleButton(label.c_str(), {width, px(28)});
    const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
    const ImVec2 moved = ImGui::GetIO().MouseDelta;
    if (ImGui::IsItemHovered() && (moved.x != 0 || moved.y != 0)) cursor_ = rank;
    record_item(label, min, max, entry.is_enabled, rank == cursor_);
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (rank == cursor_) draw_fill(list, min, max, c.control_hover, px(kControlRadius));
    ImFont* font = kit().fonts.body;
    const float top = 0.5f * (min.y + max.y - font->FontSize);
    std::vector<std::size_t> hits;
    fuzzy_score(filter_, entry.label, &hits);
    draw_with_hits(list, {min.x + px(10), top}, entry.label, hits,
                   entry.is_enabled ? c.text : gfx::faded(c.dim, 0.6f));
    const float shortcut_width = measure_text(font, entry.shortcut).x;
    draw_text(list, font, {max.x - px(10) - shortcut_width, top}, c.dim, entry.shortcut);
    const float left = min.x + px(10) + measure_text(font, entry.label).x + px(16);
    draw_text(list, font, {left, top}, c.dim,
              shorten_text(font, entry.help, std::max(0.0f, max.x - px(26) - shortcut_width - left)));
    return is_clicked && entry.is_enabled;
}

std::optional<std::string> CommandPalette::draw(std::span<const PaletteEntry> entries, std::string* typed) {
    if (!is_open_) return std::nullopt;
    std::optional<std::string> chosen;
    rank(entries);
    const int shown = std::clamp(static_cast<int>(order_.size()), 1, kVisibleEntries);
    const float height = 2 * px(14) + px(38) + px(28) * static_cast<float>(shown);
    if (!begin_overlay({"palette", {px(640), height}, 0.12f, true})) is_open_ = false;
    const float width = ImGui::GetContentRegionAvail().x;
    filter_input("##palette_filter", "Type a command", filter_, width, takes_focus_);
    takes_focus_ = false;
    rank(entries);
    if (std::clamp(static_cast<int>(order_.size()), 1, kVisibleEntries) != shown) request_redraw();
    const auto key = [](ImGuiKey which) { return ImGui::IsKeyPressed(ImGui::GetKeyIndex(which)); };
    const int last = std::max(0, static_cast<int>(order_.size()) - 1);
    const int before = cursor_;
    if (key(ImGuiKey_DownArrow)) cursor_ = std::min(cursor_ + 1, last);
    if (key(ImGuiKey_UpArrow)) cursor_ = std::max(cursor_ - 1, 0);
    if (key(ImGuiKey_PageDown)) cursor_ = std::min(cursor_ + kVisibleEntries, last);
    if (key(ImGuiKey_PageUp)) cursor_ = std::max(cursor_ - kVisibleEntries, 0);
    const bool is_entered = is_open_ && (key(ImGuiKey_Enter) || key(ImGuiKey_KeyPadEnter));

    ImGui::BeginChild("##entries", {0, 0}, false, ImGuiWindowFlags_NoNav);
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2{0, 0});
    const float inner = ImGui::GetContentRegionAvail().x;
    for (std::size_t i = 0; i < order_.size(); ++i) {
        const PaletteEntry& entry = entries[static_cast<std::size_t>(order_[i])];
        const bool is_here = static_cast<int>(i) == cursor_;
        if (draw_entry(entry, static_cast<int>(i), inner) || (is_here && is_entered && entry.is_enabled))
            chosen = entry.id;
        if (is_here && cursor_ != before) ImGui::SetScrollHereY(0.5f);
    }
    if (order_.empty())
        text_dim(typed != nullptr ? "No such command. Enter runs the line as it stands."
                                  : "No such command.");
    ImGui::PopStyleVar();
    ImGui::EndChild();
    end_overlay();
    if (is_entered && order_.empty() && typed != nullptr && !filter_.empty()) chosen = std::string();
    if (chosen) {
        if (typed != nullptr) *typed = filter_;
        is_open_ = false;
        request_redraw();
    }
    return chosen;
}

}  // namespace headlight::ui
