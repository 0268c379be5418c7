// Which windows of a corpus a scan measures: chosen by a seeded hash, so that neither the order of the files
// nor the number of processes matters, with discovery and confirmation on disjoint documents.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/words/token_classes.h"
#include "base/progress.h"
#include "base/result.h"
#include "core/token.h"
#include "study/scan/corpus.h"
#include "tokenize/tokenizer.h"

namespace headlight {

/// A sequence of the corpus.
struct ScanWindow {
    std::string document;          // "emma.txt, section 12"
    std::int64_t first_token = 0;  // of the document, in its tokens
    std::vector<Token> tokens;     // the model's BOS first, where it has one
};

struct ScanSelection {
    std::vector<ScanWindow> discovery, confirmation;
    bool is_split_by_file = false;  // else by section
    TokenFrequencies frequencies;   // of the discovery sections that were read
    std::vector<int> file_half;     // by file: 0 discovery, 1 confirmation; empty when split by section
};

struct SelectionRequest {
    std::uint64_t seed = 1;
    int num_discovery = 32, num_confirmation = 32;
    int sequence_length = 128;  // tokens, BOS included
};

/// Reads every file once for its sections and tokenizes only the chosen ones. Sections win by their hash, in
/// each the windows by theirs; a second window of a section is taken only when there are too few sections.
/// Errors: InvalidInput (one half has no window: the corpus is too short), those of reading, Cancelled.
Result<ScanSelection> select_windows(const std::vector<CorpusFile>& files, const SelectionRequest& request,
                                     const Tokenizer& tokenizer, const JobContext& job);

/// Files to halves of like size; empty when the lighter half would hold less than a fifth of the bytes.
std::vector<int> split_files(const std::vector<CorpusFile>& files, std::uint64_t seed);

}  // namespace headlight
