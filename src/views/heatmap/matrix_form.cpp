// The chosen heads as a matrix: the picture, its axes, what the pointer does.
#include "views/heatmap/matrix_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/heatmap/heatmap_legend.h"
#include "views/heatmap/row_sums.h"
#include "views/lessons/marks.h"
#include "views/notes/note_marks.h"
#include "views/panels/window_band.h"
#include "views/pictures.h"
#include "views/tokens/shown_run.h"

namespace headlight {

namespace {

constexpr const char* kMatrixMenu = "##heatmap_menu";

/// Wheel zooms at the pointer, dragging pans, a click chooses, a double click fits.
void handle_matrix_pointer(ViewContext& context, MatrixForm& state, const HeatmapPlot& plot) {
    const auto response = zoomable_area("##heatmap_area", plot, state.camera);
    const ImGuiIO& io = ImGui::GetIO();
    state.hovered = {};
    if (response.is_hovered && io.MouseWheelH != 0) state.camera.pan(io.MouseWheelH * 0.06, 0);
    if (response.is_double_clicked) {  // its first click has chosen a cell: that is taken back
        state.camera.fit(state.source.rows(), state.source.cols());
        context.actions.choose_query(state.pressed_at.query);
        context.actions.choose_key(state.pressed_at.key);
    }
    if (response.is_hovered && ImGui::IsMouseClicked(0)) {
        state.is_pressed = !response.is_double_clicked;
        if (state.is_pressed) state.pressed_at = context.snapshot.selection;
        state.is_panning = false;
        state.press = io.MousePos;
    }
    if (state.is_pressed && ImGui::IsMouseDown(0)) {
        const float moved = std::hypot(io.MousePos.x - state.press.x, io.MousePos.y - state.press.y);
        state.is_panning |= moved > ui::px(4) && !state.camera.is_fitted();
        if (state.is_panning)
            state.camera.pan(io.MouseDelta.x / plot.cells.width, io.MouseDelta.y / plot.cells.height);
        if (state.is_panning) ui::request_redraw();
    }
    const HeatmapCell under = cell_under_pointer(plot, state.camera);
    if (response.is_hovered && !state.is_panning && under.query >= 0) {
        state.hovered = under;
        if (ImGui::IsMouseReleased(0) && state.is_pressed) {
            if (io.KeyCtrl)
                context.actions.run("add_query", {std::to_string(state.hovered.query)});
            else
                context.actions.choose_query(state.hovered.query);
            const bool is_again = !io.KeyCtrl && state.hovered.query == context.snapshot.selection.query &&
                                  state.hovered.key == context.snapshot.selection.key;
            if (is_again)
                context.actions.set("key", "none");
            else
                context.actions.choose_key(state.hovered.key);
        }
        if (response.is_right_clicked) {
            const HeadId head = context.snapshot.selection.head;
            open_ablation_menu(kMatrixMenu, state.menu,
                               {head, false, state.hovered.query, state.hovered.key});
        }
    }
    if (!ImGui::IsMouseDown(0)) state.is_pressed = state.is_panning = false;
}

/// Labels can be clicked: rows choose the query, columns the key.
void handle_axis_clicks(ViewContext& context, MatrixForm& state, const HeatmapPlot& plot,
                        const LayoutRect& body) {
    const ImGuiIO& io = ImGui::GetIO();
    const auto rows =
        ui::hot_area("##query_axis", {body.x, plot.cells.y}, {plot.cells.x - body.x, plot.cells.height});
    if (rows.is_hovered) {
        const int query = state.camera.row_at((io.MousePos.y - plot.cells.y) / plot.cells.height);
        context.shared.next_hover.token = query;
        context.shared.next_hover.sentence =
            fmt::format("{}: click to choose it as query, Ctrl+click to add it, right-click to cut its edges",
                        quoted_token(context.tokens(), query));
        if (rows.is_clicked && io.KeyCtrl) context.actions.run("add_query", {std::to_string(query)});
        if (rows.is_clicked && !io.KeyCtrl) context.actions.choose_query(query);
        if (rows.is_right_clicked)
            open_ablation_menu(kMatrixMenu, state.menu, {context.snapshot.selection.head, false, query, -1});
    }
    const auto cols =
        ui::hot_area("##key_axis", {plot.cells.x, body.y}, {plot.cells.width, plot.cells.y - body.y});
    if (!cols.is_hovered) return;
    const int key = state.camera.col_at((io.MousePos.x - plot.cells.x) / plot.cells.width);
    context.shared.next_hover.sentence =
        fmt::format("{}: click to choose it as key", quoted_token(context.keys(), key));
    if (cols.is_clicked) context.actions.choose_key(key);
}

/// The chosen key where that moved; else what the chosen row looks at most, so that it is in sight.
int key_to_reveal(ViewContext& context, const std::vector<HeadId>& heads, const Selection& before) {
    const Selection& now = context.snapshot.selection;
    if (now.key >= 0 && now.key != before.key) return now.key;
    const auto row = context.shared.lines.row(context.snapshot, heads, now.query);
    return row.empty() ? -1 : static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin());
}

void follow_in_matrix(ViewContext& context, MatrixForm& state, const std::vector<HeadId>& heads) {
    if (!state.camera.fits(state.source.rows(), state.source.cols()))
        state.camera.fit(state.source.rows(), state.source.cols());
    if (state.fit_requests != context.shared.fit_requests)
        state.camera.fit(state.source.rows(), state.source.cols());
    state.fit_requests = context.shared.fit_requests;
    const Selection& selection = context.snapshot.selection;
    const bool has_moved =
        selection.query != state.last_selection.query || selection.key != state.last_selection.key;
    if (has_moved && !state.camera.is_fitted())
        state.camera.reveal(selection.query, key_to_reveal(context, heads, state.last_selection));
    state.last_selection = selection;
}

}  // namespace

