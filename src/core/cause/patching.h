// Activation patching and path patching between two texts (causal.md e, f).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/cause/question.h"
#include "core/head_id.h"

namespace headlight {

/// What is replaced.
enum class PatchSite {
    Resid,    // the stream that enters layer l at one position; l = L leaves the last layer
    Attn,     // what attention adds at one position
    Mlp,      // what the feed-forward part adds at one position
    Head,     // a head's output at all positions
    HeadAt,   // at the question's row
    HeadPos,  // at one position
    Pattern,  // a head's weights only, all rows
    Value,    // what this query head reads as values only
};
inline constexpr PatchSite kPatchSites[] = {PatchSite::Resid,   PatchSite::Attn,   PatchSite::Mlp,
                                            PatchSite::Head,    PatchSite::HeadAt, PatchSite::HeadPos,
                                            PatchSite::Pattern, PatchSite::Value};

/// "resid", "attn", "mlp", "head", "head_at", "head_pos", "pattern", "value".
const char* to_string(PatchSite site);
/// "residual stream", "attention output" ...: titles.
const char* label_of(PatchSite site);
std::optional<PatchSite> patch_site(std::string_view name);
/// Has one cell per position, not one per text.
bool has_positions(PatchSite site);
bool has_heads(PatchSite site);

enum class PatchDirection {
    Denoise,  // the corrupted text runs, clean values are put in: is this enough?
    Noise,    // the clean text runs, corrupted values are put in: is this needed?
};
inline constexpr PatchDirection kPatchDirections[] = {PatchDirection::Denoise, PatchDirection::Noise};
/// "denoise", "noise".
const char* to_string(PatchDirection direction);

struct PatchCell {
    PatchSite site = PatchSite::Head;
    int layer = 0;
    int head = -1;      // of head sites
    int position = -1;  // of Resid, Attn, Mlp, HeadPos
    bool operator==(const PatchCell&) const = default;
};

/// All cells of a site: layer, then head, then position.
std::vector<PatchCell> patch_cells(PatchSite site, int num_layers, int num_heads, int num_tokens);

/// Where a changed value of a sender is read.
enum class PathInput { Query, Key, Value };
/// "q", "k", "v".
const char* to_string(PathInput input);

/// Which direct path: a sender's output to a receiver's input, or (no receiver) to the logits.
struct PathRequest {
    std::optional<HeadId> receiver;
    PathInput input = PathInput::Query;
    bool freezes_mlps = false;  // feed-forward parts keep their clean output; else they are computed again
};

/// Which of the metrics an effect is of.
enum class AnswerMetric { Difference, Probability, Kl };
/// "difference", "probability", "kl".
const char* to_string(AnswerMetric metric);
float value_of(const AnswerMetrics& metrics, AnswerMetric metric);

/// (m - m_corrupted) / (m_clean - m_corrupted): 0 as corrupted, 1 as clean, in both directions; for Kl
/// 1 - KL / KL(clean || corrupted). nullopt where the gap is below 1e-3.
std::optional<double> patch_effect(const AnswerMetrics& patched, const AnswerMetrics& clean,
                                   const AnswerMetrics& corrupted, AnswerMetric metric);

/// Two texts of as many tokens with everything that both passes kept. Belongs to the runner that made it,
/// which must outlive it; one call at a time for both.
class PatchingRun {
  public:
    virtual ~PatchingRun() = default;
    virtual const AnswerMetrics& clean() const = 0;
    virtual const AnswerMetrics& corrupted() const = 0;  // kl: KL(clean || corrupted)
    /// First position where the ids differ. A causal model has no effect before it.
    virtual int first_difference() const = 0;

    /// Called with the index of a cell and its metrics as soon as they are known, from the calling thread.
    using OnCell = std::function<void(std::size_t index, const AnswerMetrics& metrics)>;
    /// Metrics of each cell. Errors: InvalidInput, Cancelled (what was reported stays true), OutOfMemory.
    virtual Status patch(PatchDirection direction, std::span<const PatchCell> cells, const JobContext& job,
                         const OnCell& on_cell) = 0;
    /// Clean base, each sender's corrupted output along this path only. A sender that is not below the
    /// receiver has no path: its metrics are the clean ones.
    virtual Status patch_path(const PathRequest& path, std::span<const HeadId> senders, const JobContext& job,
                              const OnCell& on_sender) = 0;
};

}  // namespace headlight
