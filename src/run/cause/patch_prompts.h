// Activation patching and path patching over one pair of prompts or many.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/cause/patching.h"
#include "run/cause/prompts.h"

namespace headlight {

struct PatchOptions : PromptOptions {
    std::vector<PatchSite> sites;
    std::vector<PatchDirection> directions;
};

/// Effects of cells that have nothing in common but the map they are in: what a cell drawn at random shows.
struct ChanceEffects {
    double median = 0, high = 0;  // of |effect - the effect of changing nothing|; the 95th percentile
};

struct PatchSiteResult {
    PatchSite site = PatchSite::Head;
    PatchDirection direction = PatchDirection::Denoise;
    std::vector<PatchCell> cells;
    std::vector<std::optional<AnswerMetrics>> metrics;  // of the first pair; nullopt: not done
    std::vector<std::optional<PromptMean>> effects;     // on the logit difference, over the pairs where it is
                                                        // defined; nullopt: at none
    ChanceEffects chance;

    /// Cells by how far their effect is from changing nothing, farthest first.
    std::vector<std::size_t> ranking() const;
};

/// The effect of changing nothing: 0 when denoising, 1 when noising.
inline double unchanged_effect(PatchDirection direction) {
    return direction == PatchDirection::Denoise ? 0.0 : 1.0;
}

struct PatchPair {
    AnswerMetrics clean, corrupted;
};

struct PatchResult {
    std::shared_ptr<const ModelInfo> model;
    std::vector<Prompt> prompts;
    std::vector<PatchPair> pairs;        // of each prompt
    std::vector<PatchSiteResult> sites;  // in the order of the options
    bool was_stopped = false;
    std::string warning;  // a gap that is too small to compare with
};

/// Called as cells come: what was done of all cells of all pairs.
using OnPatched = std::function<void(std::size_t done, std::size_t all)>;

/// A stop keeps what was measured and says so. Errors: InvalidInput (no corrupted text, different lengths,
/// sites by position over prompts of different lengths), those of the engine.
Result<PatchResult> patch_prompts(const LiveModel& model, const PatchOptions& options, const JobContext& job,
                                  const OnPatched& on_patched);

struct PathOptions : PromptOptions {
    std::string receivers;  // "9.9,10.0"; empty: the logits alone
    std::vector<PathInput> inputs{PathInput::Query, PathInput::Key, PathInput::Value};
    std::vector<bool> freezes_mlps{false};
};

/// One receiver and input, or the logits: every head as a sender.
struct PathMap {
    PathRequest path;
    std::vector<std::optional<AnswerMetrics>> metrics;  // [L * H] of the first pair
    std::vector<std::optional<PromptMean>> destroyed;   // [L * H] share of the gap that the path carries
    std::vector<std::size_t> ranking() const;           // largest |destroyed| first
};

struct PathResult {
    std::shared_ptr<const ModelInfo> model;
    std::vector<Prompt> prompts;
    std::vector<PatchPair> pairs;
    std::vector<HeadId> receivers;
    std::vector<PathMap> maps;
    bool was_stopped = false;
};

/// As patch_prompts().
Result<PathResult> patch_paths(const LiveModel& model, const PathOptions& options, const JobContext& job,
                               const OnPatched& on_patched);

}  // namespace headlight
