// All heads by how far the rows of A and B lie apart.
#include <fmt/format.h>

#include <algorithm>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/compare/compare_card.h"
#include "views/pictures.h"

namespace headlight {

namespace {

constexpr double kLeastShown = 0.01;

struct CompareGridState final : ViewState {};

HeightWish compare_grid_height(const Snapshot&, const ViewState&, float) {
    return {0, 160};
}

double largest_of(const Comparison& comparison) {
    double largest = 1e-6;
    for (const HeadDivergence& head : comparison.heads)
        largest = std::max(largest, head.ranked);
    return largest;
}

void say_head(ViewContext& context, const HeadDivergence& head) {
    context.shared.next_hover.head = head.heads.a;
    const double rest = std::max(head.rest, head.rest_after);
    context.shared.next_hover.sentence =
        head.num_rows == 0 ? fmt::format("{}: no row can be compared", head.heads.a.to_string())
                           : fmt::format(
                                 "{}: rows of A and B lie {:.4f} nats apart ({} rows; {:.0f} % of their mass "
                                 "is on no common key)",
                                 head.heads.a.to_string(), head.ranked,
                                 head.num_rows_after > 0 ? head.num_rows_after : head.num_rows, 100 * rest);
}

void draw_head_cell(ViewContext& context, const HeadDivergence& head, const LayoutRect& cell,
                    double largest) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ui::Colors& colors = ui::colors();
    const ui::Rgba fill = divergence_fill(head.ranked / largest, context.snapshot.settings.gamma);
    const float radius = ui::px(3);
    ui::draw_fill(list, {cell.x, cell.y}, {cell.right(), cell.bottom()}, fill, radius);
    ui::draw_frame(list, {cell.x, cell.y}, {cell.right(), cell.bottom()}, gfx::faded(colors.line, 0.8f),
                   radius);
    ImFont* font = ui::kit().fonts.small_;
    const std::string number = divergence_text(head.ranked, true);
    const float width = ui::tabular_width(font, number);
    if (head.ranked >= kLeastShown && width < cell.width - ui::px(4) && font->FontSize < cell.height) {
        ui::draw_tabular(list, font,
                         {cell.x + (cell.width - width) / 2, cell.y + (cell.height - font->FontSize) / 2},
                         ui::to_u32(ink_on(fill, colors)), number);
    }
    if (head.heads.a == context.snapshot.selection.head)
        ui::draw_frame(list, {cell.x - 1, cell.y - 1}, {cell.right() + 1, cell.bottom() + 1}, colors.accent,
                       radius, ui::px(2));
    const auto response = ui::hot_area(fmt::format("##diverge_{}", head.heads.a.to_string()).c_str(),
                                       {cell.x, cell.y}, {cell.width, cell.height});
    if (response.is_clicked) context.actions.select_head(head.heads.a);
    if (response.is_hovered) say_head(context, head);
}

void draw_axis_labels(const Comparison& comparison, const HeadId chosen, const LayoutRect& area) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const AttentionTrace& trace = *comparison.a.text->trace;
    const float width = area.width / static_cast<float>(trace.num_heads()),
                height = area.height / static_cast<float>(trace.num_layers());
    int step = 1;
    while (height * static_cast<float>(step) < font->FontSize)
        ++step;
    for (int layer = 0; layer < trace.num_layers(); layer += step) {
        ui::draw_tabular_right(
            list, font,
            {area.x - ui::px(6), area.y + (static_cast<float>(layer) + 0.5f) * height - font->FontSize / 2},
            ui::to_u32(layer == chosen.layer ? ui::colors().text : ui::colors().dim),
            fmt::format("L{}", layer));
    }
    step = 1;
    while (width * static_cast<float>(step) < ui::px(26))
        ++step;
    for (int head = 0; head < trace.num_heads(); head += step) {
        const std::string name = fmt::format("H{}", head);
        const float wide = ui::tabular_width(font, name);
        ui::draw_tabular(list, font,
                         {area.x + (static_cast<float>(head) + 0.5f) * width - wide / 2, area.y - ui::px(16)},
                         ui::to_u32(head == chosen.head ? ui::colors().text : ui::colors().dim), name);
    }
}

