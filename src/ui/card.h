// Cards: a 1 px line, radius 8, the title bold with its context dimmed on the same line, controls at the
// right end.
#pragma once

#include <imgui.h>

#include <functional>
#include <string_view>

namespace headlight::ui {

struct CardSpec {
    const char* id = "";                // stable, e.g. "heads"
    std::string_view title;             // empty: a card without header
    std::string_view context;           // dim, after the title; shortened when there is no room
    std::function<void()> after_title;  // chips between title and context (may be empty)
    std::function<void()> controls;     // right end of the header; items in one row
    bool has_padding = true;            // of the body
    bool scrolls = false;
    float opacity = 1;  // of the body: below 1 while it shows an older picture
};

/// Opens a card with its outer rectangle; the cursor is at the body's top left. True when the body is visible
/// (end_card is due either way). Body width and height: ImGui::GetContentRegionAvail().
bool begin_card(const CardSpec& spec, ImVec2 pos, ImVec2 size);
void end_card();

/// RAII form: `if (Card card{spec, pos, size}) { ... }`.
class Card {
  public:
    Card(const CardSpec& spec, ImVec2 pos, ImVec2 size) : is_visible_(begin_card(spec, pos, size)) {}
    ~Card() { end_card(); }
    Card(const Card&) = delete;
    Card& operator=(const Card&) = delete;
    explicit operator bool() const { return is_visible_; }

  private:
    bool is_visible_;
};

enum class CardState { Empty, Loading, Error };
struct CardStateSpec {
    CardState state = CardState::Empty;
    std::string_view sentence;     // one sentence; wraps
    const char* button = nullptr;  // "Open a model...##open"; null: none
    double fraction = -1;          // Loading: progress, < 0 unknown
    std::string_view quoted = {};  // of any script, on a line of its own under the sentence; shortened
};
/// Fills the rest of the card with one sentence and one button in its middle. True when the button was
/// pressed.
bool draw_card_state(const CardStateSpec& spec);

}  // namespace headlight::ui
