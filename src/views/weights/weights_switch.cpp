// The switch of the weights shown.
#include "views/weights/weights_switch.h"

#include <fmt/format.h>

#include <vector>

#include "run/cause/causal_text.h"
#include "session/tasks/question.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"

namespace headlight {
namespace {

constexpr double kRestingShare = 0.5;  // of the mass on the first key, from where on the hint is shown

const char* help_of(WeightsShown weights) {
    switch (weights) {
        case WeightsShown::Raw:
            return "The weights as the model computes them";
        case WeightsShown::NoSink:
            return "Without the first key and special tokens, rows scaled to 1 again; rows with under 5 % "
                   "left rest and are hatched";
        case WeightsShown::Value:
            return "Weight times the length of the value; not comparable between heads";
        case WeightsShown::Norm:
            return "Length of what each cell adds to the residual stream (Kobayashi et al. 2020)";
        case WeightsShown::Effect:
            return "What each cell adds to the answer's logit against the rival's, directly";
    }
    return "";
}

}  // namespace

void draw_weights_switch(ViewContext& context, bool is_narrow) {
    const Snapshot& now = context.snapshot;
    const WeightsShown wanted = now.settings.weights_shown;
    const bool has_effect = now.part<QuestionState>().question || wanted == WeightsShown::Effect;
    int selected = 0;
    std::vector<std::string> labels, tips;
    std::vector<WeightsShown> choices;
    for (const WeightsShown weights : kWeightsShown) {
        if (weights == WeightsShown::Effect && !has_effect) continue;
        if (weights == wanted) selected = static_cast<int>(choices.size());
        choices.push_back(weights);
        labels.push_back(fmt::format("{}##weights_{}", label_of(weights), to_string(weights)));
        const bool is_refused = weights == wanted && !now.picture.why_not.empty();
        tips.push_back(is_refused ? fmt::format("Not shown: {}", now.picture.why_not)
                                  : fmt::format("{} (W)", help_of(weights)));
    }
    const int before = selected;
    if (is_narrow) {
        std::vector<const char*> entries;
        for (const WeightsShown weights : choices)
            entries.push_back(label_of(weights));
        ui::pill_menu("##weights_shown", nullptr, entries, selected);
    } else {
        std::vector<ui::Segment> segments;
        for (std::size_t i = 0; i < choices.size(); ++i)
            segments.push_back({labels[i].c_str(), tips[i].c_str(), true});
        ui::segmented("##weights_shown", segments, selected);
    }
    if (selected != before)
        context.actions.set("weights", to_string(choices[static_cast<std::size_t>(selected)]));
}

float draw_sink_hint(ViewContext& context, ImVec2 pos, float width, bool& is_closed) {
    const Snapshot& now = context.snapshot;
    if (is_closed || now.settings.weights_shown != WeightsShown::Raw || context.num_keys() < 4) return 0;
    const double mass = first_key_mass(now.text->analysis);
    if (!(mass > kRestingShare)) return 0;
    const ui::ShapedStyle style{12, gfx::TextWeight::Regular};
    const float height = ui::px(26), button = ui::px(112), close = ui::px(28);
    const std::string words = fmt::format("{} takes {} of the rows, over all heads.",
                                          quoted_token(context.keys(), 0), format_percent(mass));
    ui::draw_fill(ImGui::GetWindowDrawList(), pos, {pos.x + width, pos.y + height},
                  gfx::faded(ui::colors().second, 0.14f), ui::px(5));
    ui::draw_shaped(ImGui::GetWindowDrawList(), {pos.x + ui::px(8), pos.y + ui::px(5)},
                    ui::shorten_shaped(words, width - button - close - ui::px(20), style), ui::colors().text,
                    style);
    ImGui::SetCursorScreenPos({pos.x + width - button - close, pos.y + ui::px(1)});
    if (ui::toolbar_button("show without it##hint_no_sink", true)) context.actions.set("weights", "no-sink");
    ImGui::SetCursorScreenPos({pos.x + width - close, pos.y + ui::px(1)});
    if (ui::toolbar_button("×##hint_close")) is_closed = true;
    return height + ui::px(4);
}

}  // namespace headlight
