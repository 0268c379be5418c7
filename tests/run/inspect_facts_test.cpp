// What `inspect` says of a config is what the families say: asked for every model_type that one of them
// accepts.
#include "run/inspect_facts.h"

#include <doctest/doctest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "family/family.h"
#include "support/fixtures.h"

using namespace headlight;

namespace {

/// Words in config_says(config, "...") of the families' sources.
std::set<std::string> accepted_model_types() {
    std::set<std::string> types;
    const std::regex says(R"re(config_says\(config, "([^"]+)")re");
    const std::filesystem::path folder = std::filesystem::path(test::source_dir()) / "src/family/families";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        std::ifstream in(entry.path());
        std::stringstream text;
        text << in.rdbuf();
        const std::string source = text.str();
        for (std::sregex_iterator it(source.begin(), source.end(), says), end; it != end; ++it)
            types.insert((*it)[1]);
    }
    return types;
}

nlohmann::ordered_json facts_of(const nlohmann::json& config) {
    Checkpoint checkpoint;
    checkpoint.path = "model";
    checkpoint.format = "safetensors";
    checkpoint.config = config;
    return inspect_checkpoint(checkpoint, test::fresh_dir("no_tokenizer"));
}

}  // namespace

TEST_CASE("inspect: every model_type that a family accepts is supported, under that family's id") {
    const std::set<std::string> types = accepted_model_types();
    REQUIRE(types.size() >= families().size());
    for (const std::string& type : types) {
        INFO(type);
        const nlohmann::json config = {{"model_type", type}};
        const auto family = find_family(config, {});
        REQUIRE(family);
        CHECK(facts_of(config)["family"] == (*family)->id);
    }
}

TEST_CASE("inspect: types that are not called as their family") {
    CHECK(facts_of({{"model_type", "xlm-roberta"}})["family"] == "xlm_roberta");
    CHECK(facts_of({{"model_type", "deberta-v2"}})["family"] == "deberta_v2");
    CHECK(facts_of({{"model_type", "camembert"}})["family"] == "roberta");
    CHECK(facts_of({{"model_type", "gemma3_text"}})["family"] == "gemma3");
    CHECK(facts_of({{"model_type", "llama_but_not_quite"}})["family"].is_null());
    CHECK(facts_of(nullptr)["family"].is_null());
}

TEST_CASE("inspect: a config of random weights of each family is that family's") {
    for (const Family* family : families()) {
        const auto facts = facts_of(family->random_config({}));
        CHECK_MESSAGE(facts["family"] == family->id, family->id);
    }
}
