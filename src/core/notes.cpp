#include "core/notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace headlight {
namespace {

constexpr const char* kColorNames[] = {"yellow", "orange", "red", "pink", "violet", "blue", "teal", "green"};
static_assert(std::size(kColorNames) == std::size(kNoteColors));

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool holds(std::string_view text, std::string_view searched) {
    const auto same = [](char a, char b) { return lower(a) == lower(b); };
    return std::search(text.begin(), text.end(), searched.begin(), searched.end(), same) != text.end();
}

}  // namespace

const char* to_string(NoteColor color) {
    return kColorNames[static_cast<std::size_t>(color)];
}

std::optional<NoteColor> note_color(std::string_view name) {
    for (const NoteColor color : kNoteColors) {
        if (name == to_string(color)) return color;
    }
    return std::nullopt;
}

Notes with_note(const Notes& notes, Note note) {
    Notes out = notes;
    const auto same =
        std::find_if(out.begin(), out.end(), [&](const Note& other) { return other.has_target_of(note); });
    if (same != out.end())
        *same = std::move(note);
    else
        out.push_back(std::move(note));
    return out;
}

std::string note_target_words(const Note& note) {
    std::string out = note.head.to_string();
    if (note.kind != AttentionKind::Self) out = fmt::format("{} {}", kind_name(note.kind), out);
    if (note.is_of_cell())
        out += fmt::format(" “{}” ({}) → “{}” ({})", note.query_token, note.query, note.key_token, note.key);
    return out;
}

bool note_holds(const Note& note, std::string_view searched) {
    return holds(note.words, searched) || holds(note_target_words(note), searched) ||
           holds(to_string(note.color), searched);
}

std::string note_text_id(const std::vector<std::int32_t>& queries, const std::vector<std::int32_t>& keys) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    const auto add = [&hash](std::uint32_t value) {
        for (int shift = 0; shift < 32; shift += 8)
            hash = (hash ^ ((value >> shift) & 0xFFU)) * 0x100000001B3U;
    };
    for (const std::int32_t id : queries)
        add(static_cast<std::uint32_t>(id));
    if (!keys.empty()) add(0xFFFFFFFFU);  // no id
    for (const std::int32_t id : keys)
        add(static_cast<std::uint32_t>(id));
    return fmt::format("{:016x}", hash);
}

}  // namespace headlight
