// Attention, logits and hidden states against what the reference library computed.
#include "model/reference_compare.h"

using namespace headlight;
using namespace headlight::test;

TEST_CASE("reference: own fixtures, every kind of rotary scaling and GPT-2's options") {
    for (const auto& entry : std::filesystem::directory_iterator(own_fixture(""))) {
        const std::string folder = entry.path().string();
        if (!std::filesystem::exists(folder + "/reference.safetensors")) continue;
        if (!std::filesystem::exists(folder + "/config.json")) continue;
        compare_folder(folder, {}, folder + "/reference.safetensors");
    }
}

TEST_CASE("reference: half precision, mixed and sharded files") {
    HEADLIGHT_NEEDS(shared_fixture("formats"));
    const std::pair<const char*, const char*> cases[] = {
        {"llama_bf16", "formats/llama_bf16"}, {"llama_fp16", "formats/llama_fp16"},
        {"gpt2_fp16", "formats/gpt2_fp16"},   {"llama_mixed_dtypes", "formats/llama_mixed_dtypes"},
        {"gpt2_sharded", "models/gpt2"},      {"llama_sharded", "models/llama"},
        {"gpt2_hub_names", "models/gpt2"},
    };
    for (const auto& [name, reference] : cases) {
        compare_folder(shared_fixture(fmt::format("formats/{}", name)), {},
                       shared_fixture(fmt::format("{}/reference.safetensors", reference)));
    }
    CHECK(open(shared_fixture("formats/llama_bf16"))->spec().dtype == "bfloat16");
    CHECK(open(shared_fixture("formats/llama_mixed_dtypes"))->spec().dtype == "mixed");
}
