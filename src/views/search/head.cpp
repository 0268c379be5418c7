// One head of a search with what is looked for drawn over it: the best, or the chosen one.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "views/format.h"
#include "views/heatmap/heatmap_legend.h"
#include "views/heatmap/matrix_form.h"
#include "views/search/search_card.h"

namespace headlight {

namespace {

struct SearchHeadState final : ViewState {
    MatrixForm form;
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

void handle_pointer(ViewContext& context, SearchHeadState& state, const HeatmapPlot& plot, HeadId head) {
    const auto response = zoomable_area("##fit_area", plot, state.form.camera);
    const HeatmapCell before = state.form.hovered;
    state.form.hovered = {};
    if (response.is_hovered) {
        if (response.is_double_clicked)
            state.form.camera.fit(state.form.source.rows(), state.form.source.cols());
        state.form.hovered = cell_under_pointer(plot, state.form.camera);
        if (response.is_clicked && state.form.hovered.query >= 0) {
            context.actions.choose_query(state.form.hovered.query);
            context.actions.choose_key(state.form.hovered.key);
        }
    }
    say_cell(context, state.form.source, {head}, state.form.hovered);
    if (!(before == state.form.hovered)) ui::request_redraw();
}

void draw_body(ViewContext& context, SearchHeadState& state, HeadId head) {
    state.form.source.update(context.snapshot, context.values, {head}, context.shaders != nullptr);
    if (!state.form.camera.fits(state.form.source.rows(), state.form.source.cols()))
        state.form.camera.fit(state.form.source.rows(), state.form.source.cols());
    const ImVec2 pos = ImGui::GetCursorScreenPos(), size = ImGui::GetContentRegionAvail();
    const LayoutRect body{pos.x, pos.y, size.x, size.y};
    if (body.width < ui::px(120) || body.height < ui::px(90)) return;
    const HeatmapPlot plot = place_plot(body, state.form.camera.visible(), state.form.room, ui::kit().scale);
    state.form.source.look_at(context.values, plot.visible, context.shaders != nullptr);
    draw_matrix_picture(context, state.form, plot);
    const SearchState& search = context.snapshot.part<SearchState>();
    if (search_result(context.snapshot) != nullptr && search.pairs)
        draw_pairs(plot, *search.pairs, gfx::faded(ui::colors().text, 0.8f), true);
    draw_crosshair(plot, state.form.hovered);
    draw_matrix_badges(state.form, plot, context.trace(), {head});
    const AxisHighlight highlight{context.snapshot.selection.query, context.snapshot.selection.key,
                                  state.form.hovered.query, state.form.hovered.key};
    if (draw_axes(context, plot, highlight, state.form.room)) ui::request_redraw();
    draw_color_bar_legend(context, plot, body, state.form.hi, state.form.source, 0);
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
