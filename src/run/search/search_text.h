// A search over one run: from what was drawn or said to a template of its tokens, and to every head's fit.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analysis/search/search.h"
#include "analysis/search/token_rule.h"
#include "run/live_model.h"

namespace headlight {

/// The pairs of a rule among the tokens of a trace; `keys` are the queries' tokens but in cross attention.
/// Errors: InvalidInput (a relation across two texts, no pair at all), those of the rule's expressions.
Result<PairTemplate> rule_template(const TokenRule& rule, const TokenizedText& queries,
                                   const TokenizedText& keys, const AttentionTrace& trace);

/// A drawing of numbers from 0 up, [num_queries, num_keys], as .npy or any other array file that dumps may
/// be. Errors: Missing, Corrupt, InvalidInput (another size, with both).
Result<PairTemplate> read_drawing(const std::string& path, const AttentionTrace& trace);

struct FindRequest {
    std::string rule, drawing_path;  // one of them
    std::string attention;           // AnalyzeRequest's
    SearchOptions options;
    FitMeasure order = FitMeasure::Mass;
};

struct FindResult {
    std::shared_ptr<const ModelInfo> model;
    AttentionKind kind = AttentionKind::Self;
    int num_queries = 0, num_keys = 0;
    std::string what;  // the rule, or the drawing's file
    bool is_drawing = false;
    FitMeasure order = FitMeasure::Mass;
    SearchResult search;
};

/// Runs the text once and fits every head. Errors: InvalidInput, Cancelled, those of the run.
Result<FindResult> find_heads(const LiveModel& model, const TokenizedText& tokens,
                              const TokenizedText& decoder_tokens, const FindRequest& request,
                              const JobContext& job);

}  // namespace headlight
