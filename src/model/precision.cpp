#include "model/precision.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "base/stopwatch.h"
#include "model/forward/forward.h"
#include "model/forward/torch_attention.h"
#include "model/request_check.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

constexpr int kRepeats = 3;

std::optional<torch::ScalarType> type_of(const std::string& dtype) {
    if (dtype == "bfloat16") return torch::kBFloat16;
    if (dtype == "float16") return torch::kFloat16;
    return std::nullopt;
}

/// The same weights in another type, every tensor once more in memory.
Weights converted(const Architecture& arch, const Weights& weights, torch::ScalarType type) {
    Weights out = weights;
    if (out.decoder != nullptr) out.decoder = std::make_shared<Weights>(*out.decoder);
    for (TensorSlot& slot : tensor_slots(arch, out))
        slot.set(slot_values(slot).to(type));
    out.compute_type = type;
    return out;
}

/// Keeps the patterns of one pass, then compares those of another with them.
class PatternComparison final : public Probe {
  public:
    explicit PatternComparison(const JobContext& job) : job_(job) {}

    bool begin_layer(int, int) override { return !job_.should_stop(); }
    bool wants(Site site, int) const override { return site == Site::AttentionPattern && is_on_; }
    void visit(Site, int layer, torch::Tensor& pattern) override {
        const auto index = static_cast<std::size_t>(layer);
        if (index == kept_.size()) {
            kept_.push_back(pattern.to(torch::kFloat32));
            return;
        }
        const torch::Tensor difference = (pattern.to(torch::kFloat32) - kept_[index]).abs();
        largest_ = std::max(largest_, difference.max().item<double>());
        sum_ += difference.sum(torch::kFloat64).item<double>();
        // Weights that the mask forbids are 0 in both; those that it allows are above 0 but for underflow.
        count_ += kept_[index].gt(0).sum().item<double>();
    }
    void turn(bool is_on) { is_on_ = is_on; }
    double largest() const { return largest_; }
    double mean() const { return count_ > 0 ? sum_ / count_ : 0; }

  private:
    const JobContext& job_;
    bool is_on_ = true;
    std::vector<torch::Tensor> kept_;  // [layer] of [1, H, N, N]
    double largest_ = 0, sum_ = 0, count_ = 0;
};

/// Time of one pass with nothing looked at, least of the repeats; less than 0 when it was stopped.
double time_pass(const Architecture& arch, const Weights& weights, const torch::Tensor& ids, Probe& probe) {
    double least = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kRepeats; ++i) {
        const Stopwatch stopwatch;
        if (!forward_hidden(arch, weights, ids, &probe).defined()) return -1;
        least = std::min(least, stopwatch.milliseconds());
    }
    return least;
}

}  // namespace

Result<PrecisionReport> measure_precision_of(const LoadedModel& model, std::span<const std::int32_t> ids,
                                             const std::string& dtype, const JobContext& job) {
    const auto type = type_of(dtype);
    if (!type)
        return fail(ErrorKind::InvalidInput, "cannot compute in '{}' (known: bfloat16, float16)", dtype);
    HEADLIGHT_CHECK(check_ids(model.arch, ids));
    const Architecture& arch = model.arch;
    const torch::Tensor tokens = to_indices(ids).unsqueeze(0);
    const Weights narrow = converted(arch, model.weights, *type);
    PrecisionReport report;
    report.dtype = dtype;
    report.num_tokens = static_cast<int>(ids.size());
    PatternComparison patterns(job);
    const auto stopped = [] { return fail(ErrorKind::Cancelled, "the comparison was stopped"); };
    const torch::Tensor exact = forward_hidden(arch, model.weights, tokens, &patterns);
    if (!exact.defined()) return stopped();
    const torch::Tensor rounded = forward_hidden(arch, narrow, tokens, &patterns);
    if (!rounded.defined()) return stopped();
    report.max_attention = patterns.largest();
    report.mean_attention = patterns.mean();
    if (arch.has_head) {
        const torch::Tensor logits = output_logits(arch, model.weights, exact);
        const torch::Tensor other = output_logits(arch, narrow, rounded).to(torch::kFloat32);
        report.max_logits_relative =
            (other - logits).abs().max().item<double>() / std::max(1e-30, logits.abs().max().item<double>());
    }
    patterns.turn(false);
    report.float32_ms = time_pass(arch, model.weights, tokens, patterns);
    report.dtype_ms = time_pass(arch, narrow, tokens, patterns);
    if (report.float32_ms < 0 || report.dtype_ms < 0) return stopped();
    return report;
}

}  // namespace headlight
