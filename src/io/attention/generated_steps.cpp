#include "io/attention/generated_steps.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "io/attention/dump_names.h"
#include "io/checkpoint/tensor_values.h"

namespace headlight {
namespace {

constexpr int kMostSteps = 1 << 16;

/// "attentions.12.3": of step 12 and layer 3.
struct StepName {
    std::string base;
    int step = 0, layer = 0;
};

/// The number behind the last dot, which is taken off.
std::optional<int> take_last_number(std::string_view& name) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const std::string_view digits = name.substr(dot + 1);
    int value = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || value < 0 || value >= kMostSteps)
        return std::nullopt;
    name = name.substr(0, dot);
    return value;
}

std::optional<StepName> step_name(const TensorInfo& array) {
    std::string_view name = array.name;
    const auto layer = take_last_number(name), step = take_last_number(name);
    const auto parsed = parse_attention_name(name);
    if (!layer || !step || !parsed || parsed->layer >= 0 || array.shape.size() != 4) return std::nullopt;
    return StepName{std::string(name), *step, *layer};
}

using StepsOfLayer = std::vector<const TensorInfo*>;
template <class T>
using ByNumber = std::map<int, T>;

/// Are the keys 0, 1, 2 ...?
template <class T>
bool is_whole(const ByNumber<T>& numbered) {
    return !numbered.empty() && numbered.rbegin()->first + 1 == std::ssize(numbered);
}

/// [layer][step] of every name that has all layers and steps, each layer as many.
std::map<std::string, std::vector<StepsOfLayer>> find_steps(const std::vector<TensorInfo>& arrays) {
    std::map<std::string, ByNumber<ByNumber<const TensorInfo*>>> found;
    for (const TensorInfo& array : arrays) {
        if (const auto name = step_name(array)) found[name->base][name->layer][name->step] = &array;
    }
    std::map<std::string, std::vector<StepsOfLayer>> out;
    for (const auto& entry : found) {
        const std::string& base = entry.first;
        const auto& layers = entry.second;
        const bool is_complete =
            is_whole(layers) && std::all_of(layers.begin(), layers.end(), [&](const auto& layer) {
                return is_whole(layer.second) && layer.second.size() == layers.begin()->second.size();
            });
        if (!is_complete) continue;
        for (const auto& [layer, steps] : layers) {
            StepsOfLayer& list = out[base].emplace_back();
            for (const auto& [step, array] : steps)
                list.push_back(array);
        }
    }
    return out;
}

/// Is every later step one row, over as many keys or one more than the step before?
bool are_steps(const StepsOfLayer& steps) {
    const auto& first = steps.front()->shape;
    if (first[1] < 1 || first[2] < 1) return false;
    const bool grows = first[2] == first[3];
    for (std::size_t i = 1; i < steps.size(); ++i) {
        const auto& shape = steps[i]->shape;
        const std::int64_t num_keys = grows ? first[3] + static_cast<std::int64_t>(i) : first[3];
        const bool is_row = shape[0] == first[0] && shape[1] == first[1] && shape[2] == 1;
        // One query over one key says nothing of which of the two it is: what follows does.
        const bool is_other_text = first[2] == 1 && shape[3] == first[3];
        if (!is_row || (shape[3] != num_keys && !is_other_text)) return false;
    }
    return steps.size() > 1 || first[1] > 1;
}

/// Rows of all steps of a layer, [heads, queries, keys].
Result<TensorInfo> join_layer(const Checkpoint& arrays, const StepsOfLayer& steps, const std::string& name) {
    const auto& first = steps.front()->shape;
    const auto num_heads = static_cast<std::size_t>(first[1]), num_first = static_cast<std::size_t>(first[2]),
               num_keys = static_cast<std::size_t>(steps.back()->shape[3]),
               num_queries = num_first + steps.size() - 1;
    std::vector<float> joined(num_heads * num_queries * num_keys, 0.0f);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        HEADLIGHT_TRY(const std::vector<float> values, tensor_as_floats(arrays, *steps[i]));
        const auto rows = static_cast<std::size_t>(steps[i]->shape[2]),
                   keys = static_cast<std::size_t>(steps[i]->shape[3]),
                   begin = i == 0 ? 0 : num_first + i - 1;
        for (std::size_t head = 0; head < num_heads; ++head) {
            for (std::size_t row = 0; row < rows; ++row) {
                std::copy_n(values.begin() + static_cast<std::ptrdiff_t>((head * rows + row) * keys), keys,
                            joined.begin() +
                                static_cast<std::ptrdiff_t>((head * num_queries + begin + row) * num_keys));
            }
        }
    }
    TensorInfo out;
    out.name = name;
    out.dtype = DType::Float32;
    out.shape = {first[1], static_cast<std::int64_t>(num_queries), static_cast<std::int64_t>(num_keys)};
    const auto bytes = std::as_bytes(std::span(joined));
    out.length_bytes = bytes.size();
    out.copy = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
    return out;
}

Error several_sequences(const DumpContents& contents, const TensorInfo& array) {
    return make_error(ErrorKind::Unsupported,
                      "this is the attention of generate() for {} sequences or beams at once; save one of "
                      "them, without beams: [[layer[:1] for layer in step] for step in out.attentions]",
                      array.shape[0])
        .in_file(contents.arrays.path)
        .at_tensor(array.name);
}

}  // namespace

Status join_generated_steps(DumpContents& contents) {
    std::vector<TensorInfo>& arrays = contents.arrays.tensors;
    std::vector<TensorInfo> joined;
    std::vector<std::string> bases;
    for (const auto& [base, layers] : find_steps(arrays)) {
        if (!std::all_of(layers.begin(), layers.end(), are_steps)) continue;
        const TensorInfo& first = *layers.front().front();
        if (first.shape[0] != 1) return fail(several_sequences(contents, first));
        for (std::size_t layer = 0; layer < layers.size(); ++layer) {
            HEADLIGHT_TRY(TensorInfo whole,
                          join_layer(contents.arrays, layers[layer], fmt::format("{}.{}", base, layer)));
            joined.push_back(std::move(whole));
        }
        bases.push_back(base);
        contents.notes.push_back(fmt::format(
            "{}: the steps of a generation, {}, were put together, a row each", base, layers.front().size()));
    }
    std::erase_if(arrays, [&](const TensorInfo& array) {
        const auto name = step_name(array);
        return name && std::find(bases.begin(), bases.end(), name->base) != bases.end();
    });
    std::move(joined.begin(), joined.end(), std::back_inserter(arrays));
    return {};
}

}  // namespace headlight
