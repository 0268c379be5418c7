// PEFT adapters over their bases against what PEFT computes without merging them.
#include "model/reference_compare.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// Attention and hidden states of all texts; logits where the reference has them.
Compared compare_adapter(const std::string& name) {
    const std::string folder = own_fixture("adapters/" + name);
    INFO(name);
    const auto runner = open(folder);
    const Reference reference(folder + "/reference.safetensors");
    Compared sum;
    for (int text = 0; reference.has(fmt::format("t{}.input_ids", text)); ++text) {
        RunRequest request;
        request.ids = reference.ids(text);
        request.capture = CaptureMode::Weights;
        request.wants_hidden = request.wants_all_logits = true;
        const RunResult result = run(*runner, request);
        compare_attention(reference, text, *result.trace, sum);
        const std::string prefix = fmt::format("t{}.", text);
        for (std::size_t l = 0; l < result.hidden.size(); ++l)
            sum.hidden = std::max(sum.hidden, compare_matrix(reference, fmt::format("{}hidden.{}", prefix, l),
                                                             result.hidden[l]));
        if (!reference.has(prefix + "logits")) continue;
        sum.logits = std::max(sum.logits, compare_matrix(reference, prefix + "logits", result.logits));
        ++sum.num_logits;
    }
    return sum;
}

}  // namespace

TEST_CASE("adapters: LoRA, DoRA, rsLoRA, saved modules, biases and new rows are as PEFT computes them") {
    for (const std::string name : {"llama_lora", "llama_dora", "gpt2_rslora", "gpt2_tokens", "bert_saved"}) {
        const Compared sum = compare_adapter(name);
        CHECK(sum.num_attention == 4);
        CHECK((sum.num_logits == 2) == (name != "bert_saved"));
        MESSAGE(fmt::format("{:12} attention {:.1e} logits {:.1e} hidden {:.1e}", name, sum.attention,
                            sum.logits, sum.hidden));
    }
}

TEST_CASE("adapters: the open model says what it stands on, and the base is the base") {
    const std::string path = own_fixture("adapters/llama_lora"), base = own_fixture("adapters/bases/llama");
    OpenModelRequest request;
    request.path = path;
    const auto adapted = open_model_runner(request, {}, threads()).value();
    CHECK(adapted->spec().name == "llama_lora on llama");
    CHECK(adapted->spec().path == path);
    CHECK(std::filesystem::equivalent(adapted->spec().base_path, base));
    request.adapter.shows_base = true;
    const auto shown = open_model_runner(request, {}, threads()).value();
    CHECK(shown->spec().name == "llama");
    CHECK(shown->spec().adapter.shows_base);
    const auto alone = open(base);
    RunRequest text;
    text.ids = some_ids(9, 32);
    text.capture = CaptureMode::Weights;
    const auto trace = run(*alone, text).trace;
    CHECK(trace_difference(*run(*shown, text).trace, *trace) == 0);
    CHECK(trace_difference(*run(*adapted, text).trace, *trace) > 1e-2);
}
