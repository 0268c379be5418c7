// A pass of an encoder-decoder: the text through the encoder, the decoder's text through the decoder, which
// looks at both.
#pragma once

#include <vector>

#include "core/run_request.h"
#include "kernel/block_pool.h"
#include "kernel/row_block.h"
#include "kernel/row_tiles.h"
#include "model/device/pass_place.h"
#include "model/value_norms.h"
#include "model/weights/loaded_model.h"

namespace headlight {

class EncoderDecoder {
  public:
    /// The model and the place must outlive it; the model has a decoder.
    EncoderDecoder(LoadedModel& model, const PassPlace& place, BlockPoolPtr pool);

    /// The request is checked already. The encoder's work is kept while its text stays the same, and with it
    /// that of the decoder's first tokens that did not change. Errors: Cancelled, Corrupt (weights that are
    /// not finite).
    Result<RunResult> run(const RunRequest& request, const JobContext& job, int num_threads);

  private:
    /// What one stack of blocks left.
    struct Stack {
        torch::Tensor hidden;  // [N, D] after the final norm
        TracePtr trace;        // null when nothing is captured
        std::vector<Matrix> states;
    };
    /// Tokens of the decoder whose keys, values and final hidden state are still good, and their rows of both
    /// attentions: as many, or none where none are kept.
    struct KeptDecoder {
        std::vector<std::int32_t> ids;
        int regime = 0;
        std::shared_ptr<const RowLayout> layout;
        std::vector<RowBlockPtr> rows, cross_rows;
        std::vector<RowTilesPtr> tiles;  // of rows, where q and k are kept
        torch::Tensor hidden;            // [ids, D], a view of
        torch::Tensor hidden_room;       // append_rows()
        std::vector<Matrix> states;      // of the last pass, when they were asked for
        bool has_cross_keys = false;
    };
    int reusable_tokens(const RunRequest& request, const std::vector<std::int32_t>& ids,
                        const RowLayout* layout) const;
    void keep_only(int num_tokens);
    Status extend_decoder(const RunRequest& request, const std::vector<std::int32_t>& ids,
                          const std::shared_ptr<const RowLayout>& layout, const JobContext& job,
                          int num_threads);
    Result<Stack> run_encoder(const RunRequest& request, const JobContext& job, int num_threads);
    Result<Stack> run_decoder(const RunRequest& request, const JobContext& job, int num_threads,
                              RunResult& result);

    LoadedModel& model_;
    const PassPlace& place_;
    const Architecture& decoder_;
    BlockPoolPtr pool_;
    std::unique_ptr<KeyValueStore> encoder_store_, decoder_store_, cross_store_;
    ValueNorms value_norms_;
    std::vector<std::int32_t> kept_ids_;  // of kept_
    std::shared_ptr<const RowLayout> kept_layout_;
    Stack kept_;
    KeptDecoder kept_decoder_;
};

}  // namespace headlight
