// Patching: a corrupted text, the site whose values are put in, the map as it fills, and the largest cells.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/rows.h"
#include "ui/text_box.h"
#include "views/cause/cause_card.h"
#include "views/cause/patch_picture.h"
#include "views/view.h"
#include "views/weights/weight_words.h"

namespace headlight {

namespace {

struct PatchingViewState final : ViewState {
    ui::TextBox corrupted;
    std::string known;  // what the box and the session last agreed on
    bool has_known = false;
    PatchEffects effects;
};

HeightWish patching_height(const Snapshot&, const ViewState&, float column_height_dp) {
    return {std::max(320.0f, column_height_dp * 0.41f), 190};
}

void run(ViewContext& context, PatchSite site, PatchDirection direction) {
    context.actions.run("patch", {to_string(site), to_string(direction)});
}

/// The text that is compared with: typed here; an empty box offers the shown one to change.
float draw_corrupted(ViewContext& context, PatchingViewState& state, ImVec2 pos, float width) {
    const PatchingState& now = context.snapshot.part<PatchingState>();
    if (!state.has_known || now.corrupted_text != state.known) {
        state.corrupted.set_text(now.corrupted_text, !state.has_known);
        state.known = now.corrupted_text;
        state.has_known = true;
    }
    ImGui::SetCursorScreenPos(pos);
    const float button = now.corrupted_text.empty() ? ui::px(84) : 0;
    if (state.corrupted.draw("##corrupted", "Corrupted text: the same length …", width - button, 2)) {
        state.known = state.corrupted.text();
        context.actions.run("corrupted_text", {state.known});
    }
    context.shared.has_text_focus |= state.corrupted.is_focused();
    if (button > 0) {
        ImGui::SetCursorScreenPos({pos.x + width - button + ui::px(6), pos.y + ui::px(3)});
        if (ui::pill_button("take text##take_text", false, true,
                            "Begin with the shown text, then change a word"))
            context.actions.run("corrupted_text", {context.snapshot.base_text->tokens.first_text()});
    }
    return state.corrupted.height(width - button, 2) + ui::px(8);
}

/// Site, and run or stop.
float draw_site(ViewContext& context, ImVec2 pos, float width) {
    const PatchingState& now = context.snapshot.part<PatchingState>();
    std::vector<const char*> entries;
    int selected = 0;
    for (const PatchSite site : kPatchSites) {
        if (site == now.site) selected = static_cast<int>(entries.size());
        entries.push_back(label_of(site));
    }
    ImGui::SetCursorScreenPos(pos);
    if (ui::pill_menu("##patch_site", "site", entries, selected))
        run(context, kPatchSites[selected], now.direction);
    const float button = ui::px(52);
    ImGui::SetCursorScreenPos({pos.x + width - button, pos.y});
    if (now.is_running) {
        if (ui::pill_button("stop##patch_stop")) context.actions.run("stop_patching");
    } else if (ui::pill_button("run##patch_run", true, !now.corrupted_text.empty(),
                               "Measures the cells that are not done")) {
        run(context, now.site, now.direction);
    }
    return ui::px(30);
}

/// The largest cells in columns.
void draw_largest(ViewContext& context, const PatchEffects& effects, ImVec2 pos, float width, int rows) {
    const int columns = std::max(1, static_cast<int>(width / ui::px(108)));
    const float column = width / static_cast<float>(columns);
    for (int i = 0; i < columns * rows && static_cast<std::size_t>(i) < effects.order.size(); ++i) {
        const std::size_t index = effects.order[static_cast<std::size_t>(i)];
        const PatchCell& cell = effects.map->cells[index];
        const ImVec2 at{pos.x + static_cast<float>(i % columns) * column,
                        pos.y + static_cast<float>(i / columns) * ui::px(18)};
        const ui::ShapedStyle style{11.5f, gfx::TextWeight::Regular};
        const bool is_chosen =
            cell.head >= 0 && HeadId{cell.layer, cell.head} == context.snapshot.selection.head;
        const std::string label =
            ui::shorten_shaped(patch_cell_label(context, cell), column - ui::px(58), style);
        ui::draw_shaped(ImGui::GetWindowDrawList(), at, label,
                        is_chosen ? ui::colors().accent : ui::colors().dim, style);
        put_words_right({at.x + column - ui::px(14), at.y}, ui::colors().text,
                        format_signed(*effects.effects[index]));
        const auto response =
            ui::hot_area(fmt::format("##patch_top_{}", i).c_str(), at, {column - ui::px(10), ui::px(18)});
        if (response.is_clicked && cell.head >= 0) context.actions.select_head({cell.layer, cell.head});
    }
}

/// Progress, scale, what a cell at random gives, and what one pair of texts can say.
float foot_height() {
    return ui::px(60);
}

void draw_foot(const ViewContext& context, const PatchEffects& effects, ImVec2 pos, float width) {
    const PatchingState& now = context.snapshot.part<PatchingState>();
    ImFont* font = ui::kit().fonts.small_;
    const auto total = static_cast<double>(effects.map->cells.size());
    ui::draw_bar(ImGui::GetWindowDrawList(), {pos.x, pos.y}, width, effects.map->num_done / total, -1,
                 ui::colors().second);
    const float line = pos.y + ui::px(7);
    const bool has_scale = width > ui::px(420);
    const std::string done = fmt::format("{} of {}", effects.map->num_done, effects.map->cells.size());
    put_words({pos.x, line}, ui::colors().dim,
              has_scale ? done : fmt::format("{} · ± {:.2f}", done, effects.largest));
    if (has_scale) {  // the colours, both ends written, between what stands left and right of it
        const float from = pos.x + ui::px(130), to = from + ui::px(90);
        draw_signed_scale(ImGui::GetWindowDrawList(), from, to, line + ui::px(4),
                          context.snapshot.settings.gamma);
        put_words_right({from - ui::px(5), line}, ui::colors().dim, format_signed(-effects.largest));
        put_words({to + ui::px(5), line}, ui::colors().dim, format_signed(effects.largest));
    }
    put_words_right({pos.x + width, pos.y + ui::px(7)}, ui::colors().dim, "0 as corrupted · 1 as clean");
    if (effects.low) {
        const std::string random =
            fmt::format("a cell at random: {} ({} to {}, 5 to 95 %)", format_signed(*effects.middle),
                        format_signed(*effects.low), format_signed(*effects.high));
        put_words({pos.x, pos.y + ui::px(23)}, ui::colors().dim, ui::shorten_text(font, random, width));
    }
    std::string caveat = "One pair of prompts: no claim about others.";
    if (!effects.warning.empty()) caveat = effects.warning + ". " + caveat;
    if (!now.error.empty()) caveat = now.error + ". " + caveat;
    put_words({pos.x, pos.y + ui::px(38)}, ui::colors().warning, ui::shorten_text(font, caveat, width));
}

void draw_body(ViewContext& context, PatchingViewState& state) {
    if (!asked_question(context)) return;
    const PatchingState& now = context.snapshot.part<PatchingState>();
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    float used = draw_corrupted(context, state, pos, available.x);
    used += draw_site(context, {pos.x, pos.y + used}, available.x);
    const float top = pos.y + used, bottom = pos.y + available.y;
    refresh_patch_effects(state.effects, now, answer_metric(context.snapshot.settings));
    if (!state.effects.map) {
        ImGui::SetCursorScreenPos({pos.x, top + ui::px(4)});
        const bool has_text = !now.corrupted_text.empty();
        ui::text_wrapped(!now.error.empty() ? now.error + "."
                         : has_text         ? "Run it: each cell puts values of one text into the other."
                                            : "Type a text of as many tokens that changes the answer.",
                         now.error.empty() ? ui::colors().dim : ui::colors().warning);
        return;
    }
    if (!state.effects.why_not.empty()) {
        ImGui::SetCursorScreenPos({pos.x, top + ui::px(4)});
        return ui::text_wrapped(state.effects.why_not + ".", ui::colors().warning);
    }
    const float foot = foot_height(), room = bottom - top - foot;
    const int rows = room > ui::px(220) ? 3 : room > ui::px(130) ? 2 : room > ui::px(90) ? 1 : 0;
    const float list = static_cast<float>(rows) * ui::px(18) + (rows > 0 ? ui::px(6) : 0);
    if (room - list > ui::px(30))
        draw_patch_map(context, state.effects, {pos.x, top, available.x, room - list});
    if (rows > 0)
        draw_largest(context, state.effects, {pos.x, top + room - list + ui::px(4)}, available.x, rows);
    draw_foot(context, state.effects, {pos.x, bottom - foot + ui::px(4)}, available.x);
}

void draw(ViewContext& context) {
    auto& state = static_cast<PatchingViewState&>(context.state);
    const PatchingState& now = context.snapshot.part<PatchingState>();
    ui::CardSpec spec;
    spec.id = "patching";
    spec.title = "Patching";
    spec.context = now.direction == PatchDirection::Denoise ? "clean into corrupted" : "corrupted into clean";
    spec.controls = [&] {
        int selected = now.direction == PatchDirection::Noise ? 1 : 0;
        const ui::Segment segments[] = {
            {"denoise##patch_denoise", "The corrupted text runs and clean values are put in: is this enough?",
             true},
            {"noise##patch_noise", "The clean text runs and corrupted values are put in: is this needed?",
             true}};
        if (ui::segmented("##patch_direction", segments, selected))
            run(context, now.site, selected == 1 ? PatchDirection::Noise : PatchDirection::Denoise);
    };
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_patching = {
    "patching",
    "Patching",
    "Puts values of a corrupted text into the shown one, site by site, and measures how much of the answer "
    "comes back.",
    patching_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<PatchingViewState>()); },
    draw};

}  // namespace headlight
