// What heads write and look for: on the vocabulary, in a text, and in other heads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/weights/composition_partners.h"
#include "core/cause/circuit.h"
#include "run/cause/question_options.h"

namespace headlight {

struct CircuitOptions {
    std::string heads;                 // "5.1,6.9"
    std::vector<std::int32_t> tokens;  // ids; empty: those of the text
    TextOptions text;                  // optional: what the heads do in it
    int at = -1;                       // row of the text
    std::optional<int> key;            // key that it looks at; none: its strongest
    int count = 10;                    // entries of each end of a list
    bool only_ordinary = false;        // no special tokens, none without a name, none far out or far in
    bool has_partners = true;          // composition with all other heads
};

struct HeadInContext {
    int key = 0;
    float weight = 0;        // A of the row and that key
    TokenRanking writes;     // per unit of attention to the key, in logits
    TokenRanking looks_for;  // from the row's query
};

struct CircuitResult {
    std::shared_ptr<const ModelInfo> model;
    std::vector<HeadId> heads;
    std::vector<std::int32_t> tokens;
    Circuits embedding, first_block;
    TokenizedText text;  // empty: none
    int row = -1;
    std::vector<HeadInContext> context;         // of each head; empty without a text
    std::vector<CompositionPartners> partners;  // of each head; empty when not asked for
    std::string why_no_writes;                  // empty: OV lists are there
};

/// Errors: InvalidInput (no heads, no tokens), Unsupported, Cancelled, those of the engine.
Result<CircuitResult> read_circuits(const LiveModel& model, const CircuitOptions& options,
                                    const JobContext& job);

/// Which tokens of the vocabulary are ordinary: named by the tokenizer, not special, and their embedding not
/// among the 1 % nearest to or farthest from the mean embedding (those are seldom or never trained). Errors:
/// those of ModelRunner::token_embeddings.
Result<std::vector<bool>> ordinary_tokens(const LiveModel& model, const JobContext& job);

}  // namespace headlight
