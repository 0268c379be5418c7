// The heatmap's colour bar.
#include "views/heatmap/heatmap_legend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/pictures.h"

namespace headlight {

namespace {

constexpr float kLeastHi = 0.001f;

std::string tick_label(float value, const gfx::ValueScale& scale) {
    if (value == 0) return "0";
    if (scale.lo < 0) {
        const float size = std::abs(value);
        return (value < 0 ? "−" : "+") +
               (size < 0.001f ? format_error_bound(size) : fmt::format("{:.2g}", size));
    }
    if (scale.hi > 1.5f) return fmt::format("{:.3g}", value);
    return scale.is_log && value < 0.0095f ? format_error_bound(value) : fmt::format("{:.3g}", value);
}

const char* bar_title(const HeatLook& look) {
    if (look.is_difference) return "change";
    switch (look.weights) {
        case WeightsShown::Effect:
            return "logits";
        case WeightsShown::Norm:
            return "length";
        case WeightsShown::Value:
            return "A · |v|";
        default:
            return "weight";
    }
}

void draw_ticks(ImDrawList* list, ImVec2 min, ImVec2 max, const gfx::ValueScale& scale) {
    ImFont* font = ui::kit().fonts.small_;
    const ImU32 color = ui::to_u32(ui::colors().dim);
    const bool has_long_labels = scale.lo < 0 && scale.hi < 0.002f;  // "+0.00005" does not fit
    const bool is_high = max.y - min.y > ui::px(120) && !has_long_labels;
    const int num_steps = is_high ? 4 : (max.y - min.y > ui::px(60) ? 2 : 1);
    for (int i = 0; i <= num_steps; ++i) {
        const float position = static_cast<float>(i) / static_cast<float>(num_steps);
        const float value = scale_value(position, scale);
        std::string label = tick_label(value, scale);
        if (scale.is_log && i == 0) label = "≤" + label;
        const float y = max.y - position * (max.y - min.y);
        ui::draw_hline(list, max.x, max.x + ui::px(3), std::round(y), ui::colors().dim);
        ui::draw_tabular(list, font, {max.x + ui::px(6), y - font->FontSize / 2}, color, label);
    }
}

void draw_menu(ViewContext& context, float& hi) {
    if (!ImGui::BeginPopup("##weight_menu")) return;
    const Settings& settings = context.snapshot.settings;
    const float width = ui::px(220);
    ui::text("Colours of weights");
    double top = hi;
    if (ui::slider("last colour at##weight_hi", top, 0.005, 1, "{:.3f}", width, true))
        hi = static_cast<float>(top);
    double gamma = settings.gamma;
    if (settings.weight_scale == WeightScale::Linear &&
        ui::slider("gamma##weight_gamma", gamma, 0.2, 2, "{:.2f}", width)) {
        context.actions.set_number("gamma", gamma);
    }
    bool shows_numbers = settings.shows_numbers;
    if (ui::toggle("numbers in cells##weight_numbers", shows_numbers))
        context.actions.set("numbers", shows_numbers ? "on" : "off");
    if (ui::pill_button("Reset##weight_reset")) {
        hi = 1;
        context.actions.set_number("gamma", 0.6);
    }
    ImGui::EndPopup();
}

}  // namespace

void draw_color_bar_legend(ViewContext& context, const HeatmapPlot& plot, const LayoutRect& body, float& hi,
                           const HeatSource& source, float below) {
    const Settings& settings = context.snapshot.settings;
    const HeatLook look = heat_look(settings, source, hi);
    const gfx::ValueScale& scale = look.scale;
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const float x = plot.cells.right() + ui::px(16), top = plot.cells.y + ui::px(18);
    const float room = body.bottom() - ui::px(24) - top - below;
    const float height = std::clamp(plot.cells.height * 0.75f, std::min(room, ui::px(80)),
                                    std::max(ui::px(20), std::min(room, ui::px(320))));
    const ImVec2 min{x, top}, max{x + ui::px(12), top + height};
    list->AddText(font, font->FontSize, {x, plot.cells.y - ui::px(3)}, ui::to_u32(ui::colors().dim),
                  bar_title(look));
    ui::draw_color_bar(list, min, max, look.colormap, scale.gamma);
    draw_ticks(list, min, max, scale);
    const std::string note = scale.is_log ? "log" : fmt::format("γ {:.2g}", settings.gamma);
    list->AddText(font, font->FontSize, {x, max.y + ui::px(9)}, ui::to_u32(ui::colors().dim), note.c_str());
    const auto response =
        ui::hot_area("##color_bar", {x - ui::px(4), top - ui::px(18)},
                     {ui::px(54), std::min(height + ui::px(44), body.bottom() - below - top + ui::px(18))});
    if (response.is_hovered) {
        if (ImGui::GetIO().MouseWheel != 0) {
            hi = std::clamp(hi * std::pow(1.15f, -ImGui::GetIO().MouseWheel), kLeastHi, 1.0f);
            ui::request_redraw();
        }
        context.shared.next_hover.sentence =
            fmt::format("colours run from {} to {:.3g}{}; wheel changes the range, click for more",
                        look.is_signed ? tick_label(scale.lo, scale) : "0", scale.hi,
                        scale.is_log ? ", logarithmic" : fmt::format(", gamma {:.2g}", settings.gamma));
    }
    if (response.is_double_clicked) hi = 1;
    if (response.is_clicked) ImGui::OpenPopup("##weight_menu");
    draw_menu(context, hi);
}

}  // namespace headlight
