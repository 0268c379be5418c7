// Opening a model that runs: a checkpoint, random weights, or the bundled demo.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/engine.h"
#include "run/model_info.h"

namespace headlight {

/// Hands out the engine; called the first time that a model is needed. Tests hand in a fake.
using EngineProvider = std::function<Result<Engine*>()>;

/// A sentence for the user that is no error: which model was taken, what was cut.
using TellUser = std::function<void(const std::string&)>;

struct ModelOptions {
    std::string path;                 // checkpoint; empty: random weights or the demo
    std::string tokenizer_path;       // empty: the checkpoint's own
    std::string config_path;          // in place of the checkpoint's config.json
    int num_threads = 0;              // 0: automatic
    bool trusts_torchscript = false;  // the code in a TorchScript file may run
    bool runs_beyond = false;         // ModelInfo::runs_beyond
    std::string device = kProcessor;  // is_device_name(): where its passes run
    AdapterChoice adapter;            // where `path` is an adapter
    // Random weights, when any of these was given.
    std::optional<int> hidden_size, num_heads, num_layers;
    std::optional<std::uint64_t> seed;

    bool wants_random() const { return hidden_size || num_heads || num_layers || seed; }
};

/// A model that runs. `runner` is shared with weight analysis, which may go on beside run().
struct LiveModel {
    std::shared_ptr<const ModelInfo> info;
    std::shared_ptr<ModelRunner> runner;
    Engine* engine = nullptr;
    std::optional<Error> tokenizer_error;  // why there is no tokenizer
    std::string memory_warning;      // what it costs that the weights do not fit into memory; empty: they do
    std::vector<std::string> notes;  // Checkpoint::notes
    double engine_ms = 0, open_ms = 0, tokenizer_ms = 0;

    const ModelSpec& spec() const { return info->spec; }
    /// Null: none was found, texts are given as ids.
    TokenizerPtr tokenizer() const { return info ? info->tokenizer : nullptr; }
};

/// Opens engine and model while tokenizer, headers and the pages of the weights are read beside it. A missing
/// tokenizer is no error unless it was named. `model_id` becomes the id of the model and of its tokenizer.
/// Tells which model it is when none was named, that code runs when that is trusted, what was left out of the
/// files, and what it costs that weights are larger than memory. Errors: InvalidInput (both a checkpoint and
/// random weights), those of the engine and of opening, Cancelled.
Result<LiveModel> open_model(const EngineProvider& engine, const ModelOptions& options,
                             std::uint64_t model_id, const TellUser& tell, const JobContext& job);

/// The engine as the command line asks for it: loaded once, with that many threads (0: automatic).
EngineProvider engine_with_threads(int num_threads);

/// Folder of the bundled demo. Errors: Missing.
Result<std::string> demo_path();

/// Fills tokenizer, choices and note from what lies at `path`. Returns why there is no tokenizer; nullopt:
/// all is well.
std::optional<Error> add_tokenizer(ModelInfo& info, const std::string& path);

/// Where the tokenizer of what lies at `path` is looked for: there, or with the base of an adapter that has
/// none.
std::string tokenizer_place(const std::string& path, const AdapterChoice& adapter);

/// "SmolLM2" from "/models/SmolLM2/" or ".../SmolLM2/model.safetensors": what the user knows the model by.
std::string name_of_path(const std::string& path);

}  // namespace headlight
