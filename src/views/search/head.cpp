// One head of a search with what is looked for drawn over it: the best, or the chosen one.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/heatmap/heat_source.h"
#include "views/heatmap/heatmap_camera.h"
#include "views/heatmap/heatmap_legend.h"
#include "views/pictures.h"
#include "views/search/search_card.h"

namespace headlight {

namespace {

struct SearchHeadState final : ViewState {
    HeatSource source;
    HeatmapCamera camera;
    AxisRoom room;
    std::optional<gfx::HeatmapRenderer> renderer;
    float hi = 1;
    HeatmapCell hovered;
    bool follows_best = true;
    HeadId last_chosen{-1, -1};
};

HeightWish search_head_height(const Snapshot&, const ViewState&, float) {
    return {0, 210};
}

/// The best head until another one is chosen.
HeadId shown_head(ViewContext& context, SearchHeadState& state) {
    const HeadId chosen = context.snapshot.selection.head;
    if (state.last_chosen.layer >= 0 && chosen != state.last_chosen) state.follows_best = false;
    state.last_chosen = chosen;
    const auto best = search_result(context.snapshot) != nullptr
                          ? context.snapshot.part<SearchState>().best_head()
                          : std::nullopt;
    return state.follows_best && best ? *best : chosen;
}

void draw_controls(SearchHeadState& state) {
    int selected = state.follows_best ? 0 : 1;
    const ui::Segment segments[] = {{"best##shows_best", "The head that fits best, whatever is chosen", true},
                                    {"chosen##shows_chosen", "The chosen head", true}};
    if (ui::segmented("##search_head", segments, selected)) state.follows_best = selected == 0;
}

void draw_picture(ViewContext& context, SearchHeadState& state, const HeatmapPlot& plot) {
    const ImVec2 min{plot.cells.x, plot.cells.y}, max{plot.cells.right(), plot.cells.bottom()};
    if (!context.shaders || !state.source.has_matrix())
        return ui::draw_fill(ImGui::GetWindowDrawList(), min, max, ui::colors().masked);
    if (!state.renderer) state.renderer.emplace(*context.shaders);
    const double row_scale = state.source.row_scale(), col_scale = state.source.col_scale();
    const HeatLook look = heat_look(context.snapshot.settings, state.source, state.hi);
    gfx::HeatmapRequest request;
    request.width_px = static_cast<int>(plot.cells.width);
    request.height_px = static_cast<int>(plot.cells.height);
    request.visible = {plot.visible.col / col_scale, plot.visible.row / row_scale,
                       plot.visible.cols / col_scale, plot.visible.rows / row_scale};
    request.scale = look.scale;
    request.colormap_rgb = look.colormap;
    if (look.is_signed) request.pooling = gfx::Pooling::Extreme;
    request.masked = ui::colors().masked;
    request.outside = ui::colors().card;
    request.grid = ui::colors().grid;
    request.scale_factor = ui::kit().scale;
    const auto texture = state.renderer->render(state.source.matrix(), request);
    if (!texture) return draw_badge(plot, texture.error().message);
    ui::draw_texture(ImGui::GetWindowDrawList(), *texture, min, max, context.freshness());
    const float pooled = state.renderer->cells_per_pixel();
    if (state.source.is_exact() && pooled > 1.001f)
        draw_badge(plot, fmt::format("max of {0}×{0}", static_cast<int>(std::ceil(pooled))));
}

void handle_pointer(ViewContext& context, SearchHeadState& state, const HeatmapPlot& plot, HeadId head) {
    const auto response =
        ui::hot_area("##fit_area", {plot.cells.x, plot.cells.y}, {plot.cells.width, plot.cells.height});
    const ImGuiIO& io = ImGui::GetIO();
    const double fx = (io.MousePos.x - plot.cells.x) / plot.cells.width,
                 fy = (io.MousePos.y - plot.cells.y) / plot.cells.height;
    const HeatmapCell before = state.hovered;
    state.hovered = {};
    if (response.is_hovered) {
        if (io.MouseWheel != 0) {
            state.camera.zoom_at(fx, fy, std::pow(1.18, io.MouseWheel));
            ui::request_redraw();
        }
        if (response.is_double_clicked) state.camera.fit(state.source.rows(), state.source.cols());
        if (plot.contains(io.MousePos.x, io.MousePos.y))
            state.hovered = {state.camera.row_at(fy), state.camera.col_at(fx)};
        if (response.is_clicked && state.hovered.query >= 0) {
            context.actions.choose_query(state.hovered.query);
            context.actions.choose_key(state.hovered.key);
        }
    }
    say_cell(context, state.source, {head}, state.hovered);
    if (!(before == state.hovered)) ui::request_redraw();
}

void draw_body(ViewContext& context, SearchHeadState& state, HeadId head) {
    state.source.update(context.snapshot, context.values, {head}, context.shaders != nullptr);
    if (!state.camera.fits(state.source.rows(), state.source.cols()))
        state.camera.fit(state.source.rows(), state.source.cols());
    const ImVec2 pos = ImGui::GetCursorScreenPos(), size = ImGui::GetContentRegionAvail();
    const LayoutRect body{pos.x, pos.y, size.x, size.y};
    if (body.width < ui::px(120) || body.height < ui::px(90)) return;
    const HeatmapPlot plot = place_plot(body, state.camera.visible(), state.room, ui::kit().scale);
    draw_picture(context, state, plot);
    const SearchState& search = context.snapshot.part<SearchState>();
    if (search_result(context.snapshot) != nullptr && search.pairs)
        draw_pairs(plot, *search.pairs, gfx::faded(ui::colors().accent, 0.75f), true);
    draw_crosshair(plot, state.hovered);
    const AxisHighlight highlight{context.snapshot.selection.query, context.snapshot.selection.key,
                                  state.hovered.query, state.hovered.key};
    if (draw_axes(context, plot, highlight, state.room)) ui::request_redraw();
    draw_color_bar_legend(context, plot, body, state.hi, state.source, false);
    handle_pointer(context, state, plot, head);
}

std::string context_line(const ViewContext& context, HeadId head) {
    const SearchResult* result = search_result(context.snapshot);
    if (result == nullptr || !(result->grid == context.trace().grid())) return {};
    const SearchState& state = context.snapshot.part<SearchState>();
    return fit_sentence(state, result->head(head));
}

void draw(ViewContext& context) {
    auto& state = static_cast<SearchHeadState&>(context.state);
    const bool has_text = context.num_tokens() > 0;
    const HeadId head = has_text ? shown_head(context, state) : HeadId{};
    const std::string title = has_text ? heads_title({head}) : std::string("Head");
    const std::string line = has_text ? context_line(context, head) : std::string();
    ui::CardSpec spec;
    spec.id = "search_head";
    spec.title = title;
    spec.context = line;
    spec.controls = [&] { draw_controls(state); };
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state, head);
}

}  // namespace

extern const ViewDescriptor k_view_search_head = {
    "search_head",
    "Head found",
    "The best head of a search, or the chosen one, with what is looked for drawn over it.",
    search_head_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<SearchHeadState>()); },
    draw};

}  // namespace headlight
