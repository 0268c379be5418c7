#include "demo_pictures.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "core/colormap.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"

namespace headlight::demo {

using namespace ui;

const std::vector<std::string> kTokens = {"When",
                                          "·Mary",
                                          "·and",
                                          "·John",
                                          "·went",
                                          "·to",
                                          "·the",
                                          "·store",
                                          ",",
                                          "·John",
                                          "·gave",
                                          "·a",
                                          "·drink",
                                          "·to",
                                          "·Mary",
                                          ".",
                                          "·שלום",
                                          "·العربية",
                                          "·中文",
                                          "·😀",
                                          "·é",
                                          "·Ω",
                                          "\xF4\x8F\xBF\xBD",
                                          "·it",
                                          "·was",
                                          "·fluffy",
                                          "."};

namespace {

std::span<const std::uint8_t> colormap_bytes() {
    const Colormap& map = kit().theme == ThemeKind::Dark ? colormap_dark() : colormap_light();
    return {&map[0].r, map.size() * 3};
}

std::vector<float> fake_head(int size, int kind) {
    std::vector<float> weights(static_cast<std::size_t>(size * size),
                               std::numeric_limits<float>::quiet_NaN());
    for (int query = 0; query < size; ++query) {
        float sum = 0;
        std::vector<float> row;
        for (int key = 0; key <= query; ++key) {
            const int back = query - key;
            float weight = 0.02f * std::abs(std::sin(static_cast<float>(query * 7 + key * 13 + kind * 5)));
            if (back == kind % 4) weight += 0.9f;
            if (key == 0) weight += 0.1f * static_cast<float>(kind % 5);
            row.push_back(weight);
            sum += weight;
        }
        for (int key = 0; key <= query; ++key)
            weights[static_cast<std::size_t>(query * size + key)] = row[static_cast<std::size_t>(key)] / sum;
    }
    return weights;
}

}  // namespace

void Pictures::load() {
    const int size = static_cast<int>(kTokens.size());
    weights_ = fake_head(size, 1);
    matrix_ = *gfx::HeatmapMatrix::from_cells(size, size, weights_);
    atlas_ = *gfx::HeadAtlas::make(270);
    for (int tile = 0; tile < 270; ++tile)
        atlas_.set_tile(tile, size, size, fake_head(size, tile * 31 % 17));
}

void Pictures::draw_heads(ImVec2 pos, ImVec2 size) {
    const char* tints[] = {"none", "entropy"};
    const char* orders[] = {"layer", "score"};
    CardSpec spec{.id = "heads", .title = "All heads"};
    spec.controls = [&] {
        pill_menu("tint", "tint", tints, tint_);
        ImGui::SameLine();
        pill_menu("order", "order", orders, order_);
    };
    if (const Card card(spec, pos, size); card) draw_grid();
}

void Pictures::draw_grid() {
    const Colors& c = colors();
    const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float left = px(28), top = px(18), gap = px(3);
    const float pitch_x = (room.x - left) / 9, pitch_y = (room.y - top) / 30;
    std::vector<gfx::AtlasTile> tiles;
    for (int layer = 0; layer < 30; ++layer) {
        draw_text(list, kit().fonts.small_, {at.x, at.y + top + pitch_y * static_cast<float>(layer) + px(3)},
                  c.dim, fmt::format("L{}", layer));
        for (int head = 0; head < 9; ++head) {
            gfx::AtlasTile tile;
            tile.tile = layer * 9 + head;
            tile.x = std::round(pitch_x * static_cast<float>(head));
            tile.y = std::round(pitch_y * static_cast<float>(layer));
            tile.width = std::round(pitch_x - gap);
            tile.height = std::round(pitch_y - gap);
            if (layer == 16 && head == 0) tile.frame = c.accent;
            if ((layer * 5 + head) % 7 == 0) tile.dots[0] = c.second;
            if ((layer * 5 + head) % 21 == 0) tile.dots[1] = c.third;
            tiles.push_back(tile);
        }
    }
    for (int head = 0; head < 9; ++head) {
        const std::string name = fmt::format("H{}", head);
        const float x = at.x + left + pitch_x * (static_cast<float>(head) + 0.5f) -
                        0.5f * measure_text(kit().fonts.small_, name).x;
        draw_text(list, kit().fonts.small_, {x, at.y}, c.dim, name);
    }
    gfx::AtlasRequest request;
    request.width_px = static_cast<int>(room.x - left);
    request.height_px = static_cast<int>(room.y - top);
    request.colormap_rgb = colormap_bytes();
    request.background = c.card;
    request.masked = c.masked;
    request.empty = c.masked;
    request.scale_factor = kit().scale;
    const auto texture = grid_.render(atlas_, tiles, request);
    if (!texture) {
        text_wrapped(texture.error().to_string(), c.error);
        return;
    }
    const ImVec2 min{at.x + left, at.y + top};
    draw_texture(
        list, *texture, min,
        {min.x + static_cast<float>(request.width_px), min.y + static_cast<float>(request.height_px)});
}

void Pictures::draw_heatmap(ImVec2 pos, ImVec2 size) {
    CardSpec spec{.id = "heatmap",
                  .title = "Layer 16 · Head 0",
                  .context = "kv head 0 · score 0.76 · null 0.11 · lift 7.0×"};
    spec.after_title = [] { tag("previous token##tag", colors().accent, colors().on_accent); };
    spec.controls = [&] {
        const Segment kinds[] = {{"A"}, {"‖A·vO‖"}, {"no sink"}}, scales[] = {{"linear"}, {"log"}};
        segmented("kind", kinds, kind_choice_);
        ImGui::SameLine();
        segmented("scale", scales, scale_choice_);
        ImGui::SameLine();
        toolbar_button("fit");
    };
    const Card card(spec, pos, size);
    if (!card) return;
    const Colors& c = colors();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    const float left = px(92), top = px(58), count = static_cast<float>(kTokens.size());
    gfx::HeatmapRequest request;
    request.width_px = static_cast<int>(room.x - left - px(100));
    request.height_px = static_cast<int>(room.y - top);
    request.visible = {0, 0, static_cast<double>(count), static_cast<double>(count)};
    request.colormap_rgb = colormap_bytes();
    request.masked = c.masked;
    request.outside = c.card;
    request.grid = c.grid;
    request.scale_factor = kit().scale;
    request.frames = {{.row = 14,
                       .col = 0,
                       .rows = 1,
                       .cols = static_cast<int>(count),
                       .color = c.accent,
                       .width_px = 1.5f}};
    const auto texture = heatmap_.render(matrix_, request);
    if (!texture) {
        text_wrapped(texture.error().to_string(), c.error);
        return;
    }
    const ImVec2 min{at.x + left, at.y + top},
        max{min.x + static_cast<float>(request.width_px), min.y + static_cast<float>(request.height_px)};
    draw_texture(list, *texture, min, max);
    draw_text(list, kit().fonts.small_, at, c.dim, "query (from) ↓");
    draw_text(list, kit().fonts.small_, {min.x, at.y}, c.dim, "key (to) →");
    draw_labels(request, min, max);
}

void Pictures::draw_labels(const gfx::HeatmapRequest& request, ImVec2 min, ImVec2 max) {
    const Colors& c = colors();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float count = static_cast<float>(kTokens.size());
    const float cell_w = (max.x - min.x) / count, cell_h = (max.y - min.y) / count;
    for (std::size_t i = 0; i < kTokens.size(); ++i) {
        const float f = static_cast<float>(i);
        const ShapedStyle small{11.5f};
        draw_shaped_right(list, {min.x - px(6), min.y + cell_h * (f + 0.5f) - px(7)},
                          kTokens[i] + fmt::format(" {}", i), i == 14 ? c.accent : c.text, small);
        draw_shaped_rotated(list, {min.x + cell_w * (f + 0.6f), min.y - px(4)}, 0.96f, kTokens[i], c.text,
                            small);
        for (std::size_t key = 0; key <= i; ++key) {
            const float weight = weights_[i * kTokens.size() + key];
            if (weight < 0.1f) continue;
            const Rgba fill = gfx::color_of_value(weight, request.scale, request.colormap_rgb);
            const bool is_bright = 299 * fill.r + 587 * fill.g + 114 * fill.b > 128000;
            const std::string number = fmt::format("{:.0f}", 100 * weight);
            const ImVec2 cell{min.x + cell_w * static_cast<float>(key), min.y + cell_h * f};
            draw_text_centered(list, kit().fonts.tiny, cell, {cell.x + cell_w, cell.y + cell_h},
                               is_bright ? gfx::rgb(0x101318) : gfx::rgb(0xF0F2F5), number);
        }
    }
    draw_color_bar(list, {max.x + px(28), min.y + px(14)}, {max.x + px(40), max.y - px(80)}, colormap_bytes(),
                   0.6f);
    draw_text(list, kit().fonts.small_, {max.x + px(28), min.y - px(6)}, c.dim, "weight");
}

void Pictures::draw_flow(ImVec2 pos, ImVec2 size) {
    CardSpec spec{.id = "flow", .title = "Flow across layers", .context = "rows ≥ 2, mean of heads"};
    spec.controls = [&] {
        const Segment modes[] = {{"shares"}, {"rollout from ·Mary (14)"}, {"max-flow"}};
        segmented("flow", modes, flow_);
    };
    const Card card(spec, pos, size);
    if (!card) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    std::vector<float> self, previous, first, other;
    for (int i = 0; i < 30; ++i) {
        const float t = static_cast<float>(i);
        self.push_back(0.1f + 0.08f * std::abs(std::sin(t)));
        previous.push_back(0.12f + 0.1f * std::abs(std::sin(t * 0.7f)));
        first.push_back(0.2f + t * 0.012f);
        other.push_back(1 - self.back() - previous.back() - first.back());
    }
    const Colors& c = colors();
    const AreaSeries series[] = {{self, c.third}, {previous, c.accent}, {first, c.second}, {other, c.other}};
    const float half = at.x + 0.6f * room.x;
    draw_stacked_areas(list, {at.x + px(30), at.y}, {half, at.y + room.y - px(20)}, series);
    draw_dashed_line(list, {at.x + px(30), at.y + 0.8f * room.y}, {half, at.y + 0.8f * room.y}, c.text, px(5),
                     px(4), px(1.2f));
    for (int i = 0; i < 7; ++i) {
        draw_ribbon(list, {half + px(30), at.y + room.y * 0.5f},
                    {half + px(200), at.y + room.y * (0.05f + 0.14f * static_cast<float>(i))},
                    px(12 - 1.5f * static_cast<float>(i)), px(2),
                    gfx::faded(c.second, 0.75f - 0.08f * static_cast<float>(i)));
    }
}

}  // namespace headlight::demo
