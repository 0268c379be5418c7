// What the tests of the model share: runners, reference files, comparisons.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "core/token.h"
#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/tensor_values.h"
#include "model/model_runner.h"
#include "support/fixtures.h"
#include "support/largest_difference.h"

namespace headlight::test {

inline ThreadSetting threads(int count = 0) {
    return std::make_shared<const std::atomic<int>>(count);
}

inline std::unique_ptr<ModelRunner> open(const std::string& path, const std::string& config = {},
                                         int count = 0, const std::string& device = kProcessor) {
    OpenModelRequest request{path, config};
    request.device = device;
    auto runner = open_model_runner(request, {}, threads(count));
    REQUIRE_MESSAGE(runner.has_value(), (runner ? "" : runner.error().to_string()));
    return std::move(*runner);
}

inline std::unique_ptr<ModelRunner> random_runner(const RandomModelRequest& request, int count = 0) {
    auto runner = random_model_runner(request, threads(count));
    REQUIRE_MESSAGE(runner.has_value(), (runner ? "" : runner.error().to_string()));
    return std::move(*runner);
}

inline RunResult run(ModelRunner& runner, const RunRequest& request) {
    auto result = runner.run(request, {});
    REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().to_string()));
    return std::move(*result);
}

/// Tensors of a reference.safetensors.
class Reference {
  public:
    explicit Reference(const std::string& path) {
        auto opened = open_checkpoint(path);
        REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().to_string()));
        file_ = *opened;
    }
    bool has(const std::string& name) const { return file_->find(name) != nullptr; }
    std::vector<float> floats(const std::string& name) const {
        REQUIRE_MESSAGE(has(name), name);
        return tensor_as_floats(*file_, *file_->find(name)).value();
    }
    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const TensorInfo& tensor : file_->tensors)
            out.push_back(tensor.name);
        return out;
    }
    bool is_float(const std::string& name) const { return file_->find(name)->dtype == DType::Float32; }
    std::int64_t last_dimension(const std::string& name) const { return file_->find(name)->shape.back(); }
    /// What a model reads of a text: its ids, with their segments where the file gives them.
    std::vector<std::int32_t> ids(int text) const {
        std::vector<std::int32_t> out = ids(fmt::format("t{}.input_ids", text));
        const std::string segments_of = fmt::format("t{}.token_type_ids", text);
        if (!has(segments_of)) return out;
        const std::vector<std::int32_t> segments = ids(segments_of);
        REQUIRE(segments.size() == out.size());
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = read_id(out[i], static_cast<std::uint8_t>(segments[i]));
        return out;
    }
    std::vector<std::int32_t> ids(const std::string& name) const {
        REQUIRE_MESSAGE(has(name), name);
        const auto wide = tensor_as_integers(*file_, *file_->find(name)).value();
        return {wide.begin(), wide.end()};
    }

  private:
    CheckpointPtr file_;
};

inline double largest_value(const std::vector<float>& a) {
    double worst = 0;
    for (const float x : a)
        worst = std::max(worst, std::abs(static_cast<double>(x)));
    return worst;
}

/// Largest difference of two traces over all heads.
inline double trace_difference(const AttentionTrace& a, const AttentionTrace& b) {
    double worst = 0;
    for (int layer = 0; layer < a.num_layers(); ++layer) {
        for (int head = 0; head < a.num_heads(); ++head) {
            worst = std::max(worst, largest_difference(a.matrix(layer, head), b.matrix(layer, head)));
        }
    }
    return worst;
}

inline std::vector<std::int32_t> some_ids(int count, int vocab, int salt = 0) {
    std::vector<std::int32_t> ids;
    for (int i = 0; i < count; ++i)
        ids.push_back((i * 7919 + i * i * 31 + salt * 101) % vocab);
    return ids;
}

}  // namespace headlight::test
