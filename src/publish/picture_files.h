// Figures as files under fixed names: what `analyze`, `attribute`, `compare` ... leave in a folder.
#pragma once

#include <string>
#include <vector>

#include "base/progress.h"
#include "publish/cause_figures.h"
#include "run/analyzed_run.h"
#include "run/compare/comparison.h"

namespace headlight {

struct PictureFolder {
    std::string path;  // empty: the current one; it is made
    FigureStyle style;
    std::string file(const std::string& name) const;
};

/// Paths that were written, in order.
Result<std::vector<std::string>> write_figures(const std::vector<NamedFigure>& figures,
                                               const PictureFolder& folder);

/// `layer_X_all_heads`, `layer_X_head_Y`, `attention_flow` of a run. Drawn on several threads (0: all that
/// pay off); stops between two pictures when the job is stopped.
Result<std::vector<std::string>> write_run_pictures(const AnalyzedRun& run, const ReportScope& scope,
                                                    const PictureFolder& folder, int num_threads,
                                                    const JobContext& job);

/// A pair of heads: A, B and the difference. Errors: InvalidInput (more than kMostPictureTokens).
Result<FigureContent> compared_heads_figure(const Comparison& comparison, std::size_t index);

/// The most changed heads, `compare_layer_X_head_Y`.
Result<std::vector<std::string>> write_compared_heads(const Comparison& comparison, int max_heads,
                                                      const PictureFolder& folder, const JobContext& job);

}  // namespace headlight
