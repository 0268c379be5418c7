// One text from tokens to everything that reports tell of it.
#pragma once

#include <string>

#include "base/progress.h"
#include "base/result.h"
#include "run/analyzed_run.h"
#include "run/text_tokens.h"

namespace headlight {

struct AnalyzeRequest {
    std::string attention;            // "self", "encoder", "decoder", "cross"; empty: the most telling one
    std::optional<int> layer, head;   // must exist
    bool has_probe = false;           // also the random-repeat probe
    bool wants_all = false;           // logits of all positions and spectra of the weights, for JSON
    bool wants_hidden = false;        // logits and hidden states, for a dump
    bool wants_weights = false;       // spectra of the weights, for a table of heads
    bool wants_matrices = false;      // metrics of whole patterns, of texts up to kMostMatrixMetricTokens
    TextUnit unit = TextUnit::Token;  // what rows, metrics and tags are of
    FromGroup from = FromGroup::Mean;
    int num_threads = 0;  // 0: as many as pay off
};

/// One of the attentions that a run gave.
struct ChosenKind {
    AttentionKind kind = AttentionKind::Self;
    TracePtr trace;
};

/// By the name of --attention; empty: the most telling one, which is cross attention once the decoder has
/// read something. Errors: InvalidInput with the kinds that `model` has.
Result<ChosenKind> choose_kind(const std::string& attention, const RunResult& run, bool has_decoder_text,
                               const std::string& model);

/// Runs the model once and analyses the trace of the kind that was asked for. Errors: InvalidInput (layer or
/// head out of range, a kind that the model does not have), Cancelled, the engine's.
Result<AnalyzedRun> analyze_tokens(const LiveModel& model, const TokenizedText& tokens,
                                   const TokenizedText& decoder_tokens, const AnalyzeRequest& request,
                                   const JobContext& job);

/// The same of a run that was made already: spec, tokens, key sets and the traces of `run.run`.
Result<AnalyzedRun> analyze_traces(AnalyzedRun run, const AnalyzeRequest& request, const JobContext& job);

/// The same of attention that was measured before. `axes`: DumpOptions::axes. Tells the notes of the file.
/// Errors: InvalidInput, Cancelled, those of read_attention_dump.
Result<AnalyzedRun> analyze_dump(const std::string& path, const std::string& axes,
                                 const AnalyzeRequest& request, const TellUser& tell, const JobContext& job);

}  // namespace headlight
