// Writing on with kept work gives what passes over the whole text give, and leaves the rows that were
// captured before.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/engine.h"
#include "model/cause_support.h"
#include "run/generate/generate_text.h"
#include "support/fixtures.h"

using namespace headlight;

namespace {

RunRequest whole_pass(const ModelSpec& spec, const WritingPrompt& text, CaptureMode capture, bool may_reuse) {
    RunRequest out;
    out.ids = spec.has_decoder ? text.encoder_ids : text.ids;
    if (spec.has_decoder) out.decoder_ids = text.ids;
    out.capture = capture;
    out.may_reuse_prefix = may_reuse;
    out.logit_positions = {static_cast<int>(text.ids.size()) - 1};
    return out;
}

double largest_difference(const AttentionTrace& a, const AttentionTrace& b) {
    REQUIRE(a.num_queries() == b.num_queries());
    REQUIRE(a.num_keys() == b.num_keys());
    double largest = 0;
    for (int layer = 0; layer < a.num_layers(); ++layer) {
        for (int head = 0; head < a.num_heads(); ++head) {
            const std::vector<float> one = a.matrix(layer, head), other = b.matrix(layer, head);
            for (std::size_t i = 0; i < one.size(); ++i)
                largest = std::max(largest, static_cast<double>(std::abs(one[i] - other[i])));
        }
    }
    return largest;
}

}  // namespace

TEST_CASE("generation: every family writes what passes over the whole text say, and its rows are theirs") {
    HEADLIGHT_NEEDS(test::shared_fixture("models/t5"));
    for (const char* name : {"t5", "bart", "gpt2", "llama", "bloom", "mpt", "gemma2", "gpt_oss", "mistral"}) {
        CAPTURE(name);
        const LiveModel model = test::live_model(test::shared_fixture(std::string("models/") + name));
        const ModelSpec& spec = model.spec();
        WritingPrompt prompt = {{5, 9, 11, 3, 8, 20, 7}, {}};
        if (spec.has_decoder) prompt = {{std::max(0, spec.decoder_start_id), 6}, {5, 9, 11, 3, 8}};
        // Rows of the prompt are captured first, as in the window.
        const auto first = model.runner->run(whole_pass(spec, prompt, CaptureMode::Weights, true), {});
        REQUIRE(first);
        GenerateRequest request;
        request.max_new_tokens = 8;
        const auto text = generate_text(model, prompt, request, {});
        REQUIRE_MESSAGE(text, (text ? "" : text.error().to_string()));
        WritingPrompt whole = prompt;
        whole.ids = text->ids;
        const auto appended = model.runner->run(whole_pass(spec, whole, CaptureMode::Weights, true), {});
        REQUIRE(appended);
        WritingPrompt so_far = prompt;
        for (const WrittenToken& token : text->written) {
            const auto pass = model.runner->run(whole_pass(spec, so_far, CaptureMode::None, false), {});
            REQUIRE(pass);
            const auto row = pass->logits.row(0);
            CHECK(token.id == std::max_element(row.begin(), row.end()) - row.begin());
            so_far.ids.push_back(token.id);
        }
        const auto fresh = model.runner->run(whole_pass(spec, whole, CaptureMode::Weights, false), {});
        REQUIRE(fresh);
        if (spec.has_decoder) {
            CHECK(largest_difference(*appended->decoder_trace, *fresh->decoder_trace) < 1e-5);
            CHECK(largest_difference(*appended->cross_trace, *fresh->cross_trace) < 1e-5);
            CHECK(appended->cross_trace->num_queries() == static_cast<int>(whole.ids.size()));
        } else {
            CHECK(largest_difference(*appended->trace, *fresh->trace) < 1e-5);
            CHECK(appended->num_reused == static_cast<int>(prompt.ids.size()));  // those that had rows
        }
    }
}

TEST_CASE("generation: another encoder text begins anew") {
    const std::string path = test::shared_fixture("models/t5");
    HEADLIGHT_NEEDS(path);
    const LiveModel model = test::live_model(path);
    const auto logits = [&](std::vector<std::int32_t> encoder, std::vector<std::int32_t> decoder) {
        const auto found = next_logits(model, {std::move(decoder), std::move(encoder)}, {});
        REQUIRE(found);
        return *found;
    };
    const auto alone = logits({4, 5, 6}, {0, 7, 9});
    logits({8, 9, 10, 11}, {0, 7, 9, 3});
    const auto again = logits({4, 5, 6}, {0, 7, 9});
    REQUIRE(alone.size() == again.size());
    for (std::size_t i = 0; i < alone.size(); ++i)
        CHECK(alone[i] == doctest::Approx(again[i]).epsilon(1e-5));
}
