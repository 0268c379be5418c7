// Pieces and their ids, both ways.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace headlight {

class PieceTable {
  public:
    /// From {"piece": id, ...}. Errors: Corrupt (ids that are no whole numbers in range).
    static Result<PieceTable> from_object(const nlohmann::json& vocabulary);
    /// The place in the list is the id; of two equal pieces the later one is found, as in the reference.
    static PieceTable from_list(std::vector<std::string> pieces);

    /// One more than the largest id.
    int size() const { return static_cast<int>(pieces_.size()); }
    int num_pieces() const { return static_cast<int>(ids_.size()); }
    const std::string& piece(std::int32_t id) const { return pieces_[static_cast<std::size_t>(id)]; }
    std::int32_t id_of(std::string_view piece) const;

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::vector<std::string> pieces_;  // [id]
    std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> ids_;
};

}  // namespace headlight
