// What was drawn where in the last frame, by label: how tests find a widget. Off in the shipped window.
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>
#include <vector>

namespace headlight::ui {

struct RecordedItem {
    std::string label;  // as given to the widget: "Visible text##id"
    std::string id;     // after "##", or the whole label
    ImVec2 min, max;    // screen rectangle
    bool is_enabled = true;
    bool is_selected = false;
    std::string value;  // text of an input, shown number, or empty
};

class ItemRecorder {
  public:
    bool is_on = false;

    /// Widgets call this; cheap when off.
    void record(std::string_view label, ImVec2 min, ImVec2 max, bool is_enabled = true,
                bool is_selected = false, std::string_view value = {});
    void begin_frame() { items_.clear(); }

    const std::vector<RecordedItem>& items() const { return items_; }
    /// The item whose label, id, or visible text equals `name`; null when it is not on screen.
    const RecordedItem* find(std::string_view name) const;

  private:
    std::vector<RecordedItem> items_;
};

/// "Visible text##id" -> "Visible text" and "id" (the whole label when there is no ##).
std::string_view visible_text(std::string_view label);
std::string_view id_text(std::string_view label);

}  // namespace headlight::ui
