// Saved rules: detectors of one's own.
#include <fmt/format.h>

#include <algorithm>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/rows.h"
#include "ui/text_box.h"
#include "views/search/search_card.h"

namespace headlight {

namespace {

struct SavedRulesState final : ViewState {
    ui::TextBox name;
};

HeightWish saved_rules_height(const Snapshot&, const ViewState&, float) {
    return {0, 110};
}

/// A field for the name of the rule that is looked for, and the button that keeps it.
void draw_save(ViewContext& context, SavedRulesState& state) {
    const SearchState& now = context.snapshot.part<SearchState>();
    const std::string rule = now.mode == SearchMode::Rule ? now.rule : rule_of_strokes(now.strokes);
    const ImVec2 pos = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x, button = ui::px(58);
    state.name.draw("##rule_name", "Name of the rule", width - button, 1);
    context.shared.has_text_focus |= state.name.is_focused();
    const float height = state.name.height(width - button, 1);
    ImGui::SetCursorScreenPos({pos.x + width - button + ui::px(6), pos.y + (height - ui::px(24)) / 2});
    const bool can_save = !rule.empty() && now.error.empty() && !state.name.text().empty();
    if (ui::pill_button(
            "save##save_rule", false, can_save,
            rule.empty() ? "Only rules and whole stripes can be saved: other drawings are of this text alone"
                         : "Keep the rule as a detector of your own")) {
        context.actions.run("save_rule", {state.name.text()});
        state.name.set_text("");
    }
    ImGui::SetCursorScreenPos({pos.x, pos.y + height + ui::px(6)});
}

void draw_rule(ViewContext& context, const OwnRule& rule) {
    ui::BarRow row;
    const std::string id = "rule_" + own_detector_id(rule.name);
    row.id = id.c_str();
    row.label = rule.name;
    row.suffix = rule.rule.text();
    row.is_selected = context.snapshot.part<SearchState>().mode == SearchMode::Rule &&
                      context.snapshot.part<SearchState>().rule == rule.rule.text();
    const auto response = ui::bar_row(row);
    if (response.is_clicked) context.actions.run("use_rule", {rule.name});
    if (response.is_right_clicked) ImGui::OpenPopup(("##menu_" + id).c_str());
    if (response.is_hovered)
        ui::explain_last_item(fmt::format("“{}”: {}. A click looks for it; a right click deletes it.",
                                          rule.name, rule.rule.text()),
                              rule.origin);
    if (ImGui::BeginPopup(("##menu_" + id).c_str())) {
        if (ui::toolbar_button(("delete “" + rule.name + "”##delete_" + id).c_str())) {
            context.actions.run("delete_rule", {rule.name});
            ImGui::CloseCurrentPopup();
        }
        ImGui::EndPopup();
    }
}

void draw(ViewContext& context) {
    auto& state = static_cast<SavedRulesState&>(context.state);
    const SearchState& now = context.snapshot.part<SearchState>();
    ui::CardSpec spec;
    spec.id = "saved_rules";
    spec.title = "Saved rules";
    spec.context = "detectors of your own";
    spec.scrolls = true;
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context)) {
        draw_save(context, state);
        for (const OwnRule& rule : now.saved)
            draw_rule(context, rule);
        if (now.saved.empty())
            ui::text_wrapped("None yet. A saved rule is listed with the patterns, in tags and scans.",
                             ui::colors().dim);
    }
}

}  // namespace

extern const ViewDescriptor k_view_saved_rules = {
    "saved_rules",
    "Saved rules",
    "Rules that were saved: detectors of one's own, in tags, scans and reports.",
    saved_rules_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<SavedRulesState>()); },
    draw};

}  // namespace headlight
