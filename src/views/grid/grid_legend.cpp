// The legend of patterns under the thumbnails.
#include "views/grid/grid_legend.h"

#include <fmt/format.h>

#include <algorithm>

#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/grid/grid_decor.h"
#include "views/grid/tag_style.h"
#include "views/pictures.h"

namespace headlight {

namespace {

ImFont* legend_font() {
    return ui::kit().fonts.small_;
}

float legend_text_width(const std::string& text) {
    return ui::measure_text(legend_font(), text).x;
}

void put_legend_text(ImVec2 pos, ui::Rgba color, const std::string& text) {
    ui::draw_text(ImGui::GetWindowDrawList(), legend_font(), pos, color, text);
}

std::string legend_label(const GridTagGroup& group) {
    return fmt::format("{} {}", group.label, group.heads.size());
}

float legend_item_width(const GridTagGroup& group) {
    return ui::px(20) + legend_text_width(legend_label(group)) + ui::px(12);
}

void draw_tint_legend(const ViewContext& context, const GridModel& model, float x, float y, float width) {
    const ui::Colors& colors = ui::colors();
    const MetricDescriptor* metric = find_metric(context.snapshot.settings.grid_tint);
    const bool needs_weights = metric && metric->kind == MetricKind::Weights;
    const bool pending = needs_weights && !context.values.weight_analysis().is_ready();
    const bool has_no_sweep = model.is_tint_signed && !context.snapshot.sweep;
    const std::string sign = model.is_tint_signed ? "+" : "";
    const std::string lo = has_no_sweep ? "no sweep on this text yet"
                           : pending    ? "computing …"
                                        : format_number(model.tint_lo),
                      hi = pending ? "" : sign + format_number(model.tint_hi);
    put_legend_text({x, y}, colors.dim, model.tint_label);
    const float start = x + legend_text_width(model.tint_label) + ui::px(10);
    put_legend_text({start, y}, colors.text, lo);
    const float bar = start + legend_text_width(lo) + ui::px(6),
                bar_width = std::min(ui::px(72), width - (bar - x) - ui::px(50));
    if (pending || has_no_sweep || bar_width < ui::px(12)) return;
    const ImVec2 min{bar, y + ui::px(3)}, max{bar + bar_width, y + ui::px(11)};
    const int num_pieces = static_cast<int>(bar_width);
    for (int i = 0; i < num_pieces; ++i) {
        const ui::Rgba color = tint_color(model, static_cast<float>(i) / static_cast<float>(num_pieces));
        const ui::Rgba opaque =
            gfx::mix(colors.card, {color.r, color.g, color.b, 255}, static_cast<float>(color.a) / 255);
        const float piece = min.x + static_cast<float>(i);
        ui::draw_fill(ImGui::GetWindowDrawList(), {piece, min.y}, {piece + 1, max.y}, opaque);
    }
    put_legend_text({max.x + ui::px(6), y}, colors.text, hi);
}

/// "● previous token   L1H3 L2H0 ..." : a line a pattern.
/// Hovering lights the pattern's heads up, a click keeps it so; another click lets all be seen again.
void take_focus(const ui::ItemResponse& response, const GridTagGroup& group, LegendFocus& focus,
                std::string& hovered) {
    if (response.is_hovered) hovered = group.id;
    if (response.is_clicked) focus.chosen = focus.chosen == group.id ? std::string() : group.id;
}

ui::Rgba legend_ink(const GridTagGroup& group, const LegendFocus& focus, ui::Rgba plain) {
    if (focus.shown().empty()) return plain;
    return focus.shown() == group.id ? ui::colors().text : gfx::faded(plain, 0.5f);
}

void draw_legend_row(ViewContext& context, const GridTagGroup& group, float x, float y, float width,
                     float label_width, LegendFocus& focus, std::string& hovered) {
    ImFont* font = legend_font();
    const ui::Colors& colors = ui::colors();
    const float middle = y + font->FontSize / 2;
    draw_tag_mark({x, std::round(middle - tag_mark_size() / 2)}, group.id);
    put_legend_text({x + ui::px(18), y}, legend_ink(group, focus, colors.text), group.label);
    take_focus(ui::hot_area(fmt::format("##legend_{}", group.id).c_str(), {x, y},
                            {label_width - ui::px(6), font->FontSize}, focus.chosen == group.id),
               group, focus, hovered);
    ui::tooltip_for_last_item(group.help, group.label);
    float head_x = x + label_width;
    for (std::size_t i = 0; i < group.heads.size(); ++i) {
        const HeadId head = group.heads[i];
        const std::string label = head.to_string();
        const std::string more = fmt::format("+{}", group.heads.size() - i);
        const bool is_last = i + 1 == group.heads.size();
        const float needed = legend_text_width(label) + (is_last ? 0 : ui::px(10) + legend_text_width(more));
        if (head_x + needed > x + width) {
            put_legend_text({head_x, y}, colors.dim, more);
            return;
        }
        const ImVec2 size{legend_text_width(label), font->FontSize};
        const auto response =
            ui::hot_area(fmt::format("##{}_{}", group.id, label).c_str(), {head_x, y}, size);
        const bool is_chosen = head == context.snapshot.selection.head;
        put_legend_text({head_x, y},
                        is_chosen ? colors.accent : (response.is_hovered ? colors.text : colors.dim), label);
        if (response.is_clicked) context.actions.select_head(head, ImGui::GetIO().KeyShift);
        head_x += size.x + ui::px(10);
    }
}

void draw_short_legend(const ViewContext& context, const GridModel& model, float x, float y, float width,
                       LegendFocus& focus, std::string& hovered) {
    ImFont* font = legend_font();
    const float left = x;
    for (const GridTagGroup& group : model.groups) {
        const float item = legend_item_width(group);
        if (x > left && x + item > left + width) {
            x = left;
            y += ui::px(kLegendRowDp);
        }
        draw_tag_mark({x, std::round(y + (font->FontSize - tag_mark_size()) / 2)}, group.id);
        put_legend_text({x + ui::px(18), y}, legend_ink(group, focus, ui::colors().dim), legend_label(group));
        take_focus(ui::hot_area(fmt::format("##legend_{}", group.id).c_str(), {x, y},
                                {item - ui::px(8), font->FontSize}, focus.chosen == group.id),
                   group, focus, hovered);
        ui::tooltip_for_last_item(fmt::format("{}\n{}", group.help, heads_list(group.heads, 12)),
                                  group.label);
        x += item;
    }
    if (model.is_tinted)
        draw_tint_legend(context, model, left, model.groups.empty() ? y : y + ui::px(kLegendRowDp), width);
}

void draw_legend(ViewContext& context, const GridModel& model, const LayoutRect& legend,
                 const GridGeometry& geometry, LegendFocus& focus, std::string& hovered) {
    if (legend.height <= 0) return;
    const float used = std::min(geometry.content_height, geometry.area.height);
    const float top = geometry.area.y + used + ui::px(kLegendGapDp) + ui::px(2);
    const float row = ui::px(kLegendRowDp), room = legend.bottom() - top;
    const auto num_rows = static_cast<float>(model.groups.size() + (model.is_tinted ? 1 : 0));
    if (room < (num_rows + 1) * row) {
        draw_short_legend(context, model, legend.x, legend.y + ui::px(kLegendGapDp), legend.width, focus,
                          hovered);
        return;
    }
    float label_width = 0;
    for (const GridTagGroup& group : model.groups)
        label_width = std::max(label_width, legend_text_width(group.label));
    label_width += ui::px(32);
    float y = top + ui::px(4);
    put_legend_text({legend.x, y}, ui::colors().dim, model.tag_source);
    for (const GridTagGroup& group : model.groups) {
        y += row;
        draw_legend_row(context, group, legend.x, y, legend.width, label_width, focus, hovered);
    }
    if (model.is_tinted) draw_tint_legend(context, model, legend.x, y + row, legend.width);
}

}  // namespace

void mark_tags(const GridModel& model, const GridGeometry& geometry, const LegendFocus& focus) {
    const float size = tag_mark_size();
    const bool is_small = std::min(geometry.cell_width, geometry.cell_height) < 3.4f * size;
    ImGui::PushClipRect({geometry.area.x, geometry.area.y}, {geometry.area.right(), geometry.area.bottom()},
                        true);
    for (int row = 0; row < geometry.rows; ++row) {
        for (int col = 0; col < geometry.cols; ++col) {
            const LayoutRect cell = geometry.cell(row, col);
            if (cell.bottom() < geometry.area.y || cell.y > geometry.area.bottom()) continue;
            float right = cell.right() - 1;
            for (const HeadTag& tag : model.at(row, col).tags) {
                if ((is_small || !focus.shown().empty()) && tag.id != focus.shown()) continue;
                if (right - size < cell.x) break;
                draw_tag_mark({right - size, cell.y + 1}, tag.id);
                right -= size + 1;
            }
        }
    }
    ImGui::PopClipRect();
}

int legend_lines(const GridModel& model, float width) {
    int lines = model.groups.empty() ? 0 : 1;
    float x = 0;
    for (const GridTagGroup& group : model.groups) {
        const float item = legend_item_width(group);
        if (x > 0 && x + item > width) {
            ++lines;
            x = 0;
        }
        x += item;
    }
    return lines + (model.is_tinted ? 1 : 0);
}
float focus_opacity(const GridCell& cell, const LegendFocus& focus) {
    constexpr float kUnfocused = 0.2f;
    const auto is_shown = [&](const HeadTag& tag) { return tag.id == focus.shown(); };
    const bool is_in_focus =
        focus.shown().empty() || std::any_of(cell.tags.begin(), cell.tags.end(), is_shown);
    return is_in_focus ? 1 : kUnfocused;
}

void draw_grid_legend(ViewContext& context, const GridModel& model, const LayoutRect& legend,
                      const GridGeometry& geometry, LegendFocus& focus) {
    std::string hovered;
    draw_legend(context, model, legend, geometry, focus, hovered);
    const auto has_group = [&](const GridTagGroup& group) { return group.id == focus.chosen; };
    if (std::none_of(model.groups.begin(), model.groups.end(), has_group)) focus.chosen.clear();
    if (hovered != focus.hovered) ui::request_redraw();
    focus.hovered = hovered;
}
}  // namespace headlight
