// The text box, live while typing, and the tokens under it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "run/picture/picture_tokenizer.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"
#include "ui/text_box.h"
#include "views/format.h"
#include "views/tokens/token_strip.h"
#include "views/view.h"

namespace headlight {

namespace {

constexpr int kMostTextLines = 4, kMostChipLines = 3;
constexpr float kSwitchDp = 34, kLeastBesideDp = 460;
constexpr float kLeastDp = 96;  // a line of text, a line of tokens

/// One text that the user types: the model's, or that of its decoder, or sentence B of a pair.
struct TypedText {
    ui::TextBox box;
    std::string known;  // what the box and the session last agreed on
    bool has_text = false;
};

struct TextBoxState final : ViewState {
    TypedText text, decoder_text;
    TokenStrip strip;  // of the queries
    int revealed_query = -1;
    std::uint64_t revealed_text = 0;
    TokenStrip key_strip;   // of the keys, where they are another text
    float wanted_dp = 118;  // height of the last frame's content
};

HeightWish text_height(const Snapshot&, const ViewState& state, float) {
    const float wanted = static_cast<const TextBoxState&>(state).wanted_dp;
    return {wanted, std::min(wanted, kLeastDp)};
}

/// Takes over a text that came from elsewhere: a script, undo, a lesson.
void take_text(TypedText& typed, const std::string& now) {
    if (typed.has_text && now == typed.known) return;
    if (!typed.has_text || now != typed.box.text()) typed.box.set_text(now, !typed.has_text);
    typed.known = now;
    typed.has_text = true;
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

struct Field {
    const char* label;
    const char* hint;
    const char* command;  // that takes the typed text
    ImVec2 pos;
    float width = 0;
};

/// Height of the box.
float draw_field(ViewContext& context, TypedText& typed, const std::string& now, const Field& field,
                 const std::vector<ui::TextMark>& marks, int most_lines) {
    take_text(typed, now);
    ImGui::SetCursorScreenPos(field.pos);
    if (typed.box.draw(field.label, field.hint, field.width, most_lines, marks)) {
        typed.known = typed.box.text();
        context.actions.run(field.command, {typed.known});
    }
    return typed.box.height(field.width, most_lines);
}

/// The box follows the chosen query where the tokens are of its text.
void follow_query(const ViewContext& context, TextBoxState& state) {
    if (context.num_tokens() == 0) return;
    const int query = context.snapshot.selection.query;
    if (state.revealed_query == query && state.revealed_text == context.text()->id) return;
    const bool is_first = state.revealed_text == 0;
    state.revealed_query = query;
    state.revealed_text = context.text()->id;
    const TokenizedText& own = context.tokens();
    if (is_first || query < 0 || query >= static_cast<int>(own.tokens.size())) return;
    const Token& token = own.tokens[static_cast<std::size_t>(query)];
    const std::size_t begin = token.byte_begin >= own.second_byte ? own.second_byte : 0;  // of its sentence
    const std::string words = begin > 0 ? own.second_text() : own.first_text();
    TypedText& typed = begin == 0 && words == context.snapshot.typed_text ? state.text : state.decoder_text;
    if (typed.known == words && token.byte_begin < token.byte_end) typed.box.reveal(token.byte_begin - begin);
}

/// Names a box of a pair in the corner, over a line of the sentence's tone.
void draw_letter(const char* letter, int sentence, ImVec2 pos, float width) {
    ImFont* font = ui::kit().fonts.small_;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 size = font->CalcTextSizeA(font->FontSize, 10000, 0, letter);
    const ImVec2 at{pos.x + width - size.x - ui::px(8), pos.y + ui::px(4)};
    list->AddText(font, font->FontSize, at, ui::to_u32(ui::colors().dim), letter);
    ui::draw_fill(list, {at.x - 1, at.y + size.y}, {at.x + size.x + 1, at.y + size.y + ui::px(2)},
                  sentence_tone(sentence), 0);
}

/// The text and beside it, or under it in a narrow card, the decoder's text of an encoder-decoder or sentence
/// B. Height of both.
float draw_fields(ViewContext& context, TextBoxState& state, ImVec2 pos, float width) {
    const Snapshot& now = context.snapshot;
    if (std::exchange(context.shared.wants_text_focus, false)) state.text.box.focus();
    const bool has_decoder = now.has_decoder(), has_second = now.has_second_text();
    const bool is_beside = has_second && width >= ui::px(kLeastBesideDp);
    const float gap = ui::px(8), own_width = is_beside ? (width - gap) / 2 : width;
    const char* hint = !now.model    ? "Open a model, then type a text …"
                       : has_decoder ? "Encoder text …"
                       : takes_pictures(now.model->tokenizer.get())
                           ? "The path of a picture; or drop one on the window"
                       : has_second ? "Type a text, or sentence A …"
                                    : "Type a text …";
    const int most_lines = has_second ? kMostTextLines / 2 : kMostTextLines;
    const auto marks_in = [&](const std::string& typed) {
        std::vector<ui::TextMark> marks = state.strip.marks(context, typed);
        if (!marks.empty() || context.num_tokens() == 0 || context.has_one_text()) return marks;
        return state.key_strip.marks(context, typed);
    };
    const float first =
        draw_field(context, state.text, now.typed_text, {"##text", hint, "text", pos, own_width},
                   marks_in(now.typed_text), most_lines);
    context.shared.has_text_focus = state.text.box.is_focused();
    if (!has_second) return first;
    const ImVec2 second_pos =
        is_beside ? ImVec2{pos.x + own_width + gap, pos.y} : ImVec2{pos.x, pos.y + first + gap};
    const float second =
        draw_field(context, state.decoder_text, now.typed_decoder_text,
                   {"##decoder_text", has_decoder ? "Decoder text …" : "Sentence B (optional) …",
                    has_decoder ? "decoder_text" : "text_pair", second_pos, own_width},
                   marks_in(now.typed_decoder_text), most_lines);
    context.shared.has_text_focus |= state.decoder_text.box.is_focused();
    if (context.num_tokens() > 0 && context.tokens().is_pair()) {
        draw_letter("A", 0, pos, own_width);
        draw_letter("B", 1, second_pos, own_width);
    }
    return is_beside ? std::max(first, second) : first + gap + second;
}

constexpr const char* kUnitNames[] = {"tokens", "words", "sentences", "lines"};
constexpr float kStackedBelowDp = 460;  // narrower cards have one switch under the other

float unit_width(const Snapshot& snapshot) {
    const char* name = kUnitNames[static_cast<std::size_t>(snapshot.settings.text_unit)];
    return ui::measure_text(ui::kit().fonts.body, name).x + ui::px(38);
}

/// What rows and columns are, for the whole window.
void draw_unit(ViewContext& context, ImVec2 top_left) {
    int selected = static_cast<int>(context.snapshot.settings.text_unit);
    ImGui::SetCursorScreenPos(top_left);
    if (ui::pill_menu("##unit", nullptr, kUnitNames, selected))
        context.actions.set("unit", to_string(static_cast<TextUnit>(selected)));
    if (ImGui::IsItemHovered())
        context.shared.next_hover.sentence =
            "Rows and columns are tokens, words, sentences or lines (U): to a word the sum, from it the mean";
}

constexpr float kChatDp = 48;

/// Turns of a conversation through the model's template.
void draw_chat(ViewContext& context, ImVec2 top_left) {
    ImGui::SetCursorScreenPos(top_left);
    constexpr const char* kTip =
        "Puts the turns in the box (lines 'user: …', 'assistant: …', or one question) into the model's chat "
        "template";
    if (ui::toolbar_button("chat##chat", false, true, kTip)) context.actions.run("chat", {"reply"});
}

/// The switches beside the chips, from the right end; the width that they take.
float draw_switches(ViewContext& context, ImVec2 top_right, float width, float room) {
    const float direction = direction_width(), unit = unit_width(context.snapshot), gap = ui::px(8);
    const bool is_stacked = width < ui::px(kStackedBelowDp);
    const bool has_chat = context.snapshot.model && context.snapshot.model->has_chat_template && !is_stacked;
    const float chat = has_chat ? ui::px(kChatDp) + gap : 0;
    const float taken = is_stacked ? std::max(direction, unit) : direction + gap + unit + chat;
    if (room <= ui::px(10)) return taken;
    draw_direction(context, {top_right.x - direction, top_right.y});
    if (!is_stacked) draw_unit(context, {top_right.x - taken + chat, top_right.y});
    if (has_chat) draw_chat(context, {top_right.x - taken, top_right.y});
    if (is_stacked && room >= ui::px(2 * kSwitchDp - 8))
        draw_unit(context, {top_right.x - unit, top_right.y + ui::px(kSwitchDp - 4)});
    return taken;
}

/// One row of chips in sight and what it is; returns its height. Tokens of two texts are named at the left.
float draw_strip(ViewContext& context, TokenStrip& strip, const char* name, ImVec2 pos, float width,
                 float room) {
    ImFont* font = ui::kit().fonts.small_;
    const float label = name ? ui::px(52) : 0;
    const float height = strip.height(context, width - label, name ? kMostChipLines - 1 : kMostChipLines);
    if (height <= 0 || room <= ui::px(10)) return height;
    if (name) {
        ImGui::GetWindowDrawList()->AddText(font, font->FontSize, {pos.x, pos.y + ui::px(4)},
                                            ui::to_u32(ui::colors().dim), name);
    }
    strip.draw(context, {pos.x + label, pos.y}, {width - label, std::min(height, room)});
    return height;
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

struct Remedy {
    const char *label, *command, *argument, *tip;
};

/// What helps against the problem of the typed text, as buttons.
std::vector<Remedy> remedies_of(const Snapshot& now) {
    const TextProblem& problem = *now.text_problem;
    std::vector<Remedy> out;
    if (problem.can_cut) {
        out.push_back({"Cut the end##cut_end", "cut", "end",
                       "Keeps the beginning of the text, as many tokens as the model was made for"});
        out.push_back({"Cut the start##cut_start", "cut", "start",
                       "Keeps the end of the text, as many tokens as the model was made for"});
    }
    if (problem.can_run_beyond) {
        out.push_back({"Run it anyway##run_beyond", "beyond", "on",
                       "Runs all of it, though the model has never seen texts of that length"});
    }
    if (problem.may_run_again)
        out.push_back({"run again##run_again", "text", now.typed_text.c_str(), nullptr});
    return out;
}

float remedy_width(const Remedy& remedy) {
    return ui::measure_text(ui::kit().fonts.body, ui::visible_text(remedy.label)).x + ui::px(24);
}

/// From `left` on, in lines of `width`; returns their height.
float draw_remedies(ViewContext& context, const std::vector<Remedy>& remedies, ImVec2 pos, float width) {
    ImVec2 at = pos;
    for (const Remedy& remedy : remedies) {
        const float own = remedy_width(remedy);
        if (at.x > pos.x && at.x + own > pos.x + width) at = {pos.x, at.y + ui::px(30)};
        ImGui::SetCursorScreenPos(at);
        if (ui::pill_button(remedy.label, false, true, remedy.tip))
            context.actions.run(remedy.command, {remedy.argument});
        at.x += own + ui::px(6);
    }
    return at.y - pos.y + ui::px(32);
}

/// Why what is typed is not what is shown, whose the tokens below are, and what helps; returns its height, 0
/// while they agree.
float draw_left_over(ViewContext& context, ImVec2 pos, float width) {
    const Snapshot& now = context.snapshot;
    if (!now.text_problem || (!now.is_text_left_over() && !now.text_problem->is_too_long())) return 0;
    const std::vector<Remedy> remedies = remedies_of(now);
    float buttons = 0;
    for (const Remedy& remedy : remedies)
        buttons += remedy_width(remedy) + ui::px(6);
    const ui::ShapedStyle style{12, gfx::TextWeight::Regular};
    std::string words = "Not run: " + now.text_problem->reason;
    // Several buttons stand under the reason where they would hide a part of it.
    const float needed = ui::measure_shaped(one_line(words), style).advance + ui::px(22) + buttons;
    const bool is_beside = remedies.size() < 2 || needed <= width;
    if (now.is_text_left_over()) words += fmt::format(" — shown is “{}”", now.base_text->tokens.text);
    ui::draw_dot(ImGui::GetWindowDrawList(), {pos.x + ui::px(4), pos.y + ui::px(9)}, ui::px(4),
                 ui::colors().error);
    ui::draw_shaped(
        ImGui::GetWindowDrawList(), {pos.x + ui::px(14), pos.y},
        ui::shorten_shaped(one_line(words), width - ui::px(18) - (is_beside ? buttons : 0), style),
        ui::colors().text, style);
    ui::record_item("left_over", pos, {pos.x + width, pos.y + ui::px(20)}, true, false, words);
    if (remedies.empty()) return ui::px(26);
    if (!is_beside)
        return ui::px(24) +
               draw_remedies(context, remedies, {pos.x + ui::px(6), pos.y + ui::px(22)}, width - ui::px(6));
    draw_remedies(context, remedies, {pos.x + width - buttons + ui::px(6), pos.y - ui::px(3)}, buttons);
    return ui::px(30);
}

void draw_body(ViewContext& context, TextBoxState& state) {
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    const bool has_tokens = context.num_tokens() > 0, is_one = !has_tokens || context.has_one_text();
    state.strip.set_side(is_one ? StripSide::Both : StripSide::Queries);
    state.key_strip.set_side(StripSide::Keys);
    follow_query(context, state);
    float used = draw_fields(context, state, pos, available.x) + ui::px(10);
    used += draw_left_over(context, {pos.x, pos.y + used}, available.x);
    const float room = available.y - used;
    float strips = 0;
    if (has_tokens && is_one) {
        const float switch_width =
            draw_switches(context, {pos.x + available.x, pos.y + used}, available.x, room);
        const float width = std::max(ui::px(80), available.x - switch_width - ui::px(10));
        strips = draw_strip(context, state.strip, nullptr, {pos.x, pos.y + used}, width, room);
    } else if (has_tokens) {
        const float unit = unit_width(context.snapshot);
        const float width = std::max(ui::px(120), available.x - unit - ui::px(10));
        if (room > ui::px(10)) draw_unit(context, {pos.x + available.x - unit, pos.y + used});
        strips = draw_strip(context, state.strip, "queries", {pos.x, pos.y + used}, width, room);
        strips += ui::px(4);
        strips += draw_strip(context, state.key_strip, "keys", {pos.x, pos.y + used + strips}, width,
                             room - strips);
    }
    const float content = used + std::max(strips, ui::px(kSwitchDp - 8));
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
    "The text that the model reads (and its decoder's, if it has one, or sentence B), live while typing, and "
    "the tokens; a click on a token chooses the query.",
    text_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<TextBoxState>()); },
    draw};

}  // namespace headlight
