// The way across layers: shares per layer, or the rollout from the chosen token.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/grid/tag_style.h"
#include "views/panels/flow_ribbons.h"
#include "views/tokens/shown_run.h"
#include "views/view.h"

namespace headlight {

namespace {

struct FlowState final : ViewState {
    RibbonPlot ribbons;
};

struct Share {
    const char* label;
    const char* tag;  // the detector whose colour it has
    double FlowShares::*value;
};
constexpr Share kShares[] = {{"self", "self", &FlowShares::self},
                             {"previous", "previous_token", &FlowShares::previous},
                             {"first", "first_token", &FlowShares::first},
                             {"other", "", &FlowShares::other}};

ui::Rgba share_color(const Share& share) {
    return *share.tag ? tag_color(ui::colors(), share.tag) : ui::colors().other;
}

HeightWish flow_height(const Snapshot& snapshot, const ViewState&, float) {
    return {snapshot.settings.flow_mode == "rollout" ? 290.0f : 196.0f, 130};
}

struct MethodChoice {
    const char* label;
    const char* value;  // of the setting; "" is the shares
    const char* help;
};
constexpr MethodChoice kMethods[] = {
    {"shares##flow_shares", "", "Where each layer looks: itself, the previous token, the first, others"},
    {"rollout##flow_rollout", "rollout", "Attention rollout from the chosen token (Abnar and Zuidema 2020)"},
    {"value-weighted##flow_value", "value_weighted",
     "Rollout of attention times the length of what each head moves (Kobayashi et al. 2020)"},
    {"max-flow##flow_max", "max_flow",
     "Maximum flow from the chosen token to each input token (Abnar and Zuidema 2020)"}};

bool is_rollout(const ViewContext& context) {
    return context.snapshot.settings.flow_mode == "rollout";
}

FlowMethod flow_method(const Settings& settings) {
    for (const FlowMethod method : {FlowMethod::ValueWeighted, FlowMethod::MaxFlow}) {
        if (settings.flow_method == to_string(method)) return method;
    }
    return FlowMethod::Rollout;
}

void draw_controls(ViewContext& context) {
    const bool is_long = context.num_tokens() > kMostFlowTokens;
    const std::string too_long =
        fmt::format("Maximum flow is computed for up to {} tokens; this text has {}.", kMostFlowTokens,
                    context.num_tokens());
    std::vector<ui::Segment> segments;
    int selected = 0;
    for (const MethodChoice& method : kMethods) {
        const bool is_max = std::string_view(method.value) == "max_flow";
        if (is_rollout(context) && context.snapshot.settings.flow_method == method.value)
            selected = static_cast<int>(segments.size());
        segments.push_back(
            {method.label, is_max && is_long ? too_long.c_str() : method.help, !is_max || !is_long});
    }
    if (!ui::segmented("##flow", segments, selected)) return;
    if (selected == 0) return context.actions.set("flow", "shares");
    context.actions.set("flow_method", kMethods[selected].value);
}

struct SharesPlot {
    ImVec2 min, max;
    int num_layers = 1;
    float x_of(float layer) const {
        return num_layers > 1 ? min.x + (max.x - min.x) * layer / static_cast<float>(num_layers - 1)
                              : (min.x + max.x) / 2;
    }
    int layer_at(float x) const {
        if (num_layers < 2) return 0;
        return std::clamp(
            static_cast<int>(std::lround((x - min.x) / (max.x - min.x) * static_cast<float>(num_layers - 1))),
            0, num_layers - 1);
    }
};

void draw_axes(const SharesPlot& plot) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const ImU32 color = ui::to_u32(ui::colors().dim);
    ui::draw_tabular_right(list, font, {plot.min.x - ui::px(6), plot.min.y - ui::px(2)}, color, "1");
    ui::draw_tabular_right(list, font, {plot.min.x - ui::px(6), plot.max.y - font->FontSize + ui::px(2)},
                           color, "0");
    int step = 1;
    while (step * (plot.max.x - plot.min.x) / static_cast<float>(std::max(1, plot.num_layers - 1)) <
           ui::px(34))
        step = step == 1 ? 2 : (step == 2 ? 5 : step * 2);
    for (int layer = 0; layer < plot.num_layers; layer += step) {
        const std::string label = "L" + std::to_string(layer);
        const float width = font->CalcTextSizeA(font->FontSize, 10000, 0, label.c_str()).x;
        list->AddText(font, font->FontSize,
                      {plot.x_of(static_cast<float>(layer)) - width / 2, plot.max.y + ui::px(5)}, color,
                      label.c_str());
    }
}

void draw_legend(const ViewContext& context, ImVec2 pos, float bottom, const FlowShares* shares) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* body = ui::kit().fonts.body;
    float y = pos.y;
    const float pitch = std::min(ui::px(21), (bottom - y) / static_cast<float>(std::size(kShares)));
    if (pitch < body->FontSize - ui::px(1)) return;
    for (const Share& share : kShares) {
        ui::draw_fill(list, {pos.x, y + ui::px(2)}, {pos.x + ui::px(11), y + ui::px(13)}, share_color(share),
                      ui::px(2));
        list->AddText(body, body->FontSize, {pos.x + ui::px(20), y}, ui::to_u32(ui::colors().text),
                      share.label);
        if (shares && shares->is_valid) {
            ui::draw_tabular_right(list, body, {pos.x + ui::px(136), y}, ui::to_u32(ui::colors().dim),
                                   format_percent_column(shares->*share.value));
        }
        y += pitch;
    }
    const FlowShares& uniform = context.text()->analysis.uniform_flow;
    ImFont* font = ui::kit().fonts.small_;
    if (!uniform.is_valid || y + ui::px(4) + font->FontSize > bottom) return;
    const float middle = y + ui::px(4) + font->FontSize / 2;
    ui::draw_dashed_line(list, {pos.x, middle}, {pos.x + ui::px(14), middle}, ui::colors().text, ui::px(3),
                         ui::px(3), ui::px(1));
    const std::string note = fmt::format("uniform self {:.2f}", uniform.self);
    list->AddText(font, font->FontSize, {pos.x + ui::px(20), y + ui::px(4)}, ui::to_u32(ui::colors().dim),
                  note.c_str());
}

