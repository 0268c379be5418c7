// Which layers, heads and positions of a run its reports are about.
#include "run/analyzed_run.h"

#include <algorithm>
#include <numeric>

namespace headlight {
namespace {

std::vector<int> indices(const std::optional<int>& only, int count, int most) {
    if (only) return {*only};
    std::vector<int> all(static_cast<std::size_t>(most > 0 ? std::min(most, count) : count));
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<int>(i);
    return all;
}

}  // namespace

std::vector<int> AnalyzedRun::layers(const ReportScope& scope) const {
    std::vector<int> all = indices(scope.layer, trace->num_layers(), 0);
    std::erase_if(all, [this](int layer) { return trace->is_absent(layer); });
    return all;
}

std::vector<int> AnalyzedRun::heads(const ReportScope& scope) const {
    return indices(scope.head, trace->num_heads(), scope.max_heads);
}

std::vector<int> predicted_positions(const ModelSpec& spec, const TokenizedText& text,
                                     const Tokenizer* tokenizer) {
    if (spec.prediction == Prediction::None || text.tokens.empty()) return {};
    if (spec.prediction == Prediction::NextToken) return {static_cast<int>(text.tokens.size()) - 1};
    std::vector<int> masked;
    const std::int32_t mask = tokenizer != nullptr ? tokenizer->mask_id() : -1;
    for (std::size_t i = 0; mask >= 0 && i < text.tokens.size(); ++i) {
        if (text.tokens[i].id == mask) masked.push_back(static_cast<int>(i));
    }
    return masked;
}

}  // namespace headlight
