// Dear ImGui without window and GL: frames are run by hand, mouse and keys are fed in, and widgets are found
// by the labels that they record. Used by the tests of ui/ and of views/.
#pragma once

#include <imgui.h>

#include <functional>
#include <string>
#include <string_view>

#include "ui/kit.h"

namespace headlight::test {

class UiHarness {
  public:
    explicit UiHarness(float width = 1600, float height = 900, ui::ThemeKind theme = ui::ThemeKind::Dark,
                       float scale = 1);
    ~UiHarness();
    UiHarness(const UiHarness&) = delete;
    UiHarness& operator=(const UiHarness&) = delete;

    /// What every frame draws. Set it before the first action.
    std::function<void()> draw;

    /// Runs `count` frames of 1/60 s.
    void frames(int count = 1);
    /// Lets time pass, in frames of 1/10 s.
    void pass_time(double seconds);
    void resize(float width, float height);

    /// The item by label, id or visible text; fails the test when it is not on screen.
    const ui::RecordedItem& item(std::string_view name) const;
    bool is_visible(std::string_view name) const { return kit_.recorder.find(name) != nullptr; }

    const std::vector<ui::RecordedItem>& recorded_items() const { return kit_.recorder.items(); }
    const std::vector<ui::RecordedText>& recorded_texts() const { return kit_.recorder.texts(); }

    /// Moves there and presses: each takes the frames that Dear ImGui needs.
    void hover(std::string_view name);
    void click(std::string_view name, int button = 0);
    void double_click(std::string_view name);
    /// Clicks at a place inside the item, in shares of its size.
    void click_at(std::string_view name, float share_x, float share_y);
    void drag(ImVec2 from, ImVec2 to);
    void move_mouse(ImVec2 pos);
    void press_mouse(int button = 0);
    void wheel(float steps);

    /// One key, with modifiers held while it is pressed.
    void key(ImGuiKey key, bool ctrl = false, bool shift = false);
    /// Types text as a keyboard would (all of Unicode).
    void type(std::string_view utf8);

    ui::Kit& kit() { return kit_; }
    const std::string& clipboard() const { return clipboard_; }
    void set_clipboard(std::string text) { clipboard_ = std::move(text); }
    /// Vertices of the last frame: more than none means that something was drawn.
    int num_vertices() const { return num_vertices_; }

  private:
    void one_frame(float delta_s);
    ui::Kit kit_;
    ui::Kit* previous_kit_ = nullptr;
    std::string clipboard_;
    std::string typed_;
    int num_vertices_ = 0;
};

}  // namespace headlight::test
