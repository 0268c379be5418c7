#include "views/write/write_card.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "views/format.h"

namespace headlight {

const std::vector<int>& WrittenBranch::nodes(const WritingState& state) {
    if (tree_ == state.tree && node_ == state.node) return nodes_;
    tree_ = state.tree;
    node_ = state.node;
    nodes_ = tree_ ? tree_->path(node_) : std::vector<int>{};
    return nodes_;
}

const WritingState& writing_of(const ViewContext& context) {
    return context.snapshot.part<WritingState>();
}

bool draw_missing_writing(ViewContext& context) {
    const WritingState& state = writing_of(context);
    if (state.has_text() && (state.num_written() > 0 || state.is_playing())) return false;
    if (const auto error = why_no_writing(context.snapshot)) {
        ui::draw_card_state({ui::CardState::Empty, error->message, nullptr, -1});
    } else if (state.is_playing()) {
        ui::draw_card_state({ui::CardState::Loading, "writing", nullptr, -1});
    } else if (ui::draw_card_state({ui::CardState::Empty, "Nothing was written on from this text yet.",
                                    "Write on##write_start", -1})) {
        context.actions.run("write");
    }
    return true;
}

int step_under_bar(const ViewContext& context) {
    const WritingState& state = writing_of(context);
    const int last = state.num_written();
    if (!state.has_text() || last == 0) return -1;
    if (!is_written_text(state, context.snapshot.base_text.get())) return state.is_playing() ? last - 1 : -1;
    const int step = step_of_query(state, context.snapshot.token_selection.query);
    return step < 0 || step > last ? -1 : step;
}

void choose_step(ViewContext& context, int step) {
    context.actions.run("write_to", {std::to_string(step)});
}

std::string step_sentence(const WritingState& state, const WritingTree& tree, int node, int step) {
    const WrittenStep& written = tree.step(node);
    const std::string how =
        !written.token.own_probability ? std::string("chosen by hand")
        : written.is_chosen
            ? "chosen by hand; the model gives it " + format_percent(*written.token.own_probability)
            : "the model gave it " + format_percent(*written.token.own_probability);
    return fmt::format("“{}” ({}): {}; written by row {}", written.display, state.num_prompt() + step, how,
                       state.num_prompt() - 1 + step);
}

void draw_play_buttons(ViewContext& context) {
    const WritingState& state = writing_of(context);
    const bool can_write = !why_no_writing(context.snapshot);
    if (ui::toolbar_button("back##write_back", false, state.num_written() > 0, "One token back (,)"))
        context.actions.run("write_back");
    ImGui::SameLine(0, ui::px(2));
    if (ui::pill_button(state.is_playing() ? "pause##write_play" : "write##write_play", !state.is_playing(),
                        can_write, "Writes on, or pauses (Ctrl+R)"))
        context.actions.run("write_or_pause");
    ImGui::SameLine(0, ui::px(2));
    if (ui::toolbar_button("on##write_step", false, can_write && !state.is_playing(),
                           "One token on; at the end one more is written (.)"))
        context.actions.run("write_step");
}

ui::Rgba part_color(std::size_t index, std::string_view name) {
    const ui::Colors& colors = ui::colors();
    if (name == "written so far") return colors.third;
    if (name == "unmarked") return colors.other;
    const std::array own = {colors.second,
                            gfx::mix(colors.second, colors.text, 0.55f),
                            colors.warning,
                            gfx::mix(colors.second, colors.card, 0.5f),
                            gfx::mix(colors.warning, colors.text, 0.5f),
                            gfx::mix(colors.warning, colors.card, 0.5f)};
    return own[index % own.size()];
}

}  // namespace headlight
