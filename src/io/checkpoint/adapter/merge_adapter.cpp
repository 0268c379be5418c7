#include "io/checkpoint/adapter/merge_adapter.h"

#include <algorithm>
#include <map>

#include "io/checkpoint/adapter/lora_delta.h"
#include "io/checkpoint/adapter/tied_head.h"
#include "io/checkpoint/packed/number_writer.h"
#include "io/checkpoint/packed/unpack_weights.h"
#include "io/checkpoint/shard_index.h"
#include "io/checkpoint/tensor_values.h"

namespace headlight {
namespace {

/// What an adapter has of one module.
struct ModuleParts {
    const TensorInfo *a = nullptr, *b = nullptr, *b_bias = nullptr, *magnitude = nullptr, *rows = nullptr;
    bool is_embedding = false;
};

class Merger {
  public:
    Merger(const Checkpoint& base, const Checkpoint& from, const AdapterConfig& config)
        : base_(base), from_(from), config_(config), out_(std::make_shared<Checkpoint>(base)) {}

    Result<CheckpointPtr> merge(const std::vector<AdapterTensor>& tensors) {
        HEADLIGHT_CHECK(sort_out(tensors));
        const std::size_t first_file = out_->files.size();
        out_->files.insert(out_->files.end(), from_.files.begin(), from_.files.end());
        for (const auto& [name, tensor] : plain_)
            HEADLIGHT_CHECK(place_plain(name, *tensor, first_file));
        for (const auto& [module, parts] : modules_)
            HEADLIGHT_CHECK(merge_module(module, parts));
        out_->tensors.insert(out_->tensors.end(), added_.begin(), added_.end());
        HEADLIGHT_CHECK(sort_tensors(*out_));
        return CheckpointPtr(std::move(out_));
    }

  private:
    tl::unexpected<Error> wrong(const TensorInfo& tensor, const std::string& what,
                                ErrorKind kind = ErrorKind::Corrupt) const {
        return fail(make_error(kind, "merging a LoRA adapter as its adapter_config.json says: {}", what)
                        .in_file(from_.files.at(tensor.file_index)->path())
                        .at_tensor(tensor.name));
    }

    Status sort_out(const std::vector<AdapterTensor>& tensors) {
        std::string adapter;
        for (const auto& [name, tensor] : tensors) {
            if (!name.adapter.empty()) {
                if (!adapter.empty() && adapter != name.adapter)
                    return wrong(tensor,
                                 fmt::format("the weights hold two adapters, '{}' and '{}'; save one of them",
                                             adapter, name.adapter),
                                 ErrorKind::Unsupported);
                adapter = name.adapter;
            }
            HEADLIGHT_CHECK(add_part(name, tensor));
        }
        if (modules_.empty() && plain_.empty())
            return fail(make_error(ErrorKind::Corrupt, "merging a LoRA adapter: it holds no weights")
                            .in_file(config_.file));
        return {};
    }

    Status add_part(const AdapterName& name, const TensorInfo& tensor) {
        const auto set = [&](const TensorInfo*& place) -> Status {
            if (place != nullptr) return wrong(tensor, "the part is there twice, also as " + place->name);
            place = &tensor;
            return {};
        };
        switch (name.part) {
            case AdapterPart::Plain:
                return add_plain(name.module, tensor);
            case AdapterPart::Superseded:
                return {};
            case AdapterPart::EmbeddingA:
                modules_[name.module].is_embedding = true;
                return set(modules_[name.module].a);
            case AdapterPart::EmbeddingB:
                modules_[name.module].is_embedding = true;
                return set(modules_[name.module].b);
            case AdapterPart::LoraA:
                return set(modules_[name.module].a);
            case AdapterPart::LoraB:
                return set(modules_[name.module].b);
            case AdapterPart::LoraBBias:
                return set(modules_[name.module].b_bias);
            case AdapterPart::Magnitude:
                return set(modules_[name.module].magnitude);
            case AdapterPart::TokenRows:
                return set(modules_[name.module].rows);
            case AdapterPart::Unknown:
                break;
        }
        return wrong(tensor, "this tensor is no part of LoRA that is merged here", ErrorKind::Unsupported);
    }

