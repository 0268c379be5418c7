// What a sliding window hides.
#include "views/panels/window_band.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"

namespace headlight {

namespace {

constexpr float kSwatchDp = 11;

ui::Rgba wash() {
    return gfx::faded(ui::colors().text, 0.05f);
}

ui::Rgba edge() {
    return gfx::faded(ui::colors().text, 0.45f);
}

/// The rows in sight, a stair where steps can be seen and a straight edge where they are under a pixel.
struct RowSpan {
    int first = 0, last = 0, step = 1;
};

RowSpan rows_in_sight(const HeatmapPlot& plot, int num_queries) {
    RowSpan out;
    out.first = std::max(0, static_cast<int>(std::floor(plot.visible.row)));
    out.last = std::min(num_queries, static_cast<int>(std::ceil(plot.visible.row + plot.visible.rows)));
    out.step = std::max(1, static_cast<int>(1 / std::max(1e-3f, plot.cell_height())));
    return out;
}

/// One side of the band: `edge_of(query)` is the key at which it ends; what lies beyond is shaded.
template <class EdgeOf>
void draw_side(const HeatmapPlot& plot, int num_queries, int num_keys, bool is_left, const EdgeOf& edge_of) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    std::vector<ImVec2> stair;
    const RowSpan rows = rows_in_sight(plot, num_queries);
    for (int query = rows.first; query < rows.last; query += rows.step) {
        const int key = edge_of(query);
        if (key <= 0 || key >= num_keys) continue;  // the row reaches the matrix's own edge
        const float x = std::round(plot.x_of(key)), top = std::round(plot.y_of(query)),
                    bottom = std::round(plot.y_of(std::min(query + rows.step, num_queries)));
        if (is_left) ui::draw_fill(list, {plot.cells.x, top}, {x, bottom}, wash());
        if (!is_left) ui::draw_fill(list, {x, top}, {plot.cells.right(), bottom}, wash());
        stair.push_back({x, top});
        stair.push_back({x, bottom});
    }
    if (stair.size() > 1)
        list->AddPolyline(stair.data(), static_cast<int>(stair.size()), ui::to_u32(edge()), 0, ui::px(1));
}

}  // namespace

std::optional<WindowBand> window_band(const AttentionTrace& trace, const std::vector<HeadId>& heads) {
    const TraceInfo& info = trace.info();
    if (info.window.empty() || heads.empty() || info.kind == AttentionKind::Cross) return std::nullopt;
    const auto window_of = [&](HeadId head) { return info.window[static_cast<std::size_t>(head.layer)]; };
    const int window = window_of(heads.front());
    const bool is_common =
        std::all_of(heads.begin(), heads.end(), [&](HeadId head) { return window_of(head) == window; });
    const bool hides_keys = window > 0 && info.num_queries > (info.is_causal ? window : window + 1);
    if (!is_common || !hides_keys || trace.is_absent(heads.front().layer)) return std::nullopt;
    return WindowBand{window, info.is_causal};
}

void draw_window_band(const HeatmapPlot& plot, const AttentionTrace& trace,
                      const std::vector<HeadId>& heads) {
    const auto band = window_band(trace, heads);
    if (!band) return;
    const int num_queries = trace.num_queries(), num_keys = trace.num_keys();
    ImGui::GetWindowDrawList()->PushClipRect({plot.cells.x, plot.cells.y},
                                             {plot.cells.right(), plot.cells.bottom()}, true);
    draw_side(plot, num_queries, num_keys, true, [&](int query) { return band->begin(query); });
    if (!band->is_causal)
        draw_side(plot, num_queries, num_keys, false, [&](int query) { return band->end(query); });
    ImGui::GetWindowDrawList()->PopClipRect();
}

void draw_band_legend(ViewContext& context, const HeatmapPlot& plot, const LayoutRect& body,
                      const std::vector<HeadId>& heads) {
    const auto band = window_band(context.trace(), heads);
    if (!band) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const float side = ui::px(kSwatchDp), x = plot.cells.right() + ui::px(16);
    const float y = body.bottom() - 2 * font->FontSize - ui::px(4);
    ui::draw_fill(list, {x, y + ui::px(1)}, {x + side, y + ui::px(1) + side}, ui::colors().masked);
    ui::draw_fill(list, {x, y + ui::px(1)}, {x + side, y + ui::px(1) + side}, wash());
    ui::draw_vline(list, x + side, y + ui::px(1), y + ui::px(1) + side, edge());
    const ImU32 dim = ui::to_u32(ui::colors().dim);
    list->AddText(font, font->FontSize, {x + side + ui::px(5), y}, dim, "window");
    const std::string size = fmt::format("{}{}", band->is_causal ? "" : "±", band->window);
    list->AddText(font, font->FontSize, {x + side + ui::px(5), y + font->FontSize}, dim, size.c_str());
    ui::hot_area("##window_band", {x, y}, {ui::px(56), 2 * font->FontSize});
    const std::string meaning =
        band->is_causal
            ? fmt::format(
                  "A query of this layer sees {} keys, itself included; what lies further back is outside "
                  "the outlined band.",
                  band->window)
            : fmt::format(
                  "A query of this layer sees {} tokens to either side; the rest is outside the outlined "
                  "band.",
                  band->window);
    ui::tooltip_for_last_item(meaning, "Sliding window");
}

}  // namespace headlight