void draw_matrix_picture(ViewContext& context, MatrixForm& state, const HeatmapPlot& plot) {
    const ui::Colors& colors = ui::colors();
    if (!context.shaders || !state.source.has_matrix()) {
        ui::draw_fill(ImGui::GetWindowDrawList(), {plot.cells.x, plot.cells.y},
                      {plot.cells.right(), plot.cells.bottom()}, colors.masked);
        return;
    }
    if (!state.renderer) state.renderer.emplace(*context.shaders);
    gfx::HeatmapRequest request;
    request.width_px = static_cast<int>(plot.cells.width);
    request.height_px = static_cast<int>(plot.cells.height);
    request.visible = state.source.in_picture(plot.visible);
    const HeatLook look = heat_look(context.snapshot.settings, state.source, state.hi);
    request.scale = look.scale;
    request.colormap_rgb = look.colormap;
    if (look.is_signed) request.pooling = gfx::Pooling::Extreme;
    request.masked = colors.masked;
    request.outside = colors.card;
    request.grid = colors.grid;
    request.scale_factor = ui::kit().scale;
    if (!state.source.is_exact() || state.source.cell() > 1) request.grid.a = 0;
    const auto texture = state.renderer->render(state.source.picture(), request);
    if (!texture) {
        ImGui::SetCursorScreenPos({plot.cells.x + ui::px(8), plot.cells.y + ui::px(8)});
        ui::text_wrapped(texture.error().message, colors.error);
        return;
    }
    const float opacity = context.freshness() * (state.source.is_exact() ? 1.0f : 0.6f);
    ui::draw_texture(ImGui::GetWindowDrawList(), *texture, {plot.cells.x, plot.cells.y},
                     {plot.cells.right(), plot.cells.bottom()}, opacity);
}