    /// A trained bias of a saved module is written under both of its names.
    Status add_plain(const std::string& name, const TensorInfo& tensor) {
        const auto [place, is_new] = plain_.emplace(name, &tensor);
        if (is_new || std::ranges::equal(from_.bytes(*place->second), from_.bytes(tensor))) return {};
        return wrong(tensor, "the weight is there twice with other numbers, also as " + place->second->name);
    }

    /// The base's tensor for a name of the adapter's. Both may carry a class's prefix that the other lacks
    /// ("transformer.h.0 ..." and "h.0 ..."). Null: there is none, or more than one could be meant.
    TensorInfo* find(const std::string& name) {
        constexpr int kMostPrefixes = 2;
        std::string_view rest = name;
        for (int dropped = 0; dropped <= kMostPrefixes; ++dropped) {
            if (const TensorInfo* found = out_->find(rest)) return const_cast<TensorInfo*>(found);
            const std::size_t dot = rest.find('.');
            if (dot == std::string_view::npos) break;
            rest.remove_prefix(dot + 1);
        }
        TensorInfo* only = nullptr;
        for (TensorInfo& tensor : out_->tensors) {
            if (!tensor.name.ends_with("." + name)) continue;
            if (only != nullptr) return nullptr;
            only = &tensor;
        }
        return only;
    }

    /// PEFT saves every module whose name ends so, with or without a dot before.
    bool is_saved_module(std::string_view name) const {
        for (std::size_t end = name.find('.'); end != std::string_view::npos; end = name.find('.', end + 1)) {
            for (const std::string& saved : config_.modules_to_save)
                if (!saved.empty() && name.substr(0, end).ends_with(saved)) return true;
        }
        return false;
    }

    /// A tensor that is not changed but given anew: a saved module, a bias, a table that was resized.
    Status place_plain(const std::string& name, const TensorInfo& tensor, std::size_t first_file) {
        TensorInfo placed = tensor;
        placed.file_index += first_file;
        TensorInfo* const old = find(name);
        if (old == nullptr) {
            if (!is_saved_module(name))
                return wrong(tensor, fmt::format("the base model {} has no {}", base_.path, name));
            placed.name = name;
            added_.push_back(std::move(placed));
            return {};
        }
        placed.name = old->name;
        if (old->shape != placed.shape) {
            HEADLIGHT_CHECK(resize_vocabulary(tensor, *old));
        } else {
            keep_head(*old);
        }
        *old = std::move(placed);
        return {};
    }

    /// A head that shares the token table stays as it was where the adapter changes the table alone.
    void keep_head(const TensorInfo& table) {
        const std::string name = config_.ties_weights ? std::string() : name_of_tied_head(base_, table.name);
        const auto is_head = [&](const std::string& other) { return ("." + other).ends_with("." + name); };
        if (name.empty() ||
            std::any_of(added_.begin(), added_.end(), [&](const TensorInfo& t) { return is_head(t.name); }) ||
            std::any_of(plain_.begin(), plain_.end(),
                        [&](const auto& entry) { return is_head(entry.first); }))
            return;
        added_.push_back(table);
        added_.back().name = name;
    }

    /// Tables may have got rows for new tokens.
    Status resize_vocabulary(const TensorInfo& tensor, const TensorInfo& old) {
        const auto size = out_->config.is_object() ? out_->config.find("vocab_size") : out_->config.end();
        const bool is_table = tensor.shape.size() == 2 && old.shape.size() == 2 &&
                              tensor.shape[1] == old.shape[1] && out_->config.is_object() &&
                              size != out_->config.end();
        if (!is_table)
            return wrong(tensor, fmt::format("its shape is {}, the base model's {}",
                                             shape_to_string(tensor.shape), shape_to_string(old.shape)));
        *size = tensor.shape[0];
        return {};
    }