/// Layers [begin, end). One layer is a band, not a line.
void draw_piece(const ViewContext& context, const SharesPlot& plot, std::size_t begin, std::size_t end) {
    const std::vector<FlowShares>& flow = context.text()->analysis.flow;
    std::vector<std::vector<float>> values(std::size(kShares));
    std::vector<ui::AreaSeries> series;
    for (std::size_t i = 0; i < std::size(kShares); ++i) {
        for (std::size_t layer = begin; layer < end; ++layer)
            values[i].push_back(static_cast<float>(flow[layer].*kShares[i].value));
        if (end - begin == 1) values[i].push_back(values[i].front());
    }
    for (std::size_t i = 0; i < std::size(kShares); ++i)
        series.push_back({values[i], gfx::faded(share_color(kShares[i]), context.freshness())});
    const float half = end - begin > 1 || flow.size() == 1 ? 0.0f : 0.2f;
    const bool is_whole = flow.size() == 1;
    const float left = is_whole ? plot.min.x : plot.x_of(static_cast<float>(begin) - half),
                right = is_whole ? plot.max.x : plot.x_of(static_cast<float>(end - 1) + half);
    ui::draw_stacked_areas(ImGui::GetWindowDrawList(), {std::max(left, plot.min.x), plot.min.y},
                           {std::min(right, plot.max.x), plot.max.y}, series);
}

void draw_areas(const ViewContext& context, const SharesPlot& plot) {
    const std::vector<FlowShares>& flow = context.text()->analysis.flow;
    // One piece for each run of layers that have attention; between them stays a gap.
    for (std::size_t begin = 0; begin < flow.size();) {
        std::size_t end = begin;
        while (end < flow.size() && flow[end].is_valid)
            ++end;
        if (end > begin) draw_piece(context, plot, begin, end);
        begin = end + 1;
    }
}

void draw_layer_cursor(ViewContext& context, const SharesPlot& plot) {
    const auto response =
        ui::hot_area("##flow_area", {plot.min.x - ui::px(4), plot.min.y},
                     {plot.max.x - plot.min.x + ui::px(8), plot.max.y - plot.min.y + ui::px(18)});
    ImDrawList* list = ImGui::GetWindowDrawList();
    const Selection& selection = context.snapshot.selection;
    ui::draw_vline(list, std::round(plot.x_of(static_cast<float>(selection.head.layer))), plot.min.y,
                   plot.max.y, ui::colors().accent);
    if (!response.is_hovered) return;
    const int layer = plot.layer_at(ImGui::GetIO().MousePos.x);
    ui::draw_vline(list, std::round(plot.x_of(static_cast<float>(layer))), plot.min.y, plot.max.y,
                   gfx::faded(ui::colors().text, 0.5f));
    const FlowShares& shares = context.text()->analysis.flow[static_cast<std::size_t>(layer)];
    context.shared.next_hover.sentence =
        shares.is_valid ? fmt::format("layer {}: self {}, previous {}, first {}, other {}", layer,
                                      format_percent(shares.self), format_percent(shares.previous),
                                      format_percent(shares.first), format_percent(shares.other))
                        : fmt::format("layer {} has no softmax attention", layer);
    ui::tooltip(context.shared.next_hover.sentence);
    if (response.is_clicked) context.actions.select_head({layer, selection.head.head});
}

