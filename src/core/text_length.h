// Is a text too long for a model? Asked before anything is built that grows with its length or the square of
// it.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "core/model_spec.h"

namespace headlight {

/// Which of the two texts of an encoder-decoder is asked about.
enum class TextRole { Input, Decoder };

/// What the caller builds itself for every pair of tokens, in bytes.
struct TextCost {
    std::int64_t pair_bytes = 0;
};

/// Has the model a position for every token, and does what a run keeps (queries and keys of all layers, the
/// pairs of equal tokens, score biases that are built whole) fit into memory? Takes a time that grows with
/// the length alone. `ids` may be empty. Errors: InvalidInput (more tokens than the model has positions),
/// OutOfMemory; both with the numbers, and how long a text may be.
Status check_text_length(const ModelSpec& spec, std::span<const std::int32_t> ids,
                         TextRole role = TextRole::Input, const TextCost& cost = {});

/// The same against `available_bytes` of memory.
Status check_text_length(const ModelSpec& spec, std::span<const std::int32_t> ids, TextRole role,
                         const TextCost& cost, std::uint64_t available_bytes);

}  // namespace headlight
