// Which part of a run a figure shows: heads, and the tokens (or words) of both axes.
#pragma once

#include <string>
#include <vector>

#include "figure/figure.h"
#include "publish/figure_request.h"
#include "run/analyzed_run.h"

namespace headlight {

/// A picture holds whole matrices while it is drawn: of longer texts there are none.
inline constexpr int kMostPictureTokens = 4096;

/// Half-open ranges of queries and keys.
struct ShownPart {
    int first_query = 0, num_queries = 0;
    int first_key = 0, num_keys = 0;
};

/// "A..B" of `count` units, both included; empty: all. Errors: InvalidInput.
Result<KeyRange> parse_range(const std::string& words, int count);

/// The request's tokens; in cross attention they are of the queries. Errors: InvalidInput (no such tokens,
/// more than kMostPictureTokens).
Result<ShownPart> shown_part(const FigureRequest& request, const AnalyzedRun& run);
ShownPart whole_part(const AnalyzedRun& run);

/// `--heads`, else `--layer` and `--head` (0 where they are not given). Errors: InvalidInput.
Result<std::vector<HeadId>> chosen_heads(const FigureRequest& request, const AnalyzedRun& run);
/// One of them. Errors: InvalidInput where there are more.
Result<HeadId> chosen_head(const FigureRequest& request, const AnalyzedRun& run);
/// The layer of `--layer`, else the first with attention. Errors: InvalidInput.
Result<int> chosen_layer(const FigureRequest& request, const AnalyzedRun& run);
/// The query of `--query`; the last without one. Errors: InvalidInput.
Result<int> chosen_query(const FigureRequest& request, const AnalyzedRun& run);

FigureAxes part_axes(const AnalyzedRun& run, const ShownPart& part, int layer);
/// Weights as they are shown, [queries, keys] of the part: the mean over `heads`.
std::vector<float> part_weights(const AnalyzedRun& run, const ShownPart& part,
                                const std::vector<HeadId>& heads);

/// "Layer 3 · Head 1", or "Mean of L3H1, L4H0".
std::string name_of_heads(const std::vector<HeadId>& heads);
/// Model, types, and what is shown: kind of attention, unit, weights shown.
FigureCaption caption_of_run(const AnalyzedRun& run);

/// "“The cat sat …” (9 tokens, SmolLM2)": for sentences under a figure.
std::string source_words(const AnalyzedRun& run);

}  // namespace headlight
