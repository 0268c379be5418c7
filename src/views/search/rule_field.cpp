#include "views/search/rule_field.h"

#include <fmt/format.h>

#include "analysis/search/rule_completion.h"
#include "session/tasks/search.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"

namespace headlight {
namespace {

/// Chips of the words that can come next; the height they take.
float draw_completions(ViewContext& context, RuleField& field, ImVec2 pos, float width, int most_lines) {
    const float line = ui::px(26);
    ImVec2 at = pos;
    int lines = 1;
    for (const RuleCompletion& next : rule_completions(field.box.text())) {
        const std::string id = "next_" + next.word;
        ui::ChipSpec chip;
        chip.id = id.c_str();
        chip.text = next.word;
        const ImVec2 size = ui::chip_size(chip);
        if (at.x > pos.x && at.x + size.x > pos.x + width) {
            if (++lines > most_lines) {
                --lines;
                break;
            }
            at = {pos.x, at.y + line};
        }
        ImGui::SetCursorScreenPos(at);
        if (ui::chip(chip).is_clicked) {
            field.box.set_text(next.text);
            field.box.focus();
            field.known = next.text;
            context.actions.run("search_rule", {next.text});
        }
        at.x += size.x + ui::px(5);
    }
    return static_cast<float>(lines) * line;
}

}  // namespace

float draw_rule_field(ViewContext& context, RuleField& field, float width, int most_lines) {
    const SearchState& state = context.snapshot.part<SearchState>();
    if (!field.has_known || state.rule != field.known) {
        field.box.set_text(state.rule, !field.has_known);
        field.known = state.rule;
        field.has_known = true;
    }
    const ImVec2 pos = ImGui::GetCursorScreenPos();
    if (field.box.draw("##rule", "A rule: key: capital; offset 1..4", width, 2)) {
        field.known = field.box.text();
        context.actions.run("search_rule", {field.known});
    }
    context.shared.has_text_focus |= field.box.is_focused();
    float height = field.box.height(width, 2) + ui::px(6);
    if (most_lines > 0)
        height += draw_completions(context, field, {pos.x, pos.y + height}, width, most_lines) + ui::px(2);
    if (!state.error.empty() && !state.rule.empty()) {
        ImGui::SetCursorScreenPos({pos.x, pos.y + height});
        const float top = ImGui::GetCursorScreenPos().y;
        ui::text_wrapped(state.error, ui::colors().error);
        height += std::max(ui::px(18), ImGui::GetCursorScreenPos().y - top) + ui::px(2);
    }
    return height;
}

}  // namespace headlight
