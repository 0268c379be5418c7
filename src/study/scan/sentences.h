// Sentences with gold syntax for a scan: which of them are measured, in two halves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/words/syntax.h"
#include "base/progress.h"
#include "base/result.h"
#include "core/token.h"
#include "tokenize/tokenizer.h"

namespace headlight {

/// The most bytes of a CoNLL-U file, and the most files.
inline constexpr std::size_t kMostConlluBytes = std::size_t{256} << 20;
inline constexpr std::size_t kMostConlluFiles = 1000;

/// A sentence as the model reads it. Its text is made of the forms.
struct GoldSentence {
    std::string document;     // "train.conllu, sentence 12"
    std::int64_t number = 0;  // in its file, from 0
    std::vector<Token> tokens;
    RelationText relations;
};

struct SentenceSelection {
    std::vector<std::string> files;  // by name
    std::vector<GoldSentence> discovery, confirmation;
    int num_left_out = 0;  // longer than `most_tokens`
};

struct SentenceRequest {
    std::vector<std::string> paths;
    std::uint64_t seed = 1;
    int num_sentences = 400;  // of both halves
    int most_tokens = 128;    // of a sentence, special tokens included
};

/// Sentences win by a hash of the seed and their text, which also says their half, so that a sentence that
/// stands twice is measured once and the order of the files does not matter. Errors: those of reading and
/// parsing (with the file), InvalidInput (a half without a sentence), Cancelled.
Result<SentenceSelection> select_sentences(const SentenceRequest& request, const Tokenizer& tokenizer,
                                           const JobContext& job);

}  // namespace headlight
