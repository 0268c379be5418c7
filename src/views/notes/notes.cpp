// Notes: written on the chosen head or cell, listed, searched.
#include <fmt/format.h>

#include <algorithm>

#include "session/saved/notes_state.h"
#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/overlay.h"
#include "ui/plots.h"
#include "ui/rows.h"
#include "ui/text_box.h"
#include "views/notes/note_marks.h"
#include "views/view.h"

namespace headlight {

namespace {

struct NotesViewState final : ViewState {
    ui::TextBox words;
    NoteColor color = NoteColor::Yellow;
    bool is_on_cell = false;   // what the field is about: the chosen cell, not the head
    std::string known_target;  // that the field was filled for
    std::string searched;
};

HeightWish notes_height(const Snapshot& now, const ViewState&, float) {
    const auto count = static_cast<float>(std::min<std::size_t>(8, now.part<NotesState>().all().size()));
    return {190 + count * ui::kRowHeight, 150};
}

bool has_chosen_cell(const Snapshot& now) {
    return now.text && now.token_selection.key >= 0 && now.token_selection.query >= 0;
}

/// On what the field is about; null: none yet.
const Note* note_of_target(const ViewContext& context, const NotesViewState& state) {
    const Snapshot& now = context.snapshot;
    const NotesState& notes = now.part<NotesState>();
    const AttentionKind kind = now.base_text ? now.base_text->kind() : AttentionKind::Self;
    const Selection& chosen = now.token_selection;
    return state.is_on_cell ? notes.of_cell(kind, chosen.head, chosen.query, chosen.key)
                            : notes.of_head(kind, chosen.head);
}

std::string target_words(const ViewContext& context, const NotesViewState& state) {
    const Snapshot& now = context.snapshot;
    const Selection& chosen = now.token_selection;
    if (!state.is_on_cell) return chosen.head.to_string();
    const auto& text = now.shown_tokens();
    return fmt::format("{} {} → {}", chosen.head.to_string(), quoted_token(text->tokens, chosen.query),
                       quoted_token(text->keys(), chosen.key));
}

/// Another head or cell: the field shows what is on it. A cell that has a note is what the field is about.
void follow_target(ViewContext& context, NotesViewState& state) {
    const Snapshot& now = context.snapshot;
    const NotesState& notes = now.part<NotesState>();
    const Selection& chosen = now.token_selection;
    const std::string place = fmt::format("{} {} {} {} {} {}", notes.model_id, notes.text_id,
                                          chosen.head.layer, chosen.head.head, chosen.query, chosen.key);
    if (!has_chosen_cell(now)) state.is_on_cell = false;
    const bool is_new_place = !state.known_target.starts_with(place + "|");
    if (is_new_place && has_chosen_cell(now)) {
        state.is_on_cell = true;
        state.is_on_cell = note_of_target(context, state) != nullptr;
    }
    const Note* note = note_of_target(context, state);
    const std::string target = fmt::format("{}|{}|{}", place, state.is_on_cell, note ? note->words : "");
    if (target == state.known_target) return;
    state.known_target = target;
    state.words.set_text(note ? note->words : "", true);
    if (note) state.color = note->color;
}

void draw_target(ViewContext& context, NotesViewState& state) {
    if (has_chosen_cell(context.snapshot)) {
        static constexpr ui::Segment kTargets[] = {
            {"head##note_head", "The note is on the head, on every text", true},
            {"cell##note_cell", "The note is on this cell of this text", true}};
        int selected = state.is_on_cell ? 1 : 0;
        if (ui::segmented("##note_target", kTargets, selected)) state.is_on_cell = selected == 1;
        ImGui::SameLine(0, ui::px(8));
    }
    const float room = ImGui::GetContentRegionAvail().x;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float top = at.y + (ui::px(ui::kControlHeight) - ui::kit().fonts.body->FontSize) / 2;
    ui::draw_shaped(ImGui::GetWindowDrawList(), {at.x, top},
                    ui::shorten_shaped("on " + target_words(context, state), room), ui::colors().dim);
    ImGui::Dummy({room, ui::px(ui::kControlHeight)});
}

void keep_note(ViewContext& context, NotesViewState& state) {
    std::string words = state.words.text();
    std::replace(words.begin(), words.end(), '\n', ' ');
    if (words.find_first_not_of(' ') == std::string::npos) return;
    context.actions.run(state.is_on_cell ? "note_cell" : "note", {words, to_string(state.color)});
}

/// Squares of the colours; a click on one changes the colour of a note that is there.
void draw_colors(ViewContext& context, NotesViewState& state) {
    const float side = ui::px(16), gap = ui::px(5);
    for (const NoteColor color : kNoteColors) {
        const ImVec2 at = ImGui::GetCursorScreenPos();
        const ImVec2 min{at.x, at.y + (ui::px(ui::kControlHeight) - side) / 2},
            max{min.x + side, min.y + side};
        const bool is_on = color == state.color;
        auto response =
            ui::hot_area(fmt::format("##note_{}", to_string(color)).c_str(), min, {side, side}, is_on);
        ui::tooltip_for_last_item(to_string(color));
        response.is_clicked |= ui::kit().focus.stop(min, max);
        ImDrawList* list = ImGui::GetWindowDrawList();
        ui::draw_fill(list, min, max, color_of_note(color), ui::px(3));
        if (is_on || response.is_hovered)
            ui::draw_frame(list, {min.x - 2, min.y - 2}, {max.x + 2, max.y + 2},
                           is_on ? ui::colors().text : ui::colors().dim, ui::px(4),
                           std::max(1.0f, ui::px(1)));
        if (response.is_clicked) {
            state.color = color;
            if (note_of_target(context, state)) keep_note(context, state);
        }
        ImGui::SetCursorScreenPos({max.x + gap, at.y});
    }
}

void draw_field(ViewContext& context, NotesViewState& state) {
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 pos = ImGui::GetCursorScreenPos();
    const bool has_changed = state.words.draw("##note_words", "A word or a line; Enter keeps it", width, 1);
    context.shared.has_text_focus |= state.words.is_focused();
    if (has_changed && state.words.text().find('\n') != std::string::npos) {
        std::string line = state.words.text();
        std::erase(line, '\n');
        state.words.set_text(line);
        keep_note(context, state);
    }
    const float top = pos.y + state.words.height(width, 1) + ui::px(5);
    ImGui::SetCursorScreenPos({pos.x, top});
    draw_colors(context, state);
    const Note* note = note_of_target(context, state);
    const float buttons = ui::px(note ? 140.0f : 60.0f), used = ImGui::GetCursorScreenPos().x - pos.x;
    const bool is_wide = used + buttons <= width;
    const float below = top + (is_wide ? 0 : ui::px(ui::kControlHeight + 4));
    ImGui::SetCursorScreenPos({is_wide ? pos.x + width - buttons : pos.x, below});
    const bool can_keep = !state.words.text().empty() && (!note || note->words != state.words.text());
    if (ui::pill_button("keep##note_keep", true, can_keep, "Write the note")) keep_note(context, state);
    if (note) {
        ImGui::SameLine(0, ui::px(6));
        if (ui::pill_button("remove##note_remove", false, true, "Remove this note; undo brings it back")) {
            const auto index = note - context.snapshot.part<NotesState>().all().data();
            context.actions.run("remove_note", {std::to_string(index)});
        }
    }
    ImGui::SetCursorScreenPos({pos.x, below + ui::px(ui::kControlHeight + 8)});
    ImGui::Dummy({1, 1});
}

bool is_chosen(const ViewContext& context, const Note& note) {
    const Snapshot& now = context.snapshot;
    const NotesState& state = now.part<NotesState>();
    const AttentionKind kind = now.base_text ? now.base_text->kind() : AttentionKind::Self;
    const Selection& chosen = now.token_selection;
    if (note.kind != kind || note.head != chosen.head) return false;
    return !note.is_of_cell() ||
           (note.text_id == state.text_id && note.query == chosen.query && note.key == chosen.key);
}

void draw_note_row(ViewContext& context, const Note& note, int index) {
    static constexpr ui::Column kColumns[] = {{"", 0, 14, false}, {"", 1.5f, 0, false}, {"", 1, 0, false}};
    const std::string target = note_target_words(note);
    const bool is_elsewhere =
        note.is_of_cell() && note.text_id != context.snapshot.part<NotesState>().text_id;
    const ui::Cell cells[] = {{" ", color_of_note(note.color), false, 1},
                              {note.words, {}, true, 0},
                              {target, ui::colors().dim, true, 0}};
    const auto response = ui::table_row(fmt::format("note_{}", index).c_str(), kColumns, cells,
                                        is_chosen(context, note), is_elsewhere);
    if (response.is_clicked) context.actions.run("go_to_note", {std::to_string(index)});
    if (!response.is_hovered) return;
    const std::string where = is_elsewhere ? "on another text: a click runs it" : "a click goes there";
    context.shared.next_hover.sentence = fmt::format("{}: “{}” · {}", target, note.words, where);
    context.shared.next_hover.head = note.head;
    ui::tooltip(is_elsewhere && !note.text.empty()
                    ? fmt::format("{}\n{}\n{}: {}", note.words, target, where, shorten(note.text, 80))
                    : fmt::format("{}\n{}\n{}", note.words, target, where),
                {}, true);
}

/// Only those in sight are drawn.
void draw_list(ViewContext& context, NotesViewState& state) {
    const Notes& notes = context.snapshot.part<NotesState>().all();
    if (notes.empty())
        return ui::text_wrapped(
            "No notes on this model yet: choose a head, or a cell, and write a word above.",
            ui::colors().dim);
    ui::filter_input("##notes_search", "search words, heads, tokens, colours", state.searched,
                     ImGui::GetContentRegionAvail().x, false);
    ImGui::Dummy({1, ui::px(2)});
    std::vector<int> found;
    for (std::size_t i = 0; i < notes.size(); ++i)
        if (note_holds(notes[i], state.searched)) found.push_back(static_cast<int>(i));
    if (found.empty()) return ui::text_wrapped("No note holds this.", ui::colors().dim);
    const float row = ui::px(ui::kRowHeight), top = ImGui::GetCursorScreenPos().y;
    const float clip_top = ImGui::GetWindowPos().y, clip_bottom = clip_top + ImGui::GetWindowSize().y;
    const auto last = static_cast<std::ptrdiff_t>(found.size());
    const auto first_seen =
        std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>((clip_top - top) / row) - 1, 0, last);
    const auto end_seen = std::clamp<std::ptrdiff_t>(
        static_cast<std::ptrdiff_t>((clip_bottom - top) / row) + 2, first_seen, last);
    if (first_seen > 0)
        ImGui::Dummy({1, row * static_cast<float>(first_seen) - ImGui::GetStyle().ItemSpacing.y});
    for (std::ptrdiff_t i = first_seen; i < end_seen; ++i) {
        const int index = found[static_cast<std::size_t>(i)];
        draw_note_row(context, notes[static_cast<std::size_t>(index)], index);
    }
    if (end_seen < last) ImGui::Dummy({1, row * static_cast<float>(last - end_seen)});
}

void draw(ViewContext& context) {
    auto& state = static_cast<NotesViewState&>(context.state);
    const Snapshot& now = context.snapshot;
    const Notes& notes = now.part<NotesState>().all();
    const std::string line =
        notes.empty() || !now.model
            ? std::string()
            : fmt::format("{} on {}", format_count(static_cast<int>(notes.size()), "note", "notes"),
                          now.model->spec.name);
    ui::CardSpec spec;
    spec.id = "notes";
    spec.title = "Notes";
    spec.context = line;
    spec.scrolls = true;
    spec.controls = [&] {
        if (notes.empty()) return;
        if (ui::pill_button("export…##notes_export", false, true, "Write them as .csv or .json"))
            context.actions.run("export_notes");
    };
    if (ui::Card card{spec, context.pos, context.size}; card) {
        if (!now.model) {
            ui::draw_card_state(
                {ui::CardState::Empty, "Open a model to write notes on its heads.", nullptr, -1});
            return;
        }
        follow_target(context, state);
        draw_target(context, state);
        draw_field(context, state);
        draw_list(context, state);
    }
}

}  // namespace

extern const ViewDescriptor k_view_notes = {
    .id = "notes",
    .title = "Notes",
    .help = "Notes on heads and cells: a word and a colour each, listed, searched, exported.",
    .height = notes_height,
    .make_state = [] { return std::unique_ptr<ViewState>(std::make_unique<NotesViewState>()); },
    .draw = draw,
};

}  // namespace headlight
