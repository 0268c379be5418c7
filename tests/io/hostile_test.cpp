// Broken and malicious checkpoints beside the clone: what hostile.json says must happen.
#include "io/io_files.h"
#include "io/json_file.h"

using namespace headlight;
using test::shared_fixture;

namespace {

// Word that the error about a case must hold.
const char* expected_word(const std::string& name) {
    if (name == "st_truncated") return "cut off";
    if (name == "st_header_huge") return "header";
    if (name == "st_overlap") return "overlaps";
    if (name == "st_dtype_mismatch") return "float64";
    if (name == "empty_file") return "0 bytes";
    if (name == "config_not_json") return "HTML";
    if (name == "pickle_os_system") return "code";
    if (name == "zip_bad_crc") return "checksum";
    return "";
}

const char* expected_tensor(const std::string& name) {
    if (name == "st_overlap") return "transformer.h.0.attn.c_attn.";
    if (name == "st_dtype_mismatch") return "transformer.h.0.attn.c_proj.bias";
    return "";
}

}  // namespace

TEST_CASE("shared: hostile checkpoints are refused with file and reason") {
    HEADLIGHT_NEEDS(shared_fixture("hostile/hostile.json"));
    const auto list = read_json_file(shared_fixture("hostile/hostile.json"));
    REQUIRE(list);
    int refused = 0;
    for (const auto& entry : (*list)["cases"]) {
        const std::string name = entry["name"], kind = entry["kind"];
        INFO(name);
        const auto opened = open_checkpoint(shared_fixture("hostile/" + name));
        const bool is_ours = kind == "safetensors" || kind == "pickle" || name == "config_not_json";
        if (!is_ours) {  // the weights themselves are well formed; families and tokenizers find what is wrong
            CHECK_MESSAGE(opened, opened.error().to_string());
            continue;
        }
        REQUIRE(!opened);
        ++refused;
        CHECK(opened.error().kind ==
              (name == "pickle_os_system" ? ErrorKind::Unsupported : ErrorKind::Corrupt));
        CHECK(opened.error().file.find(name + "/") != std::string::npos);
        CHECK_MESSAGE(opened.error().message.find(expected_word(name)) != std::string::npos,
                      opened.error().to_string());
        CHECK(opened.error().tensor.starts_with(expected_tensor(name)));
    }
    CHECK(refused == 8);
    CHECK(!std::filesystem::exists("PICKLE_WAS_EXECUTED"));
}

TEST_CASE("shared: every model folder opens") {
    HEADLIGHT_NEEDS(shared_fixture("models"));
    for (const auto& entry : std::filesystem::directory_iterator(shared_fixture("models"))) {
        if (!entry.is_directory()) continue;
        const auto opened = open_checkpoint(entry.path().string());
        CHECK_MESSAGE(opened, opened.error().to_string());
        if (opened) CHECK((*opened)->config.contains("model_type"));
    }
}