    Status merge_module(const std::string& module, const ModuleParts& parts) {
        TensorInfo* const weight = find(module + ".weight");
        const TensorInfo& any = *(parts.a        ? parts.a
                                  : parts.b      ? parts.b
                                  : parts.rows   ? parts.rows
                                  : parts.b_bias ? parts.b_bias
                                                 : parts.magnitude);
        if (weight == nullptr)
            return wrong(
                any,
                fmt::format("the base model {} has no {}.weight, or more than one; is it the base of this "
                            "adapter?",
                            base_.path, module));
        if (weight->shape.size() != 2)
            return wrong(any,
                         fmt::format("only matrices are merged; {} has shape {}", weight->name,
                                     shape_to_string(weight->shape)),
                         ErrorKind::Unsupported);
        HEADLIGHT_TRY(std::vector<float> values, tensor_as_floats(*out_, *weight));
        if (parts.rows != nullptr) {
            // PEFT gives a decoder's tied head the rows too, but not a masked-token head.
            if (const std::string head = name_of_tied_head(base_, weight->name);
                !head.empty() && head != "lm_head.weight")
                return wrong(*parts.rows,
                             "a masked-token head shares this table, and PEFT leaves it as it was",
                             ErrorKind::Unsupported);
            HEADLIGHT_CHECK(replace_rows(module, *parts.rows, *weight, values));
        }
        if (parts.a != nullptr || parts.b != nullptr || parts.magnitude != nullptr ||
            parts.b_bias != nullptr) {
            if (parts.a == nullptr || parts.b == nullptr)
                return wrong(any, "A or B of this module is missing");
            if (parts.is_embedding) keep_head(*weight);
            HEADLIGHT_CHECK(add_lora(module, parts, *weight, values));
        }
        put(*weight, values);
        return {};
    }

    static void put(TensorInfo& tensor, const std::vector<float>& values) {
        NumberWriter writer(DType::Float32, values.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            writer.put(i, values[i]);
        TensorInfo plain;
        plain.name = tensor.name;
        plain.shape = tensor.shape;
        plain.file_index = tensor.file_index;
        tensor = writer.finish(std::move(plain));
    }

    MatrixPlan plan_of(const std::string& module, const ModuleParts& parts, const TensorInfo& weight) const {
        const auto rows = static_cast<std::size_t>(weight.shape[0]),
                   cols = static_cast<std::size_t>(weight.shape[1]);
        const bool fits = parts.b->shape[0] == weight.shape[0] && parts.a->shape[1] == weight.shape[1];
        const bool has_type = base_.config.is_object() && base_.config.contains("model_type");
        // PEFT goes by the layer's class; a square matrix looks the same either way.
        const bool is_turned = parts.is_embedding || !fits || is_conv1d(base_.config, module) ||
                               (!has_type && config_.is_fan_in_fan_out);
        return is_turned ? MatrixPlan{cols, rows, 1, cols} : MatrixPlan{rows, cols, cols, 1};
    }

    Status add_lora(const std::string& module, const ModuleParts& parts, const TensorInfo& weight,
                    std::vector<float>& values) {
        const TensorInfo &a = *parts.a, &b = *parts.b;
        if (a.shape.size() != 2 || b.shape.size() != 2 || a.shape[0] != b.shape[1] || a.shape[0] < 1)
            return wrong(a, fmt::format("A {} and B {} do not fit each other", shape_to_string(a.shape),
                                        shape_to_string(b.shape)));
        const MatrixPlan plan = plan_of(module, parts, weight);
        if (static_cast<std::size_t>(b.shape[0]) != plan.out ||
            static_cast<std::size_t>(a.shape[1]) != plan.in)
            return wrong(a, fmt::format("A {} and B {} do not fit the base model's {} of shape {}",
                                        shape_to_string(a.shape), shape_to_string(b.shape), weight.name,
                                        shape_to_string(weight.shape)));
        HEADLIGHT_TRY(const double scaling, config_.scaling(module, a.shape[0]));
        HEADLIGHT_TRY(const std::vector<float> a_values, tensor_as_floats(from_, a));
        HEADLIGHT_TRY(const std::vector<float> b_values, tensor_as_floats(from_, b));
        add_product(values, plan, a_values, b_values, static_cast<std::size_t>(a.shape[0]),
                    static_cast<float>(scaling));
        if (parts.b_bias != nullptr) HEADLIGHT_CHECK(add_bias(module, parts, scaling));
        if (parts.magnitude == nullptr) return {};
        if (parts.b_bias != nullptr)
            return wrong(*parts.b_bias, "DoRA together with a bias of B (lora_bias) is not merged",
                         ErrorKind::Unsupported);
        HEADLIGHT_TRY(const std::vector<float> magnitude, tensor_as_floats(from_, *parts.magnitude));
        if (magnitude.size() != plan.out)
            return wrong(*parts.magnitude,
                         fmt::format("{} magnitudes for {} outputs", magnitude.size(), plan.out));
        scale_to_magnitude(values, plan, magnitude);
        return {};
    }

    Status add_bias(const std::string& module, const ModuleParts& parts, double scaling) {
        TensorInfo* const bias = find(module + ".bias");
        if (bias == nullptr)
            return wrong(
                *parts.b_bias,
                "B has a bias (lora_bias), but the base model's layer has none that it could be added to",
                ErrorKind::Unsupported);
        HEADLIGHT_TRY(std::vector<float> values, tensor_as_floats(*out_, *bias));
        HEADLIGHT_TRY(const std::vector<float> added, tensor_as_floats(from_, *parts.b_bias));
        if (added.size() != values.size())
            return wrong(*parts.b_bias, "it has not as many numbers as the base's bias");
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] += added[i] * static_cast<float>(scaling);
        put(*bias, values);
        return {};
    }

