// The engine: what model/ and train/ hand out, declared here so that the rest of the program never sees LibTorch.
// It lives in libheadlight_engine.so, which is opened on first use (load_engine), after the thread settings are made.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/attention_trace.h"
#include "core/matrix.h"
#include "core/model_spec.h"

namespace headlight {

enum class CaptureMode {
    None,    // run only: nothing of the attention is kept (the baseline of `bench`)
    Auto,    // weights while they fit RunRequest::dense_budget_bytes, else q and k
    Weights, // always weights
    QueryKey // always q and k
};

struct RunRequest {
    std::vector<std::int32_t> ids;       // [N], not empty, each < vocab_size
    CaptureMode capture = CaptureMode::Auto;
    std::size_t dense_budget_bytes = std::size_t{256} << 20;
    std::vector<KeySet> key_sets;        // masses to take along, see KeySet
    std::vector<int> logit_positions;    // queries whose logits are wanted; empty = none
    bool wants_all_logits = false;
    bool wants_hidden = false;           // hidden states, for dumps
    bool may_reuse_prefix = true;        // keep the work of tokens that did not change since the last run
};

struct RunResult {
    TracePtr trace;                      // null for CaptureMode::None
    std::vector<int> logit_positions;    // rows of `logits`
    Matrix logits;                       // [positions, vocab]
    std::vector<Matrix> hidden;          // [layer 0..L] of [N, hidden]: 0 enters block 0, i leaves block i-1, last: after the final norm
    int num_reused = 0;                  // tokens whose work was kept
    double elapsed_ms = 0;
    int num_threads = 1;                 // that this run used
};

/// Weights of one head in row-vector convention (q = x W + b), as stored: norm gains not folded.
struct HeadWeights {
    Matrix query, key, value;  // [hidden, head_dim]
    Matrix output;             // [head_dim, hidden]
    std::vector<float> query_bias, key_bias, value_bias;  // [head_dim], empty without bias
};

class ModelRunner {
  public:
    virtual ~ModelRunner() = default;
    virtual const ModelSpec& spec() const = 0;
    /// One forward pass with capture. Errors: InvalidInput (no tokens, id out of range, more tokens than positions),
    /// Cancelled (job.should_stop() between layers), OutOfMemory, Internal. One call at a time per runner.
    virtual Result<RunResult> run(const RunRequest& request, const JobContext& job) = 0;
    /// Factors of W_QK and W_OV of one head. May be called beside run().
    virtual Result<HeadWeights> head_weights(int layer, int head) const = 0;
};

struct OpenModelRequest {
    std::string path;         // Hugging Face folder, or a file in it
    std::string config_path;  // use this config.json in place of the folder's own; empty = none
};

struct RandomModelRequest {
    std::string family = "llama";
    int hidden_size = 256;
    int num_heads = 4;
    int num_kv_heads = 0;     // 0 = num_heads
    int num_layers = 4;
    int vocab_size = 512;
    int max_positions = 4096;
    std::uint64_t seed = 0;
};

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
    double repeat_share = 0.5;       // share of random-repeat rows at the start (0 trains on text alone)
    std::uint64_t seed = 1;
    int checkpoint_every = 200;
    int validate_every = 100;
    bool resume = false;
    int num_threads = 0;
    std::string save_dtype = "float16";
    std::string tokenizer = "sentencepiece_bpe";
    double repeat_share_end = 0.15;  // share of random-repeat rows at the last step
    double text_repeat_share = 0.1;  // share of rows that repeat a window of text
    int short_length = 64;           // tokens a row in the first third of the steps (0: the full length throughout)
};

struct TrainProgress {
    int step = 0, num_steps = 0;
    double loss = 0;               // nats a token, training batch (smoothed)
    double learning_rate = 0;
    double tokens_per_second = 0;
    double seconds_left = 0;
    std::optional<double> validation_loss;  // nats a token, on the steps that validate
    std::string note;              // "vocabulary trained", "checkpoint saved" ...
};

/// Loss on the held-out tenth of one corpus file.
struct HeldOutLoss {
    std::string name;              // of the corpus file, without folder and extension
    double nats_per_token = 0;
    double bits_per_character = 0;
};

struct TrainReport {
    int step = 0;
    double loss = 0;
    std::optional<double> validation_loss;  // the last one that was taken; none if there was none
    double seconds = 0;
    std::string output_dir;
    bool was_stopped = false;      // by the user; `resume` goes on from here
    std::vector<HeldOutLoss> held_out;  // at the end, one per corpus file
};

using TrainCallback = std::function<void(const TrainProgress&)>;

class Engine {
  public:
    virtual ~Engine() = default;
    /// "LibTorch 2.13.0+cpu, AVX2"
    virtual std::string version() const = 0;
    /// Maps the checkpoint and checks every weight's name and shape. Errors: Missing, Corrupt, Unsupported (family).
    virtual Result<std::unique_ptr<ModelRunner>> open_model(const OpenModelRequest& request, const JobContext& job) = 0;
    /// Random weights; the same seed gives the same weights.
    virtual Result<std::unique_ptr<ModelRunner>> random_model(const RandomModelRequest& request) = 0;
    /// Trains a small model. A stop request ends after a saved checkpoint.
    virtual Result<TrainReport> train(const TrainRequest& request, const TrainCallback& callback,
                                      const JobContext& job) = 0;
    /// Sets the threads of the next runs; 0 = automatic (one for short texts).
    virtual void set_num_threads(int num_threads) = 0;
};

struct EngineOptions {
    int num_threads = 0;        // most threads a run may use; 0 = the machine's cores
    std::string library_path;   // empty: $HEADLIGHT_ENGINE, else beside the binary, else ../lib
};

/// Opens the engine once per process and returns it; later calls return the same one. Sets the environment of
/// OpenMP and the allocator before LibTorch is loaded (it reads them only then). Thread-safe.
/// Errors: Missing with the paths that were tried, Internal with the loader's words.
Result<Engine*> load_engine(const EngineOptions& options = {});

/// The one symbol that the engine library exports.
extern "C" {
using HeadlightCreateEngine = Engine* (*)();
}
inline constexpr const char* kEngineSymbol = "headlight_create_engine";
inline constexpr const char* kEngineFileName = "libheadlight_engine.so";

}  // namespace headlight
