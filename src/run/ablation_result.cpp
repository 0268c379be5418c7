#include "run/ablation_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace headlight {
namespace {

std::optional<double> mean_of_floats(std::span<const float> values) {
    if (values.empty()) return std::nullopt;
    double sum = 0;
    for (const float value : values)
        sum += value;
    return sum / static_cast<double>(values.size());
}

}  // namespace

void fill_means(AblationResult& result) {
    result.mean_base_loss = mean_of_floats(result.base_loss);
    result.mean_loss = mean_of_floats(result.loss);
    // Over the same tokens as the loss: those that predict one of the text's.
    const auto scored = [&](const std::vector<float>& values) {
        const std::size_t count =
            result.loss.empty() ? values.size() : std::min(values.size(), result.loss.size());
        return std::span<const float>(values).first(count);
    };
    result.mean_kl = mean_of_floats(scored(result.kl));
    result.mean_tvd = mean_of_floats(scored(result.tvd));
    result.worse_share.reset();
    if (result.loss.empty() || result.loss.size() != result.base_loss.size()) return;
    std::size_t num_worse = 0;
    for (std::size_t i = 0; i < result.loss.size(); ++i)
        num_worse += result.loss[i] > result.base_loss[i] ? 1 : 0;
    result.worse_share = static_cast<double>(num_worse) / static_cast<double>(result.loss.size());
}

std::string describe_all(const Interventions& interventions, int num_layers, int num_heads) {
    if (interventions.empty()) return {};
    const std::string first = describe(interventions.front(), num_layers, num_heads);
    return interventions.size() == 1 ? first : fmt::format("{} and {} more", first, interventions.size() - 1);
}

}  // namespace headlight
