// What libFuzzer calls: the input becomes a file in memory, and the target reads it as any other.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "fuzz/fuzz_target.h"

namespace headlight::fuzz {
extern const FuzzTarget HEADLIGHT_FUZZ_TARGET;
}

namespace {

const std::string& input_folder() {
    // Outlives static objects: it is still needed at exit.
    static const std::string& folder = *[] {
        const char* given = std::getenv("HEADLIGHT_FUZZ_FOLDER");
        const std::string parent = given != nullptr ? given : "/dev/shm";
        const std::string made = parent + "/headlight_fuzz_" + std::to_string(getpid());
        std::filesystem::create_directories(made);
        std::atexit([] {
            std::error_code code;
            std::filesystem::remove_all(input_folder(), code);
        });
        return new std::string(made);
    }();
    return folder;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using headlight::fuzz::HEADLIGHT_FUZZ_TARGET;
    static const std::string path = input_folder() + "/" + HEADLIGHT_FUZZ_TARGET.file_name;
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    const auto fault = headlight::fuzz::fault_of(HEADLIGHT_FUZZ_TARGET, HEADLIGHT_FUZZ_TARGET.read(path));
    if (fault.empty()) return 0;
    std::fprintf(stderr, "%s: %s\n", HEADLIGHT_FUZZ_TARGET.name, fault.c_str());
    std::abort();
}
