// What tests of ablations share: models, runs and comparisons.
#pragma once

#include <stop_token>

#include "model/ablation_run.h"
#include "model/family_files.h"
#include "model/model_support.h"

using namespace headlight;
using namespace headlight::test;

namespace {

constexpr double kAttentionTolerance = 2e-5;  // absolute
constexpr double kLossTolerance = 1e-5;       // nats

std::unique_ptr<AblationRun> start(ModelRunner& runner, const std::vector<std::int32_t>& ids) {
    auto run = runner.start_ablation(ids, {});
    REQUIRE_MESSAGE(run.has_value(), (run ? "" : run.error().to_string()));
    return std::move(*run);
}

AblationOutcome apply(AblationRun& run, const std::vector<Intervention>& changes,
                      const AblationWish& wish = {}) {
    auto outcome = run.apply(changes, wish, {});
    REQUIRE_MESSAGE(outcome.has_value(), (outcome ? "" : outcome.error().to_string()));
    return std::move(*outcome);
}

Intervention change(InterventionMode mode, std::vector<HeadId> heads) {
    Intervention made;
    made.mode = mode;
    made.heads = std::move(heads);
    return made;
}

Intervention cut(std::vector<HeadId> heads, std::vector<Edge> edges) {
    Intervention made = change(InterventionMode::KnockOut, std::move(heads));
    made.edges = std::move(edges);
    return made;
}

Intervention scaled(std::vector<HeadId> heads, double factor) {
    Intervention made = change(InterventionMode::Scale, std::move(heads));
    made.factor = factor;
    return made;
}

/// The list of make_ablation_reference.py once more.
std::vector<std::pair<std::string, std::vector<Intervention>>> reference_cases(int num_tokens, int head_dim) {
    using Mode = InterventionMode;
    Intervention local = change(Mode::LocalWindow, {{0, 0}, {1, 1}});
    local.window = 2;
    Intervention pattern = change(Mode::Pattern, {{1, 1}});
    pattern.patterns.emplace_back(num_tokens, num_tokens);
    for (int i = 0; i < num_tokens; ++i) {
        for (int j = 0; j < num_tokens; ++j)
            pattern.patterns[0].at(i, j) = static_cast<float>(1 + (3 * i + 5 * j) % 7);
    }
    Intervention mean = change(Mode::MeanOutput, {{0, 0}});
    mean.outputs.emplace_back();
    for (int d = 0; d < head_dim; ++d)
        mean.outputs[0].push_back(0.01f * static_cast<float>(d));
    return {{"uniform", {change(Mode::Uniform, {{0, 1}})}},
            {"local", {local}},
            {"previous", {change(Mode::PreviousToken, {{0, 2}})}},
            {"first", {change(Mode::FirstToken, {{1, 0}})}},
            {"identity", {change(Mode::Identity, {{0, 0}})}},
            {"pattern", {pattern}},
            {"zero", {change(Mode::ZeroOutput, {{0, 1}, {1, 2}})}},
            {"scale", {scaled({{0, 1}}, 0.5)}},
            {"mean", {mean}},
            {"knock_out", {cut({{0, 1}}, {{9, 0}, {5, 3}, {0, 0}, {5, 4}})}},
            {"several", {change(Mode::Uniform, {{0, 0}}), cut({{1, 1}}, {{6, 2}}), scaled({{1, 0}}, 2.0)}},
            {"layer", {change(Mode::ZeroOutput, {{0, 0}, {0, 1}, {0, 2}})}}};
}

std::vector<std::int32_t> reference_ids(const std::string& path) {
    const auto file = open_checkpoint(path).value();
    const auto wide = tensor_as_integers(*file, *file->find("ids")).value();
    return {wide.begin(), wide.end()};
}

void compare_case(const Reference& reference, const std::string& name, const AblationOutcome& found) {
    INFO(name);
    CHECK(largest_difference(found.token_loss, reference.floats(name + ".loss")) <= kLossTolerance);
    CHECK(largest_difference(found.kl, reference.floats(name + ".kl")) <= kLossTolerance);
    CHECK(largest_difference(found.tvd, reference.floats(name + ".tvd")) <= kLossTolerance);
    const std::vector<float> logits = reference.floats(name + ".logits");
    CHECK(largest_difference(found.logits.values, logits) <= 1e-4 * largest_value(logits));
    for (int layer = 0; layer < found.trace->num_layers(); ++layer) {
        std::vector<float> all;
        for (int head = 0; head < found.trace->num_heads(); ++head) {
            const std::vector<float> matrix = found.trace->matrix(layer, head);
            all.insert(all.end(), matrix.begin(), matrix.end());
        }
        INFO("layer " << layer);
        CHECK(largest_difference(all, reference.floats(fmt::format("{}.attn.{}", name, layer))) <=
              kAttentionTolerance);
    }
}

RandomModelRequest small_model(const char* family) {
    RandomModelRequest request{family, 48, 4, 2, 3, 97, 128, 5};
    return request;
}

const char* const kFolders[] = {"gpt2", "gpt2_knobs", "llama_biases", "llama_llama3"};

}  // namespace
