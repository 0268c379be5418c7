// Speed of a tokenizer on a text, beside the reference's library in the same run.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace headlight {

struct TokenizerBench {
    std::string family;  // of our tokenizer
    std::size_t num_bytes = 0, num_tokens = 0;
    double seconds = 0;  // processor time of one thread, least of the repeats
    std::optional<double>
        reference_seconds;  // of the reference's `tokenizers` library, the same text and measure
    std::optional<std::size_t> reference_tokens;
};

/// Encodes the first megabyte of `text_file` a few times. `python`: an interpreter that has the package
/// `tokenizers`, which is run on the folder's tokenizer.json; empty = no comparison. Errors: of opening
/// either file; Unsupported (the interpreter or the package fails, with its words).
Result<TokenizerBench> bench_tokenizer(const std::string& tokenizer, const std::string& text_file,
                                       const std::string& python);

}  // namespace headlight
