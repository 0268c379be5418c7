// bin/headlight of the relocatable package. Libraries that a system's own graphics drivers also use (C++
// runtime, X11, zlib ...) must be the system's where it has them and they are new enough; the package brings
// spare ones for systems that have none. The loader cannot say "this folder last", so this program looks
// first, names the spare ones that are needed, and becomes the real program.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace fs = std::filesystem;

namespace {

/// Has the system this library, with every versioned symbol that `needs` lists ("symbol version" a line)?
bool has_library(const std::string& name, const fs::path& needs) {
    void* library = dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) return false;
    std::ifstream lines(needs);
    std::string symbol, version;
    while (lines >> symbol >> version) {
        if (dlvsym(library, symbol.c_str(), version.c_str()) == nullptr) return false;
    }
    return true;
}

void prepend(const char* variable, const std::string& value) {
    const char* old = std::getenv(variable);
    const std::string all = old == nullptr || *old == '\0' ? value : value + ":" + old;
    setenv(variable, all.c_str(), 1);
}

}  // namespace

int main(int, char** argv) {
    std::error_code error;
    const fs::path root = fs::read_symlink("/proc/self/exe", error).parent_path().parent_path();
    std::string spare;
    for (const fs::directory_entry& entry : fs::directory_iterator(root / "lib/headlight/spare", error)) {
        if (!has_library(entry.path().filename().string(), entry.path() / "needs"))
            spare += (spare.empty() ? "" : ":") + entry.path().string();
    }
    if (!spare.empty()) prepend("LD_LIBRARY_PATH", spare);
    setenv("FONTCONFIG_FILE", (root / "share/headlight/fonts/fonts.conf").c_str(), 0);
    const std::string program = root / "libexec/headlight";
    execv(program.c_str(), argv);
    std::fprintf(stderr, "error: cannot start %s; unpack the package again, as a whole\n", program.c_str());
    return 1;
}
