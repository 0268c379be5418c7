#include "views/notes/note_marks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "session/saved/notes_state.h"
#include "ui/kit.h"
#include "ui/plots.h"

namespace headlight {

namespace {

const NotesState& notes_of(const ViewContext& context) {
    return context.snapshot.part<NotesState>();
}

AttentionKind kind_of_shown(const ViewContext& context) {
    return context.text() ? context.text()->kind() : AttentionKind::Self;
}

/// Where a note's cell lies among the shown rows and columns; -1: not there.
struct ShownCell {
    int query = -1, key = -1;
};
ShownCell shown_cell(const ViewContext& context, const Note& note) {
    const auto& groups = context.text()->groups;
    if (!groups) return {note.query, note.key};
    return {unit_of(groups->queries, note.query), unit_of(groups->keys, note.key)};
}

/// Notes on cells of these heads in the shown text.
std::vector<const Note*> notes_on_cells(const ViewContext& context, const std::vector<HeadId>& heads) {
    std::vector<const Note*> out;
    const NotesState& state = notes_of(context);
    for (const Note& note : state.all()) {
        const bool is_shown = std::find(heads.begin(), heads.end(), note.head) != heads.end();
        if (is_shown && state.is_shown_cell(note, kind_of_shown(context), note.head)) out.push_back(&note);
    }
    return out;
}

std::string note_words(const Note& note) {
    return fmt::format("note: “{}”", note.words);
}

/// A triangle in the upper left corner, dark around so that it is seen on any picture.
void draw_note_corner(ImDrawList* list, ImVec2 at, float size, NoteColor color) {
    const float edge = std::max(1.0f, ui::px(1));
    list->AddTriangleFilled(at, {at.x + size + 2 * edge, at.y}, {at.x, at.y + size + 2 * edge},
                            ui::to_u32(ui::colors().background, 0.8f));
    list->AddTriangleFilled(at, {at.x + size, at.y}, {at.x, at.y + size}, ui::to_u32(color_of_note(color)));
}

}  // namespace

ui::Rgba color_of_note(NoteColor color) {
    return ui::named_hue(ui::kit().theme, static_cast<int>(color));
}

const Note* note_on_head(const ViewContext& context, HeadId head) {
    return notes_of(context).of_head(kind_of_shown(context), head);
}

std::string head_note_words(const ViewContext& context, HeadId head) {
    const Note* note = note_on_head(context, head);
    const std::size_t num_cells = context.text() ? notes_on_cells(context, {head}).size() : 0;
    std::string out = note ? note_words(*note) : std::string();
    if (num_cells > 0)
        out += (out.empty() ? "" : "\n") + format_count(static_cast<int>(num_cells), "cell", "cells") +
               " of this text with a note";
    return out;
}

std::string cell_note_words(const ViewContext& context, const std::vector<HeadId>& heads, int query,
                            int key) {
    std::string out;
    for (const Note* note : notes_on_cells(context, heads)) {
        const ShownCell cell = shown_cell(context, *note);
        if (cell.query == query && cell.key == key) out += (out.empty() ? "" : " · ") + note_words(*note);
    }
    return out;
}

void mark_noted_heads(const ViewContext& context, const GridModel& model, const GridGeometry& geometry) {
    const NotesState& state = notes_of(context);
    if (state.all().empty()) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->PushClipRect({geometry.area.x, geometry.area.y}, {geometry.area.right(), geometry.area.bottom()},
                       true);
    const AttentionKind kind = kind_of_shown(context);
    for (const bool is_of_cells : {true, false}) {  // the note on a head lies over those on its cells
        for (const Note& note : state.all()) {
            if (note.kind != kind || note.is_of_cell() != is_of_cells) continue;
            if (is_of_cells && !state.is_shown_cell(note, kind, note.head)) continue;
            const auto [row, col] = model.find(note.head);
            if (row < 0) continue;
            const LayoutRect cell = geometry.cell(row, col);
            const float size = std::clamp(0.3f * std::min(cell.width, cell.height), ui::px(5), ui::px(11));
            if (is_of_cells)
                ui::draw_dot(list, {cell.x + ui::px(4), cell.y + ui::px(4)}, ui::px(2),
                             color_of_note(note.color));
            else
                draw_note_corner(list, {cell.x, cell.y}, size, note.color);
        }
    }
    list->PopClipRect();
}

void mark_noted_cells(const ViewContext& context, const HeatmapPlot& plot, const std::vector<HeadId>& heads) {
    const auto notes = notes_on_cells(context, heads);
    if (notes.empty()) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->PushClipRect({plot.cells.x, plot.cells.y}, {plot.cells.right(), plot.cells.bottom()}, true);
    for (const Note* note : notes) {
        const ShownCell cell = shown_cell(context, *note);
        if (cell.query < 0 || cell.key < 0) continue;
        const float x = std::round(plot.x_of(cell.key)), y = std::round(plot.y_of(cell.query));
        const float side = std::min(plot.cell_width(), plot.cell_height());
        const ui::Rgba color = color_of_note(note->color);
        if (side >= ui::px(8)) {
            draw_note_corner(list, {x, y}, std::clamp(0.4f * side, ui::px(5), ui::px(11)), note->color);
            continue;
        }
        const float around = ui::px(2), line = std::max(1.0f, std::round(ui::px(1.5f)));
        ui::draw_frame(
            list, {x - around, y - around},
            {x + std::max(1.0f, plot.cell_width()) + around, y + std::max(1.0f, plot.cell_height()) + around},
            color, 0, line);
    }
    list->PopClipRect();
}

}  // namespace headlight
