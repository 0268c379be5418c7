// Compares a decoder with what the reference library computed for it: attention, logits and hidden states of
// each text.
#pragma once

#include "model/model_support.h"

namespace headlight::test {

inline constexpr double kAttentionTolerance = 2e-5;  // absolute
inline constexpr double kOtherTolerance = 1e-3;      // relative to the largest value

/// What was compared: the largest differences (the last two relative), and how many tensors.
struct Compared {
    double attention = 0, logits = 0, hidden = 0;
    int num_attention = 0, num_logits = 0, num_hidden = 0;
};

inline void compare_attention(const Reference& reference, int text, const AttentionTrace& trace,
                              Compared& sum) {
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        if (trace.is_absent(layer)) continue;
        const std::string name = fmt::format("t{}.attn.{}", text, layer);
        const std::vector<float> expected = reference.floats(name);  // [H, N, N]
        std::vector<float> found;
        for (int head = 0; head < trace.num_heads(); ++head) {
            const std::vector<float> matrix = trace.matrix(layer, head);
            found.insert(found.end(), matrix.begin(), matrix.end());
        }
        const double difference = largest_difference(found, expected);
        INFO(name);
        CHECK(difference <= kAttentionTolerance);
        sum.attention = std::max(sum.attention, difference);
        ++sum.num_attention;
    }
    CHECK_FALSE(reference.has(fmt::format("t{}.attn.{}", text, trace.num_layers())));
}

/// Largest difference relative to the largest value.
inline double compare_matrix(const Reference& reference, const std::string& name, const Matrix& found) {
    const std::vector<float> expected = reference.floats(name);
    const double relative =
        largest_difference(found.values, expected) / std::max(1e-9, largest_value(expected));
    INFO(name);
    CHECK(relative <= kOtherTolerance);
    return relative;
}

inline void compare_text(ModelRunner& runner, const Reference& reference, int text, Compared& sum) {
    const std::string prefix = fmt::format("t{}.", text);
    RunRequest request;
    request.ids = reference.ids(text);
    for (const CaptureMode mode : {CaptureMode::Weights, CaptureMode::QueryKey}) {
        request.capture = mode;
        request.wants_hidden = request.wants_all_logits = mode == CaptureMode::Weights;
        const RunResult result = run(runner, request);
        compare_attention(reference, text, *result.trace, sum);
        if (!request.wants_hidden) continue;
        if (reference.has(prefix + "logits")) {
            sum.logits = std::max(sum.logits, compare_matrix(reference, prefix + "logits", result.logits));
            ++sum.num_logits;
        }
        REQUIRE(result.hidden.size() == static_cast<std::size_t>(runner.spec().num_layers) + 1);
        for (std::size_t l = 0; l < result.hidden.size(); ++l) {
            const std::string name = fmt::format("{}hidden.{}", prefix, l);
            if (!reference.has(name)) continue;
            sum.hidden = std::max(sum.hidden, compare_matrix(reference, name, result.hidden[l]));
            ++sum.num_hidden;
        }
    }
}

/// All texts of a reference file. `config` may be empty: the folder's own.
inline Compared compare_folder(const std::string& folder, const std::string& config,
                               const std::string& reference_path, const std::string& device = kProcessor) {
    INFO(folder << " " << config << " " << device);
    const auto runner = open(folder, config, 0, device);
    const Reference reference(reference_path);
    REQUIRE(reference.has("t0.input_ids"));
    Compared sum;
    for (int text = 0; reference.has(fmt::format("t{}.input_ids", text)); ++text) {
        compare_text(*runner, reference, text, sum);
    }
    return sum;
}

}  // namespace headlight::test
