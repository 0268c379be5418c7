#include "train/attention_observer.h"

#include <ATen/core/grad_mode.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "core/dense_trace.h"
#include "model/forward/forward.h"
#include "model/weights/loaded_model.h"

namespace headlight {
namespace {

constexpr std::size_t kMostPatternValues = std::size_t{16} << 20;  // at once, 64 MiB

/// Keeps the pattern of every layer.
class PatternProbe final : public Probe {
  public:
    bool wants(Site site, int) const override { return site == Site::AttentionPattern; }
    void visit(Site, int, torch::Tensor& tensor) override {
        patterns.push_back(tensor.detach().contiguous());
    }

    std::vector<torch::Tensor> patterns;  // [layer] of [B, H, N, N]
};

/// The pattern of text `index` of the batch: [L, H, N, N] in one piece.
TracePtr trace_of(const Architecture& arch, const std::vector<torch::Tensor>& patterns, std::size_t index) {
    TraceInfo info;
    info.num_layers = arch.num_layers;
    info.num_heads = arch.num_heads;
    info.num_queries = info.num_keys = static_cast<int>(patterns.front().size(-1));
    info.is_causal = arch.is_causal;
    info.window = arch.window;
    info.storage = "weights";
    info.source = "measured";
    const auto per_layer = static_cast<std::size_t>(patterns.front().numel() / patterns.front().size(0));
    std::vector<float> weights;
    weights.reserve(per_layer * patterns.size());
    for (const torch::Tensor& layer : patterns) {
        const float* begin = layer.const_data_ptr<float>() + index * per_layer;
        weights.insert(weights.end(), begin, begin + per_layer);
    }
    return make_dense_trace(std::move(info), std::move(weights));
}

torch::Tensor ids_of(std::span<const std::vector<std::int32_t>> texts) {  // [B, N]
    std::vector<std::int64_t> ids;
    for (const auto& text : texts)
        ids.insert(ids.end(), text.begin(), text.end());
    const auto rows = static_cast<std::int64_t>(texts.size());
    return torch::tensor(ids, torch::kLong).view({rows, static_cast<std::int64_t>(texts.front().size())});
}

double norm_of(std::span<const Parameter> parameters) {
    std::vector<at::Tensor> weights;
    for (const Parameter& parameter : parameters)
        weights.push_back(parameter.weight.detach());
    return gradient_norm(weights);
}

}  // namespace

Result<std::vector<TracePtr>> capture_patterns(const LanguageModel& model,
                                               std::span<const std::vector<std::int32_t>> texts,
                                               const JobContext& job) {
    const at::NoGradGuard no_gradients;
    const Architecture& arch = model.architecture();
    std::vector<TracePtr> traces;
    if (texts.empty()) return traces;
    const std::size_t per_text = texts.front().size() * texts.front().size() *
                                 static_cast<std::size_t>(arch.num_layers) *
                                 static_cast<std::size_t>(arch.num_heads);
    const std::size_t at_once =
        std::max<std::size_t>(1, kMostPatternValues / std::max<std::size_t>(1, per_text));
    for (std::size_t begin = 0; begin < texts.size(); begin += at_once) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "observing the attention was stopped");
        const auto batch = texts.subspan(begin, std::min(at_once, texts.size() - begin));
        PatternProbe probe;
        forward_hidden(arch, model.weights(), ids_of(batch), &probe);
        if (probe.patterns.size() != static_cast<std::size_t>(arch.num_layers))
            return fail(ErrorKind::Internal, "the forward pass of the trainer showed no attention pattern");
        for (std::size_t i = 0; i < batch.size(); ++i)
            traces.push_back(trace_of(arch, probe.patterns, i));
    }
    return traces;
}

Result<WeightAnalysis> observe_spectra(const LanguageModel& model, const JobContext& job) {
    const at::NoGradGuard no_gradients;
    LoadedModel view;  // shares the weights
    view.arch = model.architecture();
    view.weights = model.weights();
    WeightAnalysis spectra;
    for (int layer = 0; layer < view.arch.num_layers; ++layer) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "observing the weights was stopped");
        for (int head = 0; head < view.arch.num_heads; ++head) {
            HEADLIGHT_TRY(const HeadWeights weights, head_weights_of(view, layer, head));
            spectra.push_back(observed_spectrum(weights));
        }
    }
    return spectra;
}

Result<CheckpointMetrics> observe_model(const LanguageModel& model, std::span<const Parameter> parameters,
                                        const ObservedSample& sample, const JobContext& job) {
    HEADLIGHT_TRY(const WeightAnalysis spectra, observe_spectra(model, job));
    HEADLIGHT_TRY(const std::vector<TracePtr> texts, capture_patterns(model, sample.texts, job));
    CheckpointMetrics values = attention_metrics(texts, spectra);
    if (!sample.repeats.empty()) {
        HEADLIGHT_TRY(const std::vector<TracePtr> repeats, capture_patterns(model, sample.repeats, job));
        values["induction_score"] = induction_score(repeats, sample.block);
    }
    values["weight_norm"] = norm_of(parameters);
    return values;
}

}  // namespace headlight
