// The tokens as chips under the text box.
#include "views/token_strip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"

namespace headlight {

namespace {

constexpr float kLineDp = 25, kGapDp = 4;

float chip_width(const std::string& label) {
    ui::ChipSpec spec;
    spec.id = "##measure";
    spec.text = label;
    return ui::chip_size(spec).x;
}

bool shows_received(const ViewContext& context) {
    return context.snapshot.settings.strip_direction == "receives";
}

std::string chip_sentence(const ViewContext& context, int index, int subject,
                          std::span<const float> weights) {
    if (subject < 0 || index == subject || weights.empty())
        return fmt::format("{}, id {}", quoted_token(context.tokens(), index),
                           context.tokens().tokens[static_cast<std::size_t>(index)].id);
    const bool received = shows_received(context);
    const int query = received ? index : subject, key = received ? subject : index;
    const KeyRange range = visible_keys(context.trace(), selected_heads(context.snapshot.selection), query);
    if (key < range.begin || key >= range.end)
        return masked_sentence(context.tokens(), query, key, key > query);
    return attention_sentence(context.tokens(), query, key, weights[static_cast<std::size_t>(index)]);
}

}  // namespace

void TokenStrip::layout(const ViewContext& context, float width) {
    if (scale_ != ui::kit().scale) layout_.forget();
    scale_ = ui::kit().scale;
    if (!layout_.update(context.tokens().tokens, width, ui::px(kGapDp), chip_width)) ui::request_redraw();
}

float TokenStrip::height(const ViewContext& context, float width, int max_lines) {
    if (context.num_tokens() == 0) return 0;
    layout(context, width);
    return static_cast<float>(std::min(max_lines, layout_.num_lines())) * ui::px(kLineDp);
}

std::vector<ui::TextMark> TokenStrip::marks(const ViewContext& context) const {
    const int token = context.shared.hover.token;
    if (token < 0 || token >= context.num_tokens() || context.snapshot.typed_text != context.tokens().text)
        return {};
    const Token& hovered = context.tokens().tokens[static_cast<std::size_t>(token)];
    if (hovered.byte_begin >= hovered.byte_end) return {};
    return {{hovered.byte_begin, hovered.byte_end, gfx::faded(ui::colors().second, 0.35f)}};
}

void TokenStrip::draw_chip(ViewContext& context, int index, ImVec2 pos, std::span<const float> weights,
                           int subject) {
    const ui::Colors& colors = ui::colors();
    const Token& token = context.tokens().tokens[static_cast<std::size_t>(index)];
    ui::ChipSpec spec;
    const std::string id = fmt::format("token{}", index);
    spec.id = id.c_str();
    spec.text = token.display;
    spec.fill = colors.control;
    spec.text_color = token.is_special ? colors.dim : colors.text;
    spec.is_faded = context.freshness() < 1;
    const bool is_chosen = index == context.snapshot.selection.query;
    if (index < static_cast<int>(weights.size()) && index != subject) {
        const float weight = std::pow(std::clamp(weights[static_cast<std::size_t>(index)], 0.0f, 1.0f), 0.6f);
        spec.fill = gfx::mix(colors.control, colors.second, 0.75f * weight);
    }
    if (is_chosen) {
        spec.fill = colors.accent;
        spec.text_color = colors.on_accent;
    }
    spec.is_framed = index == context.snapshot.selection.key;
    ImGui::SetCursorScreenPos(pos);
    const ui::ItemResponse response = ui::chip(spec);
    if (response.is_clicked) context.actions.choose_query(index);
    if (!response.is_hovered) return;
    context.shared.next_hover.token = index;
    const int chosen = context.snapshot.selection.query;
    const bool received = shows_received(context);
    const auto heads = selected_heads(context.snapshot.selection);
    const auto line = received ? context.shared.lines.column(context.snapshot, context.values, heads, chosen)
                               : context.shared.lines.row(context.snapshot, heads, chosen);
    context.shared.next_hover.sentence = chip_sentence(context, index, chosen, line);
}

void TokenStrip::follow_query(const ViewContext& context, float height) {
    const int query = context.snapshot.selection.query;
    if (query == last_query_) return;
    last_query_ = query;
    if (query < 0 || query >= static_cast<int>(layout_.places().size())) return;
    const float line = ui::px(kLineDp);
    const float y = static_cast<float>(layout_.places()[static_cast<std::size_t>(query)].line) * line;
    scroll_ = std::clamp(scroll_, y + line - height, y);
}

void TokenStrip::draw(ViewContext& context, ImVec2 pos, ImVec2 size) {
    if (context.num_tokens() == 0 || size.y <= 0) return;
    layout(context, size.x);
    follow_query(context, size.y);
    const float line = ui::px(kLineDp), content = static_cast<float>(layout_.num_lines()) * line;
    const bool is_over =
        ImGui::IsWindowHovered() && ImGui::IsMouseHoveringRect(pos, {pos.x + size.x, pos.y + size.y});
    if (is_over && ImGui::GetIO().MouseWheel != 0) {
        scroll_ -= ImGui::GetIO().MouseWheel * line;
        ui::request_redraw();
    }
    scroll_ = std::clamp(scroll_, 0.0f, std::max(0.0f, content - size.y));
    const int subject =
        context.shared.hover.token >= 0 ? context.shared.hover.token : context.snapshot.selection.query;
    const auto heads = selected_heads(context.snapshot.selection);
    const std::span<const float> weights =
        shows_received(context)
            ? context.shared.lines.column(context.snapshot, context.values, heads, subject)
            : context.shared.lines.row(context.snapshot, heads, subject);
    const std::vector<float> kept(weights.begin(), weights.end());  // chips may ask for other lines
    ImGui::PushClipRect({pos.x - 2, pos.y}, {pos.x + size.x + 2, pos.y + size.y}, true);
    const int first_line = static_cast<int>(scroll_ / line);
    for (std::size_t i = layout_.first_of_line(first_line); i < layout_.places().size(); ++i) {
        const ChipPlace& place = layout_.places()[i];
        const float y = pos.y - scroll_ + static_cast<float>(place.line) * line;
        if (y > pos.y + size.y) break;
        draw_chip(context, static_cast<int>(i), {pos.x + place.x, y}, kept, subject);
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
