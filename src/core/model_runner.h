// One opened model: what can be asked of it, whatever computes it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/ablation_run.h"
#include "core/cause/causal_run.h"
#include "core/cause/patching.h"
#include "core/head_weights.h"
#include "core/model_spec.h"
#include "core/parameter_health.h"
#include "core/picture.h"
#include "core/precision.h"
#include "core/run_request.h"

namespace headlight {

/// Rows of several texts that share one product with each matrix: beyond, the rate no longer rises.
inline constexpr int kRowsPerStack = 512;

class ModelRunner {
  public:
    virtual ~ModelRunner() = default;
    virtual const ModelSpec& spec() const = 0;
    /// One forward pass with capture. Errors: InvalidInput (no tokens, id out of range, more tokens than
    /// positions), Cancelled (job.should_stop() between layers), OutOfMemory, Internal. One call at a time
    /// per runner.
    virtual Result<RunResult> run(const RunRequest& request, const JobContext& job) = 0;
    /// Passes of several texts, in their order, on up to `num_threads` threads (0: as many as runs may take).
    /// Rows of all of them share the products; nothing is kept or reused. What comes back depends on the text
    /// alone: neither on its neighbours nor on the number of threads. All traces are in memory at once.
    /// `elapsed_ms` is that of the whole batch. Errors as run(), of the first text that has one.
    virtual Result<std::vector<RunResult>> run_batch(std::span<const RunRequest> requests, int num_threads,
                                                     const JobContext& job);
    /// Factors of W_QK and W_OV of one head. May be called beside run().
    virtual Result<HeadWeights> head_weights(int layer, int head) const = 0;
    /// Makes the unchanged pass of `ids` and keeps it for ablations. Errors as run().
    virtual Result<std::unique_ptr<AblationRun>> start_ablation(std::span<const std::int32_t> ids,
                                                                const JobContext& job);
    /// One pass of `ids` with all kept that explains its logits. Errors as run(); Unsupported for
    /// encoder-decoders.
    virtual Result<std::unique_ptr<CausalRun>> start_causal(std::span<const std::int32_t> ids,
                                                            const JobContext& job);
    /// The same of the encoder of an encoder-decoder: layers and heads are the encoder's. Unsupported for
    /// other models.
    virtual Result<std::unique_ptr<CausalRun>> start_encoder_causal(std::span<const std::int32_t> ids,
                                                                    const JobContext& job);
    /// The same of a decoder's text, over an encoder that reads `encoder_ids`: layers and heads are the
    /// decoder's. Unsupported for other models.
    virtual Result<std::unique_ptr<CausalRun>> start_decoder_causal(std::span<const std::int32_t> encoder_ids,
                                                                    std::span<const std::int32_t> ids,
                                                                    const JobContext& job);
    /// Passes of two texts of as many tokens, for putting values of one into the other. Errors as
    /// start_causal(), InvalidInput (texts of different lengths, a question outside).
    virtual Result<std::unique_ptr<PatchingRun>> start_patching(std::span<const std::int32_t> clean,
                                                                std::span<const std::int32_t> corrupted,
                                                                const Question& question,
                                                                const JobContext& job);
    /// The same of a decoder: clean and corrupted texts of the encoder, of any lengths, and of the decoder,
    /// of as many tokens. One of the two differs at least.
    virtual Result<std::unique_ptr<PatchingRun>> start_decoder_patching(
        std::span<const std::int32_t> clean_encoder, std::span<const std::int32_t> clean,
        std::span<const std::int32_t> corrupted_encoder, std::span<const std::int32_t> corrupted,
        const Question& question, const JobContext& job);
    /// What heads write and look for, over the vocabulary. Errors: InvalidInput, Unsupported, Cancelled.
    virtual Result<Circuits> circuits(const CircuitRequest& request, const JobContext& job);
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
    /// Makes tokens of a picture, whose ids every other call takes while the model is open; the same pixels
    /// get the same ids. May be called beside run(). Errors: Unsupported (a model that reads text),
    /// InvalidInput (a size that the model does not take), OutOfMemory (too many pictures).
    virtual Result<PictureTokens> add_picture(const PixelValues& pixels);
    /// Does it read pictures in place of text?
    virtual bool takes_pictures() const { return false; }
    /// Would run() refuse these ids because they are too many? Cheap: to be asked before anything is built
    /// that grows with the square of the text, such as the key sets of a request. Errors: InvalidInput (more
    /// tokens than positions), OutOfMemory, as check_text_length().
    virtual Status check_length(std::span<const std::int32_t> ids,
                                std::span<const std::int32_t> decoder_ids) const;
};

}  // namespace headlight
