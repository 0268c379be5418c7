// The bar through time: a column for each written token, as high as its probability; drag to move.
#include <fmt/format.h>

#include <algorithm>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/write/write_card.h"

namespace headlight {

namespace {

struct TimeBarState final : ViewState {
    WrittenBranch branch;
    int asked_step = -1;  // while it is dragged
};

HeightWish time_bar_height(const Snapshot&, const ViewState&, float) {
    return {136, 92};
}

void draw_columns(const WritingState& writing, const std::vector<int>& nodes, int bar, ImVec2 pos,
                  ImVec2 size) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const auto count = static_cast<int>(nodes.size());
    const float width = size.x / static_cast<float>(count + 1), gap = width >= ui::px(4) ? 1.0f : 0.0f;
    ui::draw_hline(list, pos.x, pos.x + size.x, pos.y + size.y, ui::colors().line);
    // Not more columns than pixels: of those that share one the least likely token is drawn.
    const int every = std::max(1, static_cast<int>(1 / std::max(width, 1e-3f)));
    for (int first = 0; first < count; first += every) {
        double least = 1;
        bool is_known = false, is_chosen = false;
        for (int step = first; step < std::min(count, first + every); ++step) {
            const WrittenStep& written = writing.tree->step(nodes[static_cast<std::size_t>(step)]);
            is_chosen |= written.is_chosen;
            if (!written.token.own_probability) continue;
            is_known = true;
            least = std::min(least, *written.token.own_probability);
        }
        const float x = pos.x + static_cast<float>(first) * width,
                    right = x + width * static_cast<float>(every) - gap;
        const float height = is_known ? std::max(1.0f, size.y * static_cast<float>(least)) : 1.0f;
        ui::draw_fill(list, {x, pos.y + size.y - height}, {right, pos.y + size.y},
                      is_chosen ? ui::colors().warning : ui::colors().third);
    }
    if (bar < 0) return;
    const float x = pos.x + (static_cast<float>(bar) + 0.5f) * width;
    ui::draw_vline(list, x, pos.y - ui::px(3), pos.y + size.y + ui::px(3), ui::colors().accent);
    ui::draw_dot(list, {x, pos.y + size.y + ui::px(4)}, ui::px(4), ui::colors().accent);
}

void draw_body(ViewContext& context, TimeBarState& state) {
    const WritingState& writing = writing_of(context);
    const std::vector<int>& nodes = state.branch.nodes(writing);
    const ImVec2 pos = ImGui::GetCursorScreenPos(), whole = ImGui::GetContentRegionAvail();
    const float label = ui::px(15), left = ui::px(34);
    const ImVec2 at{pos.x + left, pos.y + ui::px(3)}, size{whole.x - left, whole.y - label - ui::px(8)};
    if (size.x < ui::px(20) || size.y < ui::px(8)) return;
    ImFont* font = ui::kit().fonts.small_;
    ui::draw_text(ImGui::GetWindowDrawList(), font, {pos.x, at.y}, ui::colors().dim, "100 %");
    if (size.y >= 2 * font->FontSize)
        ui::draw_text(ImGui::GetWindowDrawList(), font, {pos.x, at.y + size.y - font->FontSize},
                      ui::colors().dim, "0 %");
    const auto response = ui::hot_area("##time_bar", {at.x, pos.y}, {size.x, whole.y - label});
    const bool is_held = ImGui::IsItemActive();
    const auto count = static_cast<int>(nodes.size());
    const int under = std::clamp(
        static_cast<int>((ImGui::GetIO().MousePos.x - at.x) / size.x * static_cast<float>(count + 1)), 0,
        count);
    if (is_held && std::exchange(state.asked_step, under) != under) choose_step(context, under);
    if (!is_held) state.asked_step = -1;
    const int bar = is_held ? under : step_under_bar(context);
    draw_columns(writing, nodes, bar, at, size);
    if (response.is_hovered || is_held) {
        const int step = is_held ? bar : under;
        context.shared.next_hover.sentence =
            step < count ? step_sentence(writing, *writing.tree, nodes[static_cast<std::size_t>(step)], step)
                         : std::string("the token that comes next");
    }
    const float y = at.y + size.y + ui::px(6);
    ui::draw_text(ImGui::GetWindowDrawList(), font, {at.x, y}, ui::colors().dim, "step 0");
    const std::string last = fmt::format("{} next", count);
    ui::draw_text(ImGui::GetWindowDrawList(), font, {at.x + size.x - ui::measure_text(font, last).x, y},
                  ui::colors().dim, last);
}

void draw(ViewContext& context) {
    auto& state = static_cast<TimeBarState&>(context.state);
    const WritingState& writing = writing_of(context);
    const int bar = step_under_bar(context);
    std::string line = "probability of each written token";
    if (bar >= 0 && writing.has_text())
        line =
            fmt::format("step {} of {} · row {}", bar, writing.num_written(), writing.num_prompt() - 1 + bar);
    ui::CardSpec spec;
    spec.id = "time_bar";
    spec.title = "Time";
    spec.context = line;
    if (ui::Card card{spec, context.pos, context.size};
        card && !draw_missing_text(context) && !draw_missing_writing(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_time_bar = {
    "time_bar",
    "Time",
    "The bar through time: a column for each written token, as high as its probability; what is under the "
    "bar is "
    "the chosen row everywhere.",
    time_bar_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<TimeBarState>()); },
    draw};

}  // namespace headlight
