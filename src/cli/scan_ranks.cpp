#include "cli/scan_ranks.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/paths.h"
#include "cli/mpi/ranks.h"

namespace headlight {
namespace {

constexpr const char* kLibrary = "libheadlight_ranks.so";

std::optional<int> number_of(const char* name) {
    const char* text = std::getenv(name);
    if (text == nullptr) return std::nullopt;
    char* end = nullptr;
    const long value = std::strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < 0 || value > 1 << 20) return std::nullopt;
    return static_cast<int>(value);
}

template <class Function>
Function* find(void* library, const char* name) {
    return reinterpret_cast<Function*>(dlsym(library, name));
}

/// Beside the program, or where an installation puts libraries; null when it was not built.
Result<void*> open_library() {
    const std::string folder = executable_dir();
    for (const std::string& path : {folder + "/" + kLibrary, folder + "/../lib/headlight/" + kLibrary}) {
        if (!std::filesystem::exists(path)) continue;
        // Open MPI's own plugins look up its symbols globally.
        if (void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL)) return library;
        const char* reason = dlerror();
        return fail(
            make_error(ErrorKind::Internal,
                       "the library for ranks of mpirun does not load: {}; run the shards with --shard i/n",
                       reason == nullptr ? "no reason given" : reason)
                .in_file(path));
    }
    return nullptr;
}

}  // namespace

Result<std::optional<ScanRanks>> ScanRanks::join() {
    const std::optional<int> rank = number_of("OMPI_COMM_WORLD_RANK"),
                             size = number_of("OMPI_COMM_WORLD_SIZE");
    if (!rank || !size || *size < 2 || *rank >= *size) return std::optional<ScanRanks>();
    ScanRanks ranks;
    ranks.rank_ = *rank;
    ranks.size_ = *size;
    HEADLIGHT_TRY(ranks.library_, open_library());
    if (ranks.library_ == nullptr) return std::optional<ScanRanks>(std::move(ranks));
    const auto start = find<decltype(headlight_ranks_start)>(ranks.library_, "headlight_ranks_start");
    if (start == nullptr || start(&ranks.rank_, &ranks.size_) != 0) {
        ranks.library_ = nullptr;
        return fail(ErrorKind::Internal,
                    "MPI does not start in rank {} of {}; run the shards one by one with --shard i/n", *rank,
                    *size);
    }
    return std::optional<ScanRanks>(std::move(ranks));
}

ScanRanks::ScanRanks(ScanRanks&& other) noexcept
    : rank_(other.rank_), size_(other.size_), library_(std::exchange(other.library_, nullptr)) {}

ScanRanks::~ScanRanks() {
    if (library_ == nullptr) return;
    if (const auto stop = find<decltype(headlight_ranks_stop)>(library_, "headlight_ranks_stop")) stop();
}

bool ScanRanks::all_well(bool is_well) const {
    if (library_ == nullptr) return is_well;
    int worst = 1;
    const auto largest = find<decltype(headlight_ranks_largest)>(library_, "headlight_ranks_largest");
    return largest != nullptr && largest(is_well ? 0 : 1, &worst) == 0 && worst == 0;
}

}  // namespace headlight
