// A text that was run, with its attention and what was found in it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "analysis/text_analysis.h"
#include "core/attention_trace.h"
#include "core/run_request.h"
#include "core/token.h"
#include "run/model_info.h"

namespace headlight {

/// A text whose end the model wrote (of an encoder-decoder: its decoder's): its ids are what was written,
/// which those of its words need not be. Immutable.
struct WrittenText {
    TokenizedText tokens;
    int num_prompt = 0;                            // tokens before the first that was written
    std::uint64_t model_id = 0, tokenizer_id = 0;  // that the ids are of

    bool is_of(const ModelInfo* model) const {
        return model && model_id == model->id && tokenizer_id == model->tokenizer_id;
    }
};
using WrittenTextPtr = std::shared_ptr<const WrittenText>;

/// One analysed attention of a text. Immutable.
struct AnalyzedText {
    std::uint64_t id = 0;      // changes with every text, model and kind; key of everything derived
    std::uint64_t run_id = 0;  // of the run that it came from: the kinds of an encoder-decoder share one
    std::uint64_t model_id = 0, tokenizer_id = 0;     // of the ModelInfo that made it
    TokenizedText tokens;                             // the queries; of all but cross attention the keys too
    std::shared_ptr<const TokenizedText> key_tokens;  // null: the same list as the queries
    std::shared_ptr<const TokenizedText>
        input_tokens;  // what the encoder read, for the decoder's kinds; else null
    TracePtr trace;
    std::shared_ptr<const TextGroups> groups;  // what queries and keys are made of; null: they are tokens
    std::shared_ptr<const AnalyzedText> of_tokens;  // the same attention between tokens; null: this is it
    std::vector<KeySet> key_sets;
    TextAnalysis analysis;
    double tokenize_ms = 0, run_ms = 0, analysis_ms = 0;
    RunParts run_parts;
    int num_reused = 0;  // tokens kept from the text before
    int num_threads = 1;
    bool was_measured_now = true;  // false: from a stored trace
    int num_prompt = -1;           // queries from here on were written by the model; -1: none was

    const TokenizedText& keys() const { return key_tokens ? *key_tokens : tokens; }
    TextUnit unit() const { return groups ? groups->unit : TextUnit::Token; }
    bool is_written(int query) const { return num_prompt >= 0 && query >= num_prompt; }
    AttentionKind kind() const { return trace ? trace->info().kind : AttentionKind::Self; }
    /// Made by this model, with the tokenizer that it has now.
    bool is_of(const ModelInfo* model) const {
        return model && model_id == model->id && tokenizer_id == model->tokenizer_id;
    }
};

/// The attention between tokens that a text's was gathered from, or the text itself.
inline const std::shared_ptr<const AnalyzedText>& token_text(
    const std::shared_ptr<const AnalyzedText>& text) {
    return text && text->of_tokens ? text->of_tokens : text;
}

/// What one run of a text gave: its attention, or encoder, decoder and cross attention of an encoder-decoder.
using TextKinds = std::vector<std::shared_ptr<const AnalyzedText>>;
inline constexpr std::uint64_t kMostKinds = 3;

}  // namespace headlight
