#include "views/tokens/token_losses.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/pictures.h"

namespace headlight {
namespace {

constexpr float kHeightDp = 52;

ui::Rgba end_color(bool is_worse) {
    const auto map = difference_colormap(ui::kit().theme, 1);
    const std::size_t num_entries = map.size() / 3;
    const std::size_t entry =
        3 * static_cast<std::size_t>(is_worse ? 0.82 * static_cast<double>(num_entries)
                                              : 0.18 * static_cast<double>(num_entries));
    return {map[entry], map[entry + 1], map[entry + 2], 255};
}

void say_token(ViewContext& context, const AblationResult& result, std::size_t index) {
    const double change = result.loss[index] - result.base_loss[index];
    context.shared.next_hover.token = context.unit_of_query(static_cast<int>(index) + 1);
    context.shared.next_hover.sentence =
        fmt::format("{}: loss {:.2f} before, {:.2f} after ({}{:.2f} nats)",
                    quoted_token(context.model_tokens(), static_cast<int>(index) + 1),
                    result.base_loss[index], result.loss[index], change < 0 ? "−" : "+", std::abs(change));
    ui::tooltip(context.shared.next_hover.sentence, {}, true);
}

}  // namespace

void draw_token_losses(ViewContext& context, const AblationResult& result) {
    const std::size_t count = std::min(result.loss.size(), result.base_loss.size());
    if (count == 0) return;
    float largest = 1e-6f;
    for (std::size_t i = 0; i < count; ++i)
        largest = std::max(largest, std::abs(result.loss[i] - result.base_loss[i]));
    ui::text_small(fmt::format("loss of each token, change up to {:.2f} nats", largest), ui::colors().dim);
    const ImVec2 pos = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x, height = ui::px(kHeightDp),
                middle = pos.y + height / 2;
    const auto response = ui::hot_area("##token_losses", pos, {width, height});
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float pitch = width / static_cast<float>(count);
    // More tokens than pixels: a column shows the one that changed most.
    const std::size_t step = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(1 / pitch)));
    for (std::size_t i = 0; i < count; i += step) {
        float change = 0;
        for (std::size_t k = i; k < std::min(count, i + step); ++k) {
            const float here = result.loss[k] - result.base_loss[k];
            if (std::abs(here) > std::abs(change)) change = here;
        }
        const float x = pos.x + pitch * static_cast<float>(i), bar = pitch * static_cast<float>(step);
        const float reach = change / largest * (height / 2 - 1);
        const float gap = bar > ui::px(4) ? 1.0f : 0.0f;
        ui::draw_fill(list, {x, std::min(middle, middle - reach)},
                      {x + bar - gap, std::max(middle, middle - reach)}, end_color(change > 0));
    }
    ui::draw_hline(list, pos.x, pos.x + width, middle, ui::colors().dim);
    if (!response.is_hovered) return;
    const auto index = static_cast<std::size_t>(
        std::clamp((ImGui::GetIO().MousePos.x - pos.x) / pitch, 0.0f, static_cast<float>(count - 1)));
    say_token(context, result, index);
    if (response.is_clicked) context.actions.choose_query_token(static_cast<int>(index));
}

}  // namespace headlight
