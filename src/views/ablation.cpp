// The ablation card: what is replaced, what it does to the loss and to the next token, and the sweep over all
// heads.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/rows.h"
#include "views/format.h"
#include "views/panels/sweep_list.h"
#include "views/tokens/shown_run.h"
#include "views/tokens/token_losses.h"
#include "views/view.h"

namespace headlight {

namespace {

constexpr int kPredictionRows = 5;

struct AblationState final : ViewState {
    SweepList sweep;
};

HeightWish ablation_height(const Snapshot&, const ViewState&, float column_height_dp) {
    return {std::max(470.0f, column_height_dp * 0.46f), 170};
}

/// One line a head or group, with a cross that gives it its attention back.
void draw_interventions(ViewContext& context) {
    const ModelSpec& spec = context.snapshot.model->spec;
    int index = 0;
    for (const Intervention& change : *context.snapshot.interventions) {
        const std::string label = fmt::format("×##remove_{}", index++);
        if (ui::toolbar_button(label.c_str(), false, true, "Give these heads their attention back")) {
            for (const HeadId head : change.heads)
                context.actions.run("clear_ablation",
                                    {std::to_string(head.layer), std::to_string(head.head)});
        }
        ImGui::SameLine(0, ui::px(4));
        ImGui::AlignTextToFramePadding();
        ui::text_wrapped(describe(change, spec.num_layers, spec.num_heads), ui::colors().text);
    }
}

std::string signed_number(double value, const char* format) {
    return fmt::format(fmt::runtime(format), value < 0 ? "−" : "+", std::abs(value));
}

void draw_line(const char* id, const char* name, const std::string& value, const std::string& help) {
    static constexpr ui::Column kColumns[] = {{"", 1, 0, false}, {"", 1.15f, 0, true}};
    const ui::Cell cells[] = {{name, ui::colors().dim, false, 0}, {value, {}, false, 0}};
    ui::table_row(id, kColumns, cells);
    ui::tooltip_for_last_item(help, name);
}

/// Loss and distances; every line is left out that was not measured.
void draw_numbers(ViewContext& context, const AblationResult& result) {
    if (result.mean_base_loss && result.mean_loss) {
        const double before = *result.mean_base_loss, after = *result.mean_loss;
        draw_line("loss", "loss", fmt::format("{:.3f} → {:.3f} nats", before, after),
                  fmt::format("Mean over {} tokens of −ln p of the next one: {} nats a token.",
                              result.loss.size(), signed_number(after - before, "{}{:.4f}")));
        draw_line("perplexity", "perplexity",
                  fmt::format("{} → {}", format_number(std::exp(before)), format_number(std::exp(after))),
                  "exp of the loss: among how many tokens the model hesitates.");
    }
    if (result.worse_share) {
        draw_line("worse", "tokens worse", format_percent(*result.worse_share),
                  "Share of tokens whose loss grew. About a half is chance.");
    }
    const auto query = static_cast<std::size_t>(std::max(0, context.snapshot.token_selection.query));
    if (query < result.kl.size() && query < result.tvd.size()) {
        draw_line(
            "kl", fmt::format("after token {}", query).c_str(),
            fmt::format("KL {} · TVD {:.2f}", format_number(result.kl[query]), result.tvd[query]),
            "KL(before || after) of the next-token distribution in nats, and half the sum of its changes.");
    }
    if (result.mean_kl)
        draw_line("mean_kl", "mean change", fmt::format("KL {}", format_number(*result.mean_kl)),
                  "Mean of KL(before || after) over the tokens that predict one of the text, nats.");
}

const char* prediction_note(const Derived<QueryPredictions>& derived) {
    if (derived.state == Derived<QueryPredictions>::State::Failed) return "not measured";
    return derived.is_ready() ? "" : "…";
}

/// The likeliest next tokens of both runs side by side.
void draw_next_tokens(ViewContext& context) {
    const int query = context.snapshot.token_selection.query;
    const Derived<QueryPredictions> sides[] = {context.values.predictions(query, TextVersion::Before),
                                               context.values.predictions(query)};
    ui::text_small(
        fmt::format("next token after {} · before | after", quoted_token(context.model_tokens(), query)),
        ui::colors().dim);
    static constexpr ui::Column kColumns[] = {
        {"", 1, 0, false}, {"", 0, 54, true}, {"", 0, 10, false}, {"", 1, 0, false}, {"", 0, 54, true}};
    for (int row = 0; row < kPredictionRows; ++row) {
        std::string words[2], values[2];
        for (int side = 0; side < 2; ++side) {
            const Derived<QueryPredictions>& derived = sides[side];
            const auto index = static_cast<std::size_t>(row);
            if (!derived.is_ready()) {
                if (row == 0) words[side] = prediction_note(derived);
            } else if (index < derived.value->top.size()) {
                words[side] = index < derived.value->display.size() ? derived.value->display[index] : "?";
                values[side] = format_percent_column(derived.value->top[index].probability);
            }
        }
        const ui::Rgba dim = ui::colors().dim;
        const ui::Cell cells[] = {
            {words[0], {}, true, 0},
            {values[0], dim, false, 0},
            {"", {}, false, 0},
            {words[1], words[0] == words[1] ? ui::Rgba{} : ui::colors().second, true, 0},
            {values[1], dim, false, 0}};
        ui::table_row(fmt::format("next_{}", row).c_str(), kColumns, cells);
    }
}

void draw_buttons(ViewContext& context) {
    if (ui::pill_button("Undo##ablation_undo", false, true, "Takes back the last change"))
        context.actions.run("undo");
    ImGui::SameLine(0, ui::px(6));
    const bool has_change = context.snapshot.has_interventions();
    if (ui::pill_button("Clear##ablation_clear", false, has_change, "Gives every head its attention back"))
        context.actions.run("clear_ablation");
    ImGui::SameLine(0, ui::px(6));
    if (ui::pill_button("Sweep##ablation_sweep", false,
                        !context.snapshot.sweep || !context.snapshot.sweep->is_running,
                        "Zeroes the output of every head in turn and ranks them by the loss"))
        context.actions.run("ablation_sweep");
}

void draw_empty(ViewContext& context) {
    ui::CardStateSpec spec{ui::CardState::Empty,
                           "Right-click a head, a row or a cell to replace its attention.",
                           "Sweep all heads##ablation_sweep", -1};
    if (ui::draw_card_state(spec)) context.actions.run("ablation_sweep");
}

void draw_result(ViewContext& context) {
    const Snapshot& now = context.snapshot;
    if (!now.ablation_error.empty()) {
        ui::text_wrapped(now.ablation_error, ui::colors().error);
    } else if (!now.ablation) {
        ui::ProgressSpec spec;
        spec.stage = "running with replaced attention";
        ui::progress(spec);
    } else {
        draw_numbers(context, *now.ablation);
        draw_token_losses(context, *now.ablation);
        // The changed run's predictions belong to what is shown; “before” shows only one side.
        if (now.shown() != Compare::Before) draw_next_tokens(context);
    }
}

void draw_body(ViewContext& context, AblationState& state) {
    const Snapshot& now = context.snapshot;
    if (!now.has_interventions() && !now.sweep) return draw_empty(context);
    if (now.has_interventions()) {
        draw_interventions(context);
        draw_result(context);
        ImGui::Dummy({1, ui::px(2)});
    }
    draw_buttons(context);
    if (now.sweep) state.sweep.draw(context, *now.sweep);
}

void draw_compare(ViewContext& context) {
    if (!context.snapshot.has_interventions()) return;
    const bool has_result = context.snapshot.ablation != nullptr;
    int selected = static_cast<int>(context.snapshot.compare);
    const ui::Segment segments[] = {{"before##card_before", nullptr, true},
                                    {"after##card_after", nullptr, has_result},
                                    {"difference##card_difference", "After minus before", has_result}};
    static constexpr const char* kNames[] = {"before", "after", "difference"};
    if (ui::segmented("##card_compare", segments, selected)) context.actions.set("compare", kNames[selected]);
}

void draw(ViewContext& context) {
    auto& state = static_cast<AblationState&>(context.state);
    ui::CardSpec spec;
    spec.id = "ablation";
    spec.title = "Ablation";
    spec.controls = [&] { draw_compare(context); };
    spec.scrolls = true;
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_ablation = {
    .id = "ablation",
    .title = "Ablation",
    .help =
        "What is replaced and what that does: loss, next tokens before and after, and every head ranked by a "
        "sweep.",
    .height = ablation_height,
    .make_state = [] { return std::unique_ptr<ViewState>(std::make_unique<AblationState>()); },
    .draw = draw,
    .subject =
        [](const Snapshot& now) {
            return std::string(now.has_interventions() || now.sweep ? "replaced" : "");
        },
};

}  // namespace headlight
