// Conformance: every family of families.def, as a tiny random model.
#include "model/family_files.h"
#include "model/text_families.h"

using namespace headlight;
using namespace headlight::test;

namespace {

Error refusal(const std::string& folder) {
    const auto opened = open_model_runner({folder, {}}, {}, threads());
    REQUIRE_FALSE(opened.has_value());
    return opened.error();
}

bool says(const Error& error, const std::string& words) {
    return error.to_string().find(words) != std::string::npos;
}

std::string written(const Family& family, const char* what, const FamilyFiles& files) {
    const std::string folder = fresh_dir(fmt::format("family_{}_{}", family.id, what));
    write_files(folder, files);
    return folder;
}

}  // namespace

TEST_CASE("families: rows sum to one, the future is zero, and the same seed gives the same model") {
    for (const Family* family : text_families()) {
        INFO(family->id);
        RandomModelRequest sizes;
        sizes.family = family->id;
        sizes.hidden_size = 32;
        sizes.vocab_size = 40;
        sizes.num_layers = 2;
        RunRequest request;
        request.ids = some_ids(37, 40);
        const auto runner = random_runner(sizes);
        const RunResult result = run(*runner, request);
        CHECK(runner->spec().family == family->id);
        CHECK(runner->spec().has_random_weights);
        for (int layer = 0; layer < 2; ++layer) {
            for (int head = 0; head < 4; ++head) {
                const std::vector<float> matrix = result.trace->matrix(layer, head);
                for (int i = 0; i < 37; ++i) {
                    const KeyRange range = result.trace->admissible(layer, i);
                    double sum = 0;
                    for (int j = 0; j < 37; ++j) {
                        const float weight = matrix[static_cast<std::size_t>(i * 37 + j)];
                        sum += weight;
                        if (j < range.begin || j >= range.end) CHECK(weight == 0.0f);
                    }
                    // A sink takes what is left: freshly drawn it is a logit of 0, so a row of scores near 0
                    // keeps n / (n + 1).
                    if (result.trace->info().has_sink) {
                        CHECK(sum == doctest::Approx(range.count() / (range.count() + 1.0)).epsilon(2e-2));
                    } else {
                        CHECK(sum == doctest::Approx(1.0).epsilon(1e-5));
                    }
                }
            }
        }
        CHECK(trace_difference(*result.trace, *run(*random_runner(sizes), request).trace) == 0.0);
        sizes.seed = 1;
        CHECK(trace_difference(*result.trace, *run(*random_runner(sizes), request).trace) > 0.0);
    }
}

TEST_CASE("families: a written checkpoint opens and gives the same attention, with and without the prefix") {
    for (const Family* family : text_families()) {
        INFO(family->id);
        FamilyFiles files = family_files(*family);
        RandomModelRequest sizes{family->id, 24, 4, 0, 2, 50, 64, 7};
        RunRequest request;
        request.ids = some_ids(20, 50);
        const RunResult expected = run(*random_runner(sizes), request);
        CHECK(trace_difference(*run(*open(written(*family, "whole", files)), request).trace,
                               *expected.trace) < 1e-6);
        for (FileTensor& tensor : files.tensors) {
            if (tensor.name.starts_with(family->prefix))
                tensor.name.erase(0, std::string(family->prefix).size());
        }
        CHECK(trace_difference(*run(*open(written(*family, "bare", files)), request).trace, *expected.trace) <
              1e-6);
    }
}

