// Is a text too long for a model? Asked before anything is built that grows with its length or the square of
// it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

namespace headlight {

/// What a run of a model asks of a text, and what it builds for it.
struct TextNeeds {
    std::string model;          // its name
    std::string text = "text";  // what the text is called: "text", "decoder text"
    int most_tokens = 0;        // a longer text has no position in a table; 0: positions do not end
    double token_bytes = 0;     // kept for every token
    double pair_bytes = 0;      // built for every pair of tokens
};

/// Has the model a position for every token, and does what a run builds fit into memory? Takes a time that
/// grows with the length alone. Errors: InvalidInput (more tokens than the model has positions), OutOfMemory;
/// both with the numbers, and how long a text may be.
Status check_text_length(const TextNeeds& needs, std::span<const std::int32_t> ids);

/// The same against `available_bytes` of memory.
Status check_text_length(const TextNeeds& needs, std::span<const std::int32_t> ids,
                         std::uint64_t available_bytes);

}  // namespace headlight
