#include "tokenize/words/piece_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace headlight {
namespace {
constexpr std::int64_t kMostPieces = 1 << 26;  // bounds the table whatever a file says
}

Result<PieceTable> PieceTable::from_object(const nlohmann::json& vocabulary) {
    if (!vocabulary.is_object()) return fail(ErrorKind::Corrupt, "the model has no object 'vocab'");
    PieceTable table;
    table.ids_.reserve(vocabulary.size());
    std::int64_t most = -1;
    for (const auto& [piece, id] : vocabulary.items()) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() > kMostPieces) {
            return fail(ErrorKind::Corrupt, "the id of '{}' in 'vocab' is no whole number in range",
                        piece.substr(0, 60));
        }
        table.ids_.emplace(piece, id.get<std::int32_t>());
        most = std::max(most, id.get<std::int64_t>());
    }
    table.pieces_.resize(static_cast<std::size_t>(most + 1));
    for (const auto& [piece, id] : table.ids_)
        table.pieces_[static_cast<std::size_t>(id)] = piece;
    return table;
}

PieceTable PieceTable::from_list(std::vector<std::string> pieces) {
    PieceTable table;
    table.ids_.reserve(pieces.size());
    for (std::size_t id = 0; id < pieces.size(); ++id)
        table.ids_.insert_or_assign(pieces[id], static_cast<std::int32_t>(id));
    table.pieces_ = std::move(pieces);
    return table;
}

std::int32_t PieceTable::id_of(std::string_view piece) const {
    const auto found = ids_.find(piece);
    return found != ids_.end() ? found->second : -1;
}

}  // namespace headlight
