// Attributions, cells, lens, circuits, patching and paths against reference values, through the real engine
// and as the commands write them.
#include <array>

#include "core/engine.h"
#include "model/cause_support.h"
#include "report/cause/attribution_report.h"
#include "report/cause/circuit_report.h"
#include "report/cause/generation_dump.h"
#include "report/cause/lens_report.h"
#include "report/cause/patch_report.h"
#include "support/fixtures.h"

using namespace headlight;

namespace {

constexpr std::array kExplained = {"gpt2", "llama", "gpt_neox", "gemma2", "opt",   "opt_350m_style",
                                   "bert", "olmo2", "gptj",     "qwen3",  "cohere"};

/// Writes and compares with the reference.
void check_file(const TensorFile& file, const LiveModel& model, const test::CausalReference& reference,
                const std::vector<std::string>& prefixes) {
    const std::string path = test::fresh_dir("causes") + "/causes.safetensors";
    REQUIRE(file.write(path, model.spec()));
    reference.check_dump(path, prefixes);
}

template <class Value>
Value must(Result<Value> result) {
    REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().to_string()));
    return std::move(*result);
}

}  // namespace

TEST_CASE("causes: cells and attributions of eleven families") {
    HEADLIGHT_NEEDS(test::CausalReference::path("gpt2", ".safetensors"));
    for (const char* name : kExplained) {
        CAPTURE(name);
        const test::CausalReference reference(name);
        const LiveModel model = test::live_model(reference.model_path());
        auto prompts = must(choose_prompts(test::reference_prompt(reference), model));
        const Prompt prompt = prompts.front();
        TensorFile file;
        auto result = attribute_prompts(model, std::move(prompts), true, {});
        if (std::string_view(name) == "bert") {
            REQUIRE_FALSE(result);
            CHECK(result.error().message.find("BERT") != std::string::npos);
            const auto run = must(model.runner->start_causal(prompt.tokens.ids(), {}));
            REQUIRE(add_cells(*run, prompt.tokens, model.tokenizer().get(), prompt.question, file));
            check_file(file, model, reference, {"cell.", "logits_at"});
            continue;
        }
        REQUIRE_MESSAGE(result, (result ? "" : result.error().to_string()));
        CHECK(result->largest_error < 1e-4);
        CHECK(result->first.all_norms_frozen == (std::string_view(name) == "opt_350m_style"));
        REQUIRE(add_cells(*result->run, prompt.tokens, model.tokenizer().get(), prompt.question, file));
        REQUIRE(add_attribution(result->first, file));
        check_file(file, model, reference, {"cell.", "dla.", "logits_at"});
    }
}

TEST_CASE("causes: the lens of eleven families") {
    HEADLIGHT_NEEDS(test::CausalReference::path("gpt2", ".safetensors"));
    for (const char* name : kExplained) {
        const test::CausalReference reference(name);
        const LiveModel model = test::live_model(reference.model_path());
        const Prompt prompt = must(choose_prompts(test::reference_prompt(reference), model)).front();
        const auto run = must(model.runner->start_causal(prompt.tokens.ids(), {}));
        TensorFile file;
        add_lens(must(run->lens({prompt.question, 5, true}, {})), file);
        check_file(file, model, reference, {"lens."});
    }
}

TEST_CASE("causes: circuits of heads on the vocabulary") {
    HEADLIGHT_NEEDS(test::CausalReference::path("gpt2", ".safetensors"));
    for (const char* name : kExplained) {
        const test::CausalReference reference(name);
        if (reference.json().at("circuit_heads").is_null()) continue;
        const LiveModel model = test::live_model(reference.model_path());
        CircuitOptions options;
        options.heads = test::head_list(reference.json().at("circuit_heads"));
        options.tokens = reference.ids("circuit_tokens");
        options.text.ids = reference.ids("clean_ids");
        options.at = reference.json().at("position");
        options.key = reference.json().at("context_key").get<int>();
        options.has_partners = false;
        TensorFile file;
        add_circuits(must(read_circuits(model, options, {})), file);
        check_file(file, model, reference, {"ov.", "qk."});
    }
}

TEST_CASE("causes: patching of every site in both directions") {
    HEADLIGHT_NEEDS(test::CausalReference::path("gpt2", ".safetensors"));
    for (const char* name : kExplained) {
        const test::CausalReference reference(name);
        const LiveModel model = test::live_model(reference.model_path());
        const PatchOptions options{test::reference_prompt(reference),
                                   {std::begin(kPatchSites), std::end(kPatchSites)},
                                   {PatchDirection::Denoise, PatchDirection::Noise}};
        TensorFile file;
        add_patching(must(patch_prompts(model, options, {}, {})), file);
        check_file(file, model, reference, {"patch."});
    }
}

TEST_CASE("causes: paths between heads and to the logits, feed-forward parts recomputed and fixed") {
    HEADLIGHT_NEEDS(test::CausalReference::path("gpt2", ".safetensors"));
    for (const char* name : kExplained) {
        const test::CausalReference reference(name);
        const LiveModel model = test::live_model(reference.model_path());
        PathOptions options;
        static_cast<PromptOptions&>(options) = test::reference_prompt(reference);
        options.receivers = test::head_list(reference.json().at("receivers"));
        options.freezes_mlps = {false, true};
        TensorFile file;
        add_paths(must(patch_paths(model, options, {}, {})), file);
        check_file(file, model, reference, {"path."});
    }
}

TEST_CASE("causes: greedy tokens and the distribution after the prompt by every step of sampling") {
    HEADLIGHT_NEEDS(test::CausalReference::path("gpt2", ".safetensors"));
    for (const char* name : kExplained) {
        const test::CausalReference reference(name);
        const LiveModel model = test::live_model(reference.model_path());
        const Prompt prompt = must(choose_prompts(test::reference_prompt(reference), model)).front();
        GenerateRequest request;
        request.max_new_tokens = 8;
        if (std::string_view(name) == "bert") {
            CHECK_FALSE(generate_text(model, {prompt.tokens.ids(), {}}, request, {}));
            continue;
        }
        const GeneratedText text = must(generate_text(model, {prompt.tokens.ids(), {}}, request, {}));
        const auto& of = reference.json().at("sampling");
        const SamplingSettings settings{of.at("repetition_penalty"), of.at("temperature"), of.at("top_k"),
                                        of.at("top_p"), of.at("min_p")};
        TensorFile file;
        add_generation(text, prompt.tokens.tokens.size(), settings, true, file);
        check_file(file, model, reference, {"gen."});
    }
}
