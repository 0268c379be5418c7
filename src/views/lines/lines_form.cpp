// The chosen heads as lines.
#include "views/lines/lines_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"
#include "views/heatmap/attention_lines.h"
#include "views/lines/head_colors.h"
#include "views/lines/lines_legend.h"
#include "views/tokens/shown_run.h"
#include "views/weights/weight_words.h"

namespace headlight {
namespace {

constexpr float kLinesRowDp = 21;
constexpr std::size_t kMostStrongLines = 240;  // of all heads, drawn over the picture

/// A curve of a value below zero, as it is dashed in the picture of all lines.
void draw_dashed_curve(ImDrawList* list, ImVec2 from, ImVec2 to, float width, ui::Rgba color) {
    const float dash = ui::px(6), length = to.x - from.x;
    const auto at = [&](float x) {
        const float t = std::clamp(x / length, 0.0f, 1.0f);
        return ImVec2{from.x + t * length, from.y + (to.y - from.y) * t * t * (3 - 2 * t)};
    };
    for (float x = 0; x < length; x += 2 * dash)
        list->AddLine(at(x), at(x + dash), ui::to_u32(color), width);
}

/// Curves at full strength: the largest lines of one row, or those that arrive at one key.
void draw_strong(const LinesPlot& plot, const LinesCamera& camera, const LinesData& data,
                 const LinesFocus& focus) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->PushClipRect({plot.curves.x, plot.curves.y}, {plot.curves.right(), plot.curves.bottom()}, true);
    const auto num_heads = static_cast<float>(data.heads().size());
    const auto y_of = [&](int row) { return plot.curves.y + camera.y_of(row + 0.5); };
    for (std::size_t i = data.heads().size(); i-- > 0;) {
        const HeadLines* lines = data.heads()[i].lines.get();
        const bool is_row = focus.strong_row() >= 0;
        std::vector<RowLine> strong =
            is_row ? lines_of_row(lines, focus.strong_row()) : lines_to_key(lines, focus.key);
        std::stable_sort(strong.begin(), strong.end(), [](const RowLine& a, const RowLine& b) {
            return std::abs(a.value) > std::abs(b.value);
        });
        const std::size_t most = kMostStrongLines / data.heads().size();
        if (strong.size() > most) strong.resize(most);
        const float offset = (static_cast<float>(i) - (num_heads - 1) / 2) * ui::px(1.6f);
        const ui::Rgba color = head_color(ui::colors(), static_cast<int>(i));
        for (auto line = strong.rbegin(); line != strong.rend(); ++line) {
            const float share = std::min(1.0f, std::abs(line->value) / data.largest());
            const int query = is_row ? focus.strong_row() : line->key, key = is_row ? line->key : focus.key;
            const float thick = ui::px(1.2f) + share * ui::px(2.6f);
            const ImVec2 from{plot.curves.x, y_of(query) + offset},
                to{plot.curves.right(), y_of(key) + offset};
            const ui::Rgba ink = gfx::faded(color, 0.55f + 0.45f * share);
            if (line->value < 0)
                draw_dashed_curve(list, from, to, thick, ink);
            else
                ui::draw_ribbon(list, from, to, thick, thick, ink);
        }
    }
    list->PopClipRect();
}

/// The sentence of a query: where the first chosen head's largest line goes.
void say_query(ViewContext& context, const LinesData& data, int query) {
    Hover& hover = context.shared.next_hover;
    hover.token = query;
    if (data.heads().empty()) return;
    const LinesData::Entry& first = data.heads().front();
    if (!first.lines) return;
    hover.sentence = rest_sentence(context, first.head, query, -1);
    const std::vector<RowLine> lines = lines_of_row(first.lines.get(), query);
    if (lines.empty()) {
        if (hover.sentence.empty())
            hover.sentence = fmt::format("{}: {} of the row is on keys that are no line",
                                         quoted_token(context.tokens(), query),
                                         format_percent(first.lines->sink[static_cast<std::size_t>(query)]));
        return;
    }
    if (context.snapshot.shown() == Compare::Difference) {
        hover.sentence =
            fmt::format("{} changes most towards {}: {}{:.1f} points", quoted_token(context.tokens(), query),
                        quoted_token(context.keys(), lines[0].key), lines[0].value < 0 ? "−" : "+",
                        100 * std::abs(lines[0].value));
        return;
    }
    hover.sentence = cell_sentence(context, {first.head}, query, lines[0].key, lines[0].value);
    if (data.heads().size() > 1 || lines.size() > 1)
        hover.sentence = fmt::format("{}: {}, the first of {}", first.head.to_string(), hover.sentence,
                                     format_count(static_cast<int>(lines.size()), "line", "lines"));
}

void say_key(ViewContext& context, const LinesData& data, int key) {
    Hover& hover = context.shared.next_hover;
    if (context.has_one_text()) hover.token = key;
    hover.key = context.has_one_text() ? -1 : key;
    if (data.heads().empty() || !data.heads().front().lines) return;
    const LinesData::Entry& first = data.heads().front();
    const std::vector<RowLine> lines = lines_to_key(first.lines.get(), key);
    const std::string name = quoted_token(context.keys(), key);
    if (lines.empty()) {
        hover.sentence = fmt::format("no line of {} arrives at {}", first.head.to_string(), name);
        return;
    }
    const auto most = std::max_element(lines.begin(), lines.end(), [](const RowLine& a, const RowLine& b) {
        return std::abs(a.value) < std::abs(b.value);
    });
    hover.sentence = fmt::format("{} of {} arrive at {}, the largest from {}: {}",
                                 format_count(static_cast<int>(lines.size()), "line", "lines"),
                                 first.head.to_string(), name, quoted_token(context.tokens(), most->key),
                                 format_weight(context.snapshot.picture.weights, most->value));
}

/// "“·to” (13): 9 % of L24H4's row is on the first token".
void say_sink(ViewContext& context, const LinesData& data, int query) {
    std::string shares;
    for (const LinesData::Entry& entry : data.heads()) {
        if (!entry.lines) continue;
        shares += fmt::format("{}{} {}", shares.empty() ? "" : ", ", entry.head.to_string(),
                              format_percent(entry.lines->sink[static_cast<std::size_t>(query)]));
    }
    context.shared.next_hover.token = query;
    context.shared.next_hover.sentence = fmt::format(
        "{} gives to the {}, which is no line: {}", quoted_token(context.tokens(), query),
        std::string_view(sink_name(context)) == "first token" ? "first token" : "first and special tokens",
        shares);
}

/// Wheel scrolls, Ctrl+wheel zooms, a click on the left chooses the query, on the right the key.
void handle_lines_pointer(ViewContext& context, LinesForm& form, const LinesPlot& plot) {
    const auto response =
        ui::hot_area("##lines_area", {plot.rows.x, plot.rows.y}, {plot.rows.width, plot.rows.height});
    const ImGuiIO& io = ImGui::GetIO();
    LinesFocus& focus = form.focus;
    const LinesFocus before = focus;
    focus.query = focus.key = -1;
    if (response.is_hovered) {
        const float y = io.MousePos.y - plot.rows.y;
        if (io.MouseWheel != 0 && io.KeyCtrl)
            form.camera.zoom_at(y, std::pow(1.18, io.MouseWheel));
        else if (io.MouseWheel != 0)
            form.camera.scroll(-io.MouseWheel * 3 * ui::px(kLinesRowDp));
        if (io.MouseWheel != 0) ui::request_redraw();
        if (response.is_double_clicked) {  // its first click has chosen a token: that is taken back
            if (form.camera.is_fitted())
                form.camera.fit_all();
            else
                form.camera.fit();
            context.actions.choose_query(form.pressed_at.query);
            context.actions.choose_key(form.pressed_at.key);
        } else if (ImGui::IsMouseClicked(0)) {
            form.pressed_at = context.snapshot.selection;
        }
        const int row = form.camera.row_at(y);
        const bool is_left = io.MousePos.x < plot.curves.x + plot.curves.width / 2;
        if (is_left && row >= 0 && row < context.num_tokens()) focus.query = row;
        if (!is_left && row >= 0 && row < context.num_keys()) focus.key = row;
        const bool is_stub = plot.stubs.width > 0 && io.MousePos.x < plot.stubs.right();
        if (focus.query >= 0 && is_stub)
            say_sink(context, form.data, focus.query);
        else if (focus.query >= 0)
            say_query(context, form.data, focus.query);
        if (focus.key >= 0) say_key(context, form.data, focus.key);
        if (!context.shared.next_hover.sentence.empty())
            ui::tooltip(context.shared.next_hover.sentence, {}, true);
    }
    const bool is_clicked = response.is_clicked && !response.is_double_clicked;
    if (is_clicked && focus.query >= 0) {
        if (io.KeyCtrl)
            context.actions.run("add_query", {std::to_string(focus.query)});
        else
            context.actions.choose_query(focus.query);
    }
    if (is_clicked && focus.key >= 0) {
        if (focus.key == context.snapshot.selection.key)
            context.actions.set("key", "none");
        else
            context.actions.choose_key(focus.key);
    }
    if (before.query != focus.query || before.key != focus.key) ui::request_redraw();
}

void draw_scroll_mark(const LinesPlot& plot, const LinesCamera& camera, int num_rows) {
    if (!camera.can_scroll()) return;
    const float x = plot.rows.right() + ui::px(4), height = plot.rows.height;
    const auto rows = static_cast<float>(num_rows);
    const float top = plot.rows.y + static_cast<float>(camera.first()) / rows * height;
    const float length = std::max(ui::px(12), static_cast<float>(camera.num_visible()) / rows * height);
    ui::draw_fill(ImGui::GetWindowDrawList(), {x, top},
                  {x + ui::px(3), std::min(top + length, plot.rows.bottom())}, ui::colors().control_hover,
                  ui::px(1.5f));
}

void draw_lines_badge(const LinesForm& form, const LinesPlot& plot, const std::string& absent) {
    std::string words = form.data.failure().empty() ? form.picture.failure() : form.data.failure();
    if (words.empty()) words = absent;
    if (words.empty() && form.data.is_pending())
        words = form.data.progress() >= 0
                    ? fmt::format("choosing lines · {:.0f} %", form.data.progress() * 100)
                    : std::string("choosing lines");
    if (words.empty()) return;
    ImGui::SetCursorScreenPos({plot.curves.x + ui::px(8), plot.curves.y + ui::px(6)});
    ImGui::PushTextWrapPos(plot.curves.right() - ImGui::GetWindowPos().x);
    ui::text_wrapped(words, form.data.failure().empty() ? ui::colors().dim : ui::colors().error);
    ImGui::PopTextWrapPos();
}

}  // namespace

