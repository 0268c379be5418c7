// An engine that uses the torch of a Python environment says which version it found and which it needs.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "core/libraries/installed_torch.h"
#include "support/fixtures.h"

using namespace headlight;

namespace {

/// A site-packages folder with the package's engine folder and, if `version` is not empty, a torch of that
/// version whose library is no library.
std::string environment(const std::string& version) {
    namespace fs = std::filesystem;
    const std::string site = test::fresh_dir("installed_torch");
    fs::create_directories(site + "/headlight/lib/headlight");
    std::ofstream(site + "/headlight/lib/headlight/" + kInstalledTorchFile) << "2.13.0\n../../../torch\n";
    if (version.empty()) return site + "/headlight/lib/headlight";
    fs::create_directories(site + "/torch/lib");
    std::ofstream(site + "/torch/lib/libtorch_cpu.so") << "nothing";
    std::ofstream(site + "/torch/version.py")
        << "from typing import Optional\n__version__ = '" << version << "'\n";
    return site + "/headlight/lib/headlight";
}

bool has(const Status& status, const std::string& words) {
    return !status && status.error().to_string().find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("installed torch: patches and kinds of one release fit, others do not") {
    CHECK(is_torch_version_fit("2.13.0", "2.13.0"));
    CHECK(is_torch_version_fit("2.13.0+cpu", "2.13.0"));
    CHECK(is_torch_version_fit("2.13.2+cu130", "2.13.0"));
    CHECK_FALSE(is_torch_version_fit("2.14.0", "2.13.0"));
    CHECK_FALSE(is_torch_version_fit("2.1.3", "2.13.0"));
    CHECK_FALSE(is_torch_version_fit("3.13.0", "2.13.0"));
    CHECK_FALSE(is_torch_version_fit("", "2.13.0"));
}

TEST_CASE("installed torch: without the file beside the engine nothing is asked for") {
    CHECK(open_installed_torch(test::fresh_dir("no_file")).has_value());
}

TEST_CASE("installed torch: what is wrong is said with what to install") {
    const Status absent = open_installed_torch(environment(""));
    CHECK(has(absent, "expected torch 2.13.0, found none"));
    CHECK(has(absent, "pip install torch==2.13.0"));
    const Status other = open_installed_torch(environment("2.9.1+cpu"));
    CHECK(has(other, "expected torch 2.13.0, found 2.9.1+cpu"));
    CHECK(has(other, "pip install torch==2.13.0"));
    const Status broken = open_installed_torch(environment("2.13.0+cpu"));
    CHECK(has(broken, "does not load"));
    CHECK(has(broken, "pip install torch==2.13.0"));
}
