#include "model/encoder_decoder.h"

#include <algorithm>
#include <utility>

#include "kernel/capture_rows.h"
#include "model/forward/attention_shape_of.h"
#include "model/forward/forward.h"
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

EncoderDecoder::EncoderDecoder(LoadedModel& model, const PassPlace& place, BlockPoolPtr pool)
    : model_(model),
      place_(place),
      decoder_(*model.arch.decoder),
      pool_(std::move(pool)),
      encoder_store_(place.make_store(model.arch)),
      decoder_store_(place.make_store(decoder_)),
      cross_store_(place.make_store(decoder_)) {}

Result<EncoderDecoder::Stack> EncoderDecoder::run_encoder(const RunRequest& request, const JobContext& job,
                                                          int num_threads) {
    const Architecture& arch = model_.arch;
    const int num_tokens = static_cast<int>(request.ids.size());
    const auto layout = make_row_layout(attention_shape_of(arch), request.capture, request.ids.size(),
                                        request.dense_budget_bytes, request.key_sets);
    const auto rows = make_rows(attention_shape_of(arch), pool_, layout, 0, num_tokens);
    const auto tiles = make_row_tiles(attention_shape_of(arch), pool_, layout, 0, num_tokens);
    encoder_store_->reserve(num_tokens, 0);
    const auto attention = encoder_store_->attention(
        {0, num_tokens, num_threads, plain_pointers(rows), request.key_sets, false, plain_pointers(tiles)});
    PassContext context = make_context(arch, model_.weights, *attention, num_tokens, {0, num_tokens});
    RunProbe probe(job, request.wants_hidden);
    kept_ids_.clear();
    kept_decoder_ = {};
    const torch::Tensor start = embed_tokens(arch, model_.weights, to_indices(request.ids).unsqueeze(0), 0);
    const torch::Tensor states = place_.run_to_rows(context, start, &probe);
    if (!states.defined()) return fail(ErrorKind::Cancelled, "the run was stopped");
    const torch::Tensor hidden = place_.finish(arch, model_.weights, states, &probe);
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

int EncoderDecoder::reusable_tokens(const RunRequest& request, const std::vector<std::int32_t>& ids,
                                    const RowLayout* layout) const {
    const KeptDecoder& kept = kept_decoder_;
    if (!request.may_reuse_prefix || request.wants_hidden || !kept.has_cross_keys || !decoder_.is_causal)
        return 0;
    // Positions count no padding: those of later tokens depend on the whole text (M2M-100).
    if (decoder_.position_pad_id >= 0 &&
        std::find(ids.begin(), ids.end(), decoder_.position_pad_id) != ids.end())
        return 0;
    if (kept.regime != rope_regime(decoder_, static_cast<int>(ids.size()))) return 0;
    const auto differs = std::mismatch(kept.ids.begin(), kept.ids.end(), ids.begin(), ids.end()).first;
    const int same = static_cast<int>(differs - kept.ids.begin());
    if (layout == nullptr) return same;
    if (!kept.layout || !(*kept.layout == *layout)) return 0;
    const int with_rows = std::min(same, static_cast<int>(kept.rows.size()));
    return layout->keeps_weights ? with_rows : rows_with_tiles(kept.tiles, with_rows);
}

void EncoderDecoder::keep_only(int num_tokens) {
    KeptDecoder& kept = kept_decoder_;
    const auto count = static_cast<std::size_t>(num_tokens);
    kept.ids.resize(count);
    if (kept.rows.size() > count || count == 0) {
        kept.rows.resize(count);
        kept.cross_rows.resize(count);
    }
    keep_tiles(kept.tiles, static_cast<int>(kept.rows.size()));
    kept.hidden = num_tokens > 0 ? kept.hidden.slice(0, 0, num_tokens) : torch::Tensor();
}

Status EncoderDecoder::extend_decoder(const RunRequest& request, const std::vector<std::int32_t>& ids,
                                      const std::shared_ptr<const RowLayout>& layout, const JobContext& job,
                                      int num_threads) {
    KeptDecoder& kept = kept_decoder_;
    const Weights& weights = *model_.weights.decoder;
    const AttentionShape shape = attention_shape_of(decoder_);
    const int begin = static_cast<int>(kept.ids.size()), end = static_cast<int>(ids.size()),
              num_keys = static_cast<int>(request.ids.size());
    // Cross-attention keeps weights: its keys are not those of its own rows.
    const auto cross_layout =
        make_row_layout(shape, layout ? CaptureMode::Weights : CaptureMode::None, ids.size(), 0, {});
    const auto rows = make_rows(shape, pool_, layout, begin, end);
    const auto tiles = make_row_tiles(shape, pool_, layout, begin, end);
    const auto cross_rows = make_rows(shape, pool_, cross_layout, begin, end, num_keys);
    decoder_store_->reserve(end, begin);
    cross_store_->reserve(num_keys, 0);
    CapturePlan plan{begin, end, num_threads, plain_pointers(rows), {}, false, plain_pointers(tiles)};
    if (!kept.tiles.empty()) plan.tiles_before = kept.tiles.back();
    const auto attention = decoder_store_->attention(std::move(plan));
    const auto cross =
        cross_store_->attention({0, num_keys, num_threads, plain_pointers(cross_rows), {}, true});
    PassContext context = make_context(decoder_, weights, *attention, end - begin, {begin, end});
    context.cross = cross.get();
    if (begin == 0) context.encoder_hidden = kept_.hidden.unsqueeze(0);
    RunProbe probe(job, request.wants_hidden);
    const auto new_ids = std::span(ids).subspan(static_cast<std::size_t>(begin));
    const torch::Tensor start = embed_tokens(decoder_, weights, to_indices(new_ids).unsqueeze(0), begin);
    const torch::Tensor states = place_.run_to_rows(context, start, &probe);
    if (!states.defined()) return fail(ErrorKind::Cancelled, "the run was stopped");
    const torch::Tensor hidden = place_.finish(decoder_, weights, states, &probe);
    HEADLIGHT_CHECK(check_finite(model_, hidden));
    kept.hidden = append_rows(kept.hidden_room, begin, hidden[0]);
    kept.ids = ids;
    kept.regime = rope_regime(decoder_, end);
    kept.has_cross_keys = true;
    if (layout) kept.layout = layout;
    kept.rows.insert(kept.rows.end(), rows.begin(), rows.end());
    kept.cross_rows.insert(kept.cross_rows.end(), cross_rows.begin(), cross_rows.end());
    kept.tiles.insert(kept.tiles.end(), tiles.begin(), tiles.end());
    keep_tiles(kept.tiles, static_cast<int>(kept.rows.size()));
    kept.states = states_of(probe);
    return {};
}

Result<EncoderDecoder::Stack> EncoderDecoder::run_decoder(const RunRequest& request, const JobContext& job,
                                                          int num_threads, RunResult& result) {
    const std::vector<std::int32_t> ids = decoder_ids(model_.arch, request);
    auto layout = make_row_layout(attention_shape_of(decoder_), request.capture, ids.size(),
                                  request.dense_budget_bytes, {});
    if (is_same(layout, kept_decoder_.layout)) layout = kept_decoder_.layout;
    keep_only(reusable_tokens(request, ids, layout.get()));
    KeptDecoder& kept = kept_decoder_;
    if (kept.ids.size() < ids.size()) HEADLIGHT_CHECK(extend_decoder(request, ids, layout, job, num_threads));
    Stack stack{kept.hidden, nullptr, std::exchange(kept.states, {})};
    if (!layout) return stack;
    const Weights& weights = *model_.weights.decoder;
    const int num_tokens = static_cast<int>(ids.size()), num_keys = static_cast<int>(request.ids.size());
    stack.trace = make_row_trace(make_trace_facts(decoder_, weights, num_tokens, AttentionKind::Decoder),
                                 kept.rows, kept.tiles);
    result.cross_trace = make_row_trace(make_trace_facts(decoder_, weights, num_keys, AttentionKind::Cross),
                                        kept.cross_rows, {});
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
        result.logits = to_matrix(place_.logits(decoder_, *model_.weights.decoder, rows));
    }
    if (request.wants_value_norms) {
        result.value_norms = value_norms_.compute(model_.arch, model_.weights, *encoder_store_,
                                                  static_cast<int>(request.ids.size()));
    }
    return result;
}

}  // namespace headlight
