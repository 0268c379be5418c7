// What one run of a text gave, with the attention that was chosen of it: the input of its reports.
#pragma once

#include <optional>
#include <vector>

#include "analysis/patterns/top_k.h"
#include "analysis/probes/probe.h"
#include "analysis/text_analysis.h"
#include "analysis/words/text_units.h"
#include "core/cause/weighted_trace.h"
#include "core/model_runner.h"
#include "core/token.h"
#include "tokenize/tokenizer.h"

namespace headlight {

/// How much of a run is told.
struct ReportScope {
    std::optional<int> layer, head;  // only this layer, only this head
    int max_heads = 0;               // pictures and table of the first heads of each layer; 0 = all
    int top_k = 5;                   // keys and predictions to list
};

struct AnalyzedRun {
    ModelSpec spec;
    TokenizedText tokens;          // the text; of an encoder-decoder what its encoder reads
    TokenizedText decoder_tokens;  // what the decoder reads; empty without one
    AttentionKind kind = AttentionKind::Self;
    TracePtr trace;              // of that kind
    WeightedPtr shown;           // what matrices, lists, pictures and dumps hold in its place; null: itself
    std::string shown_question;  // "·Mary − ·John": what effects are on
    TextAnalysis analysis;
    std::vector<KeySet> key_sets;
    WeightAnalysis weights;                      // empty unless JSON or a table of heads is wanted
    WeightAnalysis matrices;                     // metrics of whole patterns; empty unless asked for
    std::vector<std::vector<ProbeScore>> probe;  // [layer * heads + head][detector]; empty unless asked for
    std::optional<UnitAttention> units;          // of `trace`, when asked for
    RunResult run;                               // logits, hidden states and the traces of all kinds
    double run_ms = 0, analysis_ms = 0;

    const AttentionTrace& shown_trace() const { return shown ? *shown : *trace; }
    std::size_t head_index(HeadId id) const { return trace->grid().index(id); }
    const TokenizedText& queries() const {
        return kind == AttentionKind::Decoder || kind == AttentionKind::Cross ? decoder_tokens : tokens;
    }
    const TokenizedText& keys() const { return kind == AttentionKind::Decoder ? decoder_tokens : tokens; }
    /// What the predictions are made from: the decoder's text where there is one.
    const TokenizedText& predicting() const { return spec.has_decoder ? decoder_tokens : tokens; }
    /// Layers with softmax attention and heads that the scope leaves.
    std::vector<int> layers(const ReportScope& scope) const;
    std::vector<int> heads(const ReportScope& scope) const;
};

/// Positions whose predictions are told: the masked ones of a masked model, else the last.
std::vector<int> predicted_positions(const ModelSpec& spec, const TokenizedText& text,
                                     const Tokenizer* tokenizer);

}  // namespace headlight