    /// trainable_token_indices: a list for the token table, or lists by the last parts of a module's name.
    const nlohmann::json* indices_of(const std::string& module) const {
        const nlohmann::json& json = config_.token_indices;
        if (json.is_array()) return &json;
        if (!json.is_object()) return nullptr;
        for (const auto& [name, list] : json.items()) {
            if (list.is_array() && ("." + module).ends_with("." + name)) return &list;
        }
        // A head that is tied to the table has its rows too.
        return json.size() == 1 && json.front().is_array() ? &json.front() : nullptr;
    }

    Status replace_rows(const std::string& module, const TensorInfo& rows, const TensorInfo& table,
                        std::vector<float>& values) const {
        const nlohmann::json* const indices = indices_of(module);
        const bool fits = indices != nullptr && rows.shape.size() == 2 && rows.shape[1] == table.shape[1] &&
                          indices->size() == static_cast<std::size_t>(rows.shape[0]);
        if (!fits)
            return wrong(
                rows,
                "trainable_token_indices of the adapter's settings do not name a row of the table for "
                "each of these");
        HEADLIGHT_TRY(const std::vector<float> from, tensor_as_floats(from_, rows));
        const auto cols = static_cast<std::size_t>(table.shape[1]);
        for (std::size_t i = 0; i < indices->size(); ++i) {
            const nlohmann::json& index = (*indices)[i];
            const std::int64_t row = index.is_number_integer() ? index.get<std::int64_t>() : -1;
            if (row < 0 || row >= table.shape[0])
                return wrong(rows, "trainable_token_indices name a token that the table has not");
            std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(i * cols), cols,
                        values.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(row) * cols));
        }
        return {};
    }

    const Checkpoint &base_, &from_;
    const AdapterConfig& config_;
    std::shared_ptr<Checkpoint> out_;
    std::map<std::string, ModuleParts> modules_;
    std::map<std::string, const TensorInfo*> plain_;
    std::vector<TensorInfo> added_;
};

}  // namespace

Result<CheckpointPtr> merge_adapter(const Checkpoint& base, const Checkpoint& from,
                                    const std::vector<AdapterTensor>& tensors, const AdapterConfig& config) {
    return Merger(base, from, config).merge(tensors);
}

}  // namespace headlight