void draw_shares(ViewContext& context) {
    const std::vector<FlowShares>& flow = context.text()->analysis.flow;
    const auto is_valid = [](const FlowShares& shares) { return shares.is_valid; };
    if (std::none_of(flow.begin(), flow.end(), is_valid)) {
        ui::draw_card_state(
            {ui::CardState::Empty, "Shares need a text of at least three tokens.", nullptr, -1});
        return;
    }
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    const float legend = available.x > ui::px(420) ? ui::px(160) : 0;
    SharesPlot plot{{pos.x + ui::px(22), pos.y + ui::px(4)},
                    {pos.x + available.x - legend - ui::px(10), pos.y + available.y - ui::px(20)},
                    static_cast<int>(flow.size())};
    if (plot.max.y - plot.min.y < ui::px(20)) return;
    draw_areas(context, plot);
    const FlowShares& uniform = context.text()->analysis.uniform_flow;
    if (uniform.is_valid) {
        const float y = std::round(plot.max.y - (plot.max.y - plot.min.y) * static_cast<float>(uniform.self));
        ui::draw_dashed_line(ImGui::GetWindowDrawList(), {plot.min.x, y}, {plot.max.x, y}, ui::colors().text,
                             ui::px(5), ui::px(4), ui::px(1.2f));
    }
    draw_axes(plot);
    draw_layer_cursor(context, plot);
    const auto layer =
        static_cast<std::size_t>(std::clamp(context.snapshot.selection.head.layer, 0, plot.num_layers - 1));
    if (legend > 0)
        draw_legend(context, {plot.max.x + ui::px(24), plot.min.y}, pos.y + available.y, &flow[layer]);
}

void draw_rollout(ViewContext& context, FlowState& state) {
    const int query = context.snapshot.selection.query;
    const FlowMethod method = flow_method(context.snapshot.settings);
    const Derived<Rollout> flow = context.values.flow(method, query);
    if (flow.state == Derived<Rollout>::State::Failed) {
        const std::string message = flow.error ? flow.error->message : "The flow could not be computed.";
        ui::draw_card_state({ui::CardState::Error, message, nullptr, -1});
        return;
    }
    if (!flow.is_ready()) {
        ui::draw_card_state(
            {ui::CardState::Loading, "Following the attention down the layers", nullptr, flow.progress});
        return;
    }
    state.ribbons.draw(context, flow.value, query, method);
}

std::string context_words(const ViewContext& context) {
    const bool is_plain = context.snapshot.picture.weights == WeightsShown::Raw;
    if (!is_rollout(context))
        return is_plain ? "rows ≥ 2, mean of heads" : "of the plain weights · rows ≥ 2, mean of heads";
    if (context.num_tokens() == 0) return "rollout";
    const int query = context.snapshot.selection.query;
    const FlowMethod method = flow_method(context.snapshot.settings);
    if (method == FlowMethod::MaxFlow) return fmt::format("maximum flow from token {}, scaled to 1", query);
    return fmt::format("from token {}, strongest links; dashes: uniform attention", query);
}

void draw(ViewContext& context) {
    auto& state = static_cast<FlowState&>(context.state);
    const std::string title = titled("Flow across layers", context.snapshot);
    const std::string line = with_run(context.snapshot, context_words(context));
    ui::CardSpec spec;
    spec.id = "flow";
    spec.title = title;
    spec.context = line;
    spec.controls = [&] { draw_controls(context); };
    ui::Card card{spec, context.pos, context.size};
    if (!card || draw_missing_text(context)) return;
    if (!context.has_one_text()) {
        ui::draw_card_state(
            {ui::CardState::Empty,
             "Cross attention leads from the decoder's text into the encoder's: nothing flows "
             "through its layers. Choose encoder or decoder attention.",
             nullptr, -1});
        return;
    }
    if (is_rollout(context)) draw_rollout(context, state);
    if (!is_rollout(context)) draw_shares(context);
}

}  // namespace

extern const ViewDescriptor k_view_flow = {
    "flow",
    "Flow across layers",
    "Shares of self, previous, first and other tokens per layer; rollout, value-weighted rollout or maximum "
    "flow "
    "from the chosen token, and the heaviest ways to a clicked input token.",
    flow_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<FlowState>()); },
    draw};

}  // namespace headlight
