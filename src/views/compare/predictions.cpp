// The likeliest next tokens of both sides, and how far their distributions lie apart.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/card.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/rows.h"
#include "ui/shaped_text.h"
#include "views/compare/compare_card.h"
#include "views/format.h"

namespace headlight {

namespace {

struct ComparePredictionsState final : ViewState {};

HeightWish compare_predictions_height(const Snapshot&, const ViewState&, float) {
    return {200, 110};
}

void draw_side(const ComparedRun& run, bool is_b, const LayoutRect& area, int rows) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    ui::draw_text(list, ui::kit().fonts.semibold, {area.x, area.y}, side_color(is_b), is_b ? "B" : "A");
    const ui::ShapedStyle style{13, gfx::TextWeight::Regular};
    const float bar = ui::px(26), line = ui::px(20);
    for (int i = 0; i < rows && static_cast<std::size_t>(i) < run.predictions.top.size(); ++i) {
        const double p = run.predictions.top[static_cast<std::size_t>(i)].probability;
        const float y = area.y + ui::px(20) + static_cast<float>(i) * line;
        const std::string number = format_percent_column(p);
        const float right = area.right() - bar - ui::px(8);
        const float width = ui::tabular_width(ui::kit().fonts.body, number);
        ui::draw_tabular_right(list, ui::kit().fonts.body, {right, y}, ui::to_u32(ui::colors().text), number);
        const std::string label = ui::shorten_shaped(run.predictions.display[static_cast<std::size_t>(i)],
                                                     right - width - ui::px(8) - area.x, style);
        ui::draw_shaped(list, {area.x, y}, label, ui::colors().text, style);
        ui::draw_bar(list, {area.right() - bar, y + ui::px(7)}, bar, p, -1, side_color(is_b));
    }
}

std::string signed_logits(float value) {
    return (value < 0 ? "−" : "+") + fmt::format("{:.2f}", std::abs(value));
}

void draw_body(ViewContext& context) {
    const Comparison* comparison = shown_comparison(context);
    if (!comparison) return;
    if (comparison->a.predictions.top.empty() || comparison->b.predictions.top.empty()) {
        ui::draw_card_state(
            {ui::CardState::Empty, "The predictions of one side are not known.", nullptr, -1});
        return;
    }
    const ImVec2 pos = ImGui::GetCursorScreenPos(), size = ImGui::GetContentRegionAvail();
    const bool has_answer = comparison->a.answer && comparison->b.answer;
    const float foot = ui::px(has_answer ? 40 : 22), gap = ui::px(18), half = (size.x - gap) / 2;
    const int rows = std::clamp(static_cast<int>((size.y - foot - ui::px(24)) / ui::px(20)), 1, 10);
    draw_side(comparison->a, false, {pos.x, pos.y, half, size.y}, rows);
    draw_side(comparison->b, true, {pos.x + half + gap, pos.y, half, size.y}, rows);
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = ui::kit().fonts.small_;
    float y = pos.y + size.y - foot + ui::px(4);
    ui::draw_hline(list, pos.x, pos.x + size.x, y - ui::px(4), ui::colors().line);
    if (has_answer) {
        ui::draw_text(list, font, {pos.x, y}, ui::colors().dim,
                      fmt::format("answer minus rival: {} in A, {} in B, logits",
                                  signed_logits(comparison->a.answer->difference),
                                  signed_logits(comparison->b.answer->difference)));
        y += ui::px(18);
    }
    std::string words =
        comparison->kl ? fmt::format("KL of B from A {:.2f} nats", *comparison->kl) : std::string();
    ui::draw_text(list, font, {pos.x, y}, ui::colors().dim, words);
    if (comparison->by == ComparedBy::Texts)
        ui::draw_text(list, font, {pos.x + ui::measure_text(font, words).x + ui::px(12), y},
                      ui::colors().warning, "one pair of prompts");
}

void draw(ViewContext& context) {
    const Comparison* comparison = known_comparison(context.snapshot);
    std::string line;
    if (comparison && comparison->a.position >= 0)
        line =
            fmt::format("after {} ({})", token_label(comparison->a.text->tokens, comparison->a.position, 14),
                        comparison->a.position);
    ui::CardSpec spec;
    spec.id = "compare_predictions";
    spec.title = "Next token";
    spec.context = line;
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context);
}

}  // namespace

extern const ViewDescriptor k_view_compare_predictions = {
    "compare_predictions",
    "Next token",
    "The likeliest next tokens in A and in B, and how far the two distributions lie apart.",
    compare_predictions_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<ComparePredictionsState>()); },
    draw};

}  // namespace headlight
