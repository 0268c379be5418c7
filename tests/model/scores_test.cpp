// The pieces of every family's scores add up to the captured weights, and to those of the reference.
#include <fstream>
#include <nlohmann/json.hpp>

#include "analysis/scores/score_rows.h"
#include "model/model_support.h"

using namespace headlight;
using namespace headlight::test;

namespace {

constexpr double kScoreTolerance = 1e-5;  // of a weight from its pieces to the captured one
constexpr double kReferenceTolerance =
    3e-5;  // to the reference's: what the capture itself is held to, and ours

struct Added {
    double captured = 0, reference = 0;  // largest distances
    int num_heads = 0, num_rotating = 0, num_biased = 0, num_capped = 0, num_sinks = 0;
};

/// Every row of a head from its pieces, against the trace and (where it is there) the reference.
void add_head(const ScoreParts& parts, const AttentionTrace& trace, const std::vector<float>& expected,
              Added& sum) {
    const int layer = parts.head.layer, head = parts.head.head;
    const std::vector<float> captured = trace.matrix(layer, head);
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    REQUIRE(parts.num_queries == trace.num_queries());
    REQUIRE(parts.num_keys == trace.num_keys());
    for (int query = 0; query < trace.num_queries(); ++query) {
        const ScoreRow row = score_row(parts, query, trace.admissible(layer, query));
        for (const KeyScore& one : row.keys) {
            const std::size_t at =
                static_cast<std::size_t>(query) * num_keys + static_cast<std::size_t>(one.key);
            sum.captured = std::max(sum.captured, std::abs(one.weight - captured[at]));
            if (expected.empty()) continue;
            const std::size_t from = static_cast<std::size_t>(head) * captured.size() + at;
            sum.reference = std::max(sum.reference, std::abs(one.weight - expected[from]));
        }
    }
    ++sum.num_heads;
    sum.num_rotating += parts.rotation.empty() ? 0 : 1;
    sum.num_biased += parts.has_bias() ? 1 : 0;
    sum.num_capped += parts.softcap > 0 ? 1 : 0;
    sum.num_sinks += parts.sink ? 1 : 0;
    for (const RotationPair& pair : parts.rotation)
        CHECK(pair.wavelength > 6);
}

void add_kind(CausalRun& run, AttentionKind kind, const AttentionTrace& trace, const Reference* reference,
              const std::string& name, Added& sum) {
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        const std::string key = fmt::format("{}.{}", name, layer);
        const std::vector<float> expected =
            reference && reference->has(key) ? reference->floats(key) : std::vector<float>();
        if (reference) CHECK(!expected.empty());
        for (int head = 0; head < trace.num_heads(); ++head) {
            const auto parts = run.score_parts(kind, {layer, head});
            REQUIRE_MESSAGE(parts, (parts ? "" : parts.error().to_string()));
            add_head(*parts, trace, expected, sum);
        }
    }
}

/// A text of a model: its own pass, and the trace that keeps q and k.
void add_text(ModelRunner& runner, const Reference& reference, int text, Added& sum) {
    const std::string prefix = fmt::format("t{}.", text);
    RunRequest request;
    request.ids = reference.ids(text);
    const bool has_decoder = reference.has(prefix + "decoder_input_ids");
    if (has_decoder) request.decoder_ids = reference.ids(prefix + "decoder_input_ids");
    const RunResult result = run(runner, request);
    auto own =
        has_decoder ? runner.start_encoder_causal(request.ids, {}) : runner.start_causal(request.ids, {});
    REQUIRE_MESSAGE(own, (own ? "" : own.error().to_string()));
    add_kind(**own, has_decoder ? AttentionKind::Encoder : AttentionKind::Self, *result.trace, &reference,
             prefix + (has_decoder ? "enc_attn" : "attn"), sum);
    request.capture = CaptureMode::QueryKey;
    const RunResult kept = run(runner, request);
    for (const TracePtr& trace : {kept.trace, kept.decoder_trace}) {
        if (!trace || !trace->has_score_parts()) continue;
        for (int layer = 0; layer < trace->num_layers(); ++layer)
            for (int head = 0; head < trace->num_heads(); ++head)
                add_head(*trace->score_parts(layer, head), *trace, {}, sum);
    }
    if (!has_decoder) return;
    auto decoder = runner.start_decoder_causal(request.ids, request.decoder_ids, {});
    REQUIRE_MESSAGE(decoder, (decoder ? "" : decoder.error().to_string()));
    add_kind(**decoder, AttentionKind::Decoder, *result.decoder_trace, &reference, prefix + "dec_attn", sum);
    add_kind(**decoder, AttentionKind::Cross, *result.cross_trace, &reference, prefix + "cross_attn", sum);
}

