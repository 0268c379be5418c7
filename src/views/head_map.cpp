// The head map: every head as a dot, near to those whose attention is alike on this text.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/grid/tag_style.h"
#include "views/head_tags.h"
#include "views/pictures.h"
#include "views/tokens/shown_run.h"
#include "views/view.h"

namespace headlight {

namespace {

constexpr int kMostHeadsAtOnce = 64;  // above, the map waits for a click

struct HeadMapState final : ViewState {
    bool is_by_tag = false, is_wanted = false;
    std::string key;            // of `tags`
    std::vector<HeadTag> tags;  // strongest tag of each head; an empty id: none
};

HeightWish head_map_height(const Snapshot&, const ViewState&, float) {
    return {300, 150};
}

void draw_controls(HeadMapState& state) {
    int selected = state.is_by_tag ? 1 : 0;
    const ui::Segment segments[] = {
        {"by layer##map_layer", "Colours run from the first layer to the last", true},
        {"by pattern##map_tag", "Colour of each head's strongest pattern", true}};
    if (ui::segmented("##map_color", segments, selected)) state.is_by_tag = selected == 1;
}

void refresh_tags(const ViewContext& context, HeadMapState& state) {
    const std::string key = fmt::format("{} {} {}", context.text()->id, context.text()->analysis.is_pending,
                                        static_cast<const void*>(context.snapshot.shown_atlas()));
    if (key == state.key) return;
    state.key = key;
    state.tags.clear();
    for (const HeadAnalysis& head : context.text()->analysis.heads) {
        std::vector<HeadTag> tags = head_tags(context.snapshot, head.id);
        state.tags.push_back(tags.empty() ? HeadTag{} : std::move(tags.front()));
    }
}

/// Where the dots lie: both axes at one scale, so that distances are true.
struct MapFrame {
    ImVec2 min, max;
    float x0 = 0, y0 = 0, scale = 1;
    ImVec2 at(float x, float y) const {
        return {(min.x + max.x) / 2 + (x - x0) * scale, (min.y + max.y) / 2 - (y - y0) * scale};
    }
};

MapFrame frame_of(const HeadMap& map, ImVec2 min, ImVec2 max) {
    const auto [left, right] = std::minmax_element(map.x.begin(), map.x.end());
    const auto [low, high] = std::minmax_element(map.y.begin(), map.y.end());
    MapFrame frame{min, max, (*left + *right) / 2, (*low + *high) / 2, 1};
    const float pad = ui::px(14);
    const float width = std::max(1e-6f, *right - *left), height = std::max(1e-6f, *high - *low);
    frame.scale = std::min((max.x - min.x - 2 * pad) / width, (max.y - min.y - 2 * pad) / height);
    return frame;
}

ui::Rgba layer_color(int layer, int num_layers) {
    const auto map = weight_colormap(ui::kit().theme);
    // Not the card's end of the map: the first layer must be seen too.
    const float share = num_layers > 1 ? static_cast<float>(layer) / static_cast<float>(num_layers - 1) : 1;
    const std::size_t entry =
        static_cast<std::size_t>((0.35f + 0.6f * share) * static_cast<float>(map.size() / 3 - 1)) * 3;
    return {map[entry], map[entry + 1], map[entry + 2], 255};
}

ui::Rgba dot_color(const HeadMapState& state, int index, HeadGrid grid) {
    if (!state.is_by_tag) return layer_color(grid.at(static_cast<std::size_t>(index)).layer, grid.num_layers);
    const HeadTag& tag = state.tags[static_cast<std::size_t>(index)];
    return tag.id.empty() ? ui::colors().other : tag_color(ui::colors(), tag.id);
}

/// Index of the dot nearest to the pointer, -1 when none is near.
int nearest_dot(const HeadMap& map, const MapFrame& frame) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    int best = -1;
    float least = ui::px(12);
    for (std::size_t i = 0; i < map.x.size(); ++i) {
        const ImVec2 dot = frame.at(map.x[i], map.y[i]);
        const float distance = std::hypot(dot.x - mouse.x, dot.y - mouse.y);
        if (distance >= least) continue;
        least = distance;
        best = static_cast<int>(i);
    }
    return best;
}

void say_dot(ViewContext& context, const HeadMapState& state, const HeadMap& map, int index) {
    const HeadGrid grid = context.trace().grid();
    const HeadId head = grid.at(static_cast<std::size_t>(index));
    const HeadTag& tag = state.tags[static_cast<std::size_t>(index)];
    int nearest = -1;
    for (int other = 0; other < map.distances.rows; ++other) {
        if (other == index) continue;
        if (nearest < 0 || map.distances.at(index, other) < map.distances.at(index, nearest)) nearest = other;
    }
    std::string body = tag.id.empty() ? std::string("no pattern") : tag.sentence;
    if (nearest >= 0) {
        const HeadId near = grid.at(static_cast<std::size_t>(nearest));
        body += fmt::format("\nmost alike: {}, distance {:.3f} nats of at most 0.693", near.to_string(),
                            map.distances.at(index, nearest));
    }
    context.shared.next_hover.head = head;
    context.shared.next_hover.sentence = head.to_string() + " · " + body.substr(0, body.find('\n'));
    ui::tooltip(body, head.to_string());
}

/// Names beside the dots, the chosen one first; those that would lie over another are left out.
void draw_dot_labels(const ViewContext& context, const HeadMap& map, const MapFrame& frame, float radius) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const HeadGrid grid = context.trace().grid();
    const std::size_t first = grid.index(context.snapshot.selection.head);
    std::vector<LayoutRect> taken;
    for (std::size_t i = 0; i < map.x.size(); ++i) {
        const ImVec2 at = frame.at(map.x[i], map.y[i]);
        taken.push_back({at.x - radius / 2, at.y - radius / 2, radius, radius});
    }
    for (std::size_t k = 0; k < map.x.size(); ++k) {
        const std::size_t i = k == 0 ? first : (k <= first ? k - 1 : k);
        const std::string name = grid.at(i).to_string();
        const ImVec2 at = frame.at(map.x[i], map.y[i]);
        const LayoutRect label{at.x + radius + ui::px(3), at.y - font->FontSize / 2,
                               font->CalcTextSizeA(font->FontSize, 10000, 0, name.c_str()).x, font->FontSize};
        const bool is_covered = std::any_of(taken.begin(), taken.end(), [&](const LayoutRect& other) {
            return label.x < other.right() && other.x < label.right() && label.y < other.bottom() &&
                   other.y < label.bottom();
        });
        if (is_covered && i != first) continue;
        taken.push_back(label);
        list->AddText(font, font->FontSize, {label.x, label.y},
                      ui::to_u32(i == first ? ui::colors().text : ui::colors().dim), name.c_str());
    }
}

