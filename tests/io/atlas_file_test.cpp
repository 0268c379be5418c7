#include <nlohmann/json.hpp>

#include "io/atlas/atlas_file.h"
#include "io_files.h"

using namespace headlight;
using namespace headlight::test;

namespace {

Atlas sample() {
    Atlas atlas;
    atlas.model = "m \"quoted\" \xD7\xA9";
    atlas.family = "llama";
    atlas.dtype = "float16";
    atlas.headlight_version = "0.1.0";
    atlas.num_layers = 1;
    atlas.num_heads = 2;
    atlas.corpus = {"a.txt", "b.txt"};
    atlas.num_corpus_bytes = 123456789012;
    atlas.seed = 18446744073709551615ull;
    atlas.sequence_length = 128;
    atlas.num_discovery = 3;
    atlas.num_confirmation = 4;
    atlas.probes = {"random-repeat"};
    atlas.detectors = {{"previous_token", "previous token", "j = i - 1", "source", false, 0.5, "corpus"},
                       {"induction", "induction", "P", "source", true, 0.4, "random-repeat"}};
    for (int head = 0; head < 2; ++head) {
        AtlasHead one;
        one.head = {0, head};
        one.metrics = {{"entropy", 1.25}, {"nothing", std::nullopt}};
        one.shape = "diagonal";
        one.best_detector = head == 0 ? "previous_token" : "";
        one.examples = {{"a.txt, section 3", 40, 1, {"a", "b"}, {0.75f, 0.25f}, 0.75, -1}};
        atlas.heads.push_back(one);
        for (const AtlasDetector& detector : atlas.detectors) {
            AtlasEntry entry;
            entry.head = {0, head};
            entry.detector = detector.id;
            entry.confirmation = {4, 0.9, 0.1, 9.0, 0.8888888888888888, 1.0};
            entry.p_value = 0.0625;
            entry.q_value = 0.125;
            entry.is_tagged = head == 0;
            entry.reason = "because";
            atlas.entries.push_back(entry);
        }
    }
    atlas.controls = {{"random weights", 2, 1, 40, 0, 20}};
    atlas.answers = {{"Which?", "This."}};
    atlas.methods = "So.";
    return atlas;
}

std::string written(const Atlas& atlas, const std::string& name) {
    const std::string path = fresh_dir(name) + "/atlas.json";
    REQUIRE(write_atlas(path, atlas));
    return read_bytes(path);
}

Result<Atlas> read_text(const std::string& text) {
    const std::string path = fresh_dir("atlas_text") + "/atlas.json";
    write_bytes(path, text);
    return read_atlas(path);
}

}  // namespace

TEST_CASE("atlas file: what is written is read back, and gives the same bytes again") {
    const std::string text = written(sample(), "atlas_round");
    const auto back = read_text(text);
    REQUIRE_MESSAGE(back.has_value(), (back ? "" : back.error().to_string()));
    CHECK(written(*back, "atlas_again") == text);
    CHECK(back->seed == 18446744073709551615ull);
    CHECK(back->num_corpus_bytes == 123456789012);
    CHECK(back->model == sample().model);
    CHECK(*back->entries[0].confirmation.kappa == 0.8888888888888888);
    CHECK_FALSE(back->entries[0].discovery.score);
    CHECK_FALSE(back->entries[0].cohen_d);
    CHECK(back->heads[0].metrics.at("entropy") == 1.25);
    CHECK_FALSE(back->heads[0].metrics.at("nothing"));
    CHECK(back->heads[1].examples[0].weights == std::vector<float>{0.75f, 0.25f});
    CHECK(back->controls[0].num_content_tests == 40);
    CHECK(back->answers[0].answer == "This.");
    // Each head and entry has a line of its own.
    CHECK(std::count(text.begin(), text.end(), '\n') > 25);
}

TEST_CASE("atlas file: an atlas is known by its content, in a folder too") {
    const std::string folder = fresh_dir("atlas_known");
    REQUIRE(write_atlas(folder + "/atlas.json", sample()));
    CHECK(is_atlas(folder));
    CHECK(is_atlas(folder + "/atlas.json"));
    CHECK(read_atlas(folder));
    write_bytes(folder + "/other.json", "{\"format\": \"something else\"}");
    CHECK_FALSE(is_atlas(folder + "/other.json"));
    CHECK_FALSE(is_atlas(folder + "/none.json"));
    CHECK(read_atlas(folder + "/other.json").error().kind == ErrorKind::Corrupt);
    CHECK(read_atlas(folder + "/none.json").error().kind == ErrorKind::Missing);
    CHECK(read_text("[]").error().kind == ErrorKind::Corrupt);
    CHECK(read_text("").error().kind == ErrorKind::Corrupt);
}

TEST_CASE("atlas file: every key is needed, and of its kind") {
    const auto sound = nlohmann::ordered_json::parse(written(sample(), "atlas_keys"));
    for (const auto& [key, value] : sound.items()) {
        auto without = sound;
        without.erase(key);
        const auto missing = read_text(without.dump());
        REQUIRE_MESSAGE(!missing, key);
        CHECK(missing.error().kind == ErrorKind::Corrupt);
        auto other = sound;
        other[key] = value.is_object() ? nlohmann::ordered_json(1) : nlohmann::ordered_json::object();
        const auto wrong = read_text(other.dump());
        REQUIRE_MESSAGE(!wrong, key);
        CHECK(wrong.error().kind == ErrorKind::Corrupt);
    }
    auto newer = sound;
    newer["version"] = 2;
    CHECK(read_text(newer.dump()).error().kind == ErrorKind::Unsupported);
}

TEST_CASE("atlas file: counts that do not hold together, huge numbers and cut files are refused") {
    const auto sound = nlohmann::ordered_json::parse(written(sample(), "atlas_hostile"));
    const auto refused = [&](const char* what, const auto& change) {
        auto changed = sound;
        change(changed);
        const auto read = read_text(changed.dump());
        REQUIRE_MESSAGE(!read, what);
        CHECK(read.error().kind == ErrorKind::Corrupt);
    };
    refused("layers", [](auto& j) { j["layers"] = 4000000000u; });
    refused("no layer", [](auto& j) { j["layers"] = 0; });
    refused("heads that are not there", [](auto& j) { j["layers"] = 4096; });
    refused("entries too few", [](auto& j) { j["entries"].erase(0); });
    refused("entries too many", [](auto& j) { j["entries"].push_back(j["entries"][0]); });
    refused("entries in another order", [](auto& j) { std::swap(j["entries"][0], j["entries"][1]); });
    refused("head in another place", [](auto& j) { j["heads"][1]["head"] = 0; });
    refused("no detectors for entries", [](auto& j) { j["detectors"] = nlohmann::ordered_json::array(); });
    refused("query outside", [](auto& j) { j["heads"][0]["examples"][0]["query"] = 2; });
    refused("more weights than tokens", [](auto& j) {
        j["heads"][0]["examples"][0]["weights"] = {0.1, 0.2, 0.3};
    });
    refused("decile", [](auto& j) { j["heads"][0]["examples"][0]["decile"] = 10; });
    refused("text where a number is", [](auto& j) { j["entries"][0]["p_value"] = "small"; });
    refused("negative count", [](auto& j) { j["controls"][0]["runs"] = -1; });
    refused("long text", [](auto& j) { j["methods"] = std::string(1 << 20, 'x'); });
    const std::string text = sound.dump();
    for (std::size_t size = 1; size < text.size(); size += 97)
        CHECK_FALSE(read_text(text.substr(0, size)));
    CHECK_FALSE(read_text("{\"format\": \"headlight atlas\", \"version\": 1e999}"));
}
