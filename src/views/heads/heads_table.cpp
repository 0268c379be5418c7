// All heads in numbers: a row a head, a column a metric; sorted by a click, filtered by an expression. Whole
// rows and columns scroll, so that no number is ever cut, and only those in sight are drawn.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "session/find/head_search.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/overlay.h"
#include "ui/plots.h"
#include "views/find/find_line.h"
#include "views/heads/table_rows.h"
#include "views/view.h"

namespace headlight {

namespace {

constexpr float kTableRowDp = 20, kTableHeaderDp = 24, kTablePadDp = 8;

struct HeadsTableState final : ViewState {
    HeadTable table;
    std::vector<TableColumn> columns;
    std::vector<std::size_t> order;  // rows of the table in sight order
    std::string table_key, order_key;
    KnownNumbers known;
    TableSort sort;
    std::string filter, known_filter;  // typed, and as the session has it
    std::string problem;               // why the filter is no expression yet
    std::ptrdiff_t first_row = 0;
    std::size_t first_column = 1;  // of those behind the head's, which always stays
    HeadId last_selected{-1, -1};
    bool wants_selected = false;  // in sight
};

HeightWish heads_table_height(const Snapshot&, const ViewState&, float column_height_dp) {
    return {std::max(300.0f, column_height_dp * 0.4f), 150};
}

/// Table and order are made again when something that they depend on is another.
void refresh_table(ViewContext& context, HeadsTableState& state) {
    const Snapshot& now = context.snapshot;
    state.known =
        known_numbers(context.values, now, true, now.text->trace->num_queries() <= kMostMatrixMetricTokens);
    const KnownNumbers& known = state.known;
    std::string key = fmt::format("{} {} {} {}", now.text->id, static_cast<const void*>(known.weights.get()),
                                  static_cast<const void*>(known.matrices.get()),
                                  static_cast<const void*>(known.atlas.get()));
    if (key != state.table_key) {
        state.table_key = std::move(key);
        state.table = make_head_table(known.numbers);
        state.columns = table_columns(state.table);
        state.order_key.clear();
    }
    const FoundMarks& found = context.shared.found;
    const auto& query = now.part<FindState>().heads;
    key = fmt::format("{} {} {} {}", state.sort.column, state.sort.is_ascending,
                      static_cast<const void*>(query.get()), found.heads().size());
    if (key == state.order_key) return;
    state.order_key = std::move(key);
    state.order = table_order(state.table, state.columns[state.sort.column], state.sort,
                              found.has_heads() ? &found.heads() : nullptr);
    state.wants_selected = true;
}

/// The row of the expression; its height.
float draw_filter(ViewContext& context, HeadsTableState& state, ImVec2 pos, float width) {
    const auto& query = context.snapshot.part<FindState>().heads;
    const std::string shown = query ? query->text() : std::string();
    if (shown != state.known_filter) {
        state.known_filter = state.filter = shown;
        state.problem.clear();
    }
    ImFont* font = ui::kit().fonts.small_;
    const std::string count = fmt::format("{} of {} heads", state.order.size(), state.table.rows.size());
    const float count_width = ui::measure_text(font, count).x;
    const float field = std::max(ui::px(60), std::min(ui::px(420), width - count_width - ui::px(16)));
    ImGui::SetCursorScreenPos(pos);
    if (ui::filter_input("##heads_filter", "induction and layer < 8 and entropy < 1", state.filter, field,
                         false)) {
        const auto typed =
            state.filter.empty() ? Result<HeadQuery>(HeadQuery{}) : HeadQuery::parse(state.filter);
        state.problem = typed ? std::string() : typed.error().message;
        if (typed) {
            state.known_filter = state.filter;
            context.actions.run("find_heads", {state.filter});
        }
    }
    const float height = ImGui::GetItemRectSize().y;
    ui::draw_text(ImGui::GetWindowDrawList(), font,
                  {pos.x + field + ui::px(10), pos.y + (height - font->FontSize) / 2}, ui::colors().dim,
                  count);
    const std::string note = !state.problem.empty()         ? state.problem
                             : !state.known.missing.empty() ? "empty: " + state.known.missing
                                                            : std::string();
    if (note.empty()) return height + ui::px(6);
    ui::draw_text(ImGui::GetWindowDrawList(), font, {pos.x + ui::px(2), pos.y + height + ui::px(3)},
                  state.problem.empty() ? ui::colors().dim : ui::colors().warning,
                  ui::shorten_text(font, note, width));
    return height + font->FontSize + ui::px(8);
}

/// Columns in sight: the head's, then whole ones from the first on.
struct PlacedColumn {
    std::size_t column = 0;
    float left = 0, right = 0;
};
std::vector<PlacedColumn> place_columns(const HeadsTableState& state, float left, float width) {
    std::vector<PlacedColumn> out;
    float x = left;
    for (std::size_t i = 0; i < state.columns.size(); ++i) {
        if (i > 0 && i < state.first_column) continue;
        const float own = ui::px(state.columns[i].width_dp);
        if (i > 0 && x + own > left + width) break;
        out.push_back({i, x, x + own});
        x += own;
    }
    return out;
}

/// A click sorts: numbers from the largest down first, words from A on; another click turns it round.
void draw_table_header(ViewContext& context, HeadsTableState& state, std::span<const PlacedColumn> places,
                       float top) {
    ImFont* font = ui::kit().fonts.small_;
    ImDrawList* list = ImGui::GetWindowDrawList();
    for (const PlacedColumn& place : places) {
        const TableColumn& column = state.columns[place.column];
        const bool is_on = state.sort.column == place.column;
        const ImVec2 min{place.left, top},
            max{place.right - ui::px(kTablePadDp) / 2, top + ui::px(kTableHeaderDp) - 2};
        auto response = ui::hot_area(fmt::format("##sort_{}", column.id).c_str(), min,
                                     {max.x - min.x, max.y - min.y}, is_on);
        response.is_clicked |= ui::kit().focus.stop(min, max);
        const float room = max.x - min.x - (is_on ? ui::px(10) : 0);
        const std::string label = ui::shorten_text(font, column.label, room);
        const float y = top + (max.y - min.y - font->FontSize) / 2;
        const float text_width = ui::measure_text(font, label).x;
        const float x = column.is_number() ? max.x - text_width : min.x;
        ui::draw_text(list, font, {x, y}, is_on || response.is_hovered ? ui::colors().text : ui::colors().dim,
                      label);
        if (is_on) {
            const float tip = column.is_number() ? x - ui::px(6) : x + text_width + ui::px(6),
                        middle = y + font->FontSize / 2;
            const float up = state.sort.is_ascending ? -ui::px(3) : ui::px(3);
            list->AddTriangleFilled({tip - ui::px(3), middle - up / 2}, {tip + ui::px(3), middle - up / 2},
                                    {tip, middle + up}, ui::to_u32(ui::colors().text));
        }
        const std::size_t line = column.help.find('\n');
        if (response.is_hovered)
            ui::explain_last_item(column.help.substr(0, line),
                                  line == std::string::npos ? std::string() : column.help.substr(line + 1));
        if (!response.is_clicked) continue;
        const bool is_ascending = is_on ? !state.sort.is_ascending : !column.is_number();
        state.sort = {place.column, is_ascending};
        ui::request_redraw();
    }
    (void)context;
}

void draw_table_row(const ViewContext& context, const HeadsTableState& state, const HeadRow& row,
                    std::span<const PlacedColumn> places, float top) {
    ImFont* font = ui::kit().fonts.body;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float y = top + (ui::px(kTableRowDp) - font->FontSize) / 2;
    const bool is_selected = row.head == context.snapshot.selection.head;
    for (const PlacedColumn& place : places) {
        const TableColumn& column = state.columns[place.column];
        const std::string text = cell_text(row, column);
        if (text.empty()) continue;
        const bool is_weak = column.kind == TableColumn::Kind::Strongest &&
                             std::find(row.tags.begin(), row.tags.end(), row.strongest) == row.tags.end();
        const ui::Rgba ink = is_selected && place.column == 0 ? ui::colors().accent
                             : is_weak                        ? ui::colors().dim
                                                              : ui::colors().text;
        if (column.is_number())
            ui::draw_tabular_right(list, font, {place.right - ui::px(kTablePadDp) / 2, y},
                                   ui::to_u32(gfx::faded(ink, context.freshness())), text);
        else
            ui::draw_text(list, font, {place.left, y}, gfx::faded(ink, context.freshness()),
                          ui::shorten_text(font, text, place.right - place.left - ui::px(kTablePadDp)));
    }
}

/// Keeps the chosen head in sight when it, or the order, is another.
void follow_head(const ViewContext& context, HeadsTableState& state, std::ptrdiff_t rows_in_sight) {
    const HeadId head = context.snapshot.selection.head;
    if (head != state.last_selected) state.wants_selected = true;
    state.last_selected = head;
    if (std::exchange(state.wants_selected, false)) {
        const std::size_t index = state.table.grid.index(head);
        const auto at = std::find(state.order.begin(), state.order.end(), index) - state.order.begin();
        if (at < std::ssize(state.order))
            state.first_row = std::clamp(state.first_row, at - rows_in_sight + 1, at);
    }
    state.first_row = std::clamp<std::ptrdiff_t>(
        state.first_row, 0, std::max<std::ptrdiff_t>(0, std::ssize(state.order) - rows_in_sight));
}

void scroll_columns(HeadsTableState& state, int step) {
    const auto last = static_cast<std::ptrdiff_t>(state.columns.size()) - 1;
    state.first_column = static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(state.first_column) + step, 1, last));
    ui::request_redraw();
}

