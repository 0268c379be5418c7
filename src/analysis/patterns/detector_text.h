// What all heads of one text share when detectors look at it: labels and key sets, made once.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "analysis/detector.h"
#include "analysis/patterns/text_similarity.h"
#include "core/matrix.h"

namespace headlight {

class EvenHeads;

struct DetectorTextOptions {
    const TokenFrequencies* frequencies = nullptr;
    const Matrix* embeddings = nullptr;  // [tokens, hidden]
    /// Longer texts have no row detectors.
    int most_row_tokens = kMostRowDetectorTokens;
};

class DetectorText {
  public:
    /// `tokens` may be empty (not known) or of another length than the matrix (then content detectors are
    /// left out). `given` are key sets that the capture pass has seen; sets that do not fit the text are
    /// ignored. The spans must outlive this.
    DetectorText(std::span<const Token> tokens, const TraceInfo& info, std::span<const KeySet> given,
                 const DetectorTextOptions& options = {});

    std::span<const Token> tokens() const { return tokens_; }
    /// detectors() as it was when this was made: rules may be saved while a text is analysed. What this file
    /// and those that read a DetectorText call [detector] is an index into it.
    std::span<const DetectorDescriptor* const> registry() const { return registry_; }
    TextLabels labels() const { return {labels_, is_causal_, is_characters_, tokens_}; }
    /// Null when that detector has none, or it was not made for this text.
    const KeySet* key_set(std::size_t detector) const { return sets_[detector]; }
    bool is_row_pass() const { return is_row_pass_; }
    const TextSimilarity* similarity() const { return similarity_.get(); }

  private:
    std::span<const Token> tokens_;
    std::span<const DetectorDescriptor* const> registry_ = detectors();
    bool is_causal_ = true, is_characters_ = false, is_row_pass_ = false;
    std::vector<TokenLabel> labels_;
    std::vector<std::unique_ptr<KeySet>> own_;  // [detector]
    std::vector<const KeySet*> sets_;           // [detector]
    std::unique_ptr<TextSimilarity> similarity_;
};

/// What detectors see of one head: masses of all key sets, and of short texts the weights.
struct HeadRows {
    std::vector<std::vector<float>> mass;      // [detector][num_queries]; empty without a key set
    std::vector<float> matrix;                 // [num_queries, num_keys]; empty without a row pass
    std::vector<std::int32_t> content_argmax;  // [num_queries]; as matrix
};

HeadRows read_head_rows(const AttentionTrace& trace, HeadId head, const DetectorText& text);
/// The same into `seen`, whose memory is used again.
void read_head_rows(const AttentionTrace& trace, HeadId head, const DetectorText& text, HeadRows& seen);
/// The same of weights that no trace holds.
HeadRows read_head_rows(std::vector<float> matrix, int num_queries, const DetectorText& text);

/// Every detector on one head, in registry order, with the row statistics of that head at hand. `even`: of
/// the trace; it holds something between units only.
std::vector<Tag> detect(const AttentionTrace& trace, std::span<const RowStats> rows, HeadId head,
                        const DetectorText& text, const EvenHeads& even);
/// The same of one head alone.
std::vector<Tag> detect(const AttentionTrace& trace, std::span<const RowStats> rows, HeadId head,
                        const DetectorText& text);
/// The same from weights between tokens at hand.
std::vector<Tag> detect(const AttentionTrace& trace, std::span<const RowStats> rows, HeadId head,
                        const DetectorText& text, const HeadRows& seen);

/// Sum of the set's keys per row [num_queries] of matrix [num_queries, num_keys].
std::vector<float> masses_of(std::span<const float> matrix, int num_queries, const KeySet& set);

}  // namespace headlight
