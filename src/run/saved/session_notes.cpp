// Notes in a session file.
#include <algorithm>
#include <optional>

#include "run/saved/session_parts.h"

namespace headlight {
namespace {

constexpr std::size_t kTextIdBytes = 16, kMostTokenBytes = 1000;

std::optional<AttentionKind> attention_kind(const std::string& name) {
    for (const AttentionKind kind :
         {AttentionKind::Self, AttentionKind::Encoder, AttentionKind::Decoder, AttentionKind::Cross}) {
        if (name == kind_name(kind)) return kind;
    }
    return std::nullopt;
}

Note read_note(JsonFields fields) {
    Note note;
    fields.bytes("note", note.words, kMostNoteBytes);
    if (note.words.empty()) fields.blame("note", "a text that is not empty");
    fields.word("color", note_color, note.color);
    fields.word("attention", attention_kind, note.kind);
    fields.count("layer", 0, kMostHeadIndex, note.head.layer);
    fields.count("head", 0, kMostHeadIndex, note.head.head);
    fields.count("query", 0, kMostTokenIndex, note.query);
    fields.count("key", 0, kMostTokenIndex, note.key);
    fields.bytes("text_id", note.text_id, kTextIdBytes);
    fields.bytes("query_token", note.query_token, kMostTokenBytes);
    fields.bytes("key_token", note.key_token, kMostTokenBytes);
    fields.bytes("text", note.text, kMostNotedTextBytes);
    fields.bytes("decoder_text", note.decoder_text, kMostNotedTextBytes);
    if ((note.query >= 0) != (note.key >= 0)) fields.blame("key", "there exactly where \"query\" is");
    return note;
}

}  // namespace

SessionJson notes_json(const Notes& notes) {
    SessionJson out = SessionJson::array();
    for (const Note& note : notes) {
        SessionJson& entry = out.emplace_back();
        put_bytes(entry, "note", note.words);
        entry["color"] = to_string(note.color);
        entry["attention"] = kind_name(note.kind);
        entry["layer"] = note.head.layer;
        entry["head"] = note.head.head;
        if (!note.is_of_cell()) continue;
        entry["query"] = note.query;
        entry["key"] = note.key;
        put_bytes(entry, "query_token", note.query_token);
        put_bytes(entry, "key_token", note.key_token);
        entry["text_id"] = note.text_id;
        put_bytes(entry, "text", note.text);
        if (!note.decoder_text.empty()) put_bytes(entry, "decoder_text", note.decoder_text);
    }
    return out;
}

NotesPtr read_notes(JsonFields& file, const char* key) {
    const auto* list = file.list(key, kMostNotes);
    if (!list || list->empty()) return nullptr;
    Notes out;
    for (std::size_t i = 0; i < list->size() && file.is_good(); ++i) {
        Note note = read_note(file.inside((*list)[i], key, i));
        const bool is_double =
            std::any_of(out.begin(), out.end(), [&](const Note& other) { return other.has_target_of(note); });
        if (is_double) file.blame(key, "a list with one note on each head and cell");
        out.push_back(std::move(note));
    }
    return std::make_shared<const Notes>(std::move(out));
}

}  // namespace headlight
