#include "model/cause/recording.h"

#include "kernel/capture_rows.h"
#include "model/forward/attention_shape_of.h"
#include "model/forward/forward.h"
#include "model/forward/kernel_attention.h"
#include "model/forward/run_probe.h"
#include "model/forward/torch_attention.h"
#include "model/request_check.h"
#include "model/row_trace.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

constexpr std::size_t kMostRecordedBytes = std::size_t{2} << 30;
constexpr std::size_t kRecordedDenseBudget = std::size_t{256}
                                             << 20;  // of captured weights; above, q and k are kept

class Recorder final : public Probe {
  public:
    Recorder(const JobContext& job, Recording& recording) : steps_(job, false), recording_(recording) {}

    bool begin_layer(int layer, int num_layers) override { return steps_.begin_layer(layer, num_layers); }
    bool wants(Site site, int) const override {
        return site == Site::BlockInput || site == Site::Value || site == Site::HeadOutput ||
               site == Site::AttentionAdded || site == Site::MlpAdded || site == Site::FinalInput ||
               site == Site::CrossHeadOutput || site == Site::CrossAdded;
    }
    /// Clones what the pass goes on to write into.
    void visit(Site site, int, torch::Tensor& tensor) override {
        switch (site) {
            case Site::BlockInput:
            case Site::FinalInput:
                recording_.entering.push_back(tensor[0].clone());
                break;
            case Site::Value:
                recording_.values.push_back(tensor[0]);
                break;
            case Site::HeadOutput:
                recording_.heads.push_back(tensor[0].flatten(-2));
                break;
            case Site::AttentionAdded:
                recording_.attention.push_back(tensor[0].clone());
                break;
            case Site::CrossHeadOutput:
                recording_.cross_heads.push_back(tensor[0].flatten(-2));
                break;
            case Site::CrossAdded:
                recording_.cross.push_back(tensor[0].clone());
                break;
            case Site::MlpAdded:
                recording_.mlp.push_back(tensor[0].clone());
                break;
            default:
                break;
        }
    }

  private:
    RunProbe steps_;
    Recording& recording_;
};

Status check_size(const Architecture& arch, std::size_t num_tokens) {
    const auto width = static_cast<std::size_t>(3 * arch.hidden_size + arch.query_size() + arch.kv_size());
    const std::size_t needed = num_tokens * width * sizeof(float) * static_cast<std::size_t>(arch.num_layers);
    if (needed <= kMostRecordedBytes) return {};
    return fail(ErrorKind::OutOfMemory,
                "explaining a text of {} tokens would keep {} MB of states, the limit is {} MB; shorten the "
                "text",
                num_tokens, needed >> 20, kMostRecordedBytes >> 20);
}

}  // namespace

LoadedModel decoder_of(const LoadedModel& model) {
    LoadedModel out{model.family, *model.arch.decoder, *model.weights.decoder,
                    model.spec,   model.checkpoint,    model.files};
    out.spec.num_layers = model.spec.num_decoder_layers;
    out.spec.num_heads = model.spec.num_decoder_heads;
    out.spec.has_decoder = false;
    return out;
}

LoadedModel encoder_of(const LoadedModel& model) {
    LoadedModel out = model;
    out.arch.decoder = nullptr;
    out.weights.decoder = nullptr;
    out.spec.has_decoder = false;
    return out;
}

Result<torch::Tensor> encode(const LoadedModel& model, std::span<const std::int32_t> ids) {
    HEADLIGHT_CHECK(check_ids(model.arch, ids));
    return forward_hidden(model.arch, model.weights, to_indices(ids).unsqueeze(0))[0];
}

Result<Recording> record(LoadedModel& model, std::span<const std::int32_t> ids, int num_threads,
                         const JobContext& job, std::span<const std::int32_t> encoder_ids,
                         const torch::Tensor& encoder_hidden) {
    const Architecture& arch = model.arch;
    if (arch.decoder != nullptr)
        return fail(ErrorKind::Unsupported,
                    "{} is an encoder-decoder: what is asked of it is asked of its decoder, so its decoder's "
                    "text has to be named as well",
                    model.spec.name);
    HEADLIGHT_CHECK(check_has_attention(arch, "what explains an answer"));
    HEADLIGHT_CHECK(check_ids(arch, ids));
    HEADLIGHT_CHECK(check_size(arch, ids.size()));
    Recording recording;
    recording.ids.assign(ids.begin(), ids.end());
    recording.encoder_ids.assign(encoder_ids.begin(), encoder_ids.end());
    recording.encoder_hidden = encoder_hidden;
    const int num_tokens = recording.num_tokens();
    const AttentionShape shape = attention_shape_of(arch);
    KvCache cache(shape);
    cache.reserve(num_tokens, 0);
    const auto layout = make_row_layout(shape, CaptureMode::Auto, ids.size(), kRecordedDenseBudget, {});
    const auto pool = std::make_shared<BlockPool>();
    const auto rows = make_rows(shape, pool, layout, 0, num_tokens);
    const auto tiles = make_row_tiles(shape, pool, layout, 0, num_tokens);
    KernelAttention attention(
        arch, cache, {0, num_tokens, num_threads, plain_pointers(rows), {}, false, plain_pointers(tiles)});
    TorchCrossAttention cross(arch);
    Recorder recorder(job, recording);
    PassContext context = make_context(arch, model.weights, attention, num_tokens, {0, num_tokens});
    if (encoder_hidden.defined()) {
        context.cross = &cross;
        context.encoder_hidden = encoder_hidden.unsqueeze(0);
    }
    const torch::Tensor start = embed_tokens(arch, model.weights, to_indices(recording.ids).unsqueeze(0), 0);
    const torch::Tensor hidden = forward_from(context, start, 0, &recorder);
    if (!hidden.defined()) return fail(ErrorKind::Cancelled, "the run was stopped");
    HEADLIGHT_CHECK(check_finite(model, hidden));
    recording.hidden = hidden[0];
    const AttentionKind kind = encoder_hidden.defined() ? AttentionKind::Decoder : AttentionKind::Self;
    recording.trace = make_row_trace(make_trace_facts(arch, model.weights, num_tokens, kind),
                                     {rows.begin(), rows.end()}, {tiles.begin(), tiles.end()});
    return recording;
}

}  // namespace headlight