void take_table_keys(ViewContext& context, HeadsTableState& state, std::ptrdiff_t rows_in_sight) {
    context.shared.wants_list_focus = true;
    if (state.order.empty()) return;
    const auto pressed = [](ImGuiKey key) { return ImGui::IsKeyPressed(ImGui::GetKeyIndex(key)); };
    const std::size_t index = state.table.grid.index(context.snapshot.selection.head);
    const std::ptrdiff_t last = std::ssize(state.order) - 1;
    const std::ptrdiff_t at = std::find(state.order.begin(), state.order.end(), index) - state.order.begin();
    std::ptrdiff_t next = at;
    if (pressed(ImGuiKey_UpArrow)) --next;
    if (pressed(ImGuiKey_DownArrow)) next = at > last ? 0 : next + 1;
    if (pressed(ImGuiKey_PageUp)) next -= rows_in_sight;
    if (pressed(ImGuiKey_PageDown)) next += rows_in_sight;
    if (pressed(ImGuiKey_Home)) next = 0;
    if (pressed(ImGuiKey_End)) next = last;
    if (pressed(ImGuiKey_LeftArrow)) scroll_columns(state, -1);
    if (pressed(ImGuiKey_RightArrow)) scroll_columns(state, 1);
    if (next == at) return;
    next = std::clamp<std::ptrdiff_t>(next, 0, last);
    context.actions.select_head(state.table.rows[state.order[static_cast<std::size_t>(next)]].head);
}

