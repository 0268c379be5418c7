// The two sides of a comparison: what B is, and both texts with their tokens in shared columns.
#include <fmt/format.h>

#include <algorithm>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"
#include "ui/text_box.h"
#include "views/compare/compare_card.h"
#include "views/format.h"

namespace headlight {

namespace {

constexpr float kChipLineDp = 25, kChipGapDp = 4, kSideDp = 22;

/// Tokens that share a column; -1: that side has none there.
struct TokenColumn {
    int a = -1, b = -1;
    bool is_aligned = false;
    float x = 0, width = 0;
    int line = 0;
};

struct CompareTextsState final : ViewState {
    ui::TextBox other;
    std::string known;  // what the box and the session last agreed on
    const Comparison* comparison = nullptr;
    float width = 0, scale = 0;
    std::vector<TokenColumn> columns;
};

HeightWish compare_texts_height(const Snapshot&, const ViewState&, float) {
    return {192, 150};
}

const std::string& display_of_token(const ComparedRun& run, int index) {
    return run.text->tokens.tokens[static_cast<std::size_t>(index)].display;
}

/// Aligned tokens share a column; what lies between is set side by side as far as both sides have something.
std::vector<TokenColumn> columns_of(const TokenAlignment& alignment) {
    std::vector<TokenColumn> out;
    int a = 0, b = 0;
    const auto fill = [&](int end_a, int end_b) {
        while (a < end_a || b < end_b)
            out.push_back({a < end_a ? a++ : -1, b < end_b ? b++ : -1});
    };
    for (const auto& [next_a, next_b] : alignment.pairs) {
        fill(next_a, next_b);
        out.push_back({a++, b++, true});
    }
    fill(alignment.size_a, alignment.size_b);
    return out;
}

float chip_text_width(const std::string& text) {
    ui::ChipSpec spec;
    spec.id = "##measure";
    spec.text = text;
    return ui::chip_size(spec).x;
}

void place_columns(CompareTextsState& state, const Comparison& comparison, float width) {
    if (state.comparison == &comparison && state.width == width && state.scale == ui::kit().scale) return;
    state.comparison = &comparison;
    state.width = width;
    state.scale = ui::kit().scale;
    state.columns = columns_of(comparison.alignment.queries);
    float x = 0;
    int line = 0;
    for (TokenColumn& column : state.columns) {
        float wide = 0;
        if (column.a >= 0) wide = std::max(wide, chip_text_width(display_of_token(comparison.a, column.a)));
        if (column.b >= 0) wide = std::max(wide, chip_text_width(display_of_token(comparison.b, column.b)));
        if (x > 0 && x + wide > width) {
            x = 0;
            ++line;
        }
        column.x = x;
        column.width = wide;
        column.line = line;
        x += wide + ui::px(kChipGapDp);
    }
}

void draw_side_chip(ViewContext& context, const ComparedRun& run, const TokenColumn& column, bool is_b,
                    ImVec2 pos) {
    const int index = is_b ? column.b : column.a;
    if (index < 0) return;
    const ui::Colors& colors = ui::colors();
    const int query = context.snapshot.token_selection.query;
    ui::ChipSpec chip;
    const std::string id = fmt::format("compared_{}{}", is_b ? "b" : "a", index);
    chip.id = id.c_str();
    chip.text = display_of_token(run, index);
    chip.fill = column.is_aligned ? colors.control : gfx::mix(colors.card, side_color(is_b), 0.22f);
    if (column.a >= 0 && column.a == query) {
        chip.fill = colors.accent;
        chip.text_color = colors.on_accent;
    }
    ImGui::SetCursorScreenPos(pos);
    const ui::ItemResponse response = ui::chip(chip);
    if (response.is_clicked && column.a >= 0) context.actions.choose_query_token(column.a);
    if (!response.is_hovered) return;
    const std::string word = quoted_token(run.text->tokens, index);
    context.shared.next_hover.sentence =
        column.is_aligned ? fmt::format("{}: in both texts", word)
                          : fmt::format("{}: only in {}; it is not compared", word, is_b ? "B" : "A");
    if (column.a >= 0) context.shared.next_hover.token = context.unit_of_query(column.a);
}

void draw_tokens(ViewContext& context, CompareTextsState& state, const Comparison& comparison, ImVec2 pos,
                 ImVec2 size) {
    place_columns(state, comparison, size.x - ui::px(kSideDp));
    const float line = ui::px(kChipLineDp), pair = 2 * line + ui::px(8);
    ImFont* font = ui::kit().fonts.semibold;
    int last = -1;
    for (const TokenColumn& column : state.columns) {
        const float y = pos.y + static_cast<float>(column.line) * pair,
                    x = pos.x + ui::px(kSideDp) + column.x;
        if (y + 2 * line > pos.y + size.y) break;
        if (column.line != last) {
            last = column.line;
            ui::draw_text(ImGui::GetWindowDrawList(), font, {pos.x, y + ui::px(3)}, side_color(false), "A");
            ui::draw_text(ImGui::GetWindowDrawList(), font, {pos.x, y + line + ui::px(3)}, side_color(true),
                          "B");
        }
        draw_side_chip(context, comparison.a, column, false, {x, y});
        draw_side_chip(context, comparison.b, column, true, {x, y + line});
        if (!column.is_aligned)
            ui::draw_frame(ImGui::GetWindowDrawList(), {x - ui::px(2), y - ui::px(2)},
                           {x + column.width + ui::px(2), y + 2 * line - ui::px(2)}, ui::colors().dim,
                           ui::px(5));
    }
    if (!state.columns.empty() && state.columns.back().line > last)
        ui::draw_text(ImGui::GetWindowDrawList(), ui::kit().fonts.small_,
                      {pos.x + ui::px(kSideDp), pos.y + size.y - ui::px(14)}, ui::colors().dim,
                      "… more tokens than there is room for");
}

/// The line of one side: its name, and its text or what it is.
void draw_side_line(ImVec2 pos, float width, bool is_b, std::string_view words) {
    ui::draw_fill(ImGui::GetWindowDrawList(), pos, {pos.x + width, pos.y + ui::px(26)}, ui::colors().control,
                  ui::px(5));
    ui::draw_text(ImGui::GetWindowDrawList(), ui::kit().fonts.semibold,
                  {pos.x + ui::px(8), pos.y + ui::px(6)}, side_color(is_b), is_b ? "B" : "A");
    const ui::ShapedStyle style{13, gfx::TextWeight::Regular};
    const std::string shown = ui::shorten_shaped(words, width - ui::px(40), style);
    ui::draw_shaped(ImGui::GetWindowDrawList(), {pos.x + ui::px(28), pos.y + ui::px(5)}, shown,
                    ui::colors().text, style);
}

/// B's text is typed here.
float draw_other_text(ViewContext& context, CompareTextsState& state, ImVec2 pos, float width) {
    const ComparisonState& now = context.snapshot.part<ComparisonState>();
    const std::string shown = now.with == ComparedWith::Text ? now.other : std::string();
    if (shown != state.known && !state.other.is_focused()) {
        state.other.set_text(shown);
        state.known = shown;
    }
    ui::draw_text(ImGui::GetWindowDrawList(), ui::kit().fonts.semibold,
                  {pos.x + ui::px(8), pos.y + ui::px(6)}, side_color(true), "B");
    const float button = shown.empty() ? ui::px(84) : 0, left = ui::px(24);
    ImGui::SetCursorScreenPos({pos.x + left, pos.y});
    if (state.other.draw("##other_text", "Another text: change a word …", width - left - button, 2)) {
        state.known = state.other.text();
        if (state.known.empty())
            context.actions.run("compare_with", {"off"});
        else
            context.actions.run("compare_with", {"text", state.known});
    }
    context.shared.has_text_focus |= state.other.is_focused();
    if (button > 0) {
        ImGui::SetCursorScreenPos({pos.x + width - button + ui::px(6), pos.y + ui::px(3)});
        if (ui::pill_button("take text##take_other", false, true,
                            "Begin with the shown text, then change a word"))
            context.actions.run("compare_with", {"text", context.snapshot.base_text->tokens.first_text()});
    }
    return state.other.height(width - left - button, 2);
}

std::string other_words(const ViewContext& context, const Comparison* comparison) {
    const ComparisonState& now = context.snapshot.part<ComparisonState>();
    if (now.with == ComparedWith::Head)
        return fmt::format("{} of the same run, beside {}", now.head_b.to_string(), now.head_a.to_string());
    if (comparison) return comparison->b.label;
    return now.with == ComparedWith::Change ? "the replaced attention" : now.other;
}

void draw_kinds(ViewContext& context) {
    const ComparisonState& now = context.snapshot.part<ComparisonState>();
    static constexpr ComparedWith kKinds[] = {ComparedWith::Text, ComparedWith::Change, ComparedWith::Model};
    int selected = -1;
    for (int i = 0; i < 3; ++i) {
        if (kKinds[i] == now.with || (i == 2 && now.with == ComparedWith::Stored)) selected = i;
    }
    const ui::Segment segments[] = {
        {"other text##with_text", "The same model on another text", true},
        {"replaced##with_change", "This text before and after its attention was replaced", true},
        {"file…##with_file", "Another model with the same vocabulary, or stored attention", true}};
    if (!ui::segmented("##compared_with", segments, selected)) return;
    if (selected == 0)
        context.actions.run("compare_with", {"text", context.snapshot.base_text->tokens.first_text()});
    if (selected == 1) context.actions.run("compare_with", {"change"});
    if (selected == 2) context.actions.run("compare_with", {"file"});
}

void draw_body(ViewContext& context, CompareTextsState& state) {
    const ComparisonState& now = context.snapshot.part<ComparisonState>();
    const ImVec2 pos = ImGui::GetCursorScreenPos(), size = ImGui::GetContentRegionAvail();
    const Comparison* comparison = known_comparison(context.snapshot);
    draw_side_line(pos, size.x, false, context.snapshot.base_text->tokens.first_text());
    float y = pos.y + ui::px(31);
    if (now.with == ComparedWith::Text || now.with == ComparedWith::Nothing) {
        y += draw_other_text(context, state, {pos.x, y}, size.x) + ui::px(9);
    } else {
        draw_side_line({pos.x, y}, size.x, true, other_words(context, comparison));
        y += ui::px(35);
    }
    const ImVec2 rest{size.x, pos.y + size.y - y};
    if (comparison) return draw_tokens(context, state, *comparison, {pos.x, y}, rest);
    if (now.with == ComparedWith::Nothing) return;
    ImGui::SetCursorScreenPos({pos.x, y});
    shown_comparison(context);
}

void draw(ViewContext& context) {
    auto& state = static_cast<CompareTextsState&>(context.state);
    const Comparison* comparison = known_comparison(context.snapshot);
    std::string line;
    if (comparison) {
        const TokenAlignment& aligned = comparison->alignment.queries;
        line = aligned.is_same_text() ? fmt::format("the same {} tokens", aligned.size_a)
                                      : fmt::format("{} aligned · differ from token {}", aligned.pairs.size(),
                                                    aligned.num_equal_first);
        if (comparison->by == ComparedBy::Texts) line += " · one pair of prompts";
    }
    ui::CardSpec spec;
    spec.id = "compare_texts";
    spec.title = "A and B";
    spec.context = line;
    spec.controls = [&] {
        if (context.num_tokens() > 0) draw_kinds(context);
    };
    if (ui::Card card{spec, context.pos, context.size};
        card && !draw_missing_text(context, MissingTextRole::Main))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_compare_texts = {
    .id = "compare_texts",
    .title = "A and B",
    .help =
        "What the shown run is compared with, and both texts with their tokens aligned; unaligned ones are "
        "boxed.",
    .height = compare_texts_height,
    .make_state = [] { return std::unique_ptr<ViewState>(std::make_unique<CompareTextsState>()); },
    .draw = draw,
    .takes_files = "compare_with",
};

}  // namespace headlight
