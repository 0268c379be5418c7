#include "model/weights/parameter_health.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string_view>

#include "family/names/stored_shape.h"
#include "family/tensor_names.h"
#include "model/weights/weight_loader.h"

namespace headlight {
namespace {

/// "layers.3.query", "layers.3.query_bias" ... of the model's own attention (of an encoder-decoder the
/// encoder's).
bool is_projection(std::string_view slot) {
    if (!slot.starts_with("layers.")) return false;
    std::string_view name = slot.substr(slot.rfind('.') + 1);
    if (name.ends_with("_bias")) name.remove_suffix(sizeof("_bias") - 1);
    return name == "query" || name == "key" || name == "value" || name == "output";
}

/// "layers.12.query" -> 12
int layer_of(const std::string& slot) {
    constexpr std::size_t kPrefix = sizeof("layers.") - 1;
    return std::atoi(slot.c_str() + kPrefix);
}

/// Sums of one tensor's values that are finite.
class Moments {
  public:
    void add(const torch::Tensor& values) {
        const torch::Tensor plain = values.to(torch::kFloat32).contiguous();
        const float* data = plain.const_data_ptr<float>();
        for (std::int64_t i = 0; i < plain.numel(); ++i) {
            const double x = data[i];
            if (!std::isfinite(x)) {
                ++num_not_finite_;
                continue;
            }
            ++num_finite_;
            sum_ += x;
            squares_ += x * x;
            max_abs_ = std::max(max_abs_, std::abs(x));
        }
    }
    void write(ParameterHealth& health) const {
        health.num_values = num_finite_ + num_not_finite_;
        health.num_not_finite = num_not_finite_;
        if (num_finite_ == 0) return;
        health.mean = sum_ / static_cast<double>(num_finite_);
        const double variance = squares_ / static_cast<double>(num_finite_) - health.mean * health.mean;
        health.standard_deviation = std::sqrt(std::max(0.0, variance));
        health.max_abs = max_abs_;
    }

  private:
    std::int64_t num_finite_ = 0, num_not_finite_ = 0;
    double sum_ = 0, squares_ = 0, max_abs_ = 0;
};

/// Rows of q, k and v, or columns of the output projection, that a head takes.
int width_of_head(const Architecture& arch, const TensorSlot& slot) {
    const bool is_narrow = arch.is_latent() && slot.name.find(".output") == std::string::npos;
    return is_narrow ? static_cast<int>(slot.shape[0] / arch.num_heads) : arch.head_dim;
}

/// First head whose slice another head of the same matrix repeats; -1 if all differ. Heads lie along the rows
/// of q, k and v, along the columns of the output projection.
int first_duplicate(const TensorSlot& slot, const torch::Tensor& values, int head_dim) {
    if (slot.is_bias) return -1;
    const std::int64_t axis = slot.name.find(".output") != std::string::npos ? 1 : 0;
    const std::int64_t num_heads = values.size(axis) / head_dim;
    for (std::int64_t a = 0; a < num_heads; ++a) {
        const torch::Tensor mine = values.narrow(axis, a * head_dim, head_dim);
        for (std::int64_t b = a + 1; b < num_heads; ++b) {
            // The first rows differ almost always: cheap to look at before all of it.
            const torch::Tensor other = values.narrow(axis, b * head_dim, head_dim);
            if (mine.select(1 - axis, 0).equal(other.select(1 - axis, 0)) && mine.equal(other)) {
                return static_cast<int>(a);
            }
        }
    }
    return -1;
}

/// One tensor: name and shape, and the slots in it.
struct Source {
    std::string name;
    std::vector<std::int64_t> shape;
    std::vector<std::string> slots;
};

std::vector<Source> sources_of(const LoadedModel& model, const std::vector<TensorSlot>& slots) {
    std::vector<Source> sources;
    if (model.checkpoint == nullptr) {
        for (const TensorSlot& slot : slots) {
            if (is_projection(slot.name)) sources.push_back({slot.name, slot.shape, {slot.name}});
        }
        return sources;
    }
    const auto by_name = slots_by_name(slots);
    for (const FileWeight& entry : model.family->file_weights(model.arch)) {
        if (!is_projection(entry.slots.front())) continue;
        sources.push_back({stored_name(*model.family, entry, *model.checkpoint), stored_shape(entry, by_name),
                           entry.slots});
    }
    return sources;
}

}  // namespace

Result<std::vector<ParameterHealth>> attention_parameters_of(const LoadedModel& model,
                                                             const JobContext& job) {
    Weights weights = model.weights;  // tensors are shared
    const std::vector<TensorSlot> slots = tensor_slots(model.arch, weights);
    std::map<std::string, const TensorSlot*> by_name;
    for (const TensorSlot& slot : slots)
        by_name[slot.name] = &slot;
    std::vector<ParameterHealth> all;
    for (const Source& source : sources_of(model, slots)) {
        ParameterHealth health;
        health.name = source.name;
        health.shape = source.shape;
        health.layer = layer_of(source.slots.front());
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "reading the parameters was stopped");
        job.report({"reading the parameters", static_cast<double>(health.layer) / model.arch.num_layers,
                    health.name});
        Moments moments;
        for (const std::string& name : source.slots) {
            const TensorSlot& slot = *by_name.at(name);
            const torch::Tensor values = slot_values(slot);
            moments.add(values);
            if (health.duplicate_head < 0)
                health.duplicate_head = first_duplicate(slot, values, width_of_head(model.arch, slot));
        }
        moments.write(health);
        all.push_back(std::move(health));
    }
    return all;
}

}  // namespace headlight
