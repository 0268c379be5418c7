#include "views/panels/sweep_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/rows.h"
#include "views/format.h"

namespace headlight {
namespace {

constexpr std::size_t kMostRows = 60;

std::string delta_words(double delta) {
    return fmt::format("{}{:.4f}", delta < 0 ? "−" : "+", std::abs(delta));
}

void draw_effect(ViewContext& context, const SweepState& sweep, const AblationEffect& effect,
                 double largest) {
    const double cost = sweep.cost(effect);
    if (effect.heads.empty()) return;
    const HeadId head = effect.heads.front();
    const std::string name = head.to_string(), id = "sweep_" + name, value = delta_words(cost);
    ui::BarRow row;
    row.id = id.c_str();
    row.label = name;
    row.value = value;
    row.fraction = std::abs(cost) / std::max(1e-12, largest);
    row.bar = cost < 0 ? ui::colors().second : gfx::mix(ui::colors().error, ui::colors().second, 0.15f);
    row.is_selected = head == context.snapshot.selection.head;
    const auto response = ui::bar_row(row);
    if (response.is_clicked) context.actions.select_head(head);
    if (!response.is_hovered) return;
    if (sweep.question && effect.answer && effect.base_answer) {
        context.shared.next_hover.sentence =
            fmt::format("{}, {}: logit difference {:+.3f} → {:+.3f}, probability {} → {}, KL {:.4f} nats",
                        name, label_of(effect.mode), effect.base_answer->difference,
                        effect.answer->difference, format_percent(effect.base_answer->probability),
                        format_percent(effect.answer->probability), effect.answer->kl);
        context.shared.next_hover.head = head;
        return;
    }
    std::string words = fmt::format("{}, {}: loss {:.3f} → {:.3f}, {} nats a token", name,
                                    label_of(effect.mode), effect.base_loss, effect.loss, value);
    if (effect.low && effect.high)
        words += fmt::format(" (95 %: {} to {})", delta_words(*effect.low), delta_words(*effect.high));
    words +=
        fmt::format("; {} of {} tokens got worse", format_percent(effect.worse_share), effect.num_tokens);
    context.shared.next_hover.sentence = words;
    context.shared.next_hover.head = head;
}

}  // namespace

std::vector<AblationEffect> ranked_effects(const SweepState& sweep) {
    std::vector<AblationEffect> out = sweep.effects;
    std::stable_sort(out.begin(), out.end(), [&](const AblationEffect& a, const AblationEffect& b) {
        return sweep.cost(a) > sweep.cost(b);
    });
    return out;
}

void SweepList::draw(ViewContext& context, const SweepState& sweep) {
    if (known_id_ != sweep.base_id || known_mode_ != sweep.mode || num_known_ != sweep.effects.size()) {
        known_id_ = sweep.base_id;
        known_mode_ = sweep.mode;
        num_known_ = sweep.effects.size();
        ranked_ = ranked_effects(sweep);
    }
    const std::string title = fmt::format("{}: {}", label_of(sweep.mode), sweep.cost_label());
    ui::text_small(title, ui::colors().dim);
    if (sweep.is_running) {
        ui::ProgressSpec spec;
        spec.stage = "sweep";
        const std::string detail = fmt::format("{} of {} heads", sweep.effects.size(), sweep.num_heads);
        spec.detail = detail;
        spec.fraction = static_cast<double>(sweep.effects.size()) / std::max(1, sweep.num_heads);
        spec.cancel = "Stop##sweep_stop";
        if (ui::progress(spec)) context.actions.run("stop_sweep");
    }
    if (!sweep.error.empty()) ui::text_wrapped(sweep.error, ui::colors().error);
    if (!sweep.is_running && static_cast<int>(sweep.effects.size()) < sweep.num_heads)
        ui::text_small(fmt::format("stopped after {} of {} heads", sweep.effects.size(), sweep.num_heads),
                       ui::colors().dim);
    double largest = 0;
    for (const AblationEffect& effect : ranked_)
        largest = std::max(largest, std::abs(sweep.cost(effect)));
    for (std::size_t i = 0; i < ranked_.size() && i < kMostRows; ++i)
        draw_effect(context, sweep, ranked_[i], largest);
    if (ranked_.size() > kMostRows)
        ui::text_small(fmt::format("and {} more heads", ranked_.size() - kMostRows), ui::colors().dim);
}

}  // namespace headlight
