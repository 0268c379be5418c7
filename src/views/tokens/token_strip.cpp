// The tokens as chips under the text box.
#include "views/tokens/token_strip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/words/text_breaks.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/lessons/marks.h"
#include "views/pictures.h"
#include "views/weights/weight_words.h"

namespace headlight {

namespace {

constexpr float kLineDp = 25, kGapDp = 4;

constexpr std::size_t kMostOnChip = 40;  // characters; sentences are longer

float chip_width(const std::string& label) {
    const std::string shown = shorten_middle(label, kMostOnChip);
    ui::ChipSpec spec;
    spec.id = "##measure";
    spec.text = shown;
    return ui::chip_size(spec).x;
}

/// Of a token its id; of a word the tokens that it is made of.
std::string own_words(const Snapshot& snapshot, const std::vector<TokenRange>* units, int index,
                      const Token& token) {
    if (units == nullptr) return fmt::format("id {}", token.id);
    const TokenRange range = (*units)[static_cast<std::size_t>(index)];
    const char* unit = to_string(snapshot.unit());
    if (range.count() == 1) return fmt::format("{} of token {}", unit, range.begin);
    return fmt::format("{} of tokens {} to {}", unit, range.begin, range.last());
}

/// Colour and strength of a value: shares as they are, others against the largest of the line; effects below
/// zero blue, above rose.
std::pair<ui::Rgba, float> chip_tint(const Snapshot& snapshot, std::span<const float> line, float value) {
    const WeightsShown weights = snapshot.picture.weights;
    const bool is_share = weights == WeightsShown::Raw || weights == WeightsShown::NoSink;
    float largest = is_share ? 1 : 1e-9f;
    for (const float other : line)
        if (!is_share) largest = std::max(largest, std::abs(other));
    const float strength = std::pow(std::clamp(std::abs(value) / largest, 0.0f, 1.0f), 0.6f);
    if (!snapshot.picture.is_signed()) return {ui::colors().second, strength};
    const auto map = difference_colormap(ui::kit().theme, 1);
    const std::size_t at = (value < 0 ? map.size() / 3 / 8 : map.size() / 3 * 7 / 8) * 3;
    return {{map[at], map[at + 1], map[at + 2], 255}, strength};
}

/// A bar under a token that is looked for: the fill says something else.
void mark_found(ImVec2 pos, const ui::ChipSpec& spec) {
    const ImVec2 size = ui::chip_size(spec);
    ui::draw_fill(ImGui::GetWindowDrawList(), {pos.x + 1, pos.y + size.y - ui::px(3)},
                  {pos.x + size.x - 1, pos.y + size.y - 1}, ui::colors().text, ui::px(1));
}

}  // namespace

bool TokenStrip::shows_received(const ViewContext& context) const {
    if (side_ != StripSide::Both) return side_ == StripSide::Queries;
    return context.snapshot.settings.strip_direction == "receives";
}

const TokenizedText& TokenStrip::tokens(const ViewContext& context) const {
    return side_ == StripSide::Keys ? context.keys() : context.tokens();
}

const std::vector<TokenRange>* TokenStrip::units(const ViewContext& context) const {
    const auto& groups = context.text()->groups;
    if (!groups) return nullptr;
    return side_ == StripSide::Keys ? &groups->keys : &groups->queries;
}

std::string TokenStrip::chip_sentence(const ViewContext& context, int index, int subject,
                                      std::span<const float> weights) const {
    const TokenizedText& own = tokens(context);
    const bool is_itself = index == subject && side_ == StripSide::Both;
    if (subject < 0 || is_itself || static_cast<std::size_t>(index) >= weights.size())
        return fmt::format(
            "{}, {}", quoted_token(own, index),
            own_words(context.snapshot, units(context), index, own.tokens[static_cast<std::size_t>(index)]));
    const bool received = shows_received(context);
    const int query = received ? index : subject, key = received ? subject : index;
    const auto heads = selected_heads(context.snapshot.selection);
    const KeyRange range = visible_keys(context.trace(), heads, query);
    if (key < range.begin || key >= range.end)
        return masked_sentence(context.pair(query, key), mask_reason(context.trace(), heads, query, key));
    if (heads.size() == 1) {
        if (std::string rest = rest_sentence(context, heads[0], query, key); !rest.empty()) return rest;
    }
    return cell_sentence(context, heads, query, key, weights[static_cast<std::size_t>(index)]);
}

// The token whose line tints the chips: of the other list where there are two.
int TokenStrip::subject(const ViewContext& context, bool follows_pointer) const {
    const Selection& chosen = context.snapshot.selection;
    const Hover& hover = context.shared.hover;
    if (side_ == StripSide::Queries) return follows_pointer && hover.key >= 0 ? hover.key : chosen.key;
    return follows_pointer && hover.token >= 0 ? hover.token : chosen.query;
}

std::span<const float> TokenStrip::line_of(ViewContext& context, int subject) const {
    const auto heads = selected_heads(context.snapshot.selection);
    return shows_received(context)
               ? context.shared.lines.column(context.snapshot, context.values, heads, subject)
               : context.shared.lines.row(context.snapshot, heads, subject);
}

void TokenStrip::layout(const ViewContext& context, float width) {
    if (scale_ != ui::kit().scale) layout_.forget();
    scale_ = ui::kit().scale;
    if (!layout_.update(tokens(context).tokens, width, ui::px(kGapDp), chip_width)) ui::request_redraw();
}

float TokenStrip::height(const ViewContext& context, float width, int max_lines) {
    if (context.num_tokens() == 0) return 0;
    layout(context, width);
    return static_cast<float>(std::min(max_lines, layout_.num_lines())) * ui::px(kLineDp);
}

std::vector<ui::TextMark> TokenStrip::marks(const ViewContext& context, const std::string& typed) const {
    const int token = side_ == StripSide::Keys ? context.shared.hover.key : context.shared.hover.token;
    if (context.num_tokens() == 0 || token < 0) return {};
    const TokenizedText& own = tokens(context);
    if (token >= static_cast<int>(own.tokens.size())) return {};
    const Token& hovered = own.tokens[static_cast<std::size_t>(token)];
    const std::size_t begin = hovered.byte_begin >= own.second_byte ? own.second_byte : 0;
    const bool is_of_typed = typed == (begin > 0 ? own.second_text() : own.first_text());
    if (!is_of_typed || hovered.byte_begin >= hovered.byte_end) return {};
    return {{hovered.byte_begin - begin, hovered.byte_end - begin, gfx::faded(ui::colors().second, 0.35f)}};
}

void TokenStrip::draw_chip(ViewContext& context, int index, ImVec2 pos, std::span<const float> weights,
                           int subject) {
    const ui::Colors& colors = ui::colors();
    const Token& token = tokens(context).tokens[static_cast<std::size_t>(index)];
    const Selection& selection = context.snapshot.selection;
    const bool is_key = side_ == StripSide::Keys;
    ui::ChipSpec spec;
    const std::string id = fmt::format("{}{}", is_key ? "key" : "token", index);
    spec.id = id.c_str();
    const std::string shown = shorten_middle(token.display, kMostOnChip);
    spec.text = shown;
    spec.fill = colors.control;
    spec.text_color = token.is_special ? colors.dim : colors.text;
    spec.is_faded = context.freshness() < 1;
    const bool is_chosen = !is_key && index == selection.query;
    const bool is_itself = side_ == StripSide::Both && index == subject;
    if (index < static_cast<int>(weights.size()) && !is_itself) {
        const auto [ink, weight] =
            chip_tint(context.snapshot, weights, weights[static_cast<std::size_t>(index)]);
        spec.fill = gfx::mix(colors.control, ink, 0.75f * weight);
    }
    if (is_chosen) {
        spec.fill = colors.accent;
        spec.text_color = colors.on_accent;
    }
    spec.is_framed = side_ != StripSide::Queries && index == selection.key;
    ImGui::SetCursorScreenPos(pos);
    const ui::ItemResponse response = ui::chip(spec);
    if (!is_key && context.shared.found.has_token(index)) mark_found(pos, spec);
    const bool is_pointed_at = (!is_key && is_token_marked(context.snapshot, index)) ||
                               (side_ != StripSide::Queries && is_key_marked(context.snapshot, index));
    if (is_pointed_at) {
        const ImVec2 size = ui::chip_size(spec);
        draw_lesson_ring(pos, {pos.x + size.x, pos.y + size.y});
    }
    if (!is_key && context.text()->is_written(index)) {  // prompt and written tokens apart
        const ImVec2 size = ui::chip_size(spec);
        ui::draw_hline(ImGui::GetWindowDrawList(), pos.x + ui::px(4), pos.x + size.x - ui::px(4),
                       pos.y + size.y - ui::px(2), colors.third);
    }
    if (tokens(context).is_pair()) {  // a line of each sentence's tone over its tokens
        const ImVec2 size = ui::chip_size(spec);
        const float inset = ui::px(3);
        ui::draw_fill(ImGui::GetWindowDrawList(), {pos.x + inset, pos.y},
                      {pos.x + size.x - inset, pos.y + ui::px(2)},
                      sentence_tone(tokens(context).sentence_of(index)), 0);
    }
    if (response.is_clicked && is_key) context.actions.choose_key(index);
    if (response.is_clicked && !is_key) context.actions.choose_query(index);
    if (!response.is_hovered) return;
    (is_key ? context.shared.next_hover.key : context.shared.next_hover.token) = index;
    const int chosen = this->subject(context, false);
    context.shared.next_hover.sentence = chip_sentence(context, index, chosen, line_of(context, chosen));
}

void TokenStrip::follow_query(const ViewContext& context, float height) {
    const Selection& selection = context.snapshot.selection;
    const int query = side_ == StripSide::Keys ? selection.key : selection.query;
    // A long text is laid out over several frames; until then the query has no place.
    if (query == last_query_ || query >= static_cast<int>(layout_.places().size())) return;
    last_query_ = query;
    if (query < 0) return;
    const float line = ui::px(kLineDp);
    const float y = static_cast<float>(layout_.places()[static_cast<std::size_t>(query)].line) * line;
    scroll_ = std::clamp(scroll_, std::max(0.0f, y + line - height), y);
}

void TokenStrip::draw(ViewContext& context, ImVec2 pos, ImVec2 size) {
    if (context.num_tokens() == 0 || size.y <= 0) return;
    layout(context, size.x);
    // Whole lines: half a chip cannot be read.
    const float line = ui::px(kLineDp);
    if (size.y >= line) size.y = line * std::floor(size.y / line);
    follow_query(context, size.y);
    const float content = static_cast<float>(layout_.num_lines()) * line;
    const bool is_over =
        ImGui::IsWindowHovered() && ImGui::IsMouseHoveringRect(pos, {pos.x + size.x, pos.y + size.y});
    if (is_over && ImGui::GetIO().MouseWheel != 0) {
        scroll_ -= ImGui::GetIO().MouseWheel * line;
        ui::request_redraw();
    }
    scroll_ = std::clamp(scroll_, 0.0f, std::max(0.0f, content - size.y));
    const int subject = this->subject(context, true);
    const std::span<const float> weights = line_of(context, subject);
    const std::vector<float> kept(weights.begin(), weights.end());  // chips may ask for other lines
    const float ring = ui::px(5);                                   // of what a lesson points at
    ImGui::PushClipRect({pos.x - ring, pos.y - ring}, {pos.x + size.x + ring, pos.y + size.y + ring}, true);
    const int first_line = static_cast<int>(scroll_ / line);
    const bool is_mirrored = is_right_to_left(tokens(context).text);  // read from the right
    for (std::size_t i = layout_.first_of_line(first_line); i < layout_.places().size(); ++i) {
        const ChipPlace& place = layout_.places()[i];
        const float y = pos.y - scroll_ + static_cast<float>(place.line) * line;
        if (y >= pos.y + size.y - 1) break;  // below the last whole line
        const float x = is_mirrored ? size.x - place.x - place.width : place.x;
        draw_chip(context, static_cast<int>(i), {pos.x + x, y}, kept, subject);
    }
    ImGui::PopClipRect();
    if (content > size.y) {
        const float length = std::max(ui::px(12), size.y * size.y / content);
        const float y = pos.y + (size.y - length) * scroll_ / (content - size.y);
        const ImVec2 min{pos.x + size.x + ui::px(3), y};
        ui::draw_fill(ImGui::GetWindowDrawList(), min, {min.x + ui::px(3), y + length},
                      gfx::faded(ui::colors().dim, 0.55f), ui::px(1.5f));
    }
}

}  // namespace headlight