/// Thin bars that say which part is in sight.
void draw_table_bars(const HeadsTableState& state, ImVec2 min, ImVec2 max, std::ptrdiff_t rows_in_sight,
                     std::size_t columns_in_sight) {
    const ui::Rgba ink = gfx::faded(ui::colors().dim, 0.55f);
    ImDrawList* list = ImGui::GetWindowDrawList();
    const auto bar = [](double first, double part, double all, float from, float to) {
        const float length = std::max(ui::px(14), (to - from) * static_cast<float>(part / all));
        const float at = from + (to - from - length) * static_cast<float>(first / std::max(1.0, all - part));
        return std::pair{at, at + length};
    };
    if (rows_in_sight < std::ssize(state.order)) {
        const auto [from, to] = bar(static_cast<double>(state.first_row), static_cast<double>(rows_in_sight),
                                    static_cast<double>(state.order.size()), min.y, max.y);
        ui::draw_fill(list, {max.x + ui::px(3), from}, {max.x + ui::px(6), to}, ink, ui::px(1.5f));
    }
    const std::size_t all = state.columns.size() - 1;
    if (columns_in_sight < all) {
        const auto [from, to] =
            bar(static_cast<double>(state.first_column - 1), static_cast<double>(columns_in_sight),
                static_cast<double>(all), min.x, max.x);
        ui::draw_fill(list, {std::min(from, max.x - ui::px(14)), max.y + ui::px(2)},
                      {std::min(to, max.x), max.y + ui::px(5)}, ink, ui::px(1.5f));
    }
}

