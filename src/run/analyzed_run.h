// What one run of a text gave, with the attention that was chosen of it: the input of its reports.
#pragma once

#include <optional>
#include <vector>

#include "analysis/patterns/top_k.h"
#include "analysis/probes/probe.h"
#include "analysis/text_analysis.h"
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
    TracePtr token_trace;        // of that kind
    TracePtr trace;              // the same between the units that were asked for; else token_trace
    WeightedPtr token_shown;     // what dumps hold in place of token_trace; null: itself
    WeightedPtr shown;           // what matrices, lists and pictures hold in place of trace; null: itself
    std::string shown_question;  // "·Mary − ·John": what effects are on
    TextAnalysis analysis;
    std::vector<KeySet> key_sets;
    WeightAnalysis weights;                      // empty unless JSON or a table of heads is wanted
    WeightAnalysis matrices;                     // metrics of whole patterns; empty unless asked for
    std::vector<std::vector<ProbeScore>> probe;  // [layer * heads + head][detector]; empty unless asked for
    std::shared_ptr<const TextGroups> units;     // when asked for: what rows, metrics and tags are of
    TokenizedText unit_queries, unit_keys;       // each of them as a token
    RunResult run;                               // logits, hidden states and the traces of all kinds
    double run_ms = 0, analysis_ms = 0;

    const AttentionTrace& shown_trace() const { return shown ? *shown : *trace; }
    std::size_t head_index(HeadId id) const { return trace->grid().index(id); }
    const TokenizedText& token_queries() const {
        return kind == AttentionKind::Decoder || kind == AttentionKind::Cross ? decoder_tokens : tokens;
    }
    const TokenizedText& token_keys() const {
        return kind == AttentionKind::Decoder ? decoder_tokens : tokens;
    }
    /// What rows and columns of `trace` are.
    const TokenizedText& queries() const { return units ? unit_queries : token_queries(); }
    const TokenizedText& keys() const { return units ? unit_keys : token_keys(); }
    TextUnit unit() const { return units ? units->unit : TextUnit::Token; }
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
