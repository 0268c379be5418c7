// What every widget needs and nobody wants to pass: theme, fonts, scale, shaped text, redraw requests. One
// per ImGui context; made by Window or by the test harness, and reached with kit() for as long as that lives.
#pragma once

#include <functional>
#include <string>

#include "gfx/shaped_text_cache.h"
#include "ui/focus_ring.h"
#include "ui/fonts.h"
#include "ui/item_recorder.h"
#include "ui/theme.h"

namespace headlight::ui {

/// How controls draw themselves: in full; switches as chips that open a list; one under the other in a menu.
enum class Density { Full, Compact, Menu };

struct Kit {
    explicit Kit(gfx::ShapedTextCache::Mode mode) : text_cache(mode) {}

    ThemeKind theme = ThemeKind::Dark;
    float scale = 1;
    Fonts fonts;
    gfx::ShapedTextCache text_cache;
    ItemRecorder recorder;
    FocusRing focus;
    std::string typed_utf8;  // what was typed since the last frame, all of Unicode (cleared by end_frame)
    Density density = Density::Full;        // of the controls that are drawn now
    float header_room = 0;                  // pixels for chips after a card's title, while they are drawn
    bool was_title_double_clicked = false;  // of a card, since somebody cleared it
    bool was_escape_used = false;           // Escape closed a menu in this frame: nobody else may take it
    double redraw_at = 0;                   // ImGui time of the next wanted frame; 0: none wanted
    bool wants_redraw = false;

    const Colors& colors() const { return theme_colors(theme); }
    /// `px` at scale 1 in pixels of this monitor, rounded to whole pixels when that is at least one.
    float px(float px_at_scale_1) const;

    /// Loads fonts and style for a theme and scale. Call between frames.
    void configure(ThemeKind new_theme, float new_scale);
    /// After ImGui::NewFrame: opens the root window over the whole display, without padding, in the
    /// background colour.
    void begin_frame();
    /// Before ImGui::Render.
    void end_frame();

  private:
    void close_menu_on_escape();
};

/// The kit in use: that of the open window or of the running test. There must be one.
Kit& kit();
/// Makes `kit` the current one (null: none). Returns the one before.
Kit* set_current_kit(Kit* kit);

/// Width that `content` takes when it is drawn at that density. It is drawn where nobody sees it.
float unseen_width(const std::function<void()>& content, Density density);

/// Shorthands for kit().
const Colors& colors();
float px(float px_at_scale_1);
/// Asks for one more frame now, or `delay_s` from now (animations, toasts).
void request_redraw(double delay_s = 0);
/// Notes an item for tests; see ItemRecorder.
void record_item(std::string_view label, ImVec2 min, ImVec2 max, bool is_enabled = true,
                 bool is_selected = false, std::string_view value = {});
/// The same of a part of a picture that reacts, without an edge that is seen.
void record_area(std::string_view label, ImVec2 min, ImVec2 max, bool is_selected);

}  // namespace headlight::ui