void handle_table_pointer(ViewContext& context, HeadsTableState& state, const ui::ItemResponse& area,
                          float top) {
    if (!area.is_hovered) return;
    const ImGuiIO& io = ImGui::GetIO();
    if (io.MouseWheel != 0 && !io.KeyShift)
        state.first_row -= static_cast<std::ptrdiff_t>(std::round(3 * io.MouseWheel));
    if (io.MouseWheel != 0 && io.KeyShift) scroll_columns(state, io.MouseWheel > 0 ? -1 : 1);
    if (io.MouseWheelH != 0) scroll_columns(state, io.MouseWheelH > 0 ? -1 : 1);
    if (io.MouseWheel != 0) ui::request_redraw();
    const auto row =
        state.first_row + static_cast<std::ptrdiff_t>((io.MousePos.y - top) / ui::px(kTableRowDp));
    if (row < 0 || row >= std::ssize(state.order)) return;
    const HeadRow& head = state.table.rows[state.order[static_cast<std::size_t>(row)]];
    context.shared.next_hover.head = head.head;
    context.shared.next_hover.sentence =
        head.strongest == nullptr
            ? head.head.to_string()
            : fmt::format("{}: strongest {} (score {}, κ {})", head.head.to_string(), head.strongest->label,
                          format_score(head.score), format_score(head.kappa));
    if (area.is_clicked && ImGui::IsMouseReleased(ImGuiMouseButton_Left))
        context.actions.select_head(head.head, io.KeyShift);
}

void draw_table(ViewContext& context, HeadsTableState& state, ImVec2 pos, ImVec2 size) {
    const float row_height = ui::px(kTableRowDp), header = ui::px(kTableHeaderDp);
    const ImVec2 inner{size.x - ui::px(8), size.y - ui::px(6)};
    const auto rows_in_sight = static_cast<std::ptrdiff_t>((inner.y - header) / row_height);
    if (rows_in_sight < 1) return;
    const std::vector<PlacedColumn> places = place_columns(state, pos.x, inner.x);
    draw_table_header(context, state, places, pos.y);
    ui::draw_hline(ImGui::GetWindowDrawList(), pos.x, pos.x + inner.x, pos.y + header - 1, ui::colors().line);
    follow_head(context, state, rows_in_sight);
    const float top = pos.y + header, body = row_height * static_cast<float>(rows_in_sight);
    const auto area = ui::hot_area("##heads_rows", {pos.x, top}, {inner.x, body});
    ui::kit().focus.stop({pos.x, top}, {pos.x + inner.x, top + body});
    if (ui::kit().focus.is_on_last() && !context.shared.is_dialog_open)
        take_table_keys(context, state, rows_in_sight);
    for (std::ptrdiff_t i = 0; i < rows_in_sight && state.first_row + i < std::ssize(state.order); ++i) {
        const HeadRow& row = state.table.rows[state.order[static_cast<std::size_t>(state.first_row + i)]];
        const float y = top + row_height * static_cast<float>(i);
        const bool is_hovered = context.shared.hover.head == row.head;
        if (row.head == context.snapshot.selection.head || is_hovered)
            ui::draw_fill(ImGui::GetWindowDrawList(), {pos.x - ui::px(4), y},
                          {pos.x + inner.x, y + row_height},
                          is_hovered ? gfx::faded(ui::colors().control_hover, 0.5f)
                                     : gfx::faded(ui::colors().accent, 0.16f),
                          ui::px(4));
        draw_table_row(context, state, row, places, y);
    }
    draw_table_bars(state, {pos.x, top}, {pos.x + inner.x, top + body}, rows_in_sight, places.size() - 1);
    handle_table_pointer(context, state, area, top);
    if (state.order.empty()) {
        ImGui::SetCursorScreenPos({pos.x, top + ui::px(6)});
        ui::text_wrapped(context.shared.found.is_pending()
                             ? "The numbers that the expression names are being computed …"
                             : "No head matches the expression.",
                         ui::colors().dim);
    }
}

void draw_body(ViewContext& context, HeadsTableState& state) {
    refresh_table(context, state);
    const ImVec2 pos = ImGui::GetCursorScreenPos(), available = ImGui::GetContentRegionAvail();
    const float used = draw_filter(context, state, pos, available.x);
    draw_table(context, state, {pos.x, pos.y + used}, {available.x, available.y - used});
}

void draw(ViewContext& context) {
    auto& state = static_cast<HeadsTableState&>(context.state);
    ui::CardSpec spec;
    spec.id = "heads_table";
    spec.title = "Heads in numbers";
    spec.context = state.known.is_pending ? "computing spectra …" : "a row a head, a column a metric";
    spec.controls = [&] {
        if (ui::toolbar_button(
                "CSV##save_heads", false, context.text() != nullptr,
                "Save the table, of the heads in sight of the filter, as comma-separated values"))
            context.shared.wanted_words = "save_heads";
    };
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_heads_table = {
    "heads_table",
    "Heads in numbers",
    "Every head with every metric: a click on a column sorts, an expression filters, a click on a row "
    "chooses "
    "the head.",
    heads_table_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<HeadsTableState>()); },
    draw};

}  // namespace headlight
