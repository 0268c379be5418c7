#include "model/encoder_decoder.h"

#include "kernel/capture_rows.h"
#include "model/forward/attention_shape_of.h"
#include "model/forward/forward.h"
#include "model/forward/kernel_attention.h"
#include "model/forward/run_probe.h"
#include "model/request_check.h"
#include "model/row_trace.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

/// What the decoder reads: the ids of the request, or its start token alone.
std::vector<std::int32_t> decoder_ids(const Architecture& arch, const RunRequest& request) {
    return request.decoder_ids.empty() ? std::vector<std::int32_t>{arch.decoder_start_id}
                                       : request.decoder_ids;
}

std::vector<Matrix> states_of(const RunProbe& probe) {
    std::vector<Matrix> states;
    for (const torch::Tensor& state : probe.hidden())
        states.push_back(to_matrix(state));
    return states;
}

bool is_same(const std::shared_ptr<const RowLayout>& a, const std::shared_ptr<const RowLayout>& b) {
    return a == b || (a && b && *a == *b);
}

}  // namespace

EncoderDecoder::EncoderDecoder(LoadedModel& model, BlockPoolPtr pool)
    : model_(model),
      decoder_(*model.arch.decoder),
      pool_(std::move(pool)),
      encoder_cache_(attention_shape_of(model.arch)),
      decoder_cache_(attention_shape_of(decoder_)),
      cross_cache_(attention_shape_of(decoder_)) {}

Result<EncoderDecoder::Stack> EncoderDecoder::run_encoder(const RunRequest& request, const JobContext& job,
                                                          int num_threads) {
    const Architecture& arch = model_.arch;
    const int num_tokens = static_cast<int>(request.ids.size());
    const auto layout = make_row_layout(attention_shape_of(arch), request.capture, request.ids.size(),
                                        request.dense_budget_bytes, request.key_sets);
    const auto rows = make_rows(attention_shape_of(arch), pool_, layout, 0, num_tokens);
    const auto tiles = make_row_tiles(attention_shape_of(arch), pool_, layout, 0, num_tokens);
    encoder_cache_.reserve(num_tokens, 0);
    KernelAttention attention(
        arch, encoder_cache_,
        {0, num_tokens, num_threads, plain_pointers(rows), request.key_sets, false, plain_pointers(tiles)});
    RunProbe probe(job, request.wants_hidden);
    kept_ids_.clear();
    const torch::Tensor hidden = forward_slice(arch, model_.weights, to_indices(request.ids).unsqueeze(0),
                                               {0, num_tokens}, attention, &probe);
    if (!hidden.defined()) return fail(ErrorKind::Cancelled, "the run was stopped");
    HEADLIGHT_CHECK(check_finite(model_, hidden));
    Stack stack{hidden[0], nullptr, states_of(probe)};
    if (layout) {
        stack.trace =
            make_row_trace(make_trace_facts(arch, model_.weights, num_tokens, AttentionKind::Encoder),
                           {rows.begin(), rows.end()}, {tiles.begin(), tiles.end()});
    }
    kept_ = {stack.hidden, stack.trace, {}};
    kept_ids_ = request.ids;
    kept_layout_ = layout;
    return stack;
}

Result<EncoderDecoder::Stack> EncoderDecoder::run_decoder(const RunRequest& request, const JobContext& job,
                                                          int num_threads, RunResult& result) {
    const Weights& weights = *model_.weights.decoder;
    const std::vector<std::int32_t> ids = decoder_ids(model_.arch, request);
    const int num_tokens = static_cast<int>(ids.size()), num_keys = static_cast<int>(request.ids.size());
    const auto layout = make_row_layout(attention_shape_of(decoder_), request.capture, ids.size(),
                                        request.dense_budget_bytes, {});
    // Cross-attention keeps weights: its keys are not those of its own rows.
    const auto cross_capture =
        request.capture == CaptureMode::None ? CaptureMode::None : CaptureMode::Weights;
    const auto cross_layout = make_row_layout(attention_shape_of(decoder_), cross_capture, ids.size(), 0, {});
    const auto rows = make_rows(attention_shape_of(decoder_), pool_, layout, 0, num_tokens);
    const auto tiles = make_row_tiles(attention_shape_of(decoder_), pool_, layout, 0, num_tokens);
    const auto cross_rows =
        make_rows(attention_shape_of(decoder_), pool_, cross_layout, 0, num_tokens, num_keys);
    decoder_cache_.reserve(num_tokens, 0);
    cross_cache_.reserve(num_keys, 0);
    KernelAttention attention(
        decoder_, decoder_cache_,
        {0, num_tokens, num_threads, plain_pointers(rows), {}, false, plain_pointers(tiles)});
    KernelAttention cross(decoder_, cross_cache_,
                          {0, num_keys, num_threads, plain_pointers(cross_rows), {}, true});
    PassContext context = make_context(decoder_, weights, attention, num_tokens, {0, num_tokens});
    context.cross = &cross;
    context.encoder_hidden = kept_.hidden.unsqueeze(0);
    RunProbe probe(job, request.wants_hidden);
    const torch::Tensor start = embed_tokens(decoder_, weights, to_indices(ids).unsqueeze(0), 0);
    const torch::Tensor hidden = forward_from(context, start, 0, &probe);
    if (!hidden.defined()) return fail(ErrorKind::Cancelled, "the run was stopped");
    HEADLIGHT_CHECK(check_finite(model_, hidden));
    Stack stack{hidden[0], nullptr, states_of(probe)};
    if (layout) {
        stack.trace = make_row_trace(make_trace_facts(decoder_, weights, num_tokens, AttentionKind::Decoder),
                                     {rows.begin(), rows.end()}, {tiles.begin(), tiles.end()});
        result.cross_trace =
            make_row_trace(make_trace_facts(decoder_, weights, num_keys, AttentionKind::Cross),
                           {cross_rows.begin(), cross_rows.end()}, {});
    }
    return stack;
}

Result<RunResult> EncoderDecoder::run(const RunRequest& request, const JobContext& job, int num_threads) {
    RunResult result;
    const auto layout = make_row_layout(attention_shape_of(model_.arch), request.capture, request.ids.size(),
                                        request.dense_budget_bytes, request.key_sets);
    const bool is_kept = request.may_reuse_prefix && !request.wants_hidden && kept_ids_ == request.ids &&
                         is_same(kept_layout_, layout);
    Stack encoder = kept_;
    if (!is_kept) {
        HEADLIGHT_TRY(encoder, run_encoder(request, job, num_threads));
    }
    result.num_reused = is_kept ? static_cast<int>(request.ids.size()) : 0;
    result.trace = encoder.trace;
    result.hidden = std::move(encoder.states);
    HEADLIGHT_TRY(Stack decoder, run_decoder(request, job, num_threads, result));
    result.decoder_trace = decoder.trace;
    result.decoder_hidden = std::move(decoder.states);
    result.logit_positions = request.logit_positions;
    if (request.wants_all_logits) {
        result.logit_positions.clear();
        for (int i = 0; i < decoder.hidden.size(0); ++i)
            result.logit_positions.push_back(i);
    }
    if (!decoder_.has_head) result.logit_positions.clear();
    if (!result.logit_positions.empty()) {
        const torch::Tensor rows = decoder.hidden.index_select(0, to_indices(result.logit_positions));
        result.logits = to_matrix(output_logits(decoder_, *model_.weights.decoder, rows));
    }
    if (request.wants_value_norms) {
        result.value_norms = value_norms_.compute(model_.arch, model_.weights, encoder_cache_,
                                                  static_cast<int>(request.ids.size()));
    }
    return result;
}

}  // namespace headlight
