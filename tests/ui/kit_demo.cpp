// Draws the kit's pieces in one picture, arranged like the window, from made-up numbers: for looking at, not a test.
//   kit_demo OUT.png [dark|light] [SCALE] [main|overlay|browser|states]
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>
#include <vector>

#include "core/colormap.h"
#include "gfx/head_atlas.h"
#include "gfx/heatmap_renderer.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/dialogs.h"
#include "ui/interface_text.h"
#include "ui/plots.h"
#include "ui/rows.h"
#include "ui/shaped_text.h"
#include "ui/text_box.h"
#include "ui/toasts.h"
#include "ui/window.h"

using namespace headlight;
using namespace headlight::ui;

namespace {

const std::vector<std::string> kTokens = {"When", "·Mary", "·and", "·John", "·went", "·to", "·the", "·store", ",", "·John", "·gave",
                                          "·a", "·drink", "·to", "·Mary", ".", "·שלום", "·العربية", "·中文", "·😀", "·é", "·Ω",
                                          "\xF4\x8F\xBF\xBD", "·it", "·was", "·fluffy", "."};

std::span<const std::uint8_t> colormap_bytes() {
    const Colormap& map = kit().theme == ThemeKind::Dark ? colormap_dark() : colormap_light();
    return {&map[0].r, map.size() * 3};
}

std::vector<float> fake_head(int size, int kind) {
    std::vector<float> weights(static_cast<std::size_t>(size * size), std::numeric_limits<float>::quiet_NaN());
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
        for (int key = 0; key <= query; ++key) weights[static_cast<std::size_t>(query * size + key)] = row[static_cast<std::size_t>(key)] / sum;
    }
    return weights;
}

struct Demo {
    gfx::ShaderLibrary shaders;
    gfx::HeatmapRenderer heatmap{shaders};
    gfx::AtlasRenderer grid{shaders};
    gfx::HeadAtlas atlas;
    gfx::HeatmapMatrix matrix;
    TextBox text_box;
    ToastStack toasts;
    CommandPalette palette;
    FileBrowser browser;
    std::vector<float> weights;
    int scale_choice = 0, kind_choice = 0, scope = 0, mode = 0, tint = 0, order = 0, flow = 0;
    bool shows_numbers = true;
    double gamma = 0.6;

    void load() {
        const int size = static_cast<int>(kTokens.size());
        weights = fake_head(size, 1);
        matrix = *gfx::HeatmapMatrix::from_cells(size, size, weights);
        atlas = *gfx::HeadAtlas::make(270);
        for (int tile = 0; tile < 270; ++tile) atlas.set_tile(tile, size, size, fake_head(size, tile * 31 % 17));
        text_box.set_text("When Mary and John went to the store, John gave a drink to Mary. שלום العربية 中文 😀 it was fluffy.", true);
    }

    void draw_heads(ImVec2 pos, ImVec2 size) {
        const char* tints[] = {"none", "entropy"};
        const char* orders[] = {"layer", "score"};
        CardSpec spec{.id = "heads", .title = "All heads"};
        spec.controls = [&] {
            pill_menu("tint", "tint", tints, tint);
            ImGui::SameLine();
            pill_menu("order", "order", orders, order);
        };
        if (const Card card(spec, pos, size); card) draw_grid();
    }

