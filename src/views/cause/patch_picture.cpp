#include "views/cause/patch_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/cause/cause_card.h"
#include "views/tokens/fitted_label.h"
#include "views/weights/weight_words.h"

namespace headlight {
namespace {

constexpr double kSmallGap = 0.1;

double quantile(const std::vector<double>& sorted, double share) {
    const double at = share * static_cast<double>(sorted.size() - 1);
    const auto low = static_cast<std::size_t>(at);
    const std::size_t high = std::min(low + 1, sorted.size() - 1);
    return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

/// Rows of the map, and which cells they hold.
struct PatchGrid {
    int layers = 0, rows = 0;
    PatchGrid(const PatchMap& map) {
        for (const PatchCell& cell : map.cells) {
            layers = std::max(layers, cell.layer + 1);
            rows = std::max(rows, row_of(cell) + 1);
        }
    }
    /// Heads, or positions; sites with both show the largest over heads at a position.
    static int row_of(const PatchCell& cell) {
        return cell.position >= 0 ? cell.position : std::max(0, cell.head);
    }
};

}  // namespace

void refresh_patch_effects(PatchEffects& effects, const PatchingState& state, AnswerMetric metric) {
    const auto map = state.map();
    if (effects.map == map && effects.metric == metric) return;
    effects = {};
    effects.map = map;
    effects.metric = metric;
    effects.neutral = state.direction == PatchDirection::Noise ? 1 : 0;
    if (!map || !state.clean_answer || !state.corrupted_answer) return;
    const double gap =
        std::abs(value_of(*state.clean_answer, metric) - value_of(*state.corrupted_answer, metric));
    if (gap < kSmallGap) effects.warning = fmt::format("the texts differ by {:.3f} only", gap);
    effects.effects.resize(map->cells.size());
    std::vector<double> sorted;
    for (std::size_t i = 0; i < map->cells.size(); ++i) {
        if (!map->results[i]) continue;
        effects.effects[i] =
            patch_effect(*map->results[i], *state.clean_answer, *state.corrupted_answer, metric);
        if (!effects.effects[i]) {
            effects.why_not = "the two texts give the same answer: there is no gap to recover";
            continue;
        }
        effects.order.push_back(i);
        sorted.push_back(*effects.effects[i]);
    }
    const auto distance = [&](std::size_t i) { return std::abs(*effects.effects[i] - effects.neutral); };
    std::stable_sort(effects.order.begin(), effects.order.end(),
                     [&](std::size_t a, std::size_t b) { return distance(a) > distance(b); });
    if (effects.order.empty()) return;
    effects.largest = std::max(1e-6, distance(effects.order.front()));
    std::sort(sorted.begin(), sorted.end());
    effects.low = quantile(sorted, 0.05);
    effects.middle = quantile(sorted, 0.5);
    effects.high = quantile(sorted, 0.95);
}

std::string patch_cell_label(const ViewContext& context, const PatchCell& cell) {
    std::string out =
        cell.head >= 0 ? HeadId{cell.layer, cell.head}.to_string() : fmt::format("L{}", cell.layer);
    if (cell.position >= 0)
        out += fmt::format(" {} {}", token_label(context.model_tokens(), cell.position, 10), cell.position);
    return out;
}

namespace {

/// Indices of cells by [layer, row]; of several heads at a position the one that changes most.
std::vector<int> strongest_cells(const PatchEffects& effects, const PatchGrid& grid) {
    std::vector<int> out(static_cast<std::size_t>(grid.layers) * static_cast<std::size_t>(grid.rows), -1);
    for (std::size_t i = 0; i < effects.map->cells.size(); ++i) {
        const PatchCell& cell = effects.map->cells[i];
        int& slot = out[static_cast<std::size_t>(cell.layer) * static_cast<std::size_t>(grid.rows) +
                        static_cast<std::size_t>(PatchGrid::row_of(cell))];
        const auto size = [&](int index) {
            const auto at = static_cast<std::size_t>(index);
            if (index < 0 || at >= effects.effects.size() || !effects.effects[at]) return -1.0;
            return std::abs(*effects.effects[at] - effects.neutral);
        };
        if (slot < 0 || size(static_cast<int>(i)) > size(slot)) slot = static_cast<int>(i);
    }
    return out;
}

void say_patch(ViewContext& context, const PatchEffects& effects, std::size_t index) {
    const PatchCell& cell = effects.map->cells[index];
    std::string words = fmt::format("{} {}: ", label_of(cell.site), patch_cell_label(context, cell));
    const bool is_done = index < effects.effects.size() && effects.effects[index].has_value();
    if (!is_done) words += "not measured yet";
    if (is_done && effects.neutral == 0)
        words += fmt::format("putting its clean values in recovers {} of the gap",
                             format_signed(*effects.effects[index], 3));
    if (is_done && effects.neutral == 1)
        words += fmt::format("putting corrupted values in destroys {} of the gap (effect {})",
                             format_signed(1 - *effects.effects[index], 3),
                             format_signed(*effects.effects[index], 3));
    context.shared.next_hover.sentence = words;
    if (cell.head >= 0) context.shared.next_hover.head = HeadId{cell.layer, cell.head};
    if (cell.position >= 0) context.shared.next_hover.token = context.unit_of_query(cell.position);
    ui::tooltip(words, {}, true);
}

void draw_map_labels(const ViewContext& context, const PatchGrid& grid, const LayoutRect& cells,
                     bool has_heads) {
    ImFont* font = ui::kit().fonts.small_;
    const float width = cells.width / static_cast<float>(grid.layers),
                height = cells.height / static_cast<float>(grid.rows);
    int down = 1, across = 1;
    while (height * static_cast<float>(down) < ui::px(13))
        ++down;
    while (width * static_cast<float>(across) < ui::px(30))
        across = across < 5 ? 5 : across * 2;
    const ui::ShapedStyle style{10.5f, gfx::TextWeight::Regular};
    for (int row = 0; row < grid.rows; row += down) {
        const float middle = cells.y + (static_cast<float>(row) + 0.5f) * height;
        if (has_heads) {
            put_words_right({cells.x - ui::px(5), middle - font->FontSize / 2}, ui::colors().dim,
                            fmt::format("H{}", row));
            continue;
        }
        const std::string label = fitted_label(context.model_tokens(), row, ui::px(46), style);
        ui::draw_shaped_right(ImGui::GetWindowDrawList(),
                              {cells.x - ui::px(5), middle - ui::measure_shaped(label, style).height() / 2},
                              label, ui::colors().dim, style);
    }
    for (int layer = 0; layer < grid.layers; layer += across) {
        const float end = cells.x + static_cast<float>(layer) * width + ui::px(26);
        if (end > cells.right() + ui::px(4)) break;
        put_words({cells.x + static_cast<float>(layer) * width, cells.bottom() + ui::px(2)}, ui::colors().dim,
                  fmt::format("L{}", layer));
    }
}

/// In cells with room for it, where the change is not small.
void draw_patch_number(double change, double largest, ImVec2 min, ImVec2 max) {
    if (max.x - min.x < ui::px(36) || max.y - min.y < ui::px(15) || std::abs(change) < 0.1 * largest) return;
    ImFont* const font = ui::kit().fonts.small_;
    const std::string words = format_signed(change);
    const float width = font->CalcTextSizeA(font->FontSize, FLT_MAX, 0, words.c_str()).x;
    // The strongest colours are the farthest from the card's, so the card's colour is read on them.
    const bool is_strong = std::abs(change) > 0.55 * largest;
    put_words({(min.x + max.x - width) / 2, (min.y + max.y - font->FontSize) / 2},
              is_strong ? ui::colors().card : ui::colors().text, words);
}

}  // namespace

void draw_patch_map(ViewContext& context, const PatchEffects& effects, const LayoutRect& area) {
    if (!effects.map || effects.map->cells.empty()) return;
    const PatchGrid grid(*effects.map);
    const bool has_heads = effects.map->cells.front().position < 0;
    const float labels = ui::px(has_heads ? 30.0f : 54.0f);
    const LayoutRect cells{area.x + labels, area.y, area.width - labels, area.height - ui::px(16)};
    if (cells.width < 20 || cells.height < 10) return;
    draw_map_labels(context, grid, cells, has_heads);
    const float width = cells.width / static_cast<float>(grid.layers),
                height = cells.height / static_cast<float>(grid.rows);
    const std::vector<int> shown = strongest_cells(effects, grid);
    const double gamma = context.snapshot.settings.gamma;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const auto response = ui::hot_area("##patch_map", {cells.x, cells.y}, {cells.width, cells.height});
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const int layer_under = static_cast<int>((mouse.x - cells.x) / width),
              row_under = static_cast<int>((mouse.y - cells.y) / height);
    for (int layer = 0; layer < grid.layers; ++layer) {
        for (int row = 0; row < grid.rows; ++row) {
            const int index = shown[static_cast<std::size_t>(layer) * static_cast<std::size_t>(grid.rows) +
                                    static_cast<std::size_t>(row)];
            if (index < 0) continue;
            const auto at = static_cast<std::size_t>(index);
            const bool is_done = at < effects.effects.size() && effects.effects[at];
            const ImVec2 min{cells.x + static_cast<float>(layer) * width,
                             cells.y + static_cast<float>(row) * height};
            const float gap = std::min(width, height) > 5 ? 1 : 0;
            const ImVec2 max{min.x + width - gap, min.y + height - gap};
            ui::draw_fill(list, min, max,
                          is_done
                              ? signed_fill(*effects.effects[at] - effects.neutral, effects.largest, gamma)
                              : ui::colors().masked);
            if (is_done) draw_patch_number(*effects.effects[at] - effects.neutral, effects.largest, min, max);
            const PatchCell& cell = effects.map->cells[at];
            const bool is_chosen = cell.head >= 0 && cell.position < 0 &&
                                   HeadId{cell.layer, cell.head} == context.snapshot.selection.head;
            if (is_chosen) ui::draw_frame(list, min, max, ui::colors().accent, 0, ui::px(1.5f));
            if (!response.is_hovered || layer != layer_under || row != row_under) continue;
            ui::draw_frame(list, min, max, ui::colors().text, 0, 1);
            say_patch(context, effects, at);
            if (response.is_clicked && cell.head >= 0) context.actions.select_head({cell.layer, cell.head});
            if (response.is_clicked && cell.position >= 0) context.actions.choose_key_token(cell.position);
        }
    }
}

}  // namespace headlight
