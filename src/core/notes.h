// Notes that the user writes on heads and on cells: a word or a line, and a colour. Plain values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/attention_trace.h"
#include "core/head_id.h"

namespace headlight {

enum class NoteColor { Yellow, Orange, Red, Pink, Violet, Blue, Teal, Green };
inline constexpr NoteColor kNoteColors[] = {NoteColor::Yellow, NoteColor::Orange, NoteColor::Red,
                                            NoteColor::Pink,   NoteColor::Violet, NoteColor::Blue,
                                            NoteColor::Teal,   NoteColor::Green};
/// "yellow", "orange" ...
const char* to_string(NoteColor color);
std::optional<NoteColor> note_color(std::string_view name);

/// Of a note's words, of the texts that a cell's note keeps with it, and of all notes on a model.
inline constexpr std::size_t kMostNoteBytes = 1000, kMostNotedTextBytes = 20'000, kMostNotes = 10'000;

struct Note {
    std::string words;
    NoteColor color = NoteColor::Yellow;
    AttentionKind kind = AttentionKind::Self;
    HeadId head;
    // Of a cell: tokens of one text; of a head itself -1 and nothing.
    int query = -1, key = -1;
    std::string text_id;                 // note_text_id() of the tokens that the text had
    std::string query_token, key_token;  // as they are shown
    std::string text, decoder_text;      // as typed; empty: too long to be kept with the note

    bool is_of_cell() const { return query >= 0; }
    /// On the same head, or on the same cell of the same text.
    bool has_target_of(const Note& other) const {
        return kind == other.kind && head == other.head && query == other.query && key == other.key &&
               text_id == other.text_id;
    }
    bool operator==(const Note&) const = default;
};

/// In the order in which they were written, at most one on each head and cell.
using Notes = std::vector<Note>;
/// Null: none. Undo keeps these, so they are shared and never changed.
using NotesPtr = std::shared_ptr<const Notes>;

/// `notes` with `note` in place of what was on the same head or cell; at the end where nothing was.
Notes with_note(const Notes& notes, Note note);

/// "L5H1" or "L5H1 “·it” (5) → “·cat” (1)", with the kind of attention where a model has several.
std::string note_target_words(const Note& note);

/// Do words, head, tokens or colour hold what is searched for, without regard to case of Latin letters? All
/// notes hold "".
bool note_holds(const Note& note, std::string_view searched);

/// What a text is known by: a hash of its tokens' ids (FNV-1a, 64 bits, as 16 hexadecimal digits), of the
/// queries and, where they are another text, of the keys.
std::string note_text_id(const std::vector<std::int32_t>& queries, const std::vector<std::int32_t>& keys);

}  // namespace headlight
