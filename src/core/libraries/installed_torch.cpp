#include "core/libraries/installed_torch.h"

#include <dlfcn.h>

#include <filesystem>
#include <fstream>

#include "core/libraries/library_scope.h"

namespace headlight {
namespace {

/// "2.13" of "2.13.0+cpu"
std::string minor_release(const std::string& version) {
    const auto first = version.find('.');
    if (first == std::string::npos) return version;
    return version.substr(0, version.find_first_of(".+", first + 1));
}

/// The value of __version__ in torch/version.py, which the wheel writes; empty if there is none.
std::string version_in(const std::string& torch_folder) {
    std::ifstream file(torch_folder + "/version.py");
    constexpr int kMostLines = 200;
    std::string line;
    for (int i = 0; i < kMostLines && std::getline(file, line); ++i) {
        if (line.rfind("__version__", 0) != 0) continue;
        const auto open = line.find_first_of("'\"");
        if (open == std::string::npos) continue;
        return line.substr(open + 1, line.find(line[open], open + 1) - open - 1);
    }
    return {};
}

}  // namespace

bool is_torch_version_fit(const std::string& found, const std::string& expected) {
    return !found.empty() && minor_release(found) == minor_release(expected);
}

Status open_installed_torch(const std::string& folder) {
    std::ifstream file(folder + "/" + kInstalledTorchFile);
    std::string expected, place;
    if (!file || !std::getline(file, expected) || !std::getline(file, place)) return {};
    const std::string torch = std::filesystem::weakly_canonical(folder + "/" + place).string();
    const std::string library = torch + "/lib/libtorch_cpu.so";
    if (!std::filesystem::exists(library)) {
        return fail(
            make_error(
                ErrorKind::Missing,
                "this package runs models with the libraries of an installed torch; expected torch {}, "
                "found none; run: pip install torch=={}",
                expected, expected)
                .in_file(library));
    }
    const std::string found = version_in(torch);
    if (!is_torch_version_fit(found, expected)) {
        return fail(
            make_error(
                ErrorKind::Unsupported,
                "this package runs models with the libraries of an installed torch; expected torch {}, "
                "found {}; run: pip install torch=={}",
                expected, found.empty() ? "one that does not say its version" : found, expected)
                .in_file(torch));
    }
    if (dlopen(library.c_str(), library_scope()) != nullptr) return {};
    const char* reason = dlerror();
    return fail(make_error(ErrorKind::Internal,
                           "the installed torch {} does not load: {}; run: pip install torch=={}", found,
                           reason == nullptr ? "no reason given" : reason, expected)
                    .in_file(library));
}

}  // namespace headlight
