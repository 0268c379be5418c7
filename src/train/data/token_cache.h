// The corpus as ids. Kept beside the run, so that resuming need not encode it again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "train/data/corpus.h"
#include "train/data/text_codec.h"

namespace headlight {

struct HeldOutTokens {
    std::string name;
    std::vector<std::int32_t> ids;
    std::size_t num_characters = 0;  // of the text that the ids spell
};

struct TokenizedCorpus {
    std::vector<std::int32_t> train;
    std::vector<HeldOutTokens> held_out;  // one per file, in the order given
    std::vector<std::int32_t>
        by_frequency;         // ordinary pieces, most frequent in `train` first (ties: lowest id)
    std::string fingerprint;  // of text and vocabulary
};

/// FNV-1a over the texts and the vocabulary's files, as 16 hex digits.
std::string corpus_fingerprint(std::span<const CorpusText> texts, const TextCodec& codec);

/// Encodes the corpus, or takes the ids from `cache_file` if that was made from the same text and vocabulary
/// (a file that does not fit, or is broken, is made again). Errors: Cancelled, InvalidInput (fewer than
/// `min_tokens`).
Result<TokenizedCorpus> tokenize_corpus(std::span<const CorpusText> texts, const TextCodec& codec,
                                        const std::string& cache_file, std::size_t min_tokens,
                                        const JobContext& job);

}  // namespace headlight
