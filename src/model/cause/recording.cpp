#include "model/cause/recording.h"

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

constexpr std::size_t kMostRecordedBytes = std::size_t{2} << 30;
constexpr std::size_t kRecordedDenseBudget = std::size_t{256}
                                             << 20;  // of captured weights; above, q and k are kept

class Recorder final : public Probe {
  public:
    Recorder(const JobContext& job, Recording& recording) : steps_(job, false), recording_(recording) {}

    bool begin_layer(int layer, int num_layers) override { return steps_.begin_layer(layer, num_layers); }
    bool wants(Site site, int) const override {
        return site == Site::BlockInput || site == Site::Value || site == Site::HeadOutput ||
               site == Site::AttentionAdded || site == Site::MlpAdded || site == Site::FinalInput;
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

Result<Recording> record(LoadedModel& model, std::span<const std::int32_t> ids, int num_threads,
                         const JobContext& job) {
    const Architecture& arch = model.arch;
    if (arch.decoder != nullptr)
        return fail(ErrorKind::Unsupported,
                    "{} is an encoder-decoder; questions and patching are defined here for models with one "
                    "text",
                    model.spec.name);
    HEADLIGHT_CHECK(check_ids(arch, ids));
    HEADLIGHT_CHECK(check_size(arch, ids.size()));
    Recording recording;
    recording.ids.assign(ids.begin(), ids.end());
    const int num_tokens = recording.num_tokens();
    const AttentionShape shape = attention_shape_of(arch);
    KvCache cache(shape);
    cache.reserve(num_tokens, 0);
    const auto layout = make_row_layout(shape, CaptureMode::Auto, ids.size(), kRecordedDenseBudget, {});
    const auto rows = make_rows(shape, std::make_shared<BlockPool>(), layout, 0, num_tokens);
    KernelAttention attention(arch, cache, {0, num_tokens, num_threads, plain_pointers(rows), {}});
    Recorder recorder(job, recording);
    const torch::Tensor hidden = forward_slice(arch, model.weights, to_indices(recording.ids).unsqueeze(0),
                                               {0, num_tokens}, attention, &recorder);
    if (!hidden.defined()) return fail(ErrorKind::Cancelled, "the run was stopped");
    HEADLIGHT_CHECK(check_finite(model, hidden));
    recording.hidden = hidden[0];
    recording.trace =
        make_row_trace(make_trace_facts(arch, model.weights, num_tokens), {rows.begin(), rows.end()});
    return recording;
}

}  // namespace headlight
