// What `analyze` computes before anything is printed or drawn.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/probe.h"
#include "analysis/text_analysis.h"
#include "analysis/top_k.h"
#include "cli/model_source.h"
#include "figure/figure.h"

namespace headlight {

struct AnalyzeOptions {
    ModelOptions model;
    TextOptions text;
    std::optional<int> layer, head;  // only this layer, only this head
    int max_heads = 0;               // pictures of the first heads of each layer only; 0 = all
    int top_k = 5;
    std::string output_dir = "attention_plots";
    FigureStyle style;
    bool has_plots = true;
    bool shows_window = false;
    bool has_probe = false;
    std::string json_path, dump_path;
};

struct AnalyzedRun {
    ModelSpec spec;
    TokenizedText tokens;
    TracePtr trace;
    TextAnalysis analysis;
    std::vector<KeySet> key_sets;
    WeightAnalysis weights;                      // empty unless JSON is wanted
    std::vector<std::vector<ProbeScore>> probe;  // [layer * heads + head][detector]; empty unless asked for
    RunResult run;                               // logits and hidden states; its trace is `trace`
    double run_ms = 0, analysis_ms = 0;

    std::size_t head_index(HeadId id) const {
        return static_cast<std::size_t>(id.layer) * static_cast<std::size_t>(spec.num_heads) +
               static_cast<std::size_t>(id.head);
    }
    /// Layers and heads that the options leave.
    std::vector<int> layers(const AnalyzeOptions& options) const;
    std::vector<int> heads(const AnalyzeOptions& options) const;
};

/// Runs the model once and analyses the trace. Errors: InvalidInput (layer or head out of range), Cancelled,
/// the engine's.
Result<AnalyzedRun> run_analysis(const AnalyzeOptions& options, OpenedModel& model,
                                 const TokenizedText& tokens, const JobContext& job);

/// Matrix that the text report is about: one head, or the mean over the heads of the layer. [queries, keys]
std::vector<float> report_matrix(const AnalyzedRun& run, const AnalyzeOptions& options, int layer);

/// "previous token 0.76": tags of a head on this text, strongest first; empty if it has none.
std::string tag_summary(const AnalyzedRun& run, HeadId id);

}  // namespace headlight
