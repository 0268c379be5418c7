#include "views/cause/lens_ranks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"
#include "views/cause/cause_card.h"

namespace headlight {
namespace {

/// "1 071": ranks with a thin gap at thousands.
std::string rank_words(int rank) {
    if (rank < 1000) return std::to_string(rank);
    return fmt::format("{} {:03d}", rank / 1000, rank % 1000);
}

void draw_rank_curve(const Matrix& ranks, int token, const std::vector<LensRow>& rows, const LayoutRect& area,
                     float width, float largest, ui::Rgba color) {
    std::vector<ImVec2> points;
    for (std::size_t state = 0; state < rows.size(); ++state) {
        const float rank = ranks.at(static_cast<std::int64_t>(state), token);
        const float place = std::log1p(std::max(0.0f, rank)) / std::log1p(largest);
        points.push_back({area.x + place * width, area.y + rows[state].y + rows[state].height / 2});
    }
    ImGui::GetWindowDrawList()->AddPolyline(points.data(), static_cast<int>(points.size()), ui::to_u32(color),
                                            0, ui::px(1.5f));
}

}  // namespace

void draw_lens_ranks(ViewContext& context, const Lens& lens, int token, const std::vector<LensRow>& rows,
                     const LayoutRect& area) {
    if (token < 0 || token >= lens.num_tokens) return;
    const ui::Colors& colors = ui::colors();
    ImFont* font = ui::kit().fonts.small_;
    const QuestionState& question = context.snapshot.part<QuestionState>();
    const ui::ShapedStyle style{11, gfx::TextWeight::Regular};
    const std::string title = "rank of " + question.answer;
    ui::draw_shaped_right(ImGui::GetWindowDrawList(), {area.right(), area.y - ui::px(19)},
                          ui::shorten_shaped(title, area.width, style), colors.dim, style);
    float largest = 10;
    for (std::int64_t state = 0; state < lens.rank_answer.rows; ++state) {
        largest = std::max(largest, lens.rank_answer.at(state, token));
        if (!lens.rank_rival.empty()) largest = std::max(largest, lens.rank_rival.at(state, token));
    }
    const float width = area.width - ui::px(44);
    ui::draw_vline(ImGui::GetWindowDrawList(), area.x, area.y, area.bottom(), colors.line);
    if (!lens.rank_rival.empty())
        draw_rank_curve(lens.rank_rival, token, rows, area, width, largest, colors.other);
    draw_rank_curve(lens.rank_answer, token, rows, area, width, largest, colors.second);
    for (std::size_t state = 0; state < rows.size(); ++state) {
        if (!rows[state].has_words) continue;
        const int rank = static_cast<int>(lens.rank_answer.at(static_cast<std::int64_t>(state), token));
        put_words_right({area.right(), area.y + rows[state].y + (rows[state].height - font->FontSize) / 2},
                        rank == 0 ? colors.text : colors.dim, rank_words(rank));
    }
    const auto response = ui::hot_area("##lens_ranks", {area.x, area.y}, {area.width, area.height});
    if (!response.is_hovered) return;
    context.shared.next_hover.sentence =
        question.rival.empty()
            ? fmt::format("rank of {} in each state, 0 is first, logarithmic to the right", question.answer)
            : fmt::format("rank of {} in each state (0 is first, logarithmic); grey: {}", question.answer,
                          question.rival);
    ui::tooltip(context.shared.next_hover.sentence, {}, true);
}

}  // namespace headlight
