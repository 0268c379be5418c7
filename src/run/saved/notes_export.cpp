#include "run/saved/notes_export.h"

#include "base/csv.h"
#include "run/saved/session_parts.h"

namespace headlight {

std::string notes_to_csv(const Notes& notes, const std::string& model_name) {
    CsvLine names;
    for (const char* name : {"model", "attention", "layer", "head", "query", "key", "query_token",
                             "key_token", "note", "color", "text_id", "text", "decoder_text"})
        names.text(name);
    std::string out = names.line();
    for (const Note& note : notes) {
        CsvLine line;
        line.text(model_name).text(kind_name(note.kind)).count(note.head.layer).count(note.head.head);
        if (note.is_of_cell())
            line.count(note.query).count(note.key);
        else
            line.text("").text("");
        line.text(note.query_token).text(note.key_token).text(note.words).text(to_string(note.color));
        line.text(note.text_id).text(note.text).text(note.decoder_text);
        out += line.line();
    }
    return out;
}

std::string notes_to_json(const Notes& notes, const std::string& model_name, const std::string& config_hash) {
    nlohmann::ordered_json out;
    out["headlight_notes"] = 1;
    put_bytes(out, "model", model_name);
    out["config"] = config_hash;
    out["notes"] = notes_json(notes);
    return out.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace headlight
