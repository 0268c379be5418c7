#include "core/cause/patching.h"

#include <cmath>

namespace headlight {
namespace {

constexpr double kSmallestGap = 1e-3;  // between clean and corrupted; below it an effect means nothing

}  // namespace

const char* to_string(PatchSite site) {
    switch (site) {
        case PatchSite::Resid:
            return "resid";
        case PatchSite::Attn:
            return "attn";
        case PatchSite::Mlp:
            return "mlp";
        case PatchSite::Head:
            return "head";
        case PatchSite::HeadAt:
            return "head_at";
        case PatchSite::HeadPos:
            return "head_pos";
        case PatchSite::Pattern:
            return "pattern";
        case PatchSite::Value:
            return "value";
    }
    return "";
}

const char* label_of(PatchSite site) {
    switch (site) {
        case PatchSite::Resid:
            return "residual stream";
        case PatchSite::Attn:
            return "attention output";
        case PatchSite::Mlp:
            return "feed-forward output";
        case PatchSite::Head:
            return "heads, all positions";
        case PatchSite::HeadAt:
            return "heads, at the question";
        case PatchSite::HeadPos:
            return "heads, by position";
        case PatchSite::Pattern:
            return "heads, pattern only";
        case PatchSite::Value:
            return "heads, values only";
    }
    return "";
}

std::optional<PatchSite> patch_site(std::string_view name) {
    for (const PatchSite site : kPatchSites)
        if (name == to_string(site)) return site;
    return std::nullopt;
}

bool has_heads(PatchSite site) {
    return site != PatchSite::Resid && site != PatchSite::Attn && site != PatchSite::Mlp;
}

bool has_positions(PatchSite site) {
    return !has_heads(site) || site == PatchSite::HeadPos;
}

const char* to_string(PatchDirection direction) {
    return direction == PatchDirection::Denoise ? "denoise" : "noise";
}

std::vector<PatchCell> patch_cells(PatchSite site, int num_layers, int num_heads, int num_tokens) {
    const int layers = site == PatchSite::Resid ? num_layers + 1 : num_layers;
    std::vector<PatchCell> cells;
    for (int layer = 0; layer < layers; ++layer)
        for (int head = 0; head < (has_heads(site) ? num_heads : 1); ++head)
            for (int position = 0; position < (has_positions(site) ? num_tokens : 1); ++position)
                cells.push_back(
                    {site, layer, has_heads(site) ? head : -1, has_positions(site) ? position : -1});
    return cells;
}

const char* to_string(PathInput input) {
    return input == PathInput::Query ? "q" : input == PathInput::Key ? "k" : "v";
}

const char* to_string(AnswerMetric metric) {
    switch (metric) {
        case AnswerMetric::Difference:
            return "difference";
        case AnswerMetric::Probability:
            return "probability";
        case AnswerMetric::Kl:
            return "kl";
    }
    return "";
}

float value_of(const AnswerMetrics& metrics, AnswerMetric metric) {
    if (metric == AnswerMetric::Difference) return metrics.difference;
    return metric == AnswerMetric::Probability ? metrics.probability : metrics.kl;
}

std::optional<double> patch_effect(const AnswerMetrics& patched, const AnswerMetrics& clean,
                                   const AnswerMetrics& corrupted, AnswerMetric metric) {
    // The clean run's KL from itself is 0, so the one formula is 1 - KL / KL(clean || corrupted) as well.
    const double start = value_of(corrupted, metric), gap = value_of(clean, metric) - start;
    if (!(std::abs(gap) >= kSmallestGap)) return std::nullopt;
    return (value_of(patched, metric) - start) / gap;
}

}  // namespace headlight
