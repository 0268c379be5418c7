#include "tokenize/words/piece_table.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

namespace headlight {
namespace {

std::uint32_t hash_of_piece(std::string_view piece) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(piece));
}

}  // namespace

std::size_t PieceTable::find(std::string_view piece, std::uint32_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = hash & mask;
    while (slots_[i].entry >= 0 &&
           (slots_[i].hash != hash || entries_[static_cast<std::size_t>(slots_[i].entry)].piece != piece))
        i = (i + 1) & mask;
    return i;
}

void PieceTable::reserve(std::size_t count) {
    std::size_t size = 16;
    while (size < 2 * count)
        size *= 2;
    if (size <= slots_.size()) return;
    slots_.assign(size, {});
    entries_.reserve(count);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const std::uint32_t hash = hash_of_piece(entries_[i].piece);
        slots_[find(entries_[i].piece, hash)] = {hash, static_cast<std::int32_t>(i)};
    }
}

bool PieceTable::add(std::string_view piece, std::int32_t id) {
    if (id < 0 || id > kMostId) return false;
    if (2 * (entries_.size() + 1) > slots_.size()) reserve(2 * entries_.size() + 8);
    const std::uint32_t hash = hash_of_piece(piece);
    Slot& slot = slots_[find(piece, hash)];
    if (slot.entry >= 0) return false;
    slot = {hash, static_cast<std::int32_t>(entries_.size())};
    if (static_cast<std::size_t>(id) >= entry_of_id_.size())
        entry_of_id_.resize(static_cast<std::size_t>(id) + 1, -1);
    entry_of_id_[static_cast<std::size_t>(id)] = slot.entry;
    entries_.push_back({std::string(piece), id});
    return true;
}

Result<PieceTable> PieceTable::from_model(const nlohmann::json& model) {
    const auto vocabulary = model.find("vocab");
    if (vocabulary == model.end() || !vocabulary->is_object())
        return fail(ErrorKind::Corrupt, "the model has no object 'vocab'");
    PieceTable table;
    table.reserve(vocabulary->size());
    for (const auto& [piece, id] : vocabulary->items()) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() > kMostId) {
            return fail(ErrorKind::Corrupt, "the id of '{}' in 'vocab' is no whole number in range",
                        piece.substr(0, 60));
        }
        table.add(piece, id.get<std::int32_t>());
    }
    return table;
}

PieceTable PieceTable::from_list(std::vector<std::string> pieces) {
    PieceTable table;
    table.reserve(pieces.size());
    for (std::size_t id = 0; id < pieces.size(); ++id) {
        if (table.add(pieces[id], static_cast<std::int32_t>(id))) continue;
        // The text is there: from now on it is found under this id, and both ids show it.
        const std::size_t at = table.find(pieces[id], hash_of_piece(pieces[id]));
        const std::int32_t entry = table.slots_[at].entry;
        if (entry < 0) break;  // more than kMostId
        table.entries_[static_cast<std::size_t>(entry)].id = static_cast<std::int32_t>(id);
        table.entry_of_id_.resize(id + 1, -1);
        table.entry_of_id_[id] = entry;
    }
    return table;
}

const std::string& PieceTable::piece(std::int32_t id) const {
    static const std::string none;
    const std::int32_t entry = entry_of_id_[static_cast<std::size_t>(id)];
    return entry >= 0 ? entries_[static_cast<std::size_t>(entry)].piece : none;
}

std::int32_t PieceTable::id_of(std::string_view piece) const {
    if (slots_.empty()) return -1;
    const std::int32_t entry = slots_[find(piece, hash_of_piece(piece))].entry;
    return entry >= 0 ? entries_[static_cast<std::size_t>(entry)].id : -1;
}

}  // namespace headlight
