#include "views/cause/token_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"
#include "views/cause/cause_card.h"
#include "views/weights/weight_words.h"

namespace headlight {
namespace {

constexpr float kListRowDp = 19;

struct ListRow {
    std::string name, id;
    double score = 0, largest = 1;
};

void draw_list_row(ViewContext& context, const ListRow& row, const TokenListsSpec& spec, ImVec2 pos,
                   float width) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    const ui::ShapedStyle style{12, gfx::TextWeight::Regular};
    const float height = ui::px(kListRowDp), middle = pos.y + height / 2, bar = width * 0.26f,
                number = ui::px(46), room = width - bar - number - ui::px(12);
    const std::string shown = ui::shorten_shaped(row.name, room, style);
    const gfx::TextExtents extents = ui::measure_shaped(shown, style);
    ui::draw_shaped(list, {pos.x, middle - extents.height() / 2}, shown, ui::colors().text, style);
    put_words_right({pos.x + room + number, middle - font->FontSize / 2}, ui::colors().text,
                    format_signed(row.score));
    const float reach = static_cast<float>(std::abs(row.score) / std::max(row.largest, 1e-9)) * bar;
    draw_signed_bar(list, pos.x + width - bar, reach, middle, ui::px(4), signed_ink(row.score));
    const auto response = ui::hot_area(row.id.c_str(), pos, {width, height});
    if (!response.is_hovered) return;
    context.shared.next_hover.sentence =
        fmt::format("“{}” {}{}{}", row.name, format_signed(row.score, 4), *spec.unit ? " " : "", spec.unit);
}

}  // namespace

float draw_token_lists(ViewContext& context, const TokenRanking& ranking, const TokenListsSpec& spec,
                       ImVec2 pos, float width, float height) {
    const float head = ui::px(19), row_height = ui::px(kListRowDp), half = (width - ui::px(14)) / 2;
    const auto fitting = static_cast<std::size_t>(std::max(0.0f, (height - head) / row_height));
    put_words(pos, ui::colors().dim, spec.above);
    put_words({pos.x + half + ui::px(14), pos.y}, ui::colors().dim, spec.below);
    double largest = 0;
    for (const ScoredTokens* end : {&ranking.top, &ranking.bottom})
        for (const float score : end->scores)
            largest = std::max(largest, static_cast<double>(std::abs(score)));
    std::size_t most = 0;
    for (int side = 0; side < 2; ++side) {
        const ScoredTokens& end = side == 0 ? ranking.top : ranking.bottom;
        const std::size_t count = std::min(end.ids.size(), fitting);
        most = std::max(most, count);
        for (std::size_t i = 0; i < count; ++i) {
            ListRow row{token_name(context.snapshot, end.ids[i]), fmt::format("##{}_{}_{}", spec.id, side, i),
                        end.scores[i], largest};
            draw_list_row(context, row, spec,
                          {pos.x + static_cast<float>(side) * (half + ui::px(14)),
                           pos.y + head + static_cast<float>(i) * row_height},
                          half);
        }
    }
    return head + static_cast<float>(most) * row_height;
}

}  // namespace headlight
