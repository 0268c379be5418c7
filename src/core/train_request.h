// What a training run is asked for, says while it runs, and ends with.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headlight {

/// What `headlight train` asks for; the defaults are the recipe of the bundled demo.
struct TrainRequest {
    std::vector<std::string> corpus_files;
    std::string output_dir;
    int vocab_size = 1024;
    int hidden_size = 192, num_layers = 4, num_heads = 6, intermediate_size = 384;
    int context_length = 256;
    int num_steps = 2400;
    int tokens_per_step = 2048;
    double learning_rate = 2e-3;
    double weight_decay = 0.1;
    int warmup_steps = 100;
    double clip_norm = 1.0;
    double rope_theta = 500.0;
    double repeat_share = 0.5;  // share of random-repeat rows at the start (0 trains on text alone)
    std::uint64_t seed = 1;
    int checkpoint_every = 200;
    int validate_every = 100;
    bool resume = false;
    int num_threads = 0;
    std::string save_dtype = "float16";
    std::string tokenizer = "sentencepiece_bpe";
    double repeat_share_end = 0.15;  // share of random-repeat rows at the last step
    double text_repeat_share = 0.1;  // share of rows that repeat a window of text
    int short_length = 64;  // tokens a row in the first third of the steps (0: the full length throughout)
    std::string task = "text";  // "text", or "addition": a + b mod `modulus`, full batch, an epoch a step
    int modulus = 59;
    double train_fraction = 0.4;  // of the pairs of "addition"
    int observe_every =
        0;  // steps between two rows of the attention observer (SNAPSHOT; POST_EPOCH); 0 = off
    bool keeps_checkpoints = false;  // every checkpoint stays, in checkpoints/step_N, for `watch`
};

struct TrainProgress {
    int step = 0, num_steps = 0;
    double loss = 0;  // nats a token, training batch (smoothed)
    double learning_rate = 0;
    double tokens_per_second = 0;
    double seconds_left = 0;
    std::optional<double> validation_loss;  // nats a token, on the steps that validate
    std::string note;                       // "vocabulary trained", "checkpoint saved" ...
    std::vector<std::pair<std::string, double>>
        observed;  // metrics of the attention observer, on the steps that have them
};

/// Loss on the held-out tenth of one corpus file.
struct HeldOutLoss {
    std::string name;  // of the corpus file, without folder and extension
    double nats_per_token = 0;
    double bits_per_character = 0;
};

struct TrainReport {
    int step = 0;
    double loss = 0;
    std::optional<double> validation_loss;  // the last one that was taken; none if there was none
    double seconds = 0;
    std::string output_dir;
    bool was_stopped = false;           // by the user; `resume` goes on from here
    std::vector<HeldOutLoss> held_out;  // at the end, one per corpus file
};

using TrainCallback = std::function<void(const TrainProgress&)>;

}  // namespace headlight
