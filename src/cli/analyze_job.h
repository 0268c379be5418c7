// What `analyze` computes before anything is printed or drawn.
#pragma once

#include <string>

#include "cli/analyze_result.h"
#include "cli/model_source.h"
#include "figure/figure.h"

namespace headlight {

struct AnalyzeOptions {
    ModelOptions model;
    TextOptions text;
    DecoderOptions decoder;
    std::string attention;  // "self", "encoder", "decoder", "cross"; empty: the most telling one
    ReportScope scope;
    std::string output_dir = "attention_plots";
    FigureStyle style;
    bool has_plots = true;
    bool shows_window = false;
    bool has_probe = false;
    std::string json_path, dump_path;
    std::string dump_axes;  // of stored attention, DumpOptions::axes
};

/// Runs the model once and analyses the trace of the kind that was asked for. Errors: InvalidInput (layer or
/// head out of range, a kind that the model does not have), Cancelled, the engine's.
Result<AnalyzedRun> run_analysis(const AnalyzeOptions& options, OpenedModel& model,
                                 const TokenizedText& tokens, const TokenizedText& decoder_tokens,
                                 const JobContext& job);

/// The same of attention that was measured before. Errors: InvalidInput, Cancelled, those of
/// read_attention_dump.
Result<AnalyzedRun> analyze_stored(const AnalyzeOptions& options, const JobContext& job);

}  // namespace headlight
