// Draws the kit's pieces in one picture, arranged like the window, from made-up numbers: for looking at, not
// a test.
//   kit_demo OUT.png [dark|light] [SCALE] [main|overlay|browser|states]
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "demo_pictures.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/dialogs/dialogs.h"
#include "ui/rows.h"
#include "ui/text_box.h"
#include "ui/toasts.h"
#include "ui/window.h"

using namespace headlight;
using namespace headlight::ui;
using demo::kTokens;

namespace {

struct Demo {
    demo::Pictures pictures;
    TextBox text_box;
    ToastStack toasts;
    CommandPalette palette;
    FileBrowser browser;
    int scope = 0, mode = 0;
    bool shows_numbers = true;
    double gamma = 0.6;

    void load() {
        pictures.load();
        text_box.set_text(
            "When Mary and John went to the store, John gave a drink to Mary. שלום العربية 中文 😀 it was "
            "fluffy.",
            true);
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

    void draw_side(ImVec2 pos, ImVec2 size) {
        const float third = (size.y - 2 * px(kGap)) / 3;
        CardSpec metrics{.id = "metrics", .title = "Metrics"};
        metrics.controls = [&] {
            const Segment scopes[] = {{"head"}, {"layer"}, {"model"}};
            segmented("scope", scopes, scope);
        };
        if (const Card card(metrics, pos, {size.x, third}); card) {
            metric_row({.label = "entropy##entropy",
                        .value = "0.64",
                        .unit = "nats",
                        .fraction = 0.2,
                        .reference = 0.7});
            metric_row({.label = "entropy / uniform##en", .value = "0.27", .fraction = 0.27, .reference = 1});
            metric_row({.label = "effective keys##ek", .value = "2.0", .fraction = 0.07, .reference = 0.5});
            metric_row({.label = "row spread ρ##rs", .value = "0.77", .fraction = 0.77, .reference = 0});
            metric_row({.label = "mean distance##md",
                        .value = "3.0",
                        .unit = "tokens",
                        .fraction = 0.2,
                        .reference = 0.5});
            metric_row({.label = "rank of W_QK##rank", .value = "38.2", .fraction = 0.6, .reference = 0.95});
            text_small("tick: uniform head, or random weights", colors().dim);
        }
        CardSpec patterns{.id = "patterns", .title = "Patterns", .context = "this text · n = 1"};
        patterns.controls = [] { pill_button("probe##probe"); };
        if (const Card card(patterns, {pos.x, pos.y + third + px(kGap)}, {size.x, third}); card) {
            const Column columns[] = {{"pattern", 1},
                                      {"score", 0, 46, true},
                                      {"null", 0, 42, true},
                                      {"lift", 0, 42, true},
                                      {"κ", 0, 44, true}};
            table_header(columns);
            const Cell on[] = {{.text = "previous token", .dot = 1},
                               {.text = "0.76"},
                               {.text = "0.11"},
                               {.text = "7.0×"},
                               {.text = "0.74"}};
            const Cell off[] = {{.text = "induction (probe)", .dot = 2},
                                {.text = "0.05"},
                                {.text = "0.01"},
                                {.text = "3.6×"},
                                {.text = "−0.12"}};
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
            bar_row({.id = "key3",
                     .label = "·😀 averyveryverylongtoken",
                     .suffix = "19",
                     .value = "1.6 %",
                     .fraction = 0.016,
                     .bar = colors().third});
            toggle("numbers in cells##numbers", shows_numbers);
            slider("gamma##gamma", gamma, 0.2, 2, "{:.2f}", px(200));
            progress({.stage = "loading weights",
                      .fraction = 0.4,
                      .detail = "layer 12 of 30",
                      .cancel = "Cancel##job"});
        }
    }

    void draw(const std::string& what) {
        const ImVec2 screen = ImGui::GetIO().DisplaySize;
        const float bar = top_bar_height(), gap = px(kGap), foot = px(28), left_w = px(372),
                    right_w = px(348);
        top_bar({.name = "Headlight",
                 .chip_strong = "SmolLM2-135M",
                 .chip_dim = " · llama · 30 layers × 9 heads (3 kv) · fp32",
                 .right = "27 tokens · 148 ms · 26 reused",
                 .right_button = "Ctrl P  commands##palette",
                 .menus =
                     [] {
                         for (const char* name : {"File", "Edit", "View", "Analyse", "Help"})
                             menu(name, [] { menu_item("Open…", "Ctrl+O"); });
                     }},
                {0, 0}, screen.x);
        const float top = bar + gap, height = screen.y - top - foot - gap, mid_x = 2 * gap + left_w;
        const float mid_w = screen.x - left_w - right_w - 4 * gap;
        const float text_h = px(130), flow_h = px(200);
        if (what == "states") {
            const Card a({.id = "a", .title = "Empty"}, {gap, top}, {left_w, px(300)});
            draw_card_state({CardState::Empty,
                             "No model is open yet. Open a folder with config.json and weights.",
                             "Open a model…##open"});
        } else {
            pictures.draw_heads({gap, top}, {left_w, height});
        }
        draw_text_card({mid_x, top}, {mid_w, text_h});
        if (what == "states") {
            {
                const Card b({.id = "b", .title = "Loading"}, {mid_x, top + text_h + gap}, {mid_w, px(220)});
                draw_card_state({CardState::Loading, "Loading SmolLM2-135M", "Cancel##cancel", 0.4});
            }
            const Card d({.id = "d", .title = "Error"}, {mid_x, top + text_h + 2 * gap + px(220)},
                         {mid_w, px(200)});
            draw_card_state({CardState::Error,
                             "The model could not be read: tensor 'w' has 3 × 4 values, expected 4 × 4.",
                             "Choose another…##again"});
        } else {
            pictures.draw_heatmap({mid_x, top + text_h + gap}, {mid_w, height - text_h - flow_h - 2 * gap});
            pictures.draw_flow({mid_x, top + height - flow_h}, {mid_w, flow_h});
        }
        draw_side({mid_x + mid_w + gap, top}, {right_w, height});
        status_line({px(14), screen.y - foot + px(7)}, screen.x - px(28),
                    "attention measured · fp32 softmax · causal · rows sum to 1 ± 2e-7",
                    "“·Mary” (14) gives 60 % to “·to” (13)     idle");
        if (what == "states") toasts.draw({screen.x - px(16), screen.y - px(40)});
        const std::vector<PaletteEntry> entries = {
            {"open", "Open a model…", "folder or file", "Ctrl+O"},
            {"theme light", "Theme: light", "", ""},
            {"theme dark", "Theme: dark", "", ""},
            {"screenshot", "Screenshot…", "writes a PNG", "Ctrl+Shift+S"},
            {"select", "Select head…", "layer, head", ""},
            {"quit", "Quit", "", "Ctrl+Q", false}};
        palette.draw(entries);
        browser.draw();
    }
};

}  // namespace

int main(int argc, char** argv) {
    const std::string out = argc > 1 ? argv[1] : "kit_demo.png", what = argc > 4 ? argv[4] : "main";
    const double scale = argc > 3 ? std::atof(argv[3]) : 1;
    auto window = Window::open(
        {.width = static_cast<int>(1600 * scale),
         .height = static_cast<int>(900 * scale),
         .is_hidden = true,
         .theme = argc > 2 && std::string(argv[2]) == "light" ? ThemeKind::Light : ThemeKind::Dark,
         .scale = scale});
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
        if (what == "states")
            demo.toasts.push(ToastKind::Error,
                             "Opening the model failed.\nconfig.json has no field 'model_type'.",
                             "Choose another…");
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
