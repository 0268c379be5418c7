// What `analyze` computes before anything is printed or drawn.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/patterns/top_k.h"
#include "analysis/probes/probe.h"
#include "analysis/text_analysis.h"
#include "cli/model_source.h"
#include "figure/figure.h"

namespace headlight {

struct AnalyzeOptions {
    ModelOptions model;
    TextOptions text;
    DecoderOptions decoder;
    std::string attention;           // "self", "encoder", "decoder", "cross"; empty: the most telling one
    std::optional<int> layer, head;  // only this layer, only this head
    int max_heads = 0;               // pictures of the first heads of each layer only; 0 = all
    int top_k = 5;
    std::string output_dir = "attention_plots";
    FigureStyle style;
    bool has_plots = true;
    bool shows_window = false;
    bool has_probe = false;
    std::string json_path, dump_path;
    std::string dump_axes;  // of stored attention, DumpOptions::axes
};

struct AnalyzedRun {
    ModelSpec spec;
    TokenizedText tokens;          // the text; of an encoder-decoder what its encoder reads
    TokenizedText decoder_tokens;  // what the decoder reads; empty without one
    AttentionKind kind = AttentionKind::Self;
    TracePtr trace;  // of that kind
    TextAnalysis analysis;
    std::vector<KeySet> key_sets;
    WeightAnalysis weights;                      // empty unless JSON is wanted
    std::vector<std::vector<ProbeScore>> probe;  // [layer * heads + head][detector]; empty unless asked for
    RunResult run;                               // logits, hidden states and the traces of all kinds
    double run_ms = 0, analysis_ms = 0;

    std::size_t head_index(HeadId id) const { return trace->grid().index(id); }
    const TokenizedText& queries() const {
        return kind == AttentionKind::Decoder || kind == AttentionKind::Cross ? decoder_tokens : tokens;
    }
    const TokenizedText& keys() const { return kind == AttentionKind::Decoder ? decoder_tokens : tokens; }
    /// What the predictions are made from: the decoder's text where there is one.
    const TokenizedText& predicting() const { return spec.has_decoder ? decoder_tokens : tokens; }
    /// Layers with softmax attention and heads that the options leave.
    std::vector<int> layers(const AnalyzeOptions& options) const;
    std::vector<int> heads(const AnalyzeOptions& options) const;
};

/// Runs the model once and analyses the trace of the kind that was asked for. Errors: InvalidInput (layer or
/// head out of range, a kind that the model does not have), Cancelled, the engine's.
Result<AnalyzedRun> run_analysis(const AnalyzeOptions& options, OpenedModel& model,
                                 const TokenizedText& tokens, const TokenizedText& decoder_tokens,
                                 const JobContext& job);

/// The same of attention that was measured before. Errors: InvalidInput, Cancelled, those of
/// read_attention_dump.
Result<AnalyzedRun> analyze_stored(const AnalyzeOptions& options, const JobContext& job);

/// Positions whose predictions are printed: the masked ones of a masked model, else the last.
std::vector<int> predicted_positions(const ModelSpec& spec, const TokenizedText& text,
                                     const Tokenizer* tokenizer);

/// Matrix that the text report is about: one head, or the mean over the heads of the layer. [queries, keys]
std::vector<float> report_matrix(const AnalyzedRun& run, const AnalyzeOptions& options, int layer);

/// "previous token 0.76": tags of a head on this text, strongest first; empty if it has none.
std::string tag_summary(const AnalyzedRun& run, HeadId id);

}  // namespace headlight
