// The engine: what model/ and train/ hand out, declared here so that the rest of the program never sees
// LibTorch. It lives in libheadlight_engine.so, which is opened on first use (load_engine), after the thread
// settings are made.
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
#include "core/intervention.h"
#include "core/matrix.h"
#include "core/model_spec.h"
#include "core/precision.h"

namespace headlight {

enum class CaptureMode {
    None,     // run only: nothing of the attention is kept (the baseline of `bench`)
    Auto,     // weights while they fit RunRequest::dense_budget_bytes, else q and k
    Weights,  // always weights
    QueryKey  // always q and k
};

struct RunRequest {
    std::vector<std::int32_t> ids;  // [N], not empty, each < vocab_size
    CaptureMode capture = CaptureMode::Auto;
    std::size_t dense_budget_bytes = std::size_t{256} << 20;
    std::vector<KeySet> key_sets;      // masses to take along, see KeySet
    std::vector<int> logit_positions;  // queries whose logits are wanted; empty = none
    bool wants_all_logits = false;
    bool wants_hidden = false;       // hidden states, for dumps
    bool may_reuse_prefix = true;    // keep the work of tokens that did not change since the last run
    bool wants_value_norms = false;  // RunResult::value_norms
    std::vector<std::int32_t>
        decoder_ids;  // [M] what the decoder of an encoder-decoder reads, its start token first;
                      // empty: the start token alone. Must be empty for other models
};

struct RunResult {
    TracePtr trace;  // null for CaptureMode::None; of an encoder-decoder the encoder's
    TracePtr decoder_trace,
        cross_trace;  // encoder-decoders only: [M, M] and [M, N]; key sets apply to `trace` alone
    std::vector<int>
        logit_positions;  // rows of `logits`: positions of the text, of the decoder's if there is one
    Matrix logits;        // [positions, vocab]
    Matrix value_norms;   // [L * H, N]: |f_j|, f_j = (x_j W_V + b_V) W_O of that head (Kobayashi et al. 2020)
    std::vector<Matrix> hidden;  // [layer 0..L] of [N, hidden]: 0 enters block 0, i leaves block i-1, last:
                                 // after the final norm
    std::vector<Matrix> decoder_hidden;  // the same of the decoder, [M, hidden]
    int num_reused = 0;                  // tokens whose work was kept
    double elapsed_ms = 0;
    int num_threads = 1;  // that this run used
};

/// Weights of one head in row-vector convention (q = x W + b), as stored: norm gains not folded.
struct HeadWeights {
    Matrix query, key, value;                             // [hidden, head_dim]
    Matrix output;                                        // [head_dim, hidden]
    std::vector<float> query_bias, key_bias, value_bias;  // [head_dim], empty without bias
    std::vector<float>
        norm_gain;  // [hidden] of the norm before attention as it multiplies; empty without a norm
    std::vector<float> norm_bias;  // [hidden], empty without
    bool is_centred = false;       // that norm takes the mean away (LayerNorm)
    bool is_rotary = false;        // the QK form then depends on the distance
};

/// One parameter tensor of the attention blocks, as the checkpoint gave it.
struct ParameterHealth {
    std::string name;  // as in the checkpoint where it is known, else "layers.0.query"
    int layer = 0;
    std::vector<std::int64_t> shape;
    std::int64_t num_values = 0, num_not_finite = 0;
    double mean = 0, standard_deviation = 0, max_abs = 0;
    int duplicate_head = -1;  // first head whose slice equals another head's of the same tensor; -1: none
};

/// What an ablated run should bring beside the loss.
struct AblationWish {
    bool wants_distribution = false;   // kl, tvd
    std::vector<int> logit_positions;  // queries whose logits are wanted
    bool wants_trace = false;          // patterns after the change, of every layer and head
    std::vector<KeySet> key_sets;      // for that trace
};

struct AblationOutcome {
    std::vector<float>
        token_loss;          // [N - 1]: -ln p(token t + 1 | tokens <= t), nats; empty for non-causal models
    std::vector<float> kl;   // [N]: KL(base || changed) of the next-token distribution, nats
    std::vector<float> tvd;  // [N]: total variation distance, 0..1
    std::vector<int> logit_positions;
    Matrix logits;        // [positions, vocab]
    TracePtr trace;       // null unless asked for
    int first_layer = 0;  // the first layer that was computed again
    double elapsed_ms = 0;
};

/// Ablations of one text. The unchanged pass is made once and what enters each layer is kept, so that a
/// change in layer l costs the layers from l on. Belongs to the runner that made it, which must outlive it;
/// one call at a time for both.
class AblationRun {
  public:
    virtual ~AblationRun() = default;
    /// Loss of the unchanged model, [N - 1] nats; empty for non-causal models.
    virtual const std::vector<float>& base_loss() const = 0;
    /// Mean over the text's tokens of each head's output before the output projection, [L * H, head_dim].
    virtual Matrix mean_outputs() const = 0;
    /// The changed pass. No interventions: the unchanged result. Errors: InvalidInput (a head, edge or
    /// pattern that does not fit the model and the text), Cancelled, OutOfMemory.
    virtual Result<AblationOutcome> apply(std::span<const Intervention> interventions,
                                          const AblationWish& wish, const JobContext& job) = 0;
};

class ModelRunner {
  public:
    virtual ~ModelRunner() = default;
    virtual const ModelSpec& spec() const = 0;
    /// One forward pass with capture. Errors: InvalidInput (no tokens, id out of range, more tokens than
    /// positions), Cancelled (job.should_stop() between layers), OutOfMemory, Internal. One call at a time
    /// per runner.
    virtual Result<RunResult> run(const RunRequest& request, const JobContext& job) = 0;
    /// Factors of W_QK and W_OV of one head. May be called beside run().
    virtual Result<HeadWeights> head_weights(int layer, int head) const = 0;
    /// Makes the unchanged pass of `ids` and keeps it for ablations. Errors as run().
    virtual Result<std::unique_ptr<AblationRun>> start_ablation(std::span<const std::int32_t> ids,
                                                                const JobContext& job);
    /// Copying by weights (Wang et al. 2022): for each token the residual stream after the first block's MLP
    /// (the token alone in a text) goes through the layer's norm, W_V and W_O of each head, the final norm
    /// and the output matrix; the rank of its own id among the logits, 0 = first. [L * H, ids]. `negates`:
    /// with -W_O.
    virtual Result<Matrix> copy_ranks(std::span<const std::int32_t> ids, bool negates, const JobContext& job);
    /// Rows of the token embedding table, [ids, hidden].
    virtual Result<Matrix> token_embeddings(std::span<const std::int32_t> ids) const;
    /// Runs `ids` in float32 and in `dtype` ("bfloat16", "float16") by LibTorch's operations and compares.
    /// Errors as run().
    virtual Result<PrecisionReport> measure_precision(std::span<const std::int32_t> ids,
                                                      const std::string& dtype, const JobContext& job) const;
    /// Every parameter tensor of the attention blocks, layer by layer. Reads all of them once.
    virtual Result<std::vector<ParameterHealth>> attention_parameters(const JobContext& job) const;
    /// Would run() refuse these ids because they are too many? Cheap: to be asked before anything is built
    /// that grows with the square of the text, such as the key sets of a request. Errors: InvalidInput (more
    /// tokens than positions), OutOfMemory, as check_text_length().
    virtual Status check_length(std::span<const std::int32_t> ids,
                                std::span<const std::int32_t> decoder_ids) const;
};

struct OpenModelRequest {
    std::string path;                 // Hugging Face folder, or a file in it
    std::string config_path;          // use this config.json in place of the folder's own; empty = none
    bool trusts_torchscript = false;  // may run the code in a TorchScript file to get at its weights
    std::uint64_t memory_limit_bytes =
        0;  // matrices stored in half precision are widened to float32 while that takes
            // less, else whenever a pass uses them; 0: half of what is free
};

struct RandomModelRequest {
    std::string family = "llama";
    int hidden_size = 256;
    int num_heads = 4;
    int num_kv_heads = 0;  // 0 = num_heads
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

class Engine {
  public:
    virtual ~Engine() = default;
    /// "LibTorch 2.13.0+cpu, AVX2"
    virtual std::string version() const = 0;
    /// Maps the checkpoint and checks every weight's name and shape. Errors: Missing, Corrupt, Unsupported
    /// (family).
    virtual Result<std::unique_ptr<ModelRunner>> open_model(const OpenModelRequest& request,
                                                            const JobContext& job) = 0;
    /// Random weights; the same seed gives the same weights.
    virtual Result<std::unique_ptr<ModelRunner>> random_model(const RandomModelRequest& request) = 0;
    /// The architecture of a checkpoint with freshly drawn weights: the negative control of a scan.
    virtual Result<std::unique_ptr<ModelRunner>> random_copy(const OpenModelRequest& request,
                                                             std::uint64_t seed);
    /// Trains a small model. A stop request ends after a saved checkpoint.
    virtual Result<TrainReport> train(const TrainRequest& request, const TrainCallback& callback,
                                      const JobContext& job) = 0;
    /// Sets the threads of the next runs; 0 = automatic (one for short texts).
    virtual void set_num_threads(int num_threads) = 0;
};

struct EngineOptions {
    int num_threads = 0;       // most threads a run may use; 0 = the machine's cores
    std::string library_path;  // empty: $HEADLIGHT_ENGINE, else beside the binary, else ../lib
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
