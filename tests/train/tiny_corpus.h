// A small made-up corpus and a request that trains on it in a second.
#pragma once

#include <fstream>
#include <string>

#include "core/train_request.h"
#include "support/fixtures.h"
#include "train/random.h"

namespace headlight::test {

/// About 60 KB of sentences over thirty words, always the same.
inline std::string tiny_text() {
    const char* const words[] = {"the",   "lamp",  "head", "light", "reads", "a",     "row",   "of",
                                 "keys",  "and",   "asks", "each",  "query", "where", "it",    "looks",
                                 "then",  "turns", "to",   "day",   "from",  "long",  "night", "over",
                                 "small", "hills", "with", "no",    "sound", "back"};
    Random random(99);
    std::string text = "CHAPTER I\n\n";
    while (text.size() < 60'000) {
        const std::size_t length = 4 + random.below(8);
        for (std::size_t i = 0; i < length; ++i)
            text += std::string(i > 0 ? " " : "") + words[random.below(30)];
        text += ".\n";
    }
    return text;
}

inline TrainRequest tiny_request(const std::string& folder) {
    const std::string file = folder + "/tiny.txt";
    std::ofstream(file) << tiny_text();
    TrainRequest request;
    request.corpus_files = {file};
    request.output_dir = folder + "/out";
    request.vocab_size = 340;
    request.hidden_size = 32;
    request.num_layers = 2;
    request.num_heads = 2;
    request.intermediate_size = 48;
    request.context_length = 32;
    request.short_length = 16;
    request.num_steps = 16;
    request.tokens_per_step = 128;
    request.warmup_steps = 4;
    request.checkpoint_every = 0;
    request.validate_every = 0;
    request.num_threads = 1;
    request.save_dtype = "float32";
    return request;
}

}  // namespace headlight::test
