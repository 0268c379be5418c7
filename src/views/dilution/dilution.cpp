// Dilution: the text behind growing filler; curves of the chosen head, and which heads hold on to a fact.
#include <fmt/format.h>

#include <algorithm>

#include "session/tasks/dilution.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/overlay.h"
#include "ui/rows.h"
#include "ui/text_box.h"
#include "views/dilution/dilution_plot.h"
#include "views/format.h"

namespace headlight {

namespace {

constexpr const char* kPlaceNames[] = {"start", "near", "both"};

struct DilutionViewState final : ViewState {
    ui::TextBox fact;
    std::string lengths;  // typed; "": the usual ones
    int place = 0;        // of kPlaceNames, to be measured
    int shown = 0;        // of the experiments
    std::size_t quantity = 0;
    std::string known_fact;  // that the box and the session last agreed on
    std::shared_ptr<const DilutionResult> result;
    int ranked_of = -1;  // experiment that `ranked` is of
    std::vector<RankedHead> ranked;
};

HeightWish dilution_height(const Snapshot&, const ViewState&, float column_height_dp) {
    return {std::max(340.0f, column_height_dp * 0.45f), 190};
}

void run_dilute(ViewContext& context, const DilutionViewState& state, const std::string& fact) {
    std::vector<std::string> arguments = {fact};
    if (!state.lengths.empty() || state.place != 0) {
        std::string lengths = state.lengths;
        if (lengths.empty()) {
            DilutionQuestion question;
            question.target = context.snapshot.typed_text;
            question.fact = fact;
            for (const int length : window_lengths(context.snapshot, question))
                lengths += (lengths.empty() ? "" : ",") + std::to_string(length);
        }
        arguments.push_back(lengths);
        arguments.emplace_back(kPlaceNames[state.place]);
    }
    context.actions.run("dilute", arguments);
}

/// The fact, lengths and place, and the button; their height.
float draw_setup(ViewContext& context, DilutionViewState& state, ImVec2 pos, float width) {
    const DilutionState& now = context.snapshot.part<DilutionState>();
    if (now.question.fact != state.known_fact) {
        state.known_fact = now.question.fact;
        if (!state.known_fact.empty()) state.fact.set_text(state.known_fact);
    }
    const float button = ui::px(92);
    ImGui::SetCursorScreenPos(pos);
    state.fact.draw("##dilution_fact", "A fact that stands in the context: The code is 7421.", width - button,
                    2);
    context.shared.has_text_focus |= state.fact.is_focused();
    const float fact_height = state.fact.height(width - button, 2);
    ImGui::SetCursorScreenPos({pos.x + width - button + ui::px(8), pos.y + ui::px(2)});
    if (now.task.is_running()) {
        if (ui::pill_button("stop##dilution_stop")) context.actions.run("stop_dilution");
    } else if (ui::pill_button("measure##dilution_run", true, !state.fact.text().empty(),
                               "Puts the text behind filler of each length and measures its rows")) {
        run_dilute(context, state, state.fact.text());
    }
    const float second = pos.y + fact_height + ui::px(6);
    ImGui::SetCursorScreenPos({pos.x, second});
    const ui::Segment places[] = {
        {"start##fact_start", "The fact stands before all filler: its distance grows", true},
        {"near##fact_near", "The fact stands just before the text: its distance stays", true},
        {"both##fact_both", "Two experiments, one after the other", true}};
    if (ui::segmented_width(places) + ui::px(70) < width)
        ui::segmented("##fact_place", places, state.place);
    else
        ui::pill_menu("##fact_place", nullptr, kPlaceNames, state.place);
    ImGui::SameLine(0, ui::px(8));
    const float left = ImGui::GetCursorScreenPos().x;
    const bool has_chosen = !context.snapshot.selection.queries.empty();
    const float chosen = has_chosen ? ui::px(140) : 0;
    const float field = std::min(ui::px(260), pos.x + width - left - chosen);
    if (field > ui::px(50))
        ui::filter_input("##dilution_lengths", "lengths: 64,128,256", state.lengths, field, false);
    if (has_chosen && !now.task.is_running()) {
        ImGui::SameLine(0, ui::px(8));
        if (ui::pill_button("chosen tokens##dilution_chosen", false, true,
                            "Takes the chosen tokens for the fact, and measures the text behind them"))
            run_dilute(context, state, "");
    }
    return fact_height + ui::px(44);
}

void refresh_ranking(DilutionViewState& state, const std::shared_ptr<const DilutionResult>& result) {
    if (state.result != result) {
        state.result = result;
        state.ranked_of = -1;
        state.shown = 0;
    }
    state.shown = std::clamp(state.shown, 0, static_cast<int>(result->experiments.size()) - 1);
    if (state.ranked_of == state.shown) return;
    state.ranked_of = state.shown;
    state.ranked = ranked_heads(*result, result->experiments[static_cast<std::size_t>(state.shown)]);
}

ui::Rgba hold_ink(FactHold hold) {
    if (hold == FactHold::Holds) return ui::colors().third;
    return hold == FactHold::Fades ? ui::colors().text : ui::colors().dim;
}

/// Which heads hold on: sorted by what they do and by their lift in the longest context.
void draw_ranking(ViewContext& context, DilutionViewState& state, const DilutionResult& result, ImVec2 pos,
                  ImVec2 size) {
    ImGui::SetCursorScreenPos(pos);
    ImGui::BeginChild("##dilution_heads", size, false);
    if (state.ranked.empty()) {
        ui::text_wrapped(result.fact.tokens.empty()
                             ? "No fact was given: curves only."
                             : "No head gives the fact twice a uniform head's mass in the shortest context.",
                         ui::colors().dim);
        ImGui::EndChild();
        return;
    }
    const DilutionExperiment& experiment = result.experiments[static_cast<std::size_t>(state.shown)];
    const std::string from = fmt::format("{}", experiment.lengths.front().length),
                      to = fmt::format("{}", experiment.lengths.back().length);
    const ui::Column columns[] = {
        {"lift at", 1, 0, false}, {"", 1.2f, 0, false}, {from.c_str(), 1, 0, true}, {to.c_str(), 1, 0, true}};
    ui::table_header(columns);
    ui::tooltip_for_last_item(fact_hold_rule());
    for (const RankedHead& one : state.ranked) {
        const std::string name = one.head.to_string(), before = format_lift(one.change.lift_short()),
                          after = format_lift(one.change.lift_long()), id = "held_" + name;
        const FactHold hold = one.change.hold();
        const ui::Cell cells[] = {{name, {}, false, 0},
                                  {to_string(hold), hold_ink(hold), false, 0},
                                  {before, {}, false, 0},
                                  {after, {}, false, 0}};
        const auto response =
            ui::table_row(id.c_str(), columns, cells, one.head == context.snapshot.selection.head);
        if (response.is_clicked) context.actions.select_head(one.head);
        if (!response.is_hovered) continue;
        context.shared.next_hover.head = one.head;
        context.shared.next_hover.sentence = fmt::format(
            "{} {}: {} of its mass on the fact at {} tokens, {} at {}", name, to_string(hold),
            format_percent(one.change.mass_short), from, format_percent(one.change.mass_long), to);
    }
    ImGui::EndChild();
}

void draw_result(ViewContext& context, DilutionViewState& state, const DilutionResult& result, ImVec2 pos,
                 ImVec2 size) {
    const DilutionExperiment& experiment = result.experiments[static_cast<std::size_t>(state.shown)];
    const HeadId head = context.snapshot.selection.head;
    const bool is_wide = size.x > ui::px(430);
    const float list = is_wide ? std::clamp(size.x * 0.38f, ui::px(210), ui::px(320)) : 0;
    ImFont* font = ui::kit().fonts.small_;
    std::string note = "Mass that falls is what a softmax over more keys does: read it beside the loss.";
    for (const std::string& more : result.notes)
        note = more + " · " + note;
    const float foot = font->FontSize + ui::px(6);
    if (result.grid.index(head) < result.grid.size()) {
        draw_dilution_plot(context, {result, experiment, head, dilution_quantities()[state.quantity]}, pos,
                           {size.x - list - (is_wide ? ui::px(10) : 0), size.y - foot});
    }
    if (is_wide) draw_ranking(context, state, result, {pos.x + size.x - list, pos.y}, {list, size.y - foot});
    const ImVec2 at{pos.x, pos.y + size.y - font->FontSize};
    ui::draw_text(ImGui::GetWindowDrawList(), font, at, ui::colors().dim,
                  ui::shorten_text(font, note, size.x));
    if (ImGui::IsMouseHoveringRect(at, {at.x + size.x, at.y + font->FontSize}) && ImGui::IsWindowHovered())
        ui::tooltip(note);
}

void draw_body(ViewContext& context, DilutionViewState& state) {
    const DilutionState& now = context.snapshot.part<DilutionState>();
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    float used = draw_setup(context, state, pos, available.x);
    const Derived<DilutionResult> derived = now.task.look();
    ImGui::SetCursorScreenPos({pos.x, pos.y + used});
    if (now.task.is_running()) {
        const std::string detail = fmt::format("{:.0f} %", 100 * std::max(0.0, derived.progress));
        ui::progress({.stage = "measuring", .fraction = derived.progress, .detail = detail});
        used += ui::px(30);
    } else if (derived.error) {
        ui::text_wrapped(derived.error->message + ".", ui::colors().warning);
        return;
    }
    if (derived.value) {
        refresh_ranking(state, derived.value);
        return draw_result(context, state, *derived.value, {pos.x, pos.y + used},
                           {available.x, available.y - used});
    }
    if (now.task.is_running()) return;
    ui::text_wrapped(
        "The shown text is the target: it is put behind filler of growing length, and what its rows give to "
        "the fact, "
        "the first key and the last keys is measured. Type a fact, or choose its tokens in the text.",
        ui::colors().dim);
}

void draw_controls(ViewContext& context, DilutionViewState& state) {
    const auto& result = context.snapshot.part<DilutionState>().task.value();
    if (!result) return;
    if (result->experiments.size() > 1) {
        const ui::Segment places[] = {{"start##shown_start", describe(FactPlace::Start), true},
                                      {"near##shown_near", describe(FactPlace::Near), true}};
        ui::segmented("##dilution_shown", places, state.shown);
        ImGui::SameLine(0, ui::px(8));
    }
    std::vector<const char*> entries;
    std::vector<std::size_t> quantities;
    int selected = 0;
    for (std::size_t i = 0; i < dilution_quantities().size(); ++i) {
        if (dilution_quantities()[i].needs_fact && result->fact.tokens.empty()) continue;
        if (i == state.quantity) selected = static_cast<int>(entries.size());
        entries.push_back(dilution_quantities()[i].label);
        quantities.push_back(i);
    }
    if (ui::pill_menu("##dilution_quantity", nullptr, entries, selected))
        state.quantity = quantities[static_cast<std::size_t>(selected)];
}

std::string context_words(const ViewContext& context, const DilutionViewState& state) {
    const auto& result = context.snapshot.part<DilutionState>().task.value();
    if (!result) return "over context lengths";
    const auto shown =
        std::min(static_cast<std::size_t>(std::max(0, state.shown)), result->experiments.size() - 1);
    return fmt::format("{} · {}", context.snapshot.selection.head.to_string(),
                       describe(result->experiments[shown].place));
}

void draw(ViewContext& context) {
    auto& state = static_cast<DilutionViewState&>(context.state);
    const std::string line = context_words(context, state);
    ui::CardSpec spec;
    spec.id = "dilution";
    spec.title = "Dilution";
    spec.context = line;
    spec.controls = [&] { draw_controls(context, state); };
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_dilution = {
    .id = "dilution",
    .title = "Dilution",
    .help =
        "The text behind growing filler: what a head's rows give to a fact, the first key and the last keys, "
        "with a "
        "uniform head's curves, and which heads hold on.",
    .height = dilution_height,
    .make_state = [] { return std::unique_ptr<ViewState>(std::make_unique<DilutionViewState>()); },
    .draw = draw,
};

}  // namespace headlight
