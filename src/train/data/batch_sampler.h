// Draws training rows: text, repeated text, and repeated random blocks (which teach heads to match and copy).
#pragma once

#include <cstdint>
#include <vector>

#include "train/data/token_cache.h"
#include "train/random.h"
#include "train/recipe.h"

namespace headlight {

inline constexpr std::int64_t kMaskedTarget = -100;  // what torch's cross entropy leaves out

struct Batch {
    int num_rows = 0;
    int length = 0;
    std::vector<std::int64_t> inputs;   // [num_rows, length], each row begins with BOS
    std::vector<std::int64_t> targets;  // [num_rows, length], the next token or kMaskedTarget
};

class BatchSampler {
  public:
    /// `corpus` must outlive the sampler and hold at least min_tokens(context length).
    BatchSampler(const TokenizedCorpus& corpus, std::int32_t bos_id, Random random)
        : corpus_(corpus), bos_id_(bos_id), random_(random) {}

    /// Tokens that the longest window of a row of `length` needs.
    static std::size_t min_tokens(int length) { return 2 * static_cast<std::size_t>(length) + 64; }

    Batch draw(const StepPlan& plan);
    const Random& random() const { return random_; }

  private:
    struct Row {  // parallel: the tokens, and the same tokens as targets (kMaskedTarget where unpredictable)
        std::vector<std::int64_t> tokens, targets;
        void append(std::span<const std::int32_t> ids, std::size_t num_masked);
    };
    Batch draw_rows(const StepPlan& plan);
    Row text_row(const StepPlan& plan);
    Row repeat_row(const StepPlan& plan, bool is_random);
    std::vector<std::int32_t> text_window(std::size_t length);
    std::vector<std::int32_t> random_block(std::size_t length, int alphabet);
    std::vector<std::int32_t> shuffled_block(std::size_t length);
    std::size_t block_length(int longest);

    const TokenizedCorpus& corpus_;
    std::int32_t bos_id_;
    Random random_;
};

}  // namespace headlight
