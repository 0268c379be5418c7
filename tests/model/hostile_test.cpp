// Checkpoints that are broken in their weights or their config.
#include "model/family_files.h"
#include "model/text_families.h"

using namespace headlight;
using namespace headlight::test;

namespace {

std::string message_of(const std::string& name) {
    const auto opened = open_model_runner({shared_fixture("hostile/" + name), {}}, {}, threads());
    REQUIRE_FALSE(opened.has_value());
    return opened.error().to_string();
}

bool says(const std::string& text, const char* words) {
    return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("hostile: missing and misshapen weights, heads that do not divide") {
    HEADLIGHT_NEEDS(shared_fixture("hostile"));
    CHECK(says(message_of("missing_tensor"), "transformer.h.1.ln_2.weight"));
    const std::string shape = message_of("wrong_shape");
    CHECK(says(shape, "transformer.h.2.attn.c_attn.weight"));
    CHECK(says(shape, "[48, 143]"));
    CHECK(says(shape, "[48, 144]"));
    const std::string heads = message_of("heads_do_not_divide");
    CHECK(says(heads, "n_head"));
    CHECK(says(heads, "n_embd"));
    for (const char* name : {"st_truncated", "st_header_huge", "st_overlap", "st_dtype_mismatch",
                             "empty_file", "config_not_json"}) {
        INFO(name);
        CHECK(says(message_of(name), name));  // the file's path
    }
}

TEST_CASE("hostile: NaN among the weights never becomes a picture") {
    HEADLIGHT_NEEDS(shared_fixture("hostile"));
    const auto runner = open(shared_fixture("hostile/nan_weights"));
    RunRequest request;
    request.ids = some_ids(9, 441);
    const auto result = runner->run(request, {});
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().kind == ErrorKind::Corrupt);
    CHECK(says(result.error().message, "h.1.attn.c_attn.weight"));
    CHECK(says(result.error().message, "h.0.mlp.c_fc.weight"));
}

TEST_CASE("hostile: NaN in one weight of a written checkpoint is named, whatever the family") {
    for (const Family* family : text_families()) {
        FamilyFiles files = family_files(*family);
        FileTensor& broken = files.tensors[5];
        broken.values.view({-1})[0] = std::numeric_limits<float>::infinity();
        const std::string folder = fresh_dir(fmt::format("infinite_{}", family->id));
        write_files(folder, files);
        RunRequest request;
        request.ids = some_ids(6, 50);
        const auto result = open(folder)->run(request, {});
        REQUIRE_FALSE_MESSAGE(result.has_value(), family->id, ": ", broken.name);
        CHECK(says(result.error().message, broken.name.c_str()));
    }
}

TEST_CASE("hostile: a folder without config, and a family that nobody knows") {
    const std::string folder = fresh_dir("no_config");
    FamilyFiles files = family_files(*families().front());
    write_files(folder, files);
    std::filesystem::remove(folder + "/config.json");
    CHECK(open_model_runner({folder, {}}, {}, threads()).error().kind == ErrorKind::Missing);
    files.config["model_type"] = "perceptron";
    write_files(folder, files);
    const auto unknown = open_model_runner({folder, {}}, {}, threads());
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error().kind == ErrorKind::Unsupported);
    CHECK(says(unknown.error().message, "perceptron"));
}
