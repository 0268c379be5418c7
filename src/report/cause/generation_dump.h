// Written tokens as tensors.
#pragma once

#include "report/cause/tensor_file.h"
#include "run/generate/generate_text.h"

namespace headlight {

/// `gen.ids`; with `has_processors` also `gen.probs.*`: the distribution after the prompt with each step of
/// the settings alone, and with all in order.
void add_generation(const GeneratedText& text, std::size_t prompt_length, const SamplingSettings& settings,
                    bool has_processors, TensorFile& file);

}  // namespace headlight