    void draw_grid() {
        const Colors& c = colors();
        const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
        ImDrawList* list = ImGui::GetWindowDrawList();
        const float left = px(28), top = px(18), gap = px(3);
        const float pitch_x = (room.x - left) / 9, pitch_y = (room.y - top) / 30;
        std::vector<gfx::AtlasTile> tiles;
        for (int layer = 0; layer < 30; ++layer) {
            draw_text(list, kit().fonts.small_, {at.x, at.y + top + pitch_y * static_cast<float>(layer) + px(3)}, c.dim, fmt::format("L{}", layer));
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
            const float x = at.x + left + pitch_x * (static_cast<float>(head) + 0.5f) - 0.5f * measure_text(kit().fonts.small_, name).x;
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
        const auto texture = grid.render(atlas, tiles, request);
        if (!texture) {
            text_wrapped(texture.error().to_string(), c.error);
            return;
        }
        const ImVec2 min{at.x + left, at.y + top};
        draw_texture(list, *texture, min, {min.x + static_cast<float>(request.width_px), min.y + static_cast<float>(request.height_px)});
    }

    void draw_text_card(ImVec2 pos, ImVec2 size) {
        if (const Card card({.id = "text"}, pos, size); card) {
            text_box.draw("##text", "Type here", ImGui::GetContentRegionAvail().x, 3);
            const float left = ImGui::GetCursorScreenPos().x, right = left + ImGui::GetContentRegionAvail().x;
            float x = left;
            for (std::size_t i = 0; i < kTokens.size(); ++i) {
                const std::string id = fmt::format("token{}", i);
                ChipSpec spec{.id = id.c_str(), .text = kTokens[i]};
                if (i == 14) {
                    spec.fill = colors().accent;
                    spec.text_color = colors().on_accent;
                } else if (i == 0 || i == 13) {
                    spec.fill = gfx::mix(colors().control, colors().second, i == 0 ? 0.3f : 0.6f);
                }
                if (x > left && x + chip_size(spec).x > right) x = left;
                if (x > left) ImGui::SameLine(0, px(4));
                chip(spec);
                x += chip_size(spec).x + px(4);
            }
        }
    }

    void draw_heatmap(ImVec2 pos, ImVec2 size) {
        CardSpec spec{.id = "heatmap", .title = "Layer 16 · Head 0", .context = "kv head 0 · score 0.76 · null 0.11 · lift 7.0×"};
        spec.after_title = [] { tag("previous token##tag", colors().accent, colors().on_accent); };
        spec.controls = [&] {
            const Segment kinds[] = {{"A"}, {"‖A·vO‖"}, {"no sink"}}, scales[] = {{"linear"}, {"log"}};
            segmented("kind", kinds, kind_choice);
            ImGui::SameLine();
            segmented("scale", scales, scale_choice);
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
        request.frames = {{.row = 14, .col = 0, .rows = 1, .cols = static_cast<int>(count), .color = c.accent, .width_px = 1.5f}};
        const auto texture = heatmap.render(matrix, request);
        if (!texture) {
            text_wrapped(texture.error().to_string(), c.error);
            return;
        }
        const ImVec2 min{at.x + left, at.y + top}, max{min.x + static_cast<float>(request.width_px), min.y + static_cast<float>(request.height_px)};
        draw_texture(list, *texture, min, max);
        draw_text(list, kit().fonts.small_, at, c.dim, "query (from) ↓");
        draw_text(list, kit().fonts.small_, {min.x, at.y}, c.dim, "key (to) →");
        const float cell_w = (max.x - min.x) / count, cell_h = (max.y - min.y) / count;
        for (std::size_t i = 0; i < kTokens.size(); ++i) {
            const float f = static_cast<float>(i);
            const ShapedStyle small{11.5f};
            draw_shaped_right(list, {min.x - px(6), min.y + cell_h * (f + 0.5f) - px(7)}, kTokens[i] + fmt::format(" {}", i), i == 14 ? c.accent : c.text, small);
            draw_shaped_rotated(list, {min.x + cell_w * (f + 0.6f), min.y - px(4)}, 0.96f, kTokens[i], c.text, small);
            for (std::size_t key = 0; key <= i; ++key) {
                const float weight = weights[i * kTokens.size() + key];
                if (weight < 0.1f) continue;
                const Rgba fill = gfx::color_of_value(weight, request.scale, request.colormap_rgb);
                const bool is_bright = 299 * fill.r + 587 * fill.g + 114 * fill.b > 128000;
                const std::string number = fmt::format("{:.0f}", 100 * weight);
                const ImVec2 cell{min.x + cell_w * static_cast<float>(key), min.y + cell_h * f};
                draw_text_centered(list, kit().fonts.tiny, cell, {cell.x + cell_w, cell.y + cell_h}, is_bright ? gfx::rgb(0x101318) : gfx::rgb(0xF0F2F5), number);
            }
        }
        draw_color_bar(list, {max.x + px(28), min.y + px(14)}, {max.x + px(40), max.y - px(80)}, colormap_bytes(), 0.6f);
        draw_text(list, kit().fonts.small_, {max.x + px(28), min.y - px(6)}, c.dim, "weight");
    }

    void draw_flow(ImVec2 pos, ImVec2 size) {
        CardSpec spec{.id = "flow", .title = "Flow across layers", .context = "rows ≥ 2, mean of heads"};
        spec.controls = [&] {
            const Segment modes[] = {{"shares"}, {"rollout from ·Mary (14)"}, {"max-flow"}};
            segmented("flow", modes, flow);
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
        draw_dashed_line(list, {at.x + px(30), at.y + 0.8f * room.y}, {half, at.y + 0.8f * room.y}, c.text, px(5), px(4), px(1.2f));
        for (int i = 0; i < 7; ++i) {
            draw_ribbon(list, {half + px(30), at.y + room.y * 0.5f}, {half + px(200), at.y + room.y * (0.05f + 0.14f * static_cast<float>(i))},
                        px(12 - 1.5f * static_cast<float>(i)), px(2), gfx::faded(c.second, 0.75f - 0.08f * static_cast<float>(i)));
        }
    }

    void draw_side(ImVec2 pos, ImVec2 size) {
        const float third = (size.y - 2 * px(kGap)) / 3;
        CardSpec metrics{.id = "metrics", .title = "Metrics"};
        metrics.controls = [&] {
            const Segment scopes[] = {{"head"}, {"layer"}, {"model"}};
            segmented("scope", scopes, scope);
        };
        if (const Card card(metrics, pos, {size.x, third}); card) {
            metric_row({.label = "entropy##entropy", .value = "0.64", .unit = "nats", .fraction = 0.2, .reference = 0.7});
            metric_row({.label = "entropy / uniform##en", .value = "0.27", .fraction = 0.27, .reference = 1});
            metric_row({.label = "effective keys##ek", .value = "2.0", .fraction = 0.07, .reference = 0.5});
            metric_row({.label = "row spread ρ##rs", .value = "0.77", .fraction = 0.77, .reference = 0});
            metric_row({.label = "mean distance##md", .value = "3.0", .unit = "tokens", .fraction = 0.2, .reference = 0.5});
            metric_row({.label = "rank of W_QK##rank", .value = "38.2", .fraction = 0.6, .reference = 0.95});
            text_small("tick: uniform head, or random weights", colors().dim);
        }
        CardSpec patterns{.id = "patterns", .title = "Patterns", .context = "this text · n = 1"};
        patterns.controls = [] { pill_button("probe##probe"); };
        if (const Card card(patterns, {pos.x, pos.y + third + px(kGap)}, {size.x, third}); card) {
            const Column columns[] = {{"pattern", 1}, {"score", 0, 46, true}, {"null", 0, 42, true}, {"lift", 0, 42, true}, {"κ", 0, 44, true}};
            table_header(columns);
            const Cell on[] = {{.text = "previous token", .dot = 1}, {.text = "0.76"}, {.text = "0.11"}, {.text = "7.0×"}, {.text = "0.74"}};
            const Cell off[] = {{.text = "induction (probe)", .dot = 2}, {.text = "0.05"}, {.text = "0.01"}, {.text = "3.6×"}, {.text = "−0.12"}};
            table_row("pattern0", columns, on);
            table_row("pattern1", columns, on, true);
            table_row("pattern2", columns, off, false, true);
        }
        CardSpec top{.id = "top", .title = "“·Mary” (14)"};
        top.controls = [&] {
            const Segment modes[] = {{"attends to"}, {"predicts"}};
            segmented("mode", modes, mode);
        };
        if (const Card card(top, {pos.x, pos.y + 2 * (third + px(kGap))}, {size.x, third}); card) {
            bar_row({.id = "key0", .label = "·to", .suffix = "13", .value = "60.3 %", .fraction = 0.6});
            bar_row({.id = "key1", .label = "When", .suffix = "0", .value = "22.0 %", .fraction = 0.22});
            bar_row({.id = "key2", .label = "·العربية", .suffix = "17", .value = "11.9 %", .fraction = 0.12});
            bar_row({.id = "key3", .label = "·😀 averyveryverylongtoken", .suffix = "19", .value = "1.6 %", .fraction = 0.016, .bar = colors().third});
            toggle("numbers in cells##numbers", shows_numbers);
            slider("gamma##gamma", gamma, 0.2, 2, "{:.2f}", px(200));
            progress({.stage = "loading weights", .fraction = 0.4, .detail = "layer 12 of 30", .cancel = "Cancel##job"});
        }
    }

    void draw(const std::string& what) {
        const ImVec2 screen = ImGui::GetIO().DisplaySize;
        const float bar = top_bar_height(), gap = px(kGap), foot = px(28), left_w = px(372), right_w = px(348);
        top_bar({.name = "Headlight", .chip_strong = "SmolLM2-135M", .chip_dim = " · llama · 30 layers × 9 heads (3 kv) · fp32",
                 .right = "27 tokens · 148 ms · 26 reused", .right_button = "Ctrl P  commands##palette",
                 .menus = [] {
                     for (const char* name : {"File", "Edit", "View", "Analyse", "Help"}) menu(name, [] { menu_item("Open…", "Ctrl+O"); });
                 }}, {0, 0}, screen.x);
        const float top = bar + gap, height = screen.y - top - foot - gap, mid_x = 2 * gap + left_w;
        const float mid_w = screen.x - left_w - right_w - 4 * gap;
        const float text_h = px(130), flow_h = px(200);
        if (what == "states") {
            const Card a({.id = "a", .title = "Empty"}, {gap, top}, {left_w, px(300)});
            draw_card_state({CardState::Empty, "No model is open yet. Open a folder with config.json and weights.", "Open a model…##open"});
        } else {
            draw_heads({gap, top}, {left_w, height});
        }
        draw_text_card({mid_x, top}, {mid_w, text_h});
        if (what == "states") {
            {
                const Card b({.id = "b", .title = "Loading"}, {mid_x, top + text_h + gap}, {mid_w, px(220)});
                draw_card_state({CardState::Loading, "Loading SmolLM2-135M", "Cancel##cancel", 0.4});
            }
            const Card d({.id = "d", .title = "Error"}, {mid_x, top + text_h + 2 * gap + px(220)}, {mid_w, px(200)});
            draw_card_state({CardState::Error, "The model could not be read: tensor 'w' has 3 × 4 values, expected 4 × 4.", "Choose another…##again"});
        } else {
            draw_heatmap({mid_x, top + text_h + gap}, {mid_w, height - text_h - flow_h - 2 * gap});
            draw_flow({mid_x, top + height - flow_h}, {mid_w, flow_h});
        }
        draw_side({mid_x + mid_w + gap, top}, {right_w, height});
        status_line({px(14), screen.y - foot + px(7)}, screen.x - px(28), "attention measured · fp32 softmax · causal · rows sum to 1 ± 2e-7",
                    "“·Mary” (14) gives 60 % to “·to” (13)     idle");
        if (what == "states") toasts.draw({screen.x - px(16), screen.y - px(40)});
        const std::vector<PaletteEntry> entries = {{"open", "Open a model…", "folder or file", "Ctrl+O"}, {"theme light", "Theme: light", "", ""},
                                                   {"theme dark", "Theme: dark", "", ""}, {"screenshot", "Screenshot…", "writes a PNG", "Ctrl+Shift+S"},
                                                   {"select", "Select head…", "layer, head", ""}, {"quit", "Quit", "", "Ctrl+Q", false}};
        palette.draw(entries);
        browser.draw();
    }
};

}  // namespace

int main(int argc, char** argv) {
    const std::string out = argc > 1 ? argv[1] : "kit_demo.png", what = argc > 4 ? argv[4] : "main";
    const double scale = argc > 3 ? std::atof(argv[3]) : 1;
    auto window = Window::open({.width = static_cast<int>(1600 * scale), .height = static_cast<int>(900 * scale), .is_hidden = true,
                                .theme = argc > 2 && std::string(argv[2]) == "light" ? ThemeKind::Light : ThemeKind::Dark, .scale = scale});
    if (!window) {
        std::fprintf(stderr, "error: %s\n", window.error().to_string().c_str());
        return 1;
    }
    Status written;
    {
        Demo demo;
        demo.load();
        if (what == "overlay") demo.palette.open("theme");
        if (what == "browser") demo.browser.open({}, "/usr/share");
        if (what == "states") demo.toasts.push(ToastKind::Error, "Opening the model failed.\nconfig.json has no field 'model_type'.", "Choose another…");
        if (what == "states") demo.toasts.push(ToastKind::Info, "Picture written to layer_16_head_0.png");
        for (int i = 0; i < 12; ++i) {
            (*window)->frame([&] { demo.draw(what); });
            std::printf("frame %d: %.1f ms, processor time so far %.0f ms\n", i, (*window)->last_frame_ms(),
                        1000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
        }
        const auto image = (*window)->screenshot();
        if (image) written = gfx::write_png(*image, out);
        if (!image) written = tl::unexpected(image.error());
    }
    if (!written) std::fprintf(stderr, "error: %s\n", written.error().to_string().c_str());
    return written ? 0 : 1;
}
