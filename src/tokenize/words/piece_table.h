// Pieces and their ids, both ways.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headlight {

/// Each text is kept once, in the order in which it came; a table of numbers finds it, since a start looks up
/// several for each of a hundred thousand merges.
class PieceTable {
  public:
    static constexpr std::int32_t kMostId = 1 << 26;  // bounds the table whatever a file says

    struct Entry {
        std::string piece;
        std::int32_t id = -1;
    };

    /// From a model's "vocab": {"piece": id, ...}. Errors: Corrupt (none, or ids that are no whole numbers in
    /// range).
    static Result<PieceTable> from_model(const nlohmann::json& model);
    /// The place in the list is the id; of two equal pieces the later one is found, as in the reference.
    static PieceTable from_list(std::vector<std::string> pieces);

    void reserve(std::size_t count);
    /// False where the piece is there already (it keeps its id), or the id is not in 0 to kMostId.
    bool add(std::string_view piece, std::int32_t id);

    /// One more than the largest id.
    int size() const { return static_cast<int>(entry_of_id_.size()); }
    int num_pieces() const { return static_cast<int>(entries_.size()); }
    const std::vector<Entry>& entries() const { return entries_; }
    /// Empty for an id that no piece has; of two pieces of one id the later one.
    const std::string& piece(std::int32_t id) const;
    /// -1 if there is none.
    std::int32_t id_of(std::string_view piece) const;

  private:
    struct Slot {
        std::uint32_t hash = 0;
        std::int32_t entry = -1;  // of entries_; -1: free
    };
    /// Where the piece is, or where it would be put. There is always a free slot.
    std::size_t find(std::string_view piece, std::uint32_t hash) const;

    std::vector<Entry> entries_;
    std::vector<std::int32_t> entry_of_id_;  // [id]; -1: none
    std::vector<Slot> slots_;                // a power of two, at most half of them taken
};

}  // namespace headlight
