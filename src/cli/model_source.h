// Which model a command works on: a checkpoint, random weights, or the bundled demo.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/engine.h"
#include "core/token.h"
#include "tokenize/tokenizer.h"

namespace CLI {
class App;
}

namespace headlight {

struct ModelOptions {
    std::string path;                 // checkpoint; empty: random weights or the demo
    std::string tokenizer_path;       // empty: the checkpoint's own
    std::string config_path;          // in place of the checkpoint's config.json
    int num_threads = 0;              // 0: automatic
    bool trusts_torchscript = false;  // the code in a TorchScript file may run
    int memory_limit_mb = 0;          // OpenModelRequest::memory_limit_bytes; 0: half of what is free
    // Random weights, when any of these was given.
    std::optional<int> hidden_size, num_heads, num_layers;
    std::optional<std::uint64_t> seed;

    bool wants_random() const { return hidden_size || num_heads || num_layers || seed; }
};

/// --model/--checkpoint, --config, --tokenizer, --threads, --memory-limit, --trust-torchscript; with
/// `has_random` also
/// --embedding-dimension and the like.
void add_model_options(CLI::App& app, ModelOptions& options, bool has_random);

struct OpenedModel {
    Engine* engine = nullptr;
    std::shared_ptr<ModelRunner> runner;
    TokenizerPtr tokenizer;  // null: none was found, `tokenizer_error` says why
    std::optional<Error> tokenizer_error;
    double engine_ms = 0, open_ms = 0, tokenizer_ms = 0;
};

/// Folder of the bundled demo. Errors: Missing.
Result<std::string> demo_path();

/// Opens engine and model while the tokenizer is read beside it; says on stderr which model it is when none
/// was named. Errors: InvalidInput (both a checkpoint and random weights), those of the engine and of
/// opening.
Result<OpenedModel> open_model(const ModelOptions& options, const JobContext& job);

struct TextOptions {
    std::string text, text_file;
    std::vector<std::int32_t> ids;
    bool has_text = false;  // an empty text was given on purpose
};

/// What the decoder of an encoder-decoder reads.
struct DecoderOptions {
    std::string text;
    std::vector<std::int32_t> ids;
    bool has_text = false;
    bool is_given() const { return has_text || !ids.empty(); }
};

/// --text, --text-file, --ids; at most one of them.
void add_text_options(CLI::App& app, TextOptions& options);

/// --decoder-text, --decoder-ids; at most one of them.
void add_decoder_options(CLI::App& app, DecoderOptions& options);

/// What the decoder reads: the ids as they are, or the start token and the tokens of the text; the start
/// token alone when neither was given. Empty for models without a decoder. Errors: InvalidInput (given for
/// such a model), Missing.
Result<TokenizedText> read_decoder_tokens(const DecoderOptions& options, const OpenedModel& model);

/// The tokens of the text, or of the ids. Errors: InvalidInput (none given, no token), Missing (no tokenizer,
/// no file).
Result<TokenizedText> read_tokens(const TextOptions& options, const OpenedModel& model);

}  // namespace headlight
