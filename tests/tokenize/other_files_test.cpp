// Every model beside the clone without its tokenizer.json: the older files must give the same ids.
#include <filesystem>

#include "tokenize/cases.h"

using namespace headlight;
using test::shared_fixture;
namespace fs = std::filesystem;

namespace {

// All files of the model that say something of its tokenizer, but tokenizer.json. Empty if only that has the
// vocabulary.
std::string folder_without_json(const fs::path& model) {
    const std::string folder = test::fresh_dir("tokenize_without_" + model.filename().string());
    bool has_vocabulary = false;
    for (const auto& entry : fs::directory_iterator(model)) {
        const std::string name = entry.path().filename().string();
        const bool is_vocabulary =
            name == "vocab.txt" || name == "vocab.json" || entry.path().extension() == ".model";
        const bool is_wanted = is_vocabulary || name == "merges.txt" || name == "config.json" ||
                               name == "tokenizer_config.json" || name == "special_tokens_map.json" ||
                               name == "added_tokens.json";
        if (is_wanted) fs::copy(entry.path(), folder);
        has_vocabulary |= is_vocabulary;
    }
    return has_vocabulary ? folder : std::string();
}

}  // namespace

TEST_CASE("shared: without tokenizer.json the older files give the same ids") {
    HEADLIGHT_NEEDS(shared_fixture("models"));
    int checked = 0;
    for (const auto& entry : fs::directory_iterator(shared_fixture("models"))) {
        if (!entry.is_directory()) continue;
        const std::string folder = folder_without_json(entry.path());
        if (folder.empty()) continue;
        CAPTURE(entry.path().filename().string());
        const auto tokenizer = open_tokenizer(folder);
        CHECK_MESSAGE(tokenizer, tokenizer.error().to_string());
        if (!tokenizer) continue;
        CHECK(test::check_cases(**tokenizer, (entry.path() / "cases.json").string(), "ids",
                                test::ids_of_model_file(entry.path().filename().string())) > 0);
        ++checked;
    }
    CHECK(checked >= 31);
}

TEST_CASE("shared: config.json alone tells T5's, ALBERT's and XLM-RoBERTa's ids apart") {
    HEADLIGHT_NEEDS(shared_fixture("models"));
    for (const char* model : {"albert", "xlm_roberta", "deberta_v2"}) {
        CAPTURE(model);
        const std::string folder = folder_without_json(shared_fixture(std::string("models/") + model));
        fs::remove(folder + "/tokenizer_config.json");
        fs::remove(folder + "/special_tokens_map.json");
        const auto tokenizer = open_tokenizer(folder);
        REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
        test::check_cases(**tokenizer, shared_fixture(std::string("models/") + model + "/cases.json"), "ids", test::ids_of_model_file(model));
    }
}
