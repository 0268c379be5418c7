// The heads found, best first, with what chance would give.
#include <fmt/format.h>

#include <algorithm>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/rows.h"
#include "views/format.h"
#include "views/search/search_card.h"

namespace headlight {

namespace {

constexpr std::size_t kMostListedFits = 100;
constexpr double kLevel = 0.05;

struct SearchResultsState final : ViewState {};

HeightWish search_results_height(const Snapshot&, const ViewState&, float column_height_dp) {
    return {std::max(300.0f, column_height_dp * 0.66f), 160};
}

void draw_controls(ViewContext& context) {
    const SearchState& state = context.snapshot.part<SearchState>();
    const char* orders[] = {"mass", "kappa", "cosine", "pearson"};
    int order = static_cast<int>(state.order), null = state.shows_rows_null ? 1 : 0;
    if (ui::pill_menu("##search_by", "by", orders, order)) context.actions.set("search_by", orders[order]);
    ImGui::SameLine(0, ui::px(6));
    const char* nulls[] = {"shifts", "rows"};
    if (ui::pill_menu("##search_null", "null", nulls, null)) context.actions.set("search_null", nulls[null]);
}

void draw_table(ViewContext& context, const SearchState& state, const SearchResult& result) {
    const bool is_narrow = ImGui::GetContentRegionAvail().x < ui::px(300);
    const bool is_mass = state.order == FitMeasure::Mass || state.order == FitMeasure::Kappa;
    std::vector<ui::Column> columns = {{"head", 1.2f},
                                       {is_mass ? "mass" : measure_label(state.order), 1, 0, true}};
    if (!is_narrow) columns.push_back({"null", 1, 0, true});
    columns.push_back({"lift", 0.9f, 0, true});
    if (!is_narrow) columns.push_back({"κ", 1, 0, true});
    if (!is_narrow) columns.push_back({"p", 1, 0, true});
    columns.push_back({"q", 1, 0, true});
    ui::table_header(columns);
    const std::size_t count = std::min(kMostListedFits, state.best->size());
    for (std::size_t i = 0; i < count; ++i) {
        const HeadFit& fit = result.heads[(*state.best)[i]];
        if (!fit_value(fit, state.order)) break;
        const std::string name = fit.head.to_string(),
                          value = fit_text(is_mass ? fit.mass : fit_value(fit, state.order)),
                          null = fit_text(fit.null), lift = format_lift(fit.lift),
                          kappa = fit_text(fit.kappa), p = p_text(state.p(fit)), q = p_text(state.q(fit));
        const ui::Rgba dim = ui::colors().dim;
        std::vector<ui::Cell> cells = {{name}, {value}};
        if (!is_narrow) cells.push_back({null, dim});
        cells.push_back({lift, dim});
        if (!is_narrow) cells.push_back({kappa, dim});
        if (!is_narrow) cells.push_back({p, dim});
        const auto q_value = state.q(fit);
        cells.push_back({q, q_value && *q_value < kLevel ? ui::colors().text : dim});
        const auto response =
            ui::table_row(("fit_" + name).c_str(), columns, cells,
                          fit.head == context.snapshot.selection.head, q_value && *q_value >= kLevel);
        if (response.is_clicked) context.actions.select_head(fit.head);
        if (!response.is_hovered) continue;
        context.shared.next_hover.head = fit.head;
        context.shared.next_hover.sentence = fit_sentence(state, fit);
        ui::explain_last_item(
            fit_sentence(state, fit),
            "mass: mean over rows of the attention on the pairs; lift: mass / null; κ: (mass − null) "
            "/ (1 − null); p: (1 + places where the head does as well) / (1 + places); q: "
            "Benjamini-Hochberg over all heads");
    }
    if (state.best->size() > count)
        ui::text_small(
            fmt::format("the first {} of {}; `headlight find --json` has all", count, state.best->size()),
            ui::colors().dim);
}

/// What chance was tried, and what to do where that says nothing.
std::string null_words(const SearchState& state, const SearchResult& result) {
    std::string out = null_note(state, result);
    if (state.running) out += " (more are being tried)";
    const bool is_none = state.shows_rows_null ? result.num_row_orders == 0 : result.num_shifts == 0;
    if (is_none) out += state.shows_rows_null ? "; try the null “shifts”" : "; try the null “rows”";
    return out;
}

void draw_body(ViewContext& context) {
    const SearchState& state = shown_search(context);
    const SearchResult* result = search_result(context.snapshot);
    if (result == nullptr || !state.best) {
        if (!state.error.empty()) {
            const bool is_rule = state.mode == SearchMode::Rule;  // said in full where it is typed
            ui::draw_card_state(
                {ui::CardState::Error,
                 is_rule ? std::string_view("Nothing is found: the rule needs a change.") : state.error,
                 nullptr, -1});
        } else if (state.running) {
            ui::draw_card_state({ui::CardState::Loading, "Comparing all heads with it", nullptr, -1});
        } else {
            ui::draw_card_state({ui::CardState::Empty,
                                 "Nothing is looked for: draw pairs, say a rule, or take a saved one.",
                                 nullptr, -1});
        }
        return;
    }
    ui::text_wrapped(null_words(state, *result), ui::colors().dim);
    ImGui::Dummy({1, ui::px(2)});
    draw_table(context, state, *result);
}

void draw(ViewContext& context) {
    const SearchResult* result = search_result(context.snapshot);
    const std::string line = result ? fmt::format("of {}", result->heads.size()) : std::string();
    ui::CardSpec spec;
    spec.id = "search_results";
    spec.title = context.size.x < ui::px(330) ? "Found" : "Heads found";
    spec.context = line;
    spec.scrolls = true;
    spec.controls = [&] { draw_controls(context); };
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context);
}

}  // namespace

extern const ViewDescriptor k_view_search_results = {
    "search_results",
    "Heads found",
    "Heads by how well they fit, with a uniform head's score, lift, kappa, and p and q from nulls.",
    search_results_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<SearchResultsState>()); },
    draw};

}  // namespace headlight
