// What the model found likely at the step under the bar; a click branches off.
#include <fmt/format.h>

#include <algorithm>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/rows.h"
#include "views/write/write_card.h"

namespace headlight {

namespace {

constexpr int kMostNext = 12;

struct NextTokensState final : ViewState {
    WrittenBranch branch;
};

HeightWish next_tokens_height(const Snapshot&, const ViewState&, float column_height_dp) {
    return {std::clamp(column_height_dp * 0.27f, 150.0f, 260.0f), 120};
}

struct NextList {
    std::span<const TokenPrediction> tokens;
    std::span<const std::string> display;
    std::int32_t taken = -1;
};

void draw_list(ViewContext& context, const NextList& list, int step) {
    for (std::size_t i = 0; i < list.tokens.size() && i < kMostNext; ++i) {
        const TokenPrediction& next = list.tokens[i];
        const std::string id = fmt::format("next_{}", next.id),
                          value = format_percent_column(next.probability);
        ui::BarRow row;
        row.id = id.c_str();
        row.label = i < list.display.size() ? std::string_view(list.display[i]) : std::string_view("?");
        row.suffix = next.id == list.taken ? "written" : "";
        row.value = value;
        row.fraction = next.probability;
        row.bar = ui::colors().third;
        row.is_selected = next.id == list.taken;
        const ui::ItemResponse response = ui::bar_row(row);
        if (response.is_clicked && next.id != list.taken)
            context.actions.run("write_branch", {std::to_string(step), std::to_string(next.id)});
        if (response.is_hovered)
            context.shared.next_hover.sentence = fmt::format("“{}”: {}; a click branches off with it",
                                                             row.label, format_percent(next.probability));
    }
}

/// Behind the last token nothing was computed while writing: the model is asked.
void draw_coming(ViewContext& context, const WritingState& writing) {
    const Derived<QueryPredictions> asked =
        context.values.predictions(context.snapshot.token_selection.query);
    if (asked.is_ready())
        return draw_list(context, {asked.value->top, asked.value->display, -1}, writing.num_written());
    if (asked.state == Derived<QueryPredictions>::State::Failed)
        return ui::text_wrapped(asked.error ? asked.error->message : "It could not be predicted.",
                                ui::colors().dim);
    ui::progress({.stage = "predicting", .fraction = asked.progress, .detail = {}});
}

void draw_body(ViewContext& context, NextTokensState& state) {
    const WritingState& writing = writing_of(context);
    const int step = step_under_bar(context);
    if (step < 0)
        return ui::text_wrapped(
            "A row of the prompt is chosen: it wrote nothing. Move the bar, or press “.”.", ui::colors().dim);
    const std::vector<int>& nodes = state.branch.nodes(writing);
    if (step >= static_cast<int>(nodes.size())) {
        if (!writing.is_playing()) draw_coming(context, writing);
        return;
    }
    const WrittenStep& written = writing.tree->step(nodes[static_cast<std::size_t>(step)]);
    draw_list(context, {written.token.likeliest, written.likeliest_display, written.token.id}, step);
    if (written.token.likeliest.empty())
        ui::text_wrapped("This token was chosen by hand; what was likely here was not computed.",
                         ui::colors().dim);
}

void draw(ViewContext& context) {
    auto& state = static_cast<NextTokensState&>(context.state);
    const int step = step_under_bar(context);
    const std::string line = step < 0 ? std::string() : fmt::format("step {} · of the model itself", step);
    ui::CardSpec spec;
    spec.id = "next_tokens";
    spec.title = "Next tokens";
    spec.context = line;
    spec.scrolls = true;
    if (ui::Card card{spec, context.pos, context.size};
        card && !draw_missing_text(context) && !draw_missing_writing(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_next_tokens = {
    "next_tokens",
    "Next tokens",
    "What the model found likely at the step under the bar, before any sampling; a click branches off.",
    next_tokens_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<NextTokensState>()); },
    draw};

}  // namespace headlight
