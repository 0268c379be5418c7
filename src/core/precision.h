// How far a pass in another number type is from the one in float32.
#pragma once

#include <string>

namespace headlight {

/// Both passes run the same code of LibTorch over the same text, with softmax in float32.
struct PrecisionReport {
    std::string dtype;  // "bfloat16", "float16": type of weights and activations
    int num_tokens = 0;
    double max_attention = 0;   // largest absolute difference of a weight, over layers, heads and rows
    double mean_attention = 0;  // mean absolute difference of the weights that the mask allows
    double max_logits_relative =
        0;  // largest difference of a logit / largest logit of the text; 0 without a head
    double float32_ms = 0, dtype_ms = 0;  // one pass, least of the repeats
};

}  // namespace headlight
