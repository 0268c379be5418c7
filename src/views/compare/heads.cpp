// The heads ranked by how far their rows in A and B lie apart.
#include <fmt/format.h>

#include <algorithm>

#include "ui/card.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/rows.h"
#include "views/compare/compare_card.h"

namespace headlight {

namespace {

constexpr std::size_t kMostListed = 60;

struct CompareHeadsState final : ViewState {
    const Comparison* comparison = nullptr;
    std::vector<std::size_t> order;
};

HeightWish compare_heads_height(const Snapshot&, const ViewState&, float column_height_dp) {
    return {std::clamp(column_height_dp * 0.36f, 150.0f, 330.0f), 120};
}

void draw_body(ViewContext& context, CompareHeadsState& state) {
    const Comparison* comparison = shown_comparison(context);
    if (!comparison) return;
    if (state.comparison != comparison) {
        state.comparison = comparison;
        state.order = comparison->ranking();
    }
    const double largest = std::max(1e-9, comparison->heads[state.order.front()].ranked);
    for (std::size_t i = 0; i < std::min(kMostListed, state.order.size()); ++i) {
        const HeadDivergence& head = comparison->heads[state.order[i]];
        if (head.num_rows == 0) continue;
        const std::string id = fmt::format("changed_{}", head.heads.a.to_string()),
                          label = head.heads.a.to_string(), value = divergence_text(head.ranked, false);
        const bool is_little = std::max(head.rest, head.rest_after) > kMuchRest;
        ui::BarRow row;
        row.id = id.c_str();
        row.label = label;
        row.suffix = is_little ? "little in common" : "";
        row.value = value;
        row.fraction = head.ranked / largest;
        row.bar = ui::colors().second;
        row.is_selected = head.heads.a == context.snapshot.selection.head;
        const ui::ItemResponse response = ui::bar_row(row);
        if (response.is_clicked) context.actions.select_head(head.heads.a);
        if (!response.is_hovered) continue;
        context.shared.next_hover.head = head.heads.a;
        context.shared.next_hover.sentence = fmt::format(
            "{}: divergence {:.4f} nats over {} rows; {:.4f} over all common rows", label, head.ranked,
            comparison->alignment.agrees_before ? head.num_rows_after : head.num_rows, head.jsd.value_or(0));
    }
    ui::text_small("one comparison says nothing of others; `headlight compare` adds a reference",
                   ui::colors().dim);
}

void draw(ViewContext& context) {
    auto& state = static_cast<CompareHeadsState&>(context.state);
    const Comparison* comparison = known_comparison(context.snapshot);
    const std::string line = between_tokens(
        context.snapshot, comparison ? fmt::format("of {}", comparison->heads.size()) : std::string());
    ui::CardSpec spec;
    spec.id = "compare_heads";
    spec.title = "Most changed heads";
    spec.context = line;
    spec.scrolls = true;
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_compare_heads = {
    "compare_heads",
    "Most changed heads",
    "Heads ranked by the Jensen-Shannon divergence of their rows in A and B.",
    compare_heads_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<CompareHeadsState>()); },
    draw};

}  // namespace headlight
