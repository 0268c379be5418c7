// The bundled demo: the trained heads that a bare clone must be able to show, measured with the program's own
// runner, tokenizer and detectors.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "analysis/detector.h"
#include "analysis/probes/probe.h"
#include "core/engine.h"
#include "support/fixtures.h"
#include "tokenize/excluded_ids.h"
#include "tokenize/tokenizer.h"

using namespace headlight;

namespace {

std::string demo_folder() {
    return test::source_dir() + "/assets/demo";
}
std::string demo_weights() {
    return demo_folder() + "/model.safetensors";
}

// From the parts that were held out: the end of Sense and Sensibility and of the King James Bible.
const char* const kTexts[] = {
    "Between Barton and Delaford, there was that constant communication which strong family affection would "
    "naturally "
    "dictate; and among the merits and the happiness of Elinor and Marianne, let it not be ranked as the "
    "least "
    "considerable, that though sisters, and living almost within sight of each other, they could live "
    "without "
    "disagreement between themselves, or producing coolness between their husbands.",
    "And he shewed me a pure river of water of life, clear as crystal, proceeding out of the throne of God "
    "and of the "
    "Lamb. In the midst of the street of it, and on either side of the river, was there the tree of life, "
    "which bare "
    "twelve manner of fruits, and yielded her fruit every month: and the leaves of the tree were for the "
    "healing of "
    "the nations. And there shall be no more curse: but the throne of God and of the Lamb shall be in it; "
    "and his "
    "servants shall serve him."};

std::unique_ptr<ModelRunner> open_demo() {
    const auto engine = load_engine(test::binary_dir() + "/" + kEngineFileName);
    if (!engine) FAIL(engine.error().to_string());
    auto runner = (*engine)->open_model({demo_folder(), ""}, {});
    if (!runner) FAIL(runner.error().to_string());
    return std::move(*runner);
}

TokenizerPtr open_demo_tokenizer() {
    const auto tokenizer = open_tokenizer(demo_folder());
    if (!tokenizer) FAIL(tokenizer.error().to_string());
    return *tokenizer;
}

// Best mean score of a detector over all heads, on the texts above.
double best_score_on_text(ModelRunner& runner, const Tokenizer& tokenizer, std::string_view detector_id) {
    const ModelSpec& spec = runner.spec();
    std::vector<double> sums(spec.grid().size());
    for (const char* text : kTexts) {
        const TokenizedText tokens = tokenizer.encode(text);
        RunRequest request;
        request.ids = tokens.ids();
        const auto result = runner.run(request, {});
        REQUIRE(result);
        for (int layer = 0; layer < spec.num_layers; ++layer) {
            for (int head = 0; head < spec.num_heads; ++head) {
                for (const Tag& tag : detect(*result->trace, tokens.tokens, {layer, head}, {})) {
                    if (tag.detector->id != detector_id) continue;
                    REQUIRE(tag.score.score);
                    sums[spec.grid().index({layer, head})] += *tag.score.score;
                }
            }
        }
    }
    return *std::max_element(sums.begin(), sums.end()) / static_cast<double>(std::size(kTexts));
}

}  // namespace

TEST_CASE("demo: small enough to bundle, and BOS comes first") {
    HEADLIGHT_NEEDS(demo_weights());
    CHECK(std::filesystem::file_size(demo_weights()) < (std::uintmax_t{12} << 20));
    const TokenizerPtr tokenizer = open_demo_tokenizer();
    const auto runner = open_demo();
    CHECK(runner->spec().family == "llama");
    CHECK(runner->spec().dtype == "float16");
    CHECK(runner->spec().vocab_size == tokenizer->vocab_size());
    const TokenizedText tokens = tokenizer->encode("It is a truth universally acknowledged");
    REQUIRE(tokens.tokens.size() > 2);
    CHECK(tokens.tokens[0].id == tokenizer->bos_id());
    CHECK(tokens.tokens[0].is_special);
}

TEST_CASE("demo: a head looks at the previous token, another rests on the first") {
    HEADLIGHT_NEEDS(demo_weights());
    const TokenizerPtr tokenizer = open_demo_tokenizer();
    const auto runner = open_demo();
    const double previous = best_score_on_text(*runner, *tokenizer, "previous_token");
    const double first = best_score_on_text(*runner, *tokenizer, "first_token");
    MESSAGE("best previous-token score " << previous << ", best first-token score " << first);
    CHECK(previous >= 0.8);
    CHECK(first >= 0.3);
}

TEST_CASE("demo: induction on random repeats") {
    HEADLIGHT_NEEDS(demo_weights());
    const TokenizerPtr tokenizer = open_demo_tokenizer();
    const auto runner = open_demo();
    const ModelSpec& spec = runner->spec();
    const ProbeSettings settings;
    REQUIRE(settings.block_length == 50);
    ProbeAccumulator probe(spec.num_layers, spec.num_heads);
    const auto sequences = random_repeat_sequences(spec.vocab_size, tokenizer->bos_id(),
                                                   excluded_ids(*tokenizer, spec.vocab_size), settings);
    REQUIRE(sequences.size() == static_cast<std::size_t>(settings.num_sequences));
    for (const auto& ids : sequences) {
        const auto tokens = tokenizer->from_ids(ids);
        REQUIRE(tokens);
        RunRequest request;
        request.ids = ids;
        request.key_sets = detector_key_sets(tokens->tokens);
        const auto result = runner->run(request, {});
        REQUIRE(result);
        probe.add(*result->trace, tokens->tokens, request.key_sets);
    }
    double best = 0, uniform = 0;
    for (int layer = 0; layer < spec.num_layers; ++layer) {
        for (int head = 0; head < spec.num_heads; ++head) {
            for (const ProbeScore& score : probe.scores({layer, head})) {
                if (std::string_view(score.detector->id) != "induction") continue;
                best = std::max(best, score.score);
                uniform = score.null;
            }
        }
    }
    MESSAGE("best induction score " << best << ", uniform " << uniform);
    CHECK(best >= 0.5);
    CHECK(uniform == doctest::Approx(0.0136).epsilon(0.01));  // (H_101 - H_51) / 50
}
