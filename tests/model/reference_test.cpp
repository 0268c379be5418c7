// Attention, logits and hidden states against what the reference library computed.
#include "model/model_support.h"

using namespace headlight;
using namespace headlight::test;

namespace {

constexpr double kAttentionTolerance = 2e-5;  // absolute
constexpr double kOtherTolerance = 1e-3;      // relative to the largest value

void compare_attention(const Reference& reference, int text, const AttentionTrace& trace) {
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        const std::string name = fmt::format("t{}.attn.{}", text, layer);
        const std::vector<float> expected = reference.floats(name);  // [H, N, N]
        std::vector<float> found;
        for (int head = 0; head < trace.num_heads(); ++head) {
            const std::vector<float> matrix = trace.matrix(layer, head);
            found.insert(found.end(), matrix.begin(), matrix.end());
        }
        INFO(name);
        CHECK(largest_difference(found, expected) <= kAttentionTolerance);
    }
}

void compare_matrix(const Reference& reference, const std::string& name, const Matrix& found) {
    const std::vector<float> expected = reference.floats(name);
    INFO(name);
    CHECK(largest_difference(found.values, expected) <= kOtherTolerance * largest_value(expected));
}

void compare_text(ModelRunner& runner, const Reference& reference, int text) {
    const std::string prefix = fmt::format("t{}.", text);
    RunRequest request;
    request.ids = reference.ids(text);
    for (const CaptureMode mode : {CaptureMode::Weights, CaptureMode::QueryKey}) {
        request.capture = mode;
        request.wants_hidden = request.wants_all_logits = mode == CaptureMode::Weights;
        const RunResult result = run(runner, request);
        compare_attention(reference, text, *result.trace);
        if (!request.wants_hidden) continue;
        if (reference.has(prefix + "logits")) compare_matrix(reference, prefix + "logits", result.logits);
        REQUIRE(result.hidden.size() == static_cast<std::size_t>(runner.spec().num_layers) + 1);
        for (std::size_t l = 0; l < result.hidden.size(); ++l) {
            const std::string name = fmt::format("{}hidden.{}", prefix, l);
            if (reference.has(name)) compare_matrix(reference, name, result.hidden[l]);
        }
    }
}

void compare_folder(const std::string& folder, const std::string& config, const std::string& reference_path,
                    int num_texts) {
    INFO(folder << " " << config);
    const auto runner = open(folder, config);
    const Reference reference(reference_path);
    REQUIRE(reference.has("t0.input_ids"));
    for (int text = 0; text < num_texts; ++text) {
        if (reference.has(fmt::format("t{}.input_ids", text))) compare_text(*runner, reference, text);
    }
}

}  // namespace

TEST_CASE("reference: own fixtures, every kind of rotary scaling and GPT-2's options") {
    for (const auto& entry : std::filesystem::directory_iterator(own_fixture(""))) {
        const std::string folder = entry.path().string();
        if (!std::filesystem::exists(folder + "/reference.safetensors")) continue;
        if (!std::filesystem::exists(folder + "/config.json")) continue;
        compare_folder(folder, {}, folder + "/reference.safetensors", 2);
    }
}

TEST_CASE("reference: shared fixtures, configs of transformers 5 and 4") {
    HEADLIGHT_NEEDS(shared_fixture("models"));
    for (const char* name : {"gpt2", "llama", "llama3", "smollm"}) {
        const std::string folder = shared_fixture(fmt::format("models/{}", name));
        REQUIRE(std::filesystem::exists(folder));
        compare_folder(folder, {}, folder + "/reference.safetensors", 3);
        const std::string older = folder + "/config.v4.json";
        if (std::filesystem::exists(older)) compare_folder(folder, older, folder + "/reference.safetensors", 3);
    }
}

TEST_CASE("reference: half precision, mixed and sharded files") {
    HEADLIGHT_NEEDS(shared_fixture("formats"));
    const std::pair<const char*, const char*> cases[] = {
        {"llama_bf16", "formats/llama_bf16"},   {"llama_fp16", "formats/llama_fp16"},
        {"gpt2_fp16", "formats/gpt2_fp16"},     {"llama_mixed_dtypes", "formats/llama_mixed_dtypes"},
        {"gpt2_sharded", "models/gpt2"},        {"llama_sharded", "models/llama"},
        {"gpt2_hub_names", "models/gpt2"},
    };
    for (const auto& [name, reference] : cases) {
        compare_folder(shared_fixture(fmt::format("formats/{}", name)), {},
                       shared_fixture(fmt::format("{}/reference.safetensors", reference)), 3);
    }
    CHECK(open(shared_fixture("formats/llama_bf16"))->spec().dtype == "bfloat16");
    CHECK(open(shared_fixture("formats/llama_mixed_dtypes"))->spec().dtype == "mixed");
}
