// What was written: its tokens, tinted by their probability, what else was likely at the step under the bar,
// and the branches.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/tokens/chip_layout.h"
#include "views/write/write_card.h"

namespace headlight {

namespace {

constexpr float kWrittenLineDp = 25, kWrittenGapDp = 4;
constexpr int kPromptTail = 6;  // tokens of the prompt before what was written
constexpr int kMostChoices = 8;
constexpr float kNameDp = 62;

struct WrittenState final : ViewState {
    WrittenBranch branch;
    ChipLayout layout;
    std::vector<Token> shown;  // tail of the prompt, then the branch
    std::shared_ptr<const WritingTree> tree;
    int node = -2, num_tail = 0;
    float scale = 0, scroll = 0;
    int last_step = -2;
    float wanted_dp = 112;  // height of the last frame's content
};

HeightWish written_height(const Snapshot&, const ViewState& state, float column_height_dp) {
    const float wanted = static_cast<const WrittenState&>(state).wanted_dp;
    return {std::clamp(wanted, 112.0f, std::max(132.0f, column_height_dp * 0.32f)), 108};
}

float written_chip_width(const std::string& label) {
    ui::ChipSpec spec;
    spec.id = "##measure";
    spec.text = label;
    return ui::chip_size(spec).x;
}

void refresh_chips(WrittenState& state, const WritingState& writing) {
    if (state.tree == writing.tree && state.node == writing.node) return;
    state.tree = writing.tree;
    state.node = writing.node;
    state.shown.clear();
    const std::vector<Token>& prompt = writing.prompt->tokens;
    state.num_tail = std::min<int>(kPromptTail, static_cast<int>(prompt.size()));
    state.shown.assign(prompt.end() - state.num_tail, prompt.end());
    for (const int node : state.branch.nodes(writing)) {
        const WrittenStep& step = writing.tree->step(node);
        Token& token = state.shown.emplace_back();
        token.id = step.token.id;
        token.display = step.display;
    }
}

void draw_written_chip(ViewContext& context, WrittenState& state, int index, ImVec2 pos, int bar) {
    const WritingState& writing = writing_of(context);
    const ui::Colors& colors = ui::colors();
    const int step = index - state.num_tail;
    ui::ChipSpec chip;
    const std::string id =
        step < 0 ? fmt::format("prompt{}", writing.num_prompt() + step) : fmt::format("step{}", step);
    chip.id = id.c_str();
    chip.text = state.shown[static_cast<std::size_t>(index)].display;
    chip.text_color = step < 0 ? colors.dim : colors.text;
    const int node = step < 0 ? -1 : state.branch.nodes(writing)[static_cast<std::size_t>(step)];
    if (step >= 0) {
        const WrittenStep& written = writing.tree->step(node);
        const double likely = written.token.own_probability.value_or(0);
        chip.fill = written.is_chosen
                        ? gfx::mix(colors.control, colors.warning, 0.35f)
                        : gfx::mix(colors.control, colors.third, 0.15f + 0.6f * static_cast<float>(likely));
    }
    if (step >= 0 && step == bar) {
        chip.fill = colors.accent;
        chip.text_color = colors.on_accent;
    }
    ImGui::SetCursorScreenPos(pos);
    const ui::ItemResponse response = ui::chip(chip);
    if (response.is_clicked && step >= 0) choose_step(context, step);
    if (response.is_clicked && step < 0) context.actions.choose_query_token(writing.num_prompt() + step);
    if (!response.is_hovered) return;
    context.shared.next_hover.sentence =
        step < 0 ? std::string("a token of the prompt") : step_sentence(writing, *writing.tree, node, step);
    if (is_written_text(writing, context.snapshot.base_text.get()) &&
        writing.num_prompt() + step < context.num_model_tokens())
        context.shared.next_hover.token = context.unit_of_query(writing.num_prompt() + step);
}

/// Chips in lines that scroll and follow the bar.
void draw_chips(ViewContext& context, WrittenState& state, ImVec2 pos, ImVec2 size, int bar) {
    if (state.scale != ui::kit().scale) state.layout.forget();
    state.scale = ui::kit().scale;
    if (!state.layout.update(state.shown, size.x, ui::px(kWrittenGapDp), written_chip_width))
        ui::request_redraw();
    const auto& places = state.layout.places();
    const float line = ui::px(kWrittenLineDp);
    const float most = std::max(0.0f, static_cast<float>(state.layout.num_lines()) * line - size.y);
    const int followed =
        writing_of(context).is_playing() ? static_cast<int>(state.shown.size()) - 1 : bar + state.num_tail;
    if (std::exchange(state.last_step, followed) != followed && followed >= 0 &&
        followed < static_cast<int>(places.size())) {
        const float top = static_cast<float>(places[static_cast<std::size_t>(followed)].line) * line;
        state.scroll = std::clamp(state.scroll, top + line - size.y, top);
    }
    const bool is_over = ImGui::IsMouseHoveringRect(pos, {pos.x + size.x, pos.y + size.y});
    if (is_over && ImGui::IsWindowHovered()) state.scroll -= ImGui::GetIO().MouseWheel * line;
    state.scroll = std::clamp(state.scroll, 0.0f, most);
    const int first_line = static_cast<int>(std::ceil(state.scroll / line - 0.01f));
    const int num_lines = std::max(1, static_cast<int>(size.y / line));
    for (std::size_t i = state.layout.first_of_line(first_line);
         i < places.size() && places[i].line < first_line + num_lines; ++i) {
        const ImVec2 at{pos.x + places[i].x, pos.y + static_cast<float>(places[i].line - first_line) * line};
        draw_written_chip(context, state, static_cast<int>(i), at, bar);
    }
}

/// Chips in one row as far as there is room. True when one more fits.
bool has_room_for(const ui::ChipSpec& chip, float right) {
    return ImGui::GetCursorScreenPos().x + ui::chip_size(chip).x <= right;
}

void draw_choices(ViewContext& context, const WritingState& writing, WrittenState& state, ImVec2 pos,
                  float width, int bar) {
    ImFont* font = ui::kit().fonts.small_;
    const char* words = "instead";
    ui::draw_text(ImGui::GetWindowDrawList(), font, {pos.x, pos.y + ui::px(5)}, ui::colors().dim, words);
    const auto& nodes = state.branch.nodes(writing);
    if (bar < 0 || bar >= static_cast<int>(nodes.size())) return;
    const WrittenStep& step = writing.tree->step(nodes[static_cast<std::size_t>(bar)]);
    float x = pos.x + ui::px(kNameDp);
    for (std::size_t i = 0; i < step.token.likeliest.size() && i < kMostChoices; ++i) {
        const TokenPrediction& likely = step.token.likeliest[i];
        if (likely.id == step.token.id) continue;
        ui::ChipSpec chip;
        const std::string id = fmt::format("instead{}", likely.id),
                          label = fmt::format("{} {}", step.likeliest_display[i],
                                              format_percent(likely.probability));
        chip.id = id.c_str();
        chip.text = label;
        const float wide = ui::chip_size(chip).x;
        if (x + wide > pos.x + width) break;
        ImGui::SetCursorScreenPos({x, pos.y});
        const ui::ItemResponse response = ui::chip(chip);
        if (response.is_clicked)
            context.actions.run("write_branch", {std::to_string(bar), std::to_string(likely.id)});
        if (response.is_hovered)
            context.shared.next_hover.sentence =
                fmt::format("Branch off here with “{}”", step.likeliest_display[i]);
        x += wide + ui::px(kWrittenGapDp);
    }
}

void draw_branches(ViewContext& context, const WritingState& writing, ImVec2 pos, float width) {
    const std::vector<int> leaves = writing.tree->leaves();
    ImFont* font = ui::kit().fonts.small_;
    ui::draw_text(ImGui::GetWindowDrawList(), font, {pos.x, pos.y + ui::px(5)}, ui::colors().dim, "branches");
    const int shown = writing.tree->newest_leaf(writing.node);
    float x = pos.x + ui::px(kNameDp);
    const float buttons = ui::px(140);
    int chosen = -1;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        if (leaves[i] == shown) chosen = static_cast<int>(i);
        ui::ChipSpec chip;
        const std::string id = fmt::format("branch{}", i),
                          label = fmt::format(
                              "{} · {}", i, format_count(writing.tree->depth(leaves[i]), "token", "tokens"));
        chip.id = id.c_str();
        chip.text = label;
        chip.is_framed = leaves[i] == shown;
        const float wide = ui::chip_size(chip).x;
        if (x + wide > pos.x + width - buttons) break;
        ImGui::SetCursorScreenPos({x, pos.y});
        const ui::ItemResponse response = ui::chip(chip);
        if (response.is_clicked) context.actions.run("write_choose", {std::to_string(i)});
        if (response.is_right_clicked) context.actions.run("write_delete", {std::to_string(i)});
        if (response.is_hovered)
            context.shared.next_hover.sentence =
                fmt::format("Branch {}: … {}", i, writing.tree->step(leaves[i]).display);
        x += wide + ui::px(kWrittenGapDp);
    }
    if (chosen < 0 || leaves.size() < 2 || writing.is_playing()) return;
    ImGui::SetCursorScreenPos({pos.x + width - buttons, pos.y - ui::px(1)});
    const int other = chosen == 0 ? 1 : 0;
    if (ui::toolbar_button("compare##branch_compare", false, true,
                           "Set the shown branch beside the first other one, in Compare")) {
        context.actions.run("write_compare", {std::to_string(other)});
        context.actions.run("workspace", {"compare"});
    }
    ImGui::SameLine(0, ui::px(2));
    if (ui::toolbar_button("delete##branch_delete", false, true, "Forget the shown branch"))
        context.actions.run("write_delete", {std::to_string(chosen)});
}

void draw_body(ViewContext& context, WrittenState& state) {
    const WritingState& writing = writing_of(context);
    refresh_chips(state, writing);
    const ImVec2 pos = ImGui::GetCursorScreenPos(), size = ImGui::GetContentRegionAvail();
    const int bar = step_under_bar(context);
    const float line = ui::px(kWrittenLineDp + 3);
    const bool has_branches = writing.tree->leaves().size() > 1;
    const int num_lines = size.y >= 3 * line ? (has_branches ? 2 : 1) : size.y >= 2 * line ? 1 : 0;
    const float foot = line * static_cast<float>(num_lines);
    draw_chips(context, state, pos, {size.x, std::max(line, size.y - foot)}, bar);
    if (num_lines > 0) draw_choices(context, writing, state, {pos.x, pos.y + size.y - foot}, size.x, bar);
    if (num_lines > 1) draw_branches(context, writing, {pos.x, pos.y + size.y - line}, size.x);
    const float content = ui::px(kWrittenLineDp) * static_cast<float>(state.layout.num_lines()) +
                          line * (has_branches ? 2.0f : 1.0f) + ui::px(4);
    const float wanted = (content + context.size.y - size.y) / ui::kit().scale;
    if (std::abs(wanted - std::exchange(state.wanted_dp, wanted)) > 0.5f) ui::request_redraw();
}

std::string written_context(const WritingState& writing) {
    if (!writing.has_text() || writing.num_written() == 0) return {};
    std::string words = format_count(writing.num_written(), "token", "tokens");
    if (writing.is_playing()) return words + " · writing";
    if (writing.stop == WritingStop::Ended) words += " · the model ended";
    if (writing.stop == WritingStop::Full) words += " · there is no room for more";
    return words;
}

void draw(ViewContext& context) {
    auto& state = static_cast<WrittenState&>(context.state);
    const std::string line = written_context(writing_of(context));
    ui::CardSpec spec;
    spec.id = "written";
    spec.title = "Written";
    spec.context = line;
    spec.controls = [&] { draw_play_buttons(context); };
    if (ui::Card card{spec, context.pos, context.size};
        card && !draw_missing_text(context) && !draw_missing_writing(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_written = {
    "written",
    "Written",
    "The tokens that the model wrote, tinted by their probability, what else was likely, and the branches; a "
    "click "
    "on another token branches off.",
    written_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<WrittenState>()); },
    draw};

}  // namespace headlight