Added add_model(const std::string& folder) {
    const auto runner = open(folder);
    const Reference reference(folder + "/reference.safetensors");
    Added sum;
    for (int text = 0; reference.has(fmt::format("t{}.input_ids", text)); ++text)
        add_text(*runner, reference, text, sum);
    CHECK_MESSAGE(sum.captured <= kScoreTolerance, folder);
    CHECK_MESSAGE(sum.reference <= kReferenceTolerance, folder);
    CHECK(sum.num_heads > 0);
    MESSAGE(fmt::format("{}: {} heads, captured {:.1e}, reference {:.1e}",
                        std::filesystem::path(folder).filename().string(), sum.num_heads, sum.captured,
                        sum.reference));
    return sum;
}

}  // namespace

TEST_CASE("scores: the pieces add up to the captured weight, all shared fixtures") {
    const std::string list = shared_fixture("models/models.json");
    HEADLIGHT_NEEDS(list);
    std::ifstream file(list);
    const nlohmann::json models = nlohmann::json::parse(file);
    Added all;
    for (const nlohmann::json& model : models.at("models")) {
        const Added sum =
            add_model(shared_fixture(fmt::format("models/{}", model.at("name").get<std::string>())));
        all.num_rotating += sum.num_rotating;
        all.num_biased += sum.num_biased;
        all.num_capped += sum.num_capped;
        all.num_sinks += sum.num_sinks;
    }
    CHECK(all.num_rotating > 0);
    CHECK(all.num_biased > 0);
    CHECK(all.num_capped > 0);
    CHECK(all.num_sinks > 0);
}

TEST_CASE("scores: the same of the own fixtures") {
    int num_models = 0;
    for (const char* group : {"encoders", "decoders"}) {
        for (const auto& entry : std::filesystem::directory_iterator(own_fixture(group))) {
            if (!std::filesystem::exists(entry.path() / "reference.safetensors")) continue;
            // Scores are taken apart of models whose layers all attend, and read the stream itself.
            if (entry.path().filename() == "lfm2" || entry.path().filename() == "mobilebert_narrow") continue;
            add_model(entry.path().string());
            ++num_models;
        }
    }
    CHECK(num_models > 9);
}

TEST_CASE("scores: wavelengths of plain rotation are 2 pi theta^(2i / d) tokens") {
    RandomModelRequest sizes;
    sizes.family = "llama";
    sizes.hidden_size = 32;
    sizes.vocab_size = 40;
    sizes.num_layers = 1;
    sizes.num_heads = 2;
    const auto runner = random_runner(sizes);
    RunRequest request;
    request.ids = some_ids(9, 40);
    request.capture = CaptureMode::QueryKey;
    const RunResult result = run(*runner, request);
    const auto parts = result.trace->score_parts(0, 1);
    REQUIRE(parts);
    REQUIRE(parts->depth == 16);
    REQUIRE(parts->rotation.size() == 8);
    for (int i = 0; i < 8; ++i) {
        const RotationPair& pair = parts->rotation[static_cast<std::size_t>(i)];
        CHECK(pair.first == i);
        CHECK(pair.second == i + 8);
        CHECK(pair.wavelength ==
              doctest::Approx(2 * 3.14159265358979 * std::pow(10000.0, i / 8.0)).epsilon(1e-4));
    }
    CHECK(parts->bias_name.empty());
}

TEST_CASE("scores: what is not there is refused by name") {
    RandomModelRequest sizes;
    sizes.family = "gpt2";
    sizes.hidden_size = 32;
    sizes.vocab_size = 40;
    sizes.num_layers = 1;
    const auto runner = random_runner(sizes);
    const std::vector<std::int32_t> ids = some_ids(5, 40);
    auto own = runner->start_causal(ids, {});
    REQUIRE(own);
    const auto cross = (*own)->score_parts(AttentionKind::Cross, {0, 0});
    REQUIRE_FALSE(cross);
    CHECK(cross.error().to_string().find("no cross attention") != std::string::npos);
    CHECK_FALSE((*own)->score_parts(AttentionKind::Self, {0, 99}));
    CHECK_FALSE(runner->start_encoder_causal(ids, {}));
}
