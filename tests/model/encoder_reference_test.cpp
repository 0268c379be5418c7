// Encoders and encoder-decoders: attention, logits and hidden states against what the reference library
// computed.
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/token.h"
#include "model/reference_compare.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// All layers of one kind of attention, `name`.{layer} [H, M, N].
void compare_kind(const Reference& reference, const std::string& name, const AttentionTrace& trace,
                  Compared& sum) {
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        const std::vector<float> expected = reference.floats(fmt::format("{}.{}", name, layer));
        std::vector<float> found;
        for (int head = 0; head < trace.num_heads(); ++head) {
            const std::vector<float> matrix = trace.matrix(layer, head);
            found.insert(found.end(), matrix.begin(), matrix.end());
        }
        const double difference = largest_difference(found, expected);
        INFO(name << "." << layer);
        CHECK(difference <= kAttentionTolerance);
        sum.attention = std::max(sum.attention, difference);
        ++sum.num_attention;
    }
    CHECK_FALSE(reference.has(fmt::format("{}.{}", name, trace.num_layers())));
}

void compare_hidden(const Reference& reference, const std::string& name, const std::vector<Matrix>& hidden,
                    Compared& sum) {
    for (std::size_t l = 0; l < hidden.size(); ++l) {
        const std::string key = fmt::format("{}.{}", name, l);
        if (!reference.has(key)) continue;
        sum.hidden = std::max(sum.hidden, compare_matrix(reference, key, hidden[l]));
        ++sum.num_hidden;
    }
}

void compare_mode(ModelRunner& runner, const Reference& reference, int text, CaptureMode mode,
                  Compared& sum) {
    const std::string prefix = fmt::format("t{}.", text);
    RunRequest request;
    request.ids = reference.ids(text);
    request.capture = mode;
    request.wants_hidden = request.wants_all_logits = mode == CaptureMode::Weights;
    const bool has_decoder = reference.has(prefix + "decoder_input_ids");
    REQUIRE(runner.spec().has_decoder == has_decoder);
    if (has_decoder) request.decoder_ids = reference.ids(prefix + "decoder_input_ids");
    const RunResult result = run(runner, request);
    compare_kind(reference, prefix + (has_decoder ? "enc_attn" : "attn"), *result.trace, sum);
    if (has_decoder) {
        compare_kind(reference, prefix + "dec_attn", *result.decoder_trace, sum);
        compare_kind(reference, prefix + "cross_attn", *result.cross_trace, sum);
    }
    if (!request.wants_hidden) return;
    compare_hidden(reference, prefix + (has_decoder ? "enc_hidden" : "hidden"), result.hidden, sum);
    if (has_decoder) compare_hidden(reference, prefix + "dec_hidden", result.decoder_hidden, sum);
    if (reference.has(prefix + "hidden")) {
        sum.hidden = std::max(sum.hidden, compare_matrix(reference, prefix + "hidden", result.hidden.back()));
    }
    REQUIRE(reference.has(prefix + "logits") == (runner.spec().prediction != Prediction::None));
    if (!reference.has(prefix + "logits")) return;
    sum.logits = std::max(sum.logits, compare_matrix(reference, prefix + "logits", result.logits));
    ++sum.num_logits;
}

void compare_model(const std::string& folder, const std::string& config, const std::string& reference_path) {
    INFO(folder << " " << config);
    const auto runner = open(folder, config);
    const Reference reference(reference_path);
    CHECK_FALSE(runner->spec().is_causal);
    Compared sum;
    int num_texts = 0;
    for (; reference.has(fmt::format("t{}.input_ids", num_texts)); ++num_texts) {
        compare_mode(*runner, reference, num_texts, CaptureMode::Weights, sum);
        compare_mode(*runner, reference, num_texts, CaptureMode::QueryKey, sum);
    }
    CHECK(num_texts > 0);
    CHECK(sum.num_hidden > 0);
    MESSAGE(fmt::format("{}: attention {:.1e} of {} layers, logits {:.1e} of {} texts, hidden {:.1e} of {}",
                        std::filesystem::path(folder).filename().string(), sum.attention, sum.num_attention,
                        sum.logits, sum.num_logits, sum.hidden, sum.num_hidden));
}

}  // namespace

TEST_CASE("encoder reference: own fixtures, what the shared ones lack") {
    int num_models = 0;
    for (const auto& entry : std::filesystem::directory_iterator(own_fixture("encoders"))) {
        const std::string folder = entry.path().string();
        compare_model(folder, {}, folder + "/reference.safetensors");
        ++num_models;
    }
    CHECK(num_models == 21);
}

TEST_CASE("encoder reference: shared fixtures, configs of transformers 5 and 4") {
    const std::string list = shared_fixture("models/models.json");
    HEADLIGHT_NEEDS(list);
    std::ifstream file(list);
    const nlohmann::json models = nlohmann::json::parse(file);
    int num_models = 0;
    for (const nlohmann::json& model : models.at("models")) {
        if (model.at("layout").get<std::string>() == "decoder") continue;
        ++num_models;
        const std::string folder =
            shared_fixture(fmt::format("models/{}", model.at("name").get<std::string>()));
        compare_model(folder, {}, folder + "/reference.safetensors");
        const std::string older = folder + "/config.v4.json";
        if (std::filesystem::exists(older)) compare_model(folder, older, folder + "/reference.safetensors");
    }
    CHECK(num_models > 0);
}

TEST_CASE("encoder reference: a segment that the model has no row for is refused") {
    const auto runner = open(own_fixture("encoders/bert_segments"));
    RunRequest request;
    request.ids = {5, read_id(6, 2), read_id(7, 3)};
    const auto refused = runner->run(request, {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::InvalidInput);
    CHECK(refused.error().message.find("token 2 is of segment 3") != std::string::npos);
    // A kept text of the same ids is another text in other segments.
    request.ids = {5, 6, 7};
    const auto first = run(*runner, request).trace->matrix(0, 0);
    request.ids = {5, 6, read_id(7, 1)};
    const auto second = run(*runner, request).trace->matrix(0, 0);
    CHECK(largest_difference(first, second) > 1e-3);
    const auto batch = runner->run_batch(std::vector<RunRequest>{request, request}, 1, {});
    REQUIRE(batch);
    CHECK(largest_difference(batch->at(1).trace->matrix(0, 0), second) < 1e-6);
}

TEST_CASE("encoder reference: the names that LayerNorm had in early files") {
    const std::string folder = shared_fixture("formats/bert_gamma_beta");
    HEADLIGHT_NEEDS(folder);
    compare_model(folder, {}, shared_fixture("models/bert/reference.safetensors"));
}

TEST_CASE("encoder reference: a head that is not in the file predicts nothing") {
    const std::string folder = shared_fixture("models/bert_cased");
    HEADLIGHT_NEEDS(folder);
    const auto runner = open(folder);
    CHECK(runner->spec().prediction == Prediction::None);
    RunRequest request;
    request.ids = {1, 2, 3};
    request.wants_all_logits = true;
    auto result = runner->run(request, {});
    // Either nothing comes or the request is refused; numbers would be made up.
    if (result) CHECK(result->logits.values.empty());
    CHECK(open(shared_fixture("models/bert"))->spec().prediction == Prediction::MaskedToken);
}
