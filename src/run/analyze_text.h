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
    TextUnit unit = TextUnit::Token;  // what rows, metrics and tags are of
    FromGroup from = FromGroup::Mean;
    int num_threads = 0;  // 0: as many as pay off
};

/// Runs the model once and analyses the trace of the kind that was asked for. Errors: InvalidInput (layer or
/// head out of range, a kind that the model does not have), Cancelled, the engine's.
Result<AnalyzedRun> analyze_tokens(const LiveModel& model, const TokenizedText& tokens,
                                   const TokenizedText& decoder_tokens, const AnalyzeRequest& request,
                                   const JobContext& job);

/// The same of attention that was measured before. `axes`: DumpOptions::axes. Tells the notes of the file.
/// Errors: InvalidInput, Cancelled, those of read_attention_dump.
Result<AnalyzedRun> analyze_dump(const std::string& path, const std::string& axes,
                                 const AnalyzeRequest& request, const TellUser& tell, const JobContext& job);

}  // namespace headlight
