// What was drawn where in the last frame, by label: how tests find a widget. Off in the shipped window.
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headlight::ui {

/// What is recorded over content that scrolls: it may be cut at the upper and lower edge.
inline constexpr const char* kScrollArea = "##scroll_area";

struct RecordedItem {
    std::string label;  // as given to the widget: "Visible text##id"
    std::string id;     // after "##", or the whole label
    ImVec2 min, max;    // screen rectangle
    bool is_enabled = true;
    bool is_selected = false;
    std::string value;          // text of an input, shown number, or empty
    ImVec2 clip_min, clip_max;  // outside of it nothing was drawn
    bool is_area = false;       // part of a picture that reacts, without an edge that is seen
};

/// A line of shaped text, which Dear ImGui's draw lists do not hold as letters.
struct RecordedText {
    std::string text;
    ImVec2 min, max, clip_min, clip_max;
};

class ItemRecorder {
  public:
    bool is_on = false;

    /// Widgets call this (through kit.h); cheap when off.
    void record(RecordedItem item) {
        if (is_on) items_.push_back(std::move(item));
    }
    void record_text(RecordedText text) {
        if (is_on) texts_.push_back(std::move(text));
    }
    void begin_frame() {
        items_.clear();
        texts_.clear();
    }
    const std::vector<RecordedText>& texts() const { return texts_; }

    const std::vector<RecordedItem>& items() const { return items_; }
    /// The item whose label, id, or visible text equals `name`; null when it is not on screen.
    const RecordedItem* find(std::string_view name) const;

  private:
    std::vector<RecordedItem> items_;
    std::vector<RecordedText> texts_;
};

/// "Visible text##id" -> "Visible text" and "id" (the whole label when there is no ##).
std::string_view visible_text(std::string_view label);
std::string_view id_text(std::string_view label);

}  // namespace headlight::ui
