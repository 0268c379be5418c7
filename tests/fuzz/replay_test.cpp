// Every file of corpus/ and regressions/ through its reader: what the fuzzer found stays found. No sanitizers
// needed.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "support/fixtures.h"

namespace headlight::fuzz {
#define HEADLIGHT_FUZZ(name, ...) extern const FuzzTarget k_fuzz_##name;
#include "fuzz/targets/targets.def"
#undef HEADLIGHT_FUZZ

std::span<const FuzzTarget* const> fuzz_targets() {
    static constexpr const FuzzTarget* kAll[] = {
#define HEADLIGHT_FUZZ(name, ...) &k_fuzz_##name,
#include "fuzz/targets/targets.def"
#undef HEADLIGHT_FUZZ
    };
    return kAll;
}
}  // namespace headlight::fuzz

using namespace headlight;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> inputs_of(const std::string& kind, const char* target) {
    std::vector<fs::path> files;
    const fs::path folder = fs::path(test::source_dir()) / "tests/fuzz" / kind / target;
    if (!fs::exists(folder)) return files;
    for (const auto& entry : fs::directory_iterator(folder))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

/// Reads a copy under the name that the reader expects.
Status replay(const fuzz::FuzzTarget& target, const fs::path& input) {
    const fs::path folder = test::fresh_dir(std::string("replay_") + target.name);
    fs::copy_file(input, folder / target.file_name);
    return target.read((folder / target.file_name).string());
}

}  // namespace

TEST_CASE("fuzz: every input is read or refused in words") {
    for (const fuzz::FuzzTarget* target : fuzz::fuzz_targets()) {
        CAPTURE(std::string(target->name));
        int read = 0;
        for (const char* kind : {"corpus", "regressions"}) {
            for (const fs::path& input : inputs_of(kind, target->name)) {
                CAPTURE(input.filename().string());
                const Status status = replay(*target, input);
                INFO((status ? std::string("opens") : status.error().to_string()));
                CHECK(fuzz::fault_of(*target, status) == "");
                read += status ? 1 : 0;
            }
        }
        CHECK_MESSAGE(read > 0, "no input of this target opens: the fuzzer would only see refusals");
    }
}

TEST_CASE("fuzz: the seeds hold something to refuse for each target") {
    for (const fuzz::FuzzTarget* target : fuzz::fuzz_targets()) {
        CAPTURE(std::string(target->name));
        const auto files = inputs_of("corpus", target->name);
        const auto is_refused = [target](const fs::path& file) { return !replay(*target, file); };
        CHECK(std::any_of(files.begin(), files.end(), is_refused));
    }
}

TEST_CASE("fuzz: refusing takes no memory that the files do not justify") {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    CHECK(usage.ru_maxrss < 200 * 1024);  // KiB
}