void draw_dots(ViewContext& context, HeadMapState& state, const HeadMap& map, ImVec2 min, ImVec2 max) {
    const MapFrame frame = frame_of(map, min, max);
    const HeadGrid grid = context.trace().grid();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float radius = map.x.size() > 300 ? ui::px(3) : ui::px(5);
    const HeadId chosen = context.snapshot.selection.head;
    for (std::size_t i = 0; i < map.x.size(); ++i) {
        const int index = static_cast<int>(i);
        const ImVec2 at = frame.at(map.x[i], map.y[i]);
        ui::draw_dot(list, at, radius, gfx::faded(dot_color(state, index, grid), context.freshness()));
        if (grid.at(i) == chosen) ui::draw_dot(list, at, radius + ui::px(3.5f), ui::colors().accent, true);
    }
    draw_dot_labels(context, map, frame, radius);
    const auto response = ui::hot_area("##map_area", min, {max.x - min.x, max.y - min.y});
    const int hovered = response.is_hovered ? nearest_dot(map, frame) : -1;
    if (hovered < 0) return;
    say_dot(context, state, map, hovered);
    if (response.is_clicked)
        context.actions.select_head(grid.at(static_cast<std::size_t>(hovered)), ImGui::GetIO().KeyShift);
}

void draw_body(ViewContext& context, HeadMapState& state) {
    const auto count = static_cast<int>(context.trace().grid().size());
    if (count > kMostHeadsAtOnce && !state.is_wanted) {
        const std::string sentence =
            fmt::format("The map compares every pair of {} heads; that takes a moment.", count);
        if (ui::draw_card_state({ui::CardState::Empty, sentence, "Compute the map##map_compute", -1}))
            state.is_wanted = true;
        return;
    }
    const Derived<HeadMap> map = context.values.head_map();
    if (map.state == Derived<HeadMap>::State::Failed) {
        ui::draw_card_state(
            {ui::CardState::Empty, map.error ? map.error->message : "There is no map.", nullptr, -1});
        return;
    }
    const auto size = static_cast<std::size_t>(count);
    if (!map.is_ready() || map.value->x.size() != size || map.value->y.size() != size) {
        ui::draw_card_state({ui::CardState::Loading, "Comparing every pair of heads", nullptr, map.progress});
        return;
    }
    refresh_tags(context, state);
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    const float foot = ui::px(16);
    if (available.x < ui::px(60) || available.y < ui::px(60)) return;
    draw_dots(context, state, *map.value, pos, {pos.x + available.x, pos.y + available.y - foot});
    ImGui::SetCursorScreenPos({pos.x, pos.y + available.y - foot + ui::px(2)});
    ui::text_small(
        fmt::format("near = alike (mean Jensen–Shannon divergence of {} rows); two axes hold {} of it",
                    map.value->queries.size(), format_percent(map.value->explained)),
        ui::colors().dim);
}

void draw(ViewContext& context) {
    auto& state = static_cast<HeadMapState&>(context.state);
    const std::string title = titled("Head map", context.snapshot);
    const std::string line = run_words(context.snapshot, false);
    ui::CardSpec spec;
    spec.id = "head_map";
    spec.title = title;
    spec.context = line;
    spec.controls = [&] { draw_controls(state); };
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_head_map = {
    "head_map",
    "Head map",
    "Every head as a dot, near to those whose attention is alike on this text; a click selects.",
    head_map_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<HeadMapState>()); },
    draw};

}  // namespace headlight
