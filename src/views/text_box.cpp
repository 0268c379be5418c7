// The text box, live while typing, and the tokens under it.
#include <algorithm>
#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/text_box.h"
#include "views/token_strip.h"
#include "views/view.h"

namespace headlight {

namespace {

constexpr int kMostTextLines = 4, kMostChipLines = 3;
constexpr float kSwitchDp = 34;

struct TextBoxState final : ViewState {
    ui::TextBox box;
    TokenStrip strip;
    std::string known_text;  // what the box and the session last agreed on
    bool has_text = false;
    float wanted_dp = 118;  // height of the last frame's content
};

HeightWish text_height(const Snapshot&, const ViewState& state, float) {
    const float wanted = static_cast<const TextBoxState&>(state).wanted_dp;
    return {wanted, std::min(wanted, 84.0f)};
}

/// Takes over a text that came from elsewhere: a script, undo, a lesson.
void take_text(ViewContext& context, TextBoxState& state) {
    const std::string& typed = context.snapshot.typed_text;
    if (state.has_text && typed == state.known_text) return;
    if (!state.has_text || typed != state.box.text()) state.box.set_text(typed, !state.has_text);
    state.known_text = typed;
    state.has_text = true;
}

constexpr ui::Segment kDirections[] = {
    {"gives##strip_gives", "Tint the tokens by the attention that the pointed or chosen one gives", true},
    {"gets##strip_gets", "Tint the tokens by the attention that the pointed or chosen one receives", true}};

/// As wide as ui::segmented draws it.
float direction_width() {
    float width = 0;
    for (const ui::Segment& segment : kDirections) {
        width += std::round(ui::measure_text(ui::kit().fonts.semibold, ui::visible_text(segment.label)).x) +
                 2 * ui::px(10);
    }
    return width;
}

void draw_direction(ViewContext& context, ImVec2 top_left) {
    int selected = context.snapshot.settings.strip_direction == "receives" ? 1 : 0;
    ImGui::SetCursorScreenPos(top_left);
    if (ui::segmented("##strip", kDirections, selected))
        context.actions.set("strip", selected == 1 ? "receives" : "gives");
}

void draw_body(ViewContext& context, TextBoxState& state) {
    take_text(context, state);
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    if (context.shared.wants_text_focus) state.box.focus();
    context.shared.wants_text_focus = false;
    const float switch_width = direction_width();
    const float strip_width = std::max(ui::px(80), available.x - switch_width - ui::px(10));
    const float strip_height = state.strip.height(context, strip_width, kMostChipLines);
    const bool has_strip = strip_height > 0;
    const char* hint = context.snapshot.model ? "Type a text …" : "Open a model, then type a text …";
    if (state.box.draw("##text", hint, available.x, kMostTextLines, state.strip.marks(context))) {
        state.known_text = state.box.text();
        context.actions.type_text(state.known_text);
    }
    context.shared.has_text_focus = state.box.is_focused();
    const float used = state.box.height(available.x, kMostTextLines) + ui::px(10);
    const float room = available.y - used;
    const float least = std::min(strip_height, std::max(0.0f, room));
    if (has_strip && room > ui::px(10)) {
        draw_direction(context, {pos.x + available.x - switch_width, pos.y + used});
        state.strip.draw(context, {pos.x, pos.y + used},
                         {strip_width, std::max(least, std::min(room, strip_height))});
    }
    const float content = used + std::max(strip_height, ui::px(kSwitchDp - 8));
    const float wanted = (content + context.size.y - available.y) / ui::kit().scale;
    if (std::abs(wanted - state.wanted_dp) > 0.5f) {
        state.wanted_dp = wanted;
        ui::request_redraw();
    }
}

void draw(ViewContext& context) {
    auto& state = static_cast<TextBoxState&>(context.state);
    ui::CardSpec spec;
    spec.id = "text_box";
    if (ui::Card card{spec, context.pos, context.size}; card) draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_text_box = {
    "text_box",
    "Text",
    "The text that the model reads, live while typing, and its tokens; a click on a token chooses the query.",
    ViewColumn::Middle,
    text_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<TextBoxState>()); },
    draw};

}  // namespace headlight
