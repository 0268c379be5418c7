// A view: const snapshot in, commands out. One file and one line in views.def each.
#pragma once

#include <imgui.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gfx/shader_library.h"
#include "session/snapshot.h"
#include "views/actions.h"
#include "views/derived_values.h"
#include "views/find/found_marks.h"
#include "views/format.h"
#include "views/heatmap/attention_lines.h"
#include "views/layout.h"

namespace headlight {

/// What a view keeps between frames (scroll, zoom, textures). Never saved.
struct ViewState {
    virtual ~ViewState() = default;
};

/// What the pointer is over, whatever the view: one sentence for the status line, one token for the others to
/// tint.
struct Hover {
    std::string sentence;  // "“·it” (5) gives 62 % to “·cat” (1)"
    int token = -1;        // of the queries
    int key = -1;          // of the keys, where they are another text
    std::optional<HeadId> head;
    std::string shown;  // what the card of the head adds to what the status line says: "85 lines"
    bool operator==(const Hover&) const = default;
};

/// What the views of one window share. Lives as long as the window.
struct ViewShared {
    Hover hover;       // of the last frame: read this
    Hover next_hover;  // of this frame: write this
    AttentionLines lines;
    bool has_text_focus = false;  // keys belong to the text box
    bool wants_text_focus = false;
    int fit_requests = 0;           // grows with every "fit"
    bool is_dialog_open = false;    // keys belong to a dialog
    FoundMarks found;               // tokens and heads that are looked for
    bool has_list_focus = false;    // of the last frame: arrow keys belong to a list
    bool wants_list_focus = false;  // of this frame: write this
    std::string wanted_words;       // id of a command whose words the window asks for in a dialog

    float freshness = 1;  // opacity of pictures and numbers: lower while they belong to an older text

    /// Call at the start of a frame; fades the old text when the new one takes longer than a moment.
    void update_freshness(bool is_stale, double now_s);
    /// Call once a frame after all views; true when the hover changed, so that one more frame is due.
    bool finish_frame();

  private:
    double stale_since_s_ = -1;
};

struct ViewContext {
    const Snapshot& snapshot;
    DerivedValues& values;
    Actions& actions;
    ViewShared& shared;
    gfx::ShaderLibrary* shaders = nullptr;  // null without GL: pictures are left out
    ViewState& state;
    ImVec2 pos, size;  // of the card, pixels

    const AnalyzedText* text() const { return snapshot.text.get(); }
    /// What rows and columns are: tokens, or words and the like as tokens. The queries', and the keys': two
    /// lists in cross attention only.
    const TokenizedText& tokens() const { return snapshot.text->tokens; }
    const TokenizedText& keys() const { return snapshot.text->keys(); }
    TokenPair pair(int query, int key) const { return {tokens(), query, keys(), key}; }
    /// The tokens of the shown run, whatever rows and columns are: what the model is asked about.
    const TokenizedText& model_tokens() const { return snapshot.shown_tokens()->tokens; }
    int num_model_tokens() const {
        return snapshot.text ? static_cast<int>(model_tokens().tokens.size()) : 0;
    }
    /// Of a token of model_tokens().
    int unit_of_query(int token) const {
        return snapshot.text->groups ? unit_of(snapshot.text->groups->queries, token) : token;
    }
    bool has_one_text() const { return snapshot.text->kind() != AttentionKind::Cross; }
    const AttentionTrace& trace() const { return *snapshot.text->trace; }
    int num_tokens() const {
        return snapshot.text ? static_cast<int>(snapshot.text->tokens.tokens.size()) : 0;
    }
    int num_keys() const { return snapshot.text ? static_cast<int>(keys().tokens.size()) : 0; }
    float freshness() const { return shared.freshness; }
};

/// What stands in every workspace: the status line.
inline constexpr const char* kStatusView = "status";
/// What goes with every workspace while it is on: a lesson beside the cards, a quiz in their place.
inline constexpr const char *kLessonView = "lesson", *kQuizView = "quiz";
/// Views that stand in no workspace: those three.
bool stands_apart(std::string_view view);

struct ViewDescriptor {
    const char* id;     // "head_grid"
    const char* title;  // "All heads": tabs and the palette
    const char* help;   // one sentence
    /// What it wants of a column of that height; `state` is the view's own.
    HeightWish (*height)(const Snapshot& snapshot, const ViewState& state, float column_height_dp);
    std::unique_ptr<ViewState> (*make_state)();
    void (*draw)(ViewContext& context);
    /// A tab behind the first of its place is there only while it has something to show (or was asked for by
    /// name); null: always. Such a view brings a workspace that holds it to the front with its subject.
    bool (*has_content)(const Snapshot& snapshot) = nullptr;
    /// Names what it is about. When that becomes another one, the view comes to the front; "": nothing is
    /// there. null: it never comes by itself.
    std::string (*subject)(const Snapshot& snapshot) = nullptr;
    /// When nothing is there any more, its place goes back to the first of its views.
    bool leaves_without_subject = false;
    /// The command that gets a file dropped on the window while the view is in front; "": it is opened.
    const char* takes_files = "";
};

/// All views; where they stand is a matter of the workspaces (views/workspaces/).
std::span<const ViewDescriptor* const> views();
const ViewDescriptor* find_view(std::string_view id);

/// Who says that there is no text: one card in full, with its button; the others stay quiet.
enum class MissingTextRole { Main, Quiet };

/// The card state for a snapshot without a text: nothing open, opening, failed, nothing typed. True when it
/// was drawn, so the view has nothing else to show. Call inside the card.
bool draw_missing_text(ViewContext& context, MissingTextRole role = MissingTextRole::Quiet);

}  // namespace headlight
