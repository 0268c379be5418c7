// What the tests of devices share: two runs of a text, compared in everything that a trace holds.
#pragma once

#include "model/model_support.h"

namespace headlight::test {

/// "same": earlier tokens with the same id; "odd": every second key, also the future of texts without a mask.
inline std::vector<KeySet> some_key_sets(const std::vector<std::int32_t>& ids, bool is_causal) {
    KeySet same{"same", {0}, {}}, odd{"odd", {}, {}, {}};
    for (std::size_t i = 0; i < ids.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (ids[j] == ids[i]) same.keys.push_back(static_cast<std::uint32_t>(j));
        }
        same.row_begin.push_back(static_cast<std::uint32_t>(same.keys.size()));
        if (i % 2 == 1) odd.keys.push_back(static_cast<std::uint32_t>(i));
    }
    // All rows share one list of keys; with a mask each ends at its own.
    for (std::size_t i = 0; i < ids.size(); ++i) {
        odd.row_begin.push_back(0);
        odd.row_end.push_back(static_cast<std::uint32_t>(is_causal ? (i + 1) / 2 : odd.keys.size()));
    }
    return {same, odd};
}

/// A text of a model that fits it, with the decoder's.
inline RunRequest some_text(const ModelSpec& spec, int count, CaptureMode mode) {
    RunRequest request;
    if (spec.max_positions > 0) count = std::min(count, spec.max_positions);
    // A small part of the vocabulary, so that tokens come again.
    request.ids = some_ids(count, std::min(spec.vocab_size, 29));
    if (spec.has_decoder)
        request.decoder_ids = some_ids(std::min(count, 11), std::min(spec.vocab_size, 29), 1);
    request.capture = mode;
    request.key_sets = some_key_sets(request.ids, spec.is_causal);
    request.wants_all_logits = request.wants_hidden = true;
    request.may_reuse_prefix = false;
    return request;
}

inline void check_stats(const AttentionTrace& kernel, const AttentionTrace& other, int layer, int head,
                        double tolerance) {
    const auto n = static_cast<std::size_t>(kernel.num_queries());
    std::vector<RowStats> a(n), b(n);
    kernel.row_stats(layer, head, a);
    other.row_stats(layer, head, b);
    const std::vector<float> matrix = kernel.matrix(layer, head);
    const auto near = [&](double x, double y, double scale) { CHECK(std::abs(x - y) <= tolerance * scale); };
    for (std::size_t i = 0; i < n; ++i) {
        CAPTURE(i);
        CHECK(a[i].num_keys == b[i].num_keys);
        near(a[i].entropy, b[i].entropy, 2);
        near(a[i].sum_squares, b[i].sum_squares, 1);
        near(a[i].sum_cubes, b[i].sum_cubes, 1);
        near(a[i].max_weight, b[i].max_weight, 1);
        near(a[i].self, b[i].self, 1);
        near(a[i].previous, b[i].previous, 1);
        near(a[i].first, b[i].first, 1);
        near(a[i].local, b[i].local, 1);
        near(a[i].mean_distance, b[i].mean_distance, static_cast<double>(kernel.num_keys()));
        near(a[i].row_sum, b[i].row_sum, 1);
        // Keys of the same weight within rounding may change places.
        const float* row = matrix.data() + i * static_cast<std::size_t>(kernel.num_keys());
        near(row[a[i].argmax], row[b[i].argmax], 1);
    }
}

/// Weights, statistics, masses and overviews of every head; returns the largest difference of weights.
inline double check_trace(const TracePtr& kernel, const TracePtr& other, double tolerance = 2e-5) {
    REQUIRE((kernel == nullptr) == (other == nullptr));
    if (!kernel) return 0;
    REQUIRE(kernel->num_queries() == other->num_queries());
    REQUIRE(kernel->num_keys() == other->num_keys());
    CHECK(kernel->info().storage == other->info().storage);
    double worst = 0;
    const auto n = static_cast<std::size_t>(kernel->num_queries());
    for (int layer = 0; layer < kernel->num_layers(); ++layer) {
        for (int head = 0; head < kernel->num_heads(); ++head) {
            CAPTURE(layer);
            CAPTURE(head);
            worst =
                std::max(worst, largest_difference(kernel->matrix(layer, head), other->matrix(layer, head)));
            if (kernel->is_absent(layer)) continue;
            check_stats(*kernel, *other, layer, head, tolerance);
            for (const char* set : {"same", "odd"}) {
                std::vector<float> a(n), b(n);
                const bool has = kernel->key_set_mass(set, layer, head, a);
                REQUIRE(has == other->key_set_mass(set, layer, head, b));
                if (has) CHECK(largest_difference(a, b) <= tolerance);
            }
            const Overview a = kernel->overview(layer, head), b = other->overview(layer, head);
            CHECK(largest_difference(a.max, b.max) <= tolerance);
            CHECK(largest_difference(a.mean, b.mean) <= tolerance);
        }
    }
    CHECK(worst <= tolerance);
    return worst;
}

inline double check_matrices(const Matrix& a, const Matrix& b) {
    REQUIRE(a.rows == b.rows);
    const double relative = largest_difference(a.values, b.values) / std::max(1e-9, largest_value(a.values));
    CHECK(relative <= 1e-4);
    return relative;
}

/// All that a run gives.
inline double check_runs(const RunResult& kernel, const RunResult& other) {
    double worst = check_trace(kernel.trace, other.trace);
    worst = std::max(worst, check_trace(kernel.decoder_trace, other.decoder_trace));
    worst = std::max(worst, check_trace(kernel.cross_trace, other.cross_trace));
    check_matrices(kernel.logits, other.logits);
    REQUIRE(kernel.hidden.size() == other.hidden.size());
    for (std::size_t l = 0; l < kernel.hidden.size(); ++l)
        check_matrices(kernel.hidden[l], other.hidden[l]);
    check_matrices(kernel.value_norms, other.value_norms);
    return worst;
}

/// Folders with a model: the fixtures of every family, the project's own and those beside the clone.
inline std::vector<std::string> model_fixtures() {
    std::vector<std::string> folders;
    for (const std::string& root :
         {own_fixture(""), own_fixture("decoders"), own_fixture("encoders"), shared_fixture("models")}) {
        if (!std::filesystem::exists(root)) continue;
        for (const auto& entry : std::filesystem::directory_iterator(root)) {
            if (std::filesystem::exists(entry.path() / "config.json") &&
                std::filesystem::exists(entry.path() / "reference.safetensors"))
                folders.push_back(entry.path().string());
        }
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

}  // namespace headlight::test
