// Every decoder family against the reference library: the fixtures beside the clone with configs in the keys
// of transformers 5 and 4, and small ones of our own for what those lack.
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "family/family.h"
#include "model/reference_compare.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// Folders under `root` with a config of a decoder, by name.
std::set<std::string> decoder_folders(const std::string& root) {
    std::set<std::string> folders;
    for (const auto& entry : std::filesystem::directory_iterator(root)) {
        const std::string config = entry.path().string() + "/config.json";
        if (!std::filesystem::exists(config)) continue;
        std::ifstream in(config);
        const nlohmann::json json = nlohmann::json::parse(in);
        const auto family = find_family(json, config);
        REQUIRE_MESSAGE(family.has_value(), (family ? "" : family.error().to_string()));
        const auto arch = read_architecture(**family, json, config);
        REQUIRE_MESSAGE(arch.has_value(), (arch ? "" : arch.error().to_string()));
        if (arch->is_causal && arch->decoder == nullptr) folders.insert(entry.path().filename().string());
    }
    return folders;
}

/// With each of its configs; what was measured goes to the output.
void compare_all(const std::string& root) {
    for (const std::string& name : decoder_folders(root)) {
        const std::string folder = root + "/" + name;
        for (const char* config : {"config.json", "config.v4.json"}) {
            const std::string path = folder + "/" + config;
            if (!std::filesystem::exists(path)) continue;
            const Compared sum = compare_folder(folder, path, folder + "/reference.safetensors");
            CHECK(sum.num_attention > 0);
            CHECK(sum.num_logits > 0);
            CHECK(sum.num_hidden > 0);
            MESSAGE(fmt::format("{:24} {:14} attention {:.1e} logits {:.1e} hidden {:.1e}", name, config,
                                sum.attention, sum.logits, sum.hidden));
        }
    }
}

}  // namespace

TEST_CASE("decoders: shared fixtures of every family, configs of transformers 5 and 4") {
    HEADLIGHT_NEEDS(shared_fixture("models"));
    compare_all(shared_fixture("models"));
}

TEST_CASE("decoders: own fixtures of what the shared ones lack") {
    compare_all(own_fixture("decoders"));
}
