// The user's notes on the open model, and the text that those on cells are compared with.
#pragma once

#include <cstdint>
#include <string>

#include "core/notes.h"

namespace headlight {

struct NotesState {
    NotesPtr notes;              // on the open model; null: none
    std::uint64_t model_id = 0;  // that they are on
    std::string text_id;         // note_text_id() of the shown run; empty: none
    std::uint64_t base_id = 0;   // AnalyzedText::id that it is of

    /// The notes, also where there are none.
    const Notes& all() const {
        static const Notes kNone;
        return notes ? *notes : kNone;
    }
    /// On the head itself; null: none.
    const Note* of_head(AttentionKind kind, HeadId head) const {
        for (const Note& note : all())
            if (!note.is_of_cell() && note.kind == kind && note.head == head) return &note;
        return nullptr;
    }
    /// On a cell of the shown text; null: none.
    const Note* of_cell(AttentionKind kind, HeadId head, int query, int key) const {
        for (const Note& note : all())
            if (is_shown_cell(note, kind, head) && note.query == query && note.key == key) return &note;
        return nullptr;
    }
    /// Is the note on a cell of that head in the shown text?
    bool is_shown_cell(const Note& note, AttentionKind kind, HeadId head) const {
        return note.is_of_cell() && note.kind == kind && note.head == head && note.text_id == text_id;
    }
};

}  // namespace headlight