void draw_matrix_badges(const MatrixForm& state, const HeatmapPlot& plot, const AttentionTrace& trace,
                        const std::vector<HeadId>& heads) {
    std::string badge;
    const float pooled = std::max(state.renderer ? state.renderer->cells_per_pixel() : 1,
                                  static_cast<float>(state.source.cell()));
    if (state.source.is_exact() && pooled > 1.001f)
        badge = fmt::format("{1} of {0}×{0}", static_cast<int>(std::ceil(pooled)),
                            state.source.is_signed() ? "largest change" : "max");
    if (state.source.is_refining()) badge += " · computing";
    if (const std::string reason = absent_words(trace, heads); !reason.empty()) badge = reason;
    if (!state.source.is_exact()) {
        const char* what = state.source.is_difference() ? "difference" : "overview";
        badge = state.source.progress() >= 0
                    ? fmt::format("{} · computing {:.0f} %", what, state.source.progress() * 100)
                    : fmt::format("{} · computing", what);
    }
    if (state.source.is_difference() && state.source.is_exact() && state.source.largest() < kLeastDifference)
        badge = no_change_words(state.source.largest());
    if (!state.source.failure().empty()) badge = state.source.failure();
    if (!badge.empty()) draw_badge(plot, badge);
}

void draw_matrix_form(ViewContext& context, MatrixForm& state, const std::vector<HeadId>& heads,
                      const LayoutRect& body) {
    state.source.update(context.snapshot, context.values, heads, context.shaders != nullptr);
    follow_in_matrix(context, state, heads);
    const float beside = body.width > ui::px(420) ? row_sums_width(state.source) : 0;
    const HeatmapPlot plot = place_plot(body, state.camera.visible(), state.room, ui::kit().scale, beside);
    state.source.look_at(context.values, plot.visible, context.shaders != nullptr);
    draw_matrix_picture(context, state, plot);
    const HeatmapCell chosen{context.snapshot.selection.query, context.snapshot.selection.key};
    draw_window_band(plot, context.trace(), heads);
    draw_rest_hatch(state.source, plot);
    draw_crosshair(plot, state.hovered);
    const HeatLook look = heat_look(context.snapshot.settings, state.source, state.hi);
    if (context.snapshot.settings.shows_numbers) draw_cell_numbers(context, state.source, plot, look);
    draw_chosen(plot, chosen);
    for (const int query : context.snapshot.selection.queries)
        draw_chosen(plot, {query, chosen.key});
    mark_noted_cells(context, plot, heads);
    for (const LessonMark& mark : lesson_marks(context.snapshot)) {
        if (mark.kind == LessonMark::Kind::Cell) draw_pointed_cell(plot, {mark.query, mark.key});
    }
    const AxisHighlight highlight{chosen.query, chosen.key, state.hovered.query, state.hovered.key};
    if (draw_axes(context, plot, highlight, state.room)) ui::request_redraw();
    draw_matrix_badges(state, plot, context.trace(), heads);
    if (beside > 0) draw_row_sums(context, state.source, plot, chosen.query);
    HeatmapPlot with_sums = plot;
    with_sums.cells.width += ui::px(beside);
    const float band = window_band(context.trace(), heads).has_value() ? ui::px(34) : 0;
    const float map_height = mini_map_height(state.source, state.camera, body);
    draw_color_bar_legend(context, with_sums, body, state.hi, state.source, band + map_height);
    LayoutRect above_map = body;
    above_map.height -= map_height;
    draw_band_legend(context, plot, above_map, heads);
    draw_mini_map(context, state.mini_map, state.source, state.camera, with_sums, body, look);
    const HeatmapCell before = state.hovered;
    handle_matrix_pointer(context, state, plot);
    handle_axis_clicks(context, state, plot, body);
    draw_ablation_menu(context, kMatrixMenu, state.menu);
    say_cell(context, state.source, heads, state.hovered);
    if (!(before == state.hovered)) ui::request_redraw();
}

}  // namespace headlight
