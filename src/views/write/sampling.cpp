// How tokens are chosen.
#include <fmt/format.h>

#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "views/write/write_card.h"

namespace headlight {

namespace {

HeightWish sampling_height(const Snapshot&, const ViewState&, float) {
    return {258, 120};
}

void set_number(ViewContext& context, const char* name, double value, int digits) {
    context.actions.run("write_set", {name, fmt::format("{:.{}f}", value, digits)});
}

void draw_slider(ViewContext& context, const char* label, const char* name, double value, double lo,
                 double hi, const char* format, int digits) {
    double moved = value;
    const float label_width = ui::measure_text(ui::kit().fonts.body, "temperature").x + ui::px(10);
    if (ui::slider(label, moved, lo, hi, format, ImGui::GetContentRegionAvail().x, false, label_width))
        set_number(context, name, moved, digits);
}

void draw_body(ViewContext& context) {
    const WritingSettings& now = writing_of(context).settings;
    const SamplingSettings& sampling = now.sampling;
    draw_slider(context, "temperature##write_temperature", "temperature", sampling.temperature, 0, 2,
                "{:.2f}", 2);
    draw_slider(context, "top-k##write_top_k", "top_k", sampling.top_k, 0, 100, "{:.0f}", 0);
    draw_slider(context, "top-p##write_top_p", "top_p", sampling.top_p, 0, 1, "{:.2f}", 2);
    draw_slider(context, "min-p##write_min_p", "min_p", sampling.min_p, 0, 1, "{:.2f}", 2);
    draw_slider(context, "repetition##write_penalty", "repetition_penalty", sampling.repetition_penalty, 0.5,
                2, "{:.2f}", 2);
    draw_slider(context, "seed##write_seed", "seed", static_cast<double>(now.seed), 0, 99, "{:.0f}", 0);
    draw_slider(context, "tokens##write_count", "max_new_tokens", now.max_new_tokens, 1, 256, "{:.0f}", 0);
    bool stops = now.stops_at_end;
    if (ui::toggle("stop at end tokens##write_stop", stops,
                   "Stop when the model writes one of its end tokens"))
        context.actions.run("write_set", {"stop_at_end", stops ? "on" : "off"});
}

void draw(ViewContext& context) {
    const bool is_greedy = writing_of(context).settings.sampling.temperature == 0;
    ui::CardSpec spec;
    spec.id = "sampling";
    spec.title = "Sampling";
    spec.context = is_greedy ? "temperature 0: the likeliest token" : "tokens are drawn";
    spec.scrolls = true;
    if (ui::Card card{spec, context.pos, context.size}; card) draw_body(context);
}

}  // namespace

extern const ViewDescriptor k_view_sampling = {"sampling",
                                               "Sampling",
                                               "How written tokens are chosen: repetition penalty, "
                                               "temperature, top-k, top-p, min-p, in that order, and the "
                                               "seed.",
                                               sampling_height,
                                               [] { return std::make_unique<ViewState>(); },
                                               draw};

}  // namespace headlight