TEST_CASE("families: every weight that is missing, misshapen or too many is refused by name") {
    for (const Family* family : families()) {
        const FamilyFiles files = family_files(*family);
        const std::vector<FileWeight> table =
            family->file_weights(read_architecture(*family, files.config, {}).value());
        for (std::size_t i = 0; i < files.tensors.size(); ++i) {
            INFO(family->id << " " << files.tensors[i].name);
            FamilyFiles broken = files;
            const std::string& slot = table[i].slots.front();
            const bool is_head = slot.starts_with("head") || slot.starts_with("decoder.head");
            // A row of zeros in all that was published, which newer files leave out.
            if (files.tensors[i].name != "final_logits_bias") {
                broken.tensors.erase(broken.tensors.begin() + static_cast<std::ptrdiff_t>(i));
                const std::string folder = written(*family, "missing", broken);
                if (is_head) {  // no attention needs it
                    CHECK(open(folder)->spec().prediction == Prediction::None);
                } else {
                    const Error missing = refusal(folder);
                    CHECK(missing.kind == ErrorKind::Missing);
                    CHECK(says(missing, files.tensors[i].name));
                }
            }
            broken = files;
            torch::Tensor& values = broken.tensors[i].values;
            values = torch::cat({values, values.narrow(-1, 0, 1)}, -1).contiguous();
            const Error misshapen = refusal(written(*family, "misshapen", broken));
            CHECK(misshapen.kind == ErrorKind::Corrupt);
            CHECK(says(misshapen, files.tensors[i].name));
            CHECK(says(misshapen, shape_to_string(values.sizes().vec())));
            CHECK(says(misshapen, shape_to_string(files.tensors[i].values.sizes().vec())));
        }
        FamilyFiles extra = files;
        extra.tensors.push_back({"elsewhere.surprise.weight", torch::ones({3, 2})});  // that is left out
        const auto in_layer = std::find_if(
            files.tensors.begin(), files.tensors.end(),
            [](const FileTensor& tensor) { return tensor.name.find(".0.") != std::string::npos; });
        REQUIRE(in_layer != files.tensors.end());
        const std::string surprise =
            in_layer->name.substr(0, in_layer->name.find(".0.") + 3) + "surprise.weight";
        CHECK(open(written(*family, "more", extra)) != nullptr);
        extra.tensors.push_back({surprise, torch::ones({3, 2})});
        const Error error = refusal(written(*family, "extra", extra));
        CHECK(error.kind == ErrorKind::Corrupt);
        CHECK(says(error, surprise + " [3, 2]"));
        CHECK_FALSE(says(error, "elsewhere"));
    }
}

TEST_CASE("families: values of a config that make no sense are refused with their key") {
    const auto refuse = [](const char* family, const char* key, const nlohmann::json& value) {
        nlohmann::json config = family_by_id(family)->random_config({});
        config[key] = value;
        const auto arch = read_architecture(*family_by_id(family), config, "config.json");
        REQUIRE_MESSAGE(!arch.has_value(), key);
        CHECK_MESSAGE(arch.error().message.find(key) != std::string::npos, arch.error().message);
    };
    refuse("llama", "hidden_size", 0);
    refuse("llama", "hidden_size", -256);
    refuse("llama", "hidden_size", 1e30);
    refuse("llama", "hidden_size", "256");
    refuse("llama", "num_hidden_layers", 2.5);
    refuse("llama", "num_hidden_layers", 2000000000);
    refuse("llama", "vocab_size", nullptr);
    refuse("llama", "num_attention_heads", 3);  // 256 is no multiple of 3
    refuse("llama", "num_key_value_heads", 3);  // 4 heads cannot share 3
    refuse("llama", "hidden_act", "sine");
    refuse("llama", "tie_word_embeddings", "yes");
    refuse("llama", "rope_theta", -5);
    refuse("gpt2", "n_head", 5);
    refuse("gpt2", "n_positions", 0);
    refuse("gpt2", "layer_norm_epsilon", nlohmann::json::array());
    refuse("gpt2", "add_cross_attention", true);
    const auto rope = [](const nlohmann::json& value) {
        nlohmann::json config = family_by_id("llama")->random_config({});
        config["rope_scaling"] = value;
        return read_architecture(*family_by_id("llama"), config, "config.json").has_value();
    };
    CHECK(rope({{"rope_type", "linear"}, {"factor", 2.0}}));
    CHECK(rope({{"type", "dynamic"}, {"factor", 2.0}}));
    CHECK_FALSE(rope({{"rope_type", "linear"}}));
    CHECK_FALSE(rope({{"rope_type", "spiral"}, {"factor", 2.0}}));
    CHECK_FALSE(
        rope({{"rope_type", "longrope"}, {"factor", 2.0}, {"short_factor", {1.0}}, {"long_factor", {1.0}}}));
    CHECK_FALSE(rope(
        {{"rope_type", "llama3"}, {"factor", 8.0}, {"low_freq_factor", 4.0}, {"high_freq_factor", 4.0}}));
    CHECK_FALSE(rope("linear"));
}
