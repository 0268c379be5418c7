#include "core/engine.h"

#include <dlfcn.h>
#include <malloc.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>

#include "base/measure/start_log.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/paths.h"
#include "core/libraries/installed_torch.h"
#include "core/libraries/library_scope.h"

namespace headlight {

void prepare_process() {
    // LibTorch, OpenMP and the BLAS read these when they are loaded, not later.
    const std::string threads = std::to_string(default_num_threads());
    setenv("OMP_NUM_THREADS", threads.c_str(), 0);
    setenv("MKL_NUM_THREADS", threads.c_str(), 0);
    // Spinning helpers made short texts 17 times slower on a busy machine; sleeping ones cost little on a
    // quiet one.
    setenv("OMP_WAIT_POLICY", "passive", 0);
    setenv("GOMP_SPINCOUNT", "1000", 0);
    setenv("KMP_BLOCKTIME", "0", 0);
    // Activations of every layer have the same sizes: keep the pages instead of faulting them in again.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 2047 << 20);
    mallopt(M_ARENA_MAX, 4);
}

namespace {

std::vector<std::string> candidates(const std::string& library_path) {
    if (!library_path.empty()) return {library_path};
    if (const char* given = std::getenv("HEADLIGHT_ENGINE")) return {given};
    const std::string binary = executable_dir();
    return {binary + "/" + kEngineFileName, binary + "/../lib/headlight/" + kEngineFileName};
}

Result<Engine*> open_engine(const std::string& library_path) {
    prepare_process();
    // LibTorch registers its operators while it is loaded: half a million small blocks, and a fault for each
    // page of them would take a tenth of the time.
    constexpr std::size_t kBytesOfOperators = std::size_t{56} << 20;
    reserve_heap(kBytesOfOperators);
    std::string tried;
    for (const std::string& path : candidates(library_path)) {
        tried += "\n  tried: " + path;
        if (!std::filesystem::exists(path)) continue;
        HEADLIGHT_CHECK(open_installed_torch(std::filesystem::path(path).parent_path().string()));
        void* library = dlopen(path.c_str(), library_scope());
        if (library == nullptr) {
            return fail(
                make_error(ErrorKind::Internal, "cannot open the engine: {}", dlerror()).in_file(path));
        }
        auto create = reinterpret_cast<HeadlightCreateEngine>(dlsym(library, kEngineSymbol));
        if (create == nullptr) {
            return fail(
                make_error(ErrorKind::Internal, "the engine library has no symbol '{}'", kEngineSymbol)
                    .in_file(path));
        }
        note_start("LibTorch is loaded");
        return create();
    }
    return fail(ErrorKind::Missing,
                "the engine (LibTorch part) was not found; build it or set HEADLIGHT_ENGINE{}", tried);
}

}  // namespace

Result<Engine*> load_engine(const std::string& library_path) {
    static std::mutex mutex;
    static Engine* engine = nullptr;  // lives until the process ends: unloading LibTorch is not supported
    const std::lock_guard lock(mutex);
    if (engine == nullptr) {
        HEADLIGHT_TRY(engine, open_engine(library_path));
    }
    return engine;
}

}  // namespace headlight