/// The scale, with both ends written.
void draw_scale(const ViewContext& context, const Comparison& comparison, const LayoutRect& area,
                double largest) {
    constexpr int kSteps = 64;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const double gamma = context.snapshot.settings.gamma;
    for (int i = 0; i < kSteps; ++i) {
        const float x0 = area.x + area.width * static_cast<float>(i) / kSteps,
                    x1 = area.x + area.width * static_cast<float>(i + 1) / kSteps;
        list->AddRectFilled({x0, area.y}, {x1, area.y + ui::px(8)},
                            ui::to_u32(divergence_fill((i + 0.5) / kSteps, gamma)));
    }
    ImFont* font = ui::kit().fonts.small_;
    const float y = area.y + ui::px(12);
    ui::draw_text(list, font, {area.x, y}, ui::colors().dim, "0");
    ui::draw_tabular_right(list, font, {area.right(), y}, ui::to_u32(ui::colors().dim),
                           fmt::format("{} nats", divergence_text(largest, false)));
    const std::string rows =
        comparison.alignment.agrees_before
            ? fmt::format("divergence (JSD), rows from {}", comparison.alignment.first_changed)
            : std::string("divergence (JSD), all common rows");
    ui::draw_text(list, font, {area.x, y + ui::px(16)}, ui::colors().dim,
                  ui::shorten_text(font, rows, area.width - ui::px(120)));
    ui::draw_tabular_right(list, font, {area.right(), y + ui::px(16)}, ui::to_u32(ui::colors().dim),
                           fmt::format("γ {:.1f} · at most 0.693", gamma));
}

void draw_body(ViewContext& context) {
    const Comparison* comparison = shown_comparison(context);
    if (!comparison) return;
    if (comparison->by == ComparedBy::Heads) {
        ui::draw_card_state({ui::CardState::Empty,
                             "Two heads of one run are compared: there is nothing to rank.", nullptr, -1});
        return;
    }
    const ImVec2 pos = ImGui::GetCursorScreenPos(), size = ImGui::GetContentRegionAvail();
    const LayoutRect area{pos.x + ui::px(32), pos.y + ui::px(18), size.x - ui::px(34), size.y - ui::px(72)};
    if (area.width < ui::px(60) || area.height < ui::px(40)) return;
    const AttentionTrace& trace = *comparison->a.text->trace;
    const double largest = largest_of(*comparison);
    const float width = area.width / static_cast<float>(trace.num_heads()),
                height = area.height / static_cast<float>(trace.num_layers());
    const float gap = std::min(width, height) > ui::px(8) ? ui::px(3) : 1.0f;
    draw_axis_labels(*comparison, context.snapshot.selection.head, area);
    for (const HeadDivergence& head : comparison->heads) {
        const LayoutRect cell{area.x + static_cast<float>(head.heads.a.head) * width,
                              area.y + static_cast<float>(head.heads.a.layer) * height, width - gap,
                              std::max(1.0f, height - gap)};
        draw_head_cell(context, head, cell, largest);
    }
    draw_scale(context, *comparison, {area.x, area.bottom() + ui::px(10), area.width - gap, ui::px(40)},
               largest);
}

void draw(ViewContext& context) {
    ui::CardSpec spec;
    spec.id = "compare_grid";
    spec.title = "All heads";
    const std::string line = between_tokens(context.snapshot, "by divergence");
    spec.context = line;
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context);
}

}  // namespace

extern const ViewDescriptor k_view_compare_grid = {
    "compare_grid",
    "Divergence",
    "Every head by how far its rows in A and B lie apart; a click chooses the head.",
    compare_grid_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<CompareGridState>()); },
    draw};

}  // namespace headlight
