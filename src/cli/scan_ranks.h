// Several processes of one scan: the ranks of `mpirun headlight scan` are its shards.
#pragma once

#include <optional>

#include "base/result.h"

namespace headlight {

class ScanRanks {
  public:
    /// The ranks of this process' mpirun; nullopt when it was started alone. Errors: Internal (MPI does not
    /// start).
    static Result<std::optional<ScanRanks>> join();
    ~ScanRanks();
    ScanRanks(ScanRanks&& other) noexcept;
    ScanRanks& operator=(ScanRanks&&) = delete;

    int rank() const { return rank_; }
    int size() const { return size_; }
    /// False in a build without Open MPI: the ranks measure, and the atlas is merged by a command of its own.
    bool can_wait() const { return library_ != nullptr; }
    /// Waits for all ranks; true when each of them says that it is well.
    bool all_well(bool is_well) const;

  private:
    ScanRanks() = default;
    int rank_ = 0, size_ = 1;
    void* library_ = nullptr;
};

}  // namespace headlight
