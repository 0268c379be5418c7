// The rows of the chosen heads that wrote the tokens: one row a token.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/shaped_text.h"
#include "views/compare/compare_card.h"
#include "views/heatmap/heatmap_axes.h"
#include "views/tokens/shown_run.h"
#include "views/weights/weight_words.h"
#include "views/write/write_card.h"

namespace headlight {

namespace {

constexpr float kRowDp = 17, kMostRowDp = 26, kRowLabelDp = 96, kKeyLabelDp = 18;

struct WrittenRowsState final : ViewState {
    WrittenBranch branch;
    // What the cells depend on.
    std::uint64_t shown_id = 0;
    std::vector<HeadId> heads;
    int first_step = -1, num_rows = 0, num_cols = 0;
    ComparedCells cells;         // a column for `step` keys: their largest
    std::vector<float> weights;  // [rows, keys]
    int step = 1;
    int scroll_step = 0;  // first row in sight
};

HeightWish written_rows_height(const Snapshot&, const ViewState&, float) {
    return {0, 110};
}

/// Rows [first, first + count) of the chosen heads' mean: as many as are seen, however long the text is.
void refresh_rows(ViewContext& context, WrittenRowsState& state, int first, int count, int most_columns) {
    const auto heads = selected_heads(context.snapshot.selection);
    const AttentionTrace& trace = context.snapshot.shown_trace();
    const int num_keys = trace.num_keys(), step = std::max(1, (num_keys + most_columns - 1) / most_columns);
    if (state.shown_id == context.snapshot.shown_id() && state.heads == heads && state.first_step == first &&
        state.num_rows == count && state.step == step)
        return;
    state.shown_id = context.snapshot.shown_id();
    state.heads = heads;
    state.first_step = first;
    state.num_rows = count;
    state.step = step;
    state.num_cols = (num_keys + step - 1) / step;
    state.weights.assign(static_cast<std::size_t>(count) * static_cast<std::size_t>(num_keys), 0.0f);
    state.cells = {};
    state.cells.rows = count;
    state.cells.cols = state.num_cols;
    state.cells.is_signed = context.snapshot.picture.is_signed();
    state.cells.values.assign(static_cast<std::size_t>(count) * static_cast<std::size_t>(state.num_cols),
                              0.0f);
    state.cells.is_masked.assign(state.cells.values.size(), 1);
    std::vector<float> row(static_cast<std::size_t>(num_keys));
    const int first_query = writing_of(context).num_prompt() - 1 + first;
    for (int r = 0; r < count; ++r) {
        mean_attention_row(trace, heads, first_query + r, row);
        const KeyRange range = visible_keys(trace, heads, first_query + r);
        std::copy(row.begin(), row.end(), state.weights.begin() + static_cast<std::ptrdiff_t>(r) * num_keys);
        for (int key = range.begin; key < range.end; ++key) {
            const auto at = static_cast<std::size_t>(r) * static_cast<std::size_t>(state.num_cols) +
                            static_cast<std::size_t>(key / step);
            const float value = row[static_cast<std::size_t>(key)];
            state.cells.is_masked[at] = 0;
            if (std::abs(value) > std::abs(state.cells.values[at])) state.cells.values[at] = value;
            state.cells.largest = std::max(state.cells.largest, std::abs(value));
        }
    }
}

void draw_row_label(ViewContext& context, WrittenRowsState& state, int step, ImVec2 pos, bool is_bar) {
    const WritingState& writing = writing_of(context);
    const auto& nodes = state.branch.nodes(writing);
    const ui::ShapedStyle style{12, is_bar ? gfx::TextWeight::Semibold : gfx::TextWeight::Regular};
    const std::string word = step < static_cast<int>(nodes.size())
                                 ? writing.tree->step(nodes[static_cast<std::size_t>(step)]).display
                                 : std::string("next");
    const ui::Rgba ink = is_bar ? ui::colors().accent : ui::colors().text;
    ui::draw_shaped_right(ImGui::GetWindowDrawList(), {pos.x + ui::px(kRowLabelDp - 8), pos.y},
                          ui::shorten_shaped(word, ui::px(kRowLabelDp - 12), style), ink, style);
}

void draw_key_labels(ViewContext& context, const WrittenRowsState& state, const LayoutRect& area, float y) {
    const ui::ShapedStyle style{11, gfx::TextWeight::Regular};
    const float column = area.width / static_cast<float>(state.num_cols);
    const int every = axis_step(column, ui::px(40));
    for (int col = 0; col < state.num_cols; col += every) {
        const int key = col * state.step;
        const std::string label = token_label(context.keys(), key, 10);
        ui::draw_shaped(ImGui::GetWindowDrawList(), {area.x + static_cast<float>(col) * column, y},
                        ui::shorten_shaped(label, column * static_cast<float>(every) - ui::px(4), style),
                        ui::colors().dim, style);
    }
}

/// Pointer and clicks: a row moves the bar, a cell also chooses its key.
void react(ViewContext& context, const WrittenRowsState& state, const LayoutRect& area, float line) {
    for (int r = 0; r < state.num_rows; ++r) {
        const int step = state.first_step + r;
        const float top = area.y + static_cast<float>(r) * line;
        const auto response =
            ui::hot_area(fmt::format("##written_row_{}", step).c_str(), {area.x - ui::px(kRowLabelDp), top},
                         {area.width + ui::px(kRowLabelDp), line});
        if (!response.is_hovered && !response.is_clicked) continue;
        const int query = writing_of(context).num_prompt() - 1 + step;
        const int col = static_cast<int>((ImGui::GetIO().MousePos.x - area.x) / area.width *
                                         static_cast<float>(state.num_cols));
        int key = -1;
        if (col >= 0 && col < state.num_cols && ImGui::GetIO().MousePos.x >= area.x) {
            const int num_keys = context.num_keys();
            key = col * state.step;
            const auto weight = [&](int k) {
                return std::abs(
                    state.weights[static_cast<std::size_t>(r) * static_cast<std::size_t>(num_keys) +
                                  static_cast<std::size_t>(k)]);
            };
            for (int k = key; k < std::min(num_keys, (col + 1) * state.step); ++k)
                if (weight(k) > weight(key)) key = k;
        }
        if (response.is_clicked) choose_step(context, step);
        if (response.is_clicked && key >= 0) context.actions.choose_key(key);
        if (!response.is_hovered) continue;
        context.shared.next_hover.token = query;
        const bool is_seen =
            key >= 0 && !state.cells.is_masked[static_cast<std::size_t>(r * state.num_cols + col)];
        if (!is_seen) continue;
        context.shared.next_hover.key = key;
        context.shared.next_hover.sentence = cell_sentence(
            context, state.heads, query, key,
            state.weights[static_cast<std::size_t>(r) * static_cast<std::size_t>(context.num_keys()) +
                          static_cast<std::size_t>(key)]);
    }
}

void draw_body(ViewContext& context, WrittenRowsState& state) {
    const WritingState& writing = writing_of(context);
    if (!is_written_text(writing, context.snapshot.base_text.get())) {
        if (writing.is_playing()) {
            ui::draw_card_state({ui::CardState::Loading, "the rows follow the words", nullptr, -1});
        } else {
            ui::draw_card_state({ui::CardState::Empty,
                                 "The shown text is another than the one that was written.", nullptr, -1});
        }
        return;
    }
    if (context.snapshot.unit() != TextUnit::Token) {
        ui::draw_card_state({ui::CardState::Empty,
                             "The rows of what was written are between tokens: choose tokens (U).", nullptr,
                             -1});
        return;
    }
    const ImVec2 pos = ImGui::GetCursorScreenPos(), size = ImGui::GetContentRegionAvail();
    const int num_all =
        context.num_model_tokens() - (writing.num_prompt() - 1);  // with the row of the next token
    const float free = (size.y - ui::px(kKeyLabelDp)) / static_cast<float>(std::max(1, num_all));
    const float line = std::floor(std::clamp(free, ui::px(kRowDp), ui::px(kMostRowDp)));
    const int room = std::clamp(static_cast<int>((size.y - ui::px(kKeyLabelDp)) / line), 1, 64);
    const int count = std::min(num_all, room), bar = std::min(step_under_bar(context), num_all - 1);
    if (count <= 0) return;
    if (bar >= 0) state.scroll_step = std::clamp(state.scroll_step, bar - count + 1, bar);
    state.scroll_step = std::clamp(state.scroll_step, 0, num_all - count);
    const LayoutRect area{pos.x + ui::px(kRowLabelDp), pos.y + ui::px(kKeyLabelDp),
                          size.x - ui::px(kRowLabelDp), line * static_cast<float>(count)};
    if (area.width < ui::px(40)) return;
    refresh_rows(context, state, state.scroll_step, count,
                 std::clamp(static_cast<int>(area.width / ui::px(6)), 8, kMostDrawnCells));
    draw_key_labels(context, state, area, pos.y);
    draw_compared_cells(state.cells, area, context.snapshot.settings.gamma, true);
    for (int r = 0; r < count; ++r) {
        const float top = area.y + static_cast<float>(r) * line;
        draw_row_label(context, state, state.first_step + r, {pos.x, top + (line - ui::px(16)) / 2},
                       state.first_step + r == bar);
        if (state.first_step + r == bar)
            ui::draw_frame(ImGui::GetWindowDrawList(), {area.x, top}, {area.right(), top + line - 1},
                           ui::colors().accent, 0, 1.5f);
    }
    react(context, state, area, line);
}

void draw(ViewContext& context) {
    auto& state = static_cast<WrittenRowsState&>(context.state);
    std::string line = "row ↓ wrote the token at the left · key (to) →";
    if (state.step > 1) line += fmt::format(" · largest of {} keys", state.step);
    const std::string title =
        with_kind(heads_title(selected_heads(context.snapshot.selection)), context.snapshot);
    ui::CardSpec spec;
    spec.id = "written_rows";
    spec.title = title;
    spec.context = line;
    spec.opacity = context.freshness();
    if (ui::Card card{spec, context.pos, context.size};
        card && !draw_missing_text(context) && !draw_missing_writing(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_written_rows = {
    "written_rows",
    "Written rows",
    "The chosen heads' rows that wrote the tokens, one a token; the framed one is under the bar.",
    written_rows_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<WrittenRowsState>()); },
    draw};

}  // namespace headlight