void draw_lines_form(ViewContext& context, LinesForm& form, const LayoutRect& body) {
    form.data.update(context);
    const float legend = body.height > ui::px(150) ? draw_lines_legend(context, body, form.data) : 0;
    const LayoutRect rest{body.x, body.y + legend, body.width - ui::px(6), body.height - legend};
    const LinesPlot plot = place_lines(context, rest, static_cast<int>(form.data.heads().size()), form.room);
    const int num_rows = std::max(context.num_tokens(), context.num_keys());
    form.camera.resize(num_rows, plot.rows.height, ui::px(kLinesRowDp));
    if (std::exchange(form.fit_requests, context.shared.fit_requests) != context.shared.fit_requests)
        form.camera.fit();
    const Selection& selection = context.snapshot.selection;
    if (selection.query != form.last_selection.query) form.camera.reveal(selection.query);
    if (selection.key != form.last_selection.key) form.camera.reveal(selection.key);
    form.last_selection = selection;
    form.focus.chosen_query = selection.query;
    form.focus.chosen_key = selection.key;
    if (form.picture.draw(context, plot, form.camera, form.data)) ui::request_redraw();
    draw_strong(plot, form.camera, form.data, form.focus);
    draw_lines_columns(context, plot, form.camera, form.data, form.focus);
    draw_lines_numbers(context, plot, form.camera, form.data, form.focus);
    draw_scroll_mark(plot, form.camera, num_rows);
    draw_lines_badge(form, plot, absent_words(context.trace(), colored_heads(selection)));
    handle_lines_pointer(context, form, plot);
    std::string& shown = context.shared.next_hover.shown;
    shown = format_count(static_cast<int>(form.data.num_lines()), "line", "lines");
    for (const LinesData::Entry& entry : form.data.heads()) {
        if (!entry.lines || entry.lines->num_left_out == 0) continue;
        shown += fmt::format(", of each row the {} largest are kept", entry.lines->most_of_row);
        break;
    }
    if (const std::string words = form.picture.words(); !words.empty()) shown += ", " + words;
}

}  // namespace headlight
