// The head grid: every head of every layer as a thumbnail, with its patterns; the shared selection's home.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/colormap.h"
#include "gfx/head_atlas.h"
#include "run/intervention_set.h"
#include "session/tasks/comparison.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/grid/grid_decor.h"
#include "views/grid/grid_geometry.h"
#include "views/grid/grid_legend.h"
#include "views/grid/grid_menus.h"
#include "views/grid/grid_model.h"
#include "views/grid/grid_tooltip.h"
#include "views/grid/thumbnails.h"
#include "views/lessons/marks.h"
#include "views/lines/head_colors.h"
#include "views/notes/note_marks.h"
#include "views/panels/ablation_menu.h"
#include "views/pictures.h"
#include "views/search/search_card.h"
#include "views/tokens/shown_run.h"
#include "views/view.h"

namespace headlight {

namespace {

constexpr double kUploadBudgetMs = 8;
constexpr const char* kMenu = "##head_menu";

struct HeadGridState final : ViewState {
    ThumbnailAtlas thumbnails;
    std::optional<gfx::AtlasRenderer> renderer, large;  // large: of the one under the pointer
    GridModel model;
    std::string model_key;
    std::shared_ptr<const WeightAnalysis> weights;   // what the model was built with
    std::shared_ptr<const SweepState> sweep;         // the same
    std::shared_ptr<const std::vector<float>> edge;  // the same
    std::uint64_t model_id = 0;                      // that zoom and scroll are of
    float zoom = 1, scroll_x = 0, scroll_y = 0;
    HeadId last_selected{-1, -1};
    std::optional<AblationTarget> menu;  // what was right-clicked
    LegendFocus legend;
    std::string failure;  // of the atlas: said once in place of the pictures
};

HeightWish grid_height(const Snapshot&, const ViewState&, float) {
    return {0, 160};
}

/// Builds the model again when anything that it depends on is another.
void refresh_model(ViewContext& context, HeadGridState& state) {
    const Settings& settings = context.snapshot.settings;
    const auto needs_weights = [](const std::string& id) {
        const MetricDescriptor* metric = find_metric(id);
        return metric && metric->kind == MetricKind::Weights;
    };
    std::shared_ptr<const WeightAnalysis> weights;
    if (needs_weights(settings.grid_tint) || needs_weights(settings.grid_order)) {
        const auto derived = context.values.weight_analysis();
        if (derived.is_ready()) weights = derived.value;
    }
    const Snapshot& now = context.snapshot;
    // Differences have colours of their own: a tint over them would be read as a change.
    const auto& comparison = now.part<ComparisonState>().task.value();
    std::string tint = now.shown() == Compare::Difference ? "none" : settings.grid_tint;
    const bool has_edge = now.selection.key >= 0 && now.shown() != Compare::Difference;
    if (tint == "none" && has_edge) tint = kEdgeTint;  // a chosen edge is shown where nothing else is
    // The workspace Search shows what it found, best first.
    const bool is_search = now.settings.workspace == "search" && search_result(now) != nullptr;
    if (is_search) tint = kFitTint;
    const std::string order = is_search ? kFitTint : settings.grid_order;
    std::shared_ptr<const std::vector<float>> edge;
    if (has_edge && (tint == kEdgeTint || settings.grid_order == kEdgeTint)) {
        std::vector<int> queries = now.selection.queries;
        queries.push_back(now.selection.query);
        const auto derived = context.values.edge(queries, now.selection.key);
        if (derived.is_ready()) edge = derived.value;
    }
    const std::string key = fmt::format(
        "{} {} {} {} {} {} {} {} {} {} {}", static_cast<const void*>(comparison.get()), context.text()->id,
        context.text()->analysis.is_pending, tint, order, static_cast<const void*>(search_result(now)),
        static_cast<int>(now.part<SearchState>().order), static_cast<const void*>(edge.get()),
        static_cast<const void*>(weights.get()), static_cast<const void*>(now.sweep.get()),
        static_cast<const void*>(now.shown_atlas()));
    if (key == state.model_key) return;
    state.model_key = key;
    state.weights = weights;
    state.sweep = now.sweep;
    state.edge = edge;
    const std::string label = has_edge ? edge_label(context) : std::string();
    state.model = make_grid_model({now, weights.get(), tint, order, edge.get(), label});
}

/// Keeps the chosen head in sight when it was chosen elsewhere.
void follow_selection(const ViewContext& context, HeadGridState& state, const GridGeometry& geometry) {
    const HeadId head = context.snapshot.selection.head;
    if (head == state.last_selected) return;
    state.last_selected = head;
    const auto [row, col] = state.model.find(head);
    if (row < 0) return;
    const LayoutRect cell = geometry.cell(row, col);
    if (cell.x < geometry.area.x) state.scroll_x -= geometry.area.x - cell.x + geometry.cell_width / 2;
    if (cell.right() > geometry.area.right())
        state.scroll_x += cell.right() - geometry.area.right() + geometry.cell_width / 2;
    if (cell.y < geometry.area.y) state.scroll_y -= geometry.area.y - cell.y + geometry.cell_height / 2;
    if (cell.bottom() > geometry.area.bottom())
        state.scroll_y += cell.bottom() - geometry.area.bottom() + geometry.cell_height / 2;
}

gfx::AtlasTile make_tile(const ViewContext& context, const HeadGridState& state, const GridGeometry& geometry,
                         int row, int col) {
    const GridCell& cell = state.model.at(row, col);
    const ThumbnailSlots& slots = state.thumbnails.slots();
    const ui::Colors& colors = ui::colors();
    const LayoutRect rect = geometry.cell(row, col);
    gfx::AtlasTile tile;
    tile.x = rect.x - geometry.area.x;
    tile.y = rect.y - geometry.area.y;
    tile.width = rect.width;
    tile.height = rect.height;
    tile.opacity = context.freshness() * focus_opacity(cell, state.legend);
    const bool is_difference = context.snapshot.shown() == Compare::Difference;
    const WeightsShown weights = context.snapshot.picture.weights;
    const bool is_share = weights == WeightsShown::Raw || weights == WeightsShown::NoSink;
    if (is_difference)
        tile.value_hi = std::max(kLeastDifference, state.thumbnails.largest());
    else if (!is_share)
        tile.value_hi = std::max(1e-6f, state.thumbnails.common_range());
    if (cell.kind == GridCell::Kind::LayerMean) tile.tile = slots.layer_mean(cell.head.layer);
    if (cell.kind == GridCell::Kind::HeadMean) tile.tile = slots.head_mean(cell.head.head);
    if (cell.kind == GridCell::Kind::OverallMean) tile.tile = slots.overall_mean();
    if (cell.kind != GridCell::Kind::Head) return tile;
    tile.tile = slots.head(cell.head);
    tile.opacity *= context.shared.found.opacity(cell.head);
    // Lengths of values are not comparable between heads: each has its own range.
    if (weights == WeightsShown::Value)
        tile.value_hi = std::max(1e-6f, state.thumbnails.largest_of(cell.head));
    if (cell.tint >= 0) tile.tint = tint_color(state.model, cell.tint);
    const Selection& selection = context.snapshot.selection;
    const bool is_other =
        std::find(selection.others.begin(), selection.others.end(), cell.head) != selection.others.end();
    if (is_other)
        tile.frame = color_of_added(colors, selection, cell.head).value_or(gfx::faded(colors.accent, 0.65f));
    if (cell.head == selection.head) tile.frame = colors.accent;
    return tile;
}

gfx::AtlasRequest atlas_request(const ViewContext& context, const HeadGridState& state, float width,
                                float height) {
    const bool is_difference = context.snapshot.shown() == Compare::Difference;
    const float largest = state.thumbnails.largest();
    gfx::AtlasRequest request;
    request.width_px = std::max(1, static_cast<int>(width));
    request.height_px = std::max(1, static_cast<int>(height));
    request.is_signed = is_difference || context.snapshot.picture.is_signed();
    request.scale = request.is_signed ? difference_scale(is_difference ? std::max(kLeastDifference, largest)
                                                                       : std::max(1e-6f, largest))
                                      : weight_scale(context.snapshot.settings);
    request.colormap_rgb = request.is_signed
                               ? difference_colormap(ui::kit().theme, context.snapshot.settings.gamma)
                               : weight_colormap(ui::kit().theme);
    request.background = ui::colors().card;
    request.masked = ui::colors().masked;
    request.empty = ui::colors().masked;
    request.scale_factor = ui::kit().scale;
    return request;
}

void draw_pictures(ViewContext& context, HeadGridState& state, const GridGeometry& geometry) {
    if (!context.shaders) return;
    const Snapshot& now = context.snapshot;
    const bool is_difference = now.shown() == Compare::Difference;
    const AttentionTrace* before = is_difference ? &now.shown_before() : nullptr;
    const int line_share = now.settings.thumbnails == "lines" ? now.settings.line_share : 0;
    const auto updated =
        state.thumbnails.update({now.shown_trace(), now.shown_id(), before, line_share}, kUploadBudgetMs);
    if (!updated) {
        state.failure = updated.error().message;
        return;
    }
    if (*updated) ui::request_redraw();
    if (!state.renderer) state.renderer.emplace(*context.shaders);
    std::vector<gfx::AtlasTile> tiles;
    for (int row = 0; row < geometry.rows; ++row) {
        for (int col = 0; col < geometry.cols; ++col) {
            const LayoutRect rect = geometry.cell(row, col);
            if (rect.bottom() < geometry.area.y || rect.y > geometry.area.bottom()) continue;
            tiles.push_back(make_tile(context, state, geometry, row, col));
        }
    }
    const auto texture =
        state.renderer->render(state.thumbnails.atlas(), tiles,
                               atlas_request(context, state, geometry.area.width, geometry.area.height));
    state.failure = texture ? std::string() : texture.error().message;
    if (!texture) return;
    ui::draw_texture(ImGui::GetWindowDrawList(), *texture, {geometry.area.x, geometry.area.y},
                     {geometry.area.right(), geometry.area.bottom()});
}

/// The thumbnail under the pointer, large; nothing without GL.
std::optional<unsigned> draw_large(ViewContext& context, HeadGridState& state, int row, int col) {
    if (!state.renderer || !state.thumbnails.has_atlas()) return std::nullopt;
    if (!state.large) state.large.emplace(*context.shaders);
    gfx::AtlasTile tile = make_tile(context, state, {}, row, col);
    tile.x = tile.y = 0;
    tile.width = tile.height = ui::px(kLargeThumbnail);
    tile.opacity = 1;
    tile.frame = {};
    const auto texture = state.large->render(state.thumbnails.atlas(), std::span(&tile, 1),
                                             atlas_request(context, state, tile.width, tile.height));
    return texture ? std::optional(*texture) : std::nullopt;
}

void select_cell(ViewContext& context, const GridCell& cell) {
    const bool adds = ImGui::GetIO().KeyShift;
    if (cell.kind == GridCell::Kind::Head) context.actions.select_head(cell.head, adds);
    if (cell.kind == GridCell::Kind::LayerMean) {
        for (int head = 0; head < context.trace().num_heads(); ++head)
            context.actions.select_head({cell.head.layer, head}, head > 0);
    }
    if (cell.kind == GridCell::Kind::HeadMean) {
        for (int layer = 0; layer < context.trace().num_layers(); ++layer)
            context.actions.select_head({layer, cell.head.head}, layer > 0);
    }
}

void handle_pointer(ViewContext& context, HeadGridState& state, const GridGeometryInput& input,
                    const GridGeometry& geometry) {
    const auto response = ui::hot_area("##heads_area", {geometry.area.x, geometry.area.y},
                                       {geometry.area.width, geometry.used_height()});
    if (!response.is_hovered) return;
    const ImGuiIO& io = ImGui::GetIO();
    if (io.MouseWheel != 0 && io.KeyCtrl) {
        GridGeometryInput zoomed = input;
        zoomed.zoom = std::clamp(state.zoom * std::pow(1.2f, io.MouseWheel), 1.0f, 12.0f);
        std::tie(state.scroll_x, state.scroll_y) =
            scroll_for_zoom(geometry, zoomed, io.MousePos.x, io.MousePos.y);
        state.zoom = zoomed.zoom;
        ui::request_redraw();
    } else if (io.MouseWheel != 0 || io.MouseWheelH != 0) {
        const float step = 3 * std::max(ui::px(16), geometry.cell_height / 3);
        (io.KeyShift ? state.scroll_x : state.scroll_y) -= io.MouseWheel * step;
        state.scroll_x -= io.MouseWheelH * step;
        ui::request_redraw();
    }
    const auto hit = geometry.hit(io.MousePos.x, io.MousePos.y);
    if (!hit ||
        static_cast<std::size_t>(hit->first * geometry.cols + hit->second) >= state.model.cells.size())
        return;
    const GridCell& cell = state.model.at(hit->first, hit->second);
    outline_cell(geometry, hit->first, hit->second);
    say_cell(context, cell, {state.model, state.weights.get()},
             draw_large(context, state, hit->first, hit->second));
    if (response.is_clicked) select_cell(context, cell);
    if (!response.is_right_clicked) return;
    if (cell.kind == GridCell::Kind::Head) open_ablation_menu(kMenu, state.menu, {cell.head, false, -1, -1});
    if (cell.kind == GridCell::Kind::LayerMean)
        open_ablation_menu(kMenu, state.menu, {cell.head, true, -1, -1});
}

/// A right click on "L2" replaces the whole layer.
void handle_layer_labels(ViewContext& context, HeadGridState& state, const GridGeometry& geometry,
                         const GridFrame& frame) {
    const auto response = ui::hot_area("##layer_labels", {frame.cells.x - frame.label_width, frame.cells.y},
                                       {frame.label_width - ui::px(2), geometry.used_height()});
    if (!response.is_hovered) return;
    const int layer = layer_label_at(state.model, geometry, ImGui::GetIO().MousePos.y);
    if (layer < 0) return;
    context.shared.next_hover.sentence =
        fmt::format("layer {}: right-click to replace the attention of all its heads", layer);
    if (response.is_right_clicked) open_ablation_menu(kMenu, state.menu, {{layer, 0}, true, -1, -1});
}

void move_with_keys(ViewContext& context) {
    if (context.shared.has_text_focus || context.shared.is_dialog_open || context.shared.has_list_focus ||
        ui::kit().focus.has_arrows() || ImGui::IsAnyItemActive())
        return;
    const ImGuiIO& io = ImGui::GetIO();
    if (io.KeyCtrl || io.KeyAlt || io.KeyShift) return;
    const auto pressed = [](ImGuiKey key) { return ImGui::IsKeyPressed(ImGui::GetKeyIndex(key)); };
    if (pressed(ImGuiKey_LeftArrow)) context.actions.run("previous_head");
    if (pressed(ImGuiKey_RightArrow)) context.actions.run("next_head");
    if (pressed(ImGuiKey_UpArrow)) context.actions.run("previous_layer");
    if (pressed(ImGuiKey_DownArrow)) context.actions.run("next_layer");
}

/// Rings around the heads that a lesson points at, where they are in sight.
void mark_lesson_heads(const ViewContext& context, const GridModel& model, const GridGeometry& geometry) {
    for (const LessonMark& mark : lesson_marks(context.snapshot)) {
        if (mark.kind != LessonMark::Kind::Head) continue;
        const auto [row, col] = model.find(mark.head);
        if (row < 0) continue;
        const LayoutRect cell = geometry.cell(row, col);
        const bool is_seen = cell.y >= geometry.area.y && cell.bottom() <= geometry.area.bottom() + 1;
        if (is_seen) draw_lesson_ring({cell.x, cell.y}, {cell.right(), cell.bottom()});
    }
}

/// Encoder, decoder or cross attention, in a row of its own; nothing where there is one.
void draw_kinds(ViewContext& context) {
    if (!context.snapshot.has_kinds()) return;
    static constexpr const char* kNames[] = {"encoder", "decoder", "cross"};
    static constexpr AttentionKind kKinds[] = {AttentionKind::Encoder, AttentionKind::Decoder,
                                               AttentionKind::Cross};
    const ui::Segment segments[] = {
        {"encoder##kind_encoder", "The text over itself, in the encoder", true},
        {"decoder##kind_decoder", "The decoder's text over itself", true},
        {"cross##kind_cross", "The decoder's text (queries) over the encoder's (keys)", true}};
    int selected = 0;
    for (int i = 0; i < 3; ++i) {
        if (context.text()->kind() == kKinds[i]) selected = i;
    }
    if (ui::segmented("##kind", segments, selected)) context.actions.set("attention", kNames[selected]);
    ImGui::Dummy({1, ui::px(2)});
}

void draw_body(ViewContext& context, HeadGridState& state) {
    const std::uint64_t model_id = context.snapshot.model ? context.snapshot.model->id : 0;
    if (std::exchange(state.model_id, model_id) != model_id)
        state.zoom = 1, state.scroll_x = state.scroll_y = 0;
    refresh_model(context, state);
    draw_kinds(context);
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    const LayoutRect body{pos.x, pos.y, available.x, available.y};
    const GridFrame frame = grid_frame(body, state.model, ui::kit().scale);
    GridGeometryInput input{frame.cells,     state.model.rows, state.model.cols, !state.model.is_sorted,
                            ui::kit().scale, state.zoom,       state.scroll_x,   state.scroll_y};
    GridGeometry geometry = make_grid_geometry(input);
    follow_selection(context, state, geometry);
    input.scroll_x = state.scroll_x;
    input.scroll_y = state.scroll_y;
    geometry = make_grid_geometry(input);
    state.scroll_x = geometry.scroll_x;
    state.scroll_y = geometry.scroll_y;
    draw_pictures(context, state, geometry);
    mark_tags(state.model, geometry, state.legend);
    mark_replaced_heads(context, state.model, geometry);
    mark_noted_heads(context, state.model, geometry);
    mark_absent_layers(context, state.model, geometry);
    draw_grid_labels(context, state.model, geometry, frame);
    mark_lesson_heads(context, state.model, geometry);
    draw_grid_scrollbars(geometry);
    draw_grid_legend(context, state.model, frame.legend, geometry, state.legend);
    handle_pointer(context, state, input, geometry);
    handle_layer_labels(context, state, geometry, frame);
    draw_ablation_menu(context, kMenu, state.menu);
    move_with_keys(context);
    if (!state.failure.empty()) {
        ImGui::SetCursorScreenPos({frame.cells.x, frame.cells.y});
        ui::text_wrapped(state.failure, ui::colors().error);
    }
}

void draw(ViewContext& context) {
    auto& state = static_cast<HeadGridState&>(context.state);
    ui::CardSpec spec;
    spec.id = "head_grid";
    const float least = context.snapshot.has_interventions() ? 480.0f : 330.0f;
    const bool is_narrow = is_grid_crowded(context) || context.size.x < ui::px(least);
    const std::string title = titled(is_narrow ? "Heads" : "All heads", context.snapshot, true);
    const bool is_search =
        context.snapshot.settings.workspace == "search" && search_result(context.snapshot) != nullptr;
    const std::string line =
        is_search ? "best first, by " + std::string(measure_label(context.snapshot.part<SearchState>().order))
        : context.size.x > ui::px(560) ? with_run(context.snapshot, {}, true)
                                       : std::string();
    spec.title = title;
    spec.context = line;
    if (!is_search) spec.controls = [&] { draw_grid_menus(context); };
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_head_grid = {
    "head_grid",
    "All heads",
    "Every head of every layer as a thumbnail; click selects, shift-click adds, right click replaces "
    "attention, Ctrl+wheel zooms.",
    grid_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<HeadGridState>()); },
    draw};

}  // namespace headlight
