// As bitsandbytes stores it: four bits a number under a table of 16 values and a scale for each block of
// them, the scales themselves perhaps in eight bits; or rows of int8 with the largest magnitude of each
// beside them.
#include <algorithm>
#include <cstdlib>

#include "io/checkpoint/packed/number_writer.h"
#include "io/checkpoint/packed/unpack_weights.h"
#include "io/checkpoint/tensor_values.h"
#include "io/json_file.h"

namespace headlight {
namespace {

constexpr std::string_view kState = ".quant_state.bitsandbytes__";
constexpr std::size_t kMostQuantStateBytes = 1 << 16;
constexpr std::int64_t kLargestInt8 = 127;

/// What the JSON of a quant_state says.
struct FourBitState {
    std::vector<std::int64_t> shape;
    std::int64_t block = 0, nested_block = 0;  // numbers under one scale; 0: the scales are not quantised
    float nested_offset = 0;
    DType dtype = DType::Float16;
};

Error misfit(const Checkpoint& checkpoint, const TensorInfo& tensor, const std::string& what) {
    return make_error(ErrorKind::Corrupt, "weights quantised by bitsandbytes: {}", what)
        .in_file(checkpoint.files.at(tensor.file_index)->path())
        .at_tensor(tensor.name);
}

std::int64_t whole_or(const nlohmann::json& json, const char* key, std::int64_t otherwise) {
    const auto found = json.find(key);
    return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : otherwise;
}

std::string text_or(const nlohmann::json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<FourBitState> read_state(const Checkpoint& checkpoint, const TensorInfo& tensor) {
    constexpr std::int64_t kMostElements = std::int64_t{1} << 40;
    const auto bytes = checkpoint.bytes(tensor);
    if (bytes.size() > kMostQuantStateBytes)
        return fail(misfit(checkpoint, tensor, "the quant_state is too long to be one"));
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    HEADLIGHT_TRY(const nlohmann::json json,
                  parse_json(text, checkpoint.files.at(tensor.file_index)->path()));
    if (!json.is_object()) return fail(misfit(checkpoint, tensor, "the quant_state is no JSON object"));
    FourBitState out;
    out.block = whole_or(json, "blocksize", 0);
    out.nested_block = whole_or(json, "nested_blocksize", 0);
    if (const auto offset = json.find("nested_offset"); offset != json.end() && offset->is_number())
        out.nested_offset = offset->get<float>();
    const std::string dtype = text_or(json, "dtype");
    if (dtype == "float32") out.dtype = DType::Float32;
    if (dtype == "bfloat16") out.dtype = DType::BFloat16;
    if (dtype != "float32" && dtype != "bfloat16" && dtype != "float16")
        return fail(misfit(checkpoint, tensor, "the quant_state says no dtype that is known: " + dtype));
    const auto shape = json.find("shape");
    std::int64_t elements = 1;
    if (shape != json.end() && shape->is_array() && shape->size() <= 4) {
        for (const nlohmann::json& size : *shape) {
            const std::int64_t length = size.is_number_integer() ? size.get<std::int64_t>() : 0;
            if (length < 1 || length > kMostElements / elements)
                return fail(misfit(checkpoint, tensor, "the quant_state says an impossible shape"));
            elements *= length;
            out.shape.push_back(length);
        }
    }
    if (out.shape.empty() || out.block < 1 || out.nested_block < 0)
        return fail(misfit(checkpoint, tensor, "the quant_state lacks shape or blocksize"));
    return out;
}

/// Numbers of a tensor that must be there, `count` of them.
Result<std::vector<float>> numbers(const Checkpoint& checkpoint, const std::string& name, std::int64_t count,
                                   const TensorInfo& of) {
    const TensorInfo* found = checkpoint.find(name);
    if (found == nullptr || found->num_elements() != count) {
        return fail(misfit(checkpoint, of,
                           fmt::format("expected {} with {} numbers, found {}", name, count,
                                       found == nullptr ? "none" : shape_to_string(found->shape))));
    }
    if (found->dtype != DType::UInt8) return tensor_as_floats(checkpoint, *found);
    HEADLIGHT_TRY(const std::vector<std::int64_t> whole, tensor_as_integers(checkpoint, *found));
    return std::vector<float>(whole.begin(), whole.end());
}

std::int64_t blocks_of(std::int64_t count, std::int64_t block) {
    return count / block + (count % block != 0 ? 1 : 0);
}

/// The scale of each block of `weight`.
Result<std::vector<float>> block_scales(const Checkpoint& checkpoint, const TensorInfo& weight,
                                        const FourBitState& state, std::int64_t count) {
    constexpr std::int64_t kCodes = 256;
    HEADLIGHT_TRY(std::vector<float> scales, numbers(checkpoint, weight.name + ".absmax", count, weight));
    if (state.nested_block == 0) return scales;
    HEADLIGHT_TRY(const std::vector<float> map,
                  numbers(checkpoint, weight.name + ".nested_quant_map", kCodes, weight));
    HEADLIGHT_TRY(const std::vector<float> largest, numbers(checkpoint, weight.name + ".nested_absmax",
                                                            blocks_of(count, state.nested_block), weight));
    if (checkpoint.find(weight.name + ".absmax")->dtype != DType::UInt8)
        return fail(misfit(checkpoint, weight, "its absmax is quantised, but not stored as uint8"));
    for (std::size_t i = 0; i < scales.size(); ++i) {
        const float value = map[static_cast<std::size_t>(scales[i])] *
                            largest[i / static_cast<std::size_t>(state.nested_block)];
        scales[i] = value + state.nested_offset;
    }
    return scales;
}

Result<TensorInfo> four_bits(const Checkpoint& checkpoint, const TensorInfo& weight,
                             const FourBitState& state) {
    std::int64_t count = 1;
    for (const std::int64_t length : state.shape)
        count *= length;
    if (weight.length_bytes != static_cast<std::uint64_t>(count / 2 + count % 2))
        return fail(
            misfit(checkpoint, weight,
                   fmt::format("{} bytes hold no {} numbers of four bits", weight.length_bytes, count)));
    HEADLIGHT_TRY(const std::vector<float> map, numbers(checkpoint, weight.name + ".quant_map", 16, weight));
    HEADLIGHT_TRY(const std::vector<float> scales,
                  block_scales(checkpoint, weight, state, blocks_of(count, state.block)));
    const auto bytes = checkpoint.bytes(weight);
    NumberWriter writer(state.dtype, static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        const auto byte = std::to_integer<unsigned>(bytes[i / 2]);
        writer.put(
            i, map[i % 2 == 0 ? byte >> 4 : byte & 15U] * scales[i / static_cast<std::size_t>(state.block)]);
    }
    HEADLIGHT_CHECK(checkpoint.check_unchanged(weight));
    TensorInfo out = writer.finish(weight);
    out.shape = state.shape;
    if (out.shape.size() == 2 && is_conv1d(checkpoint.config, out.name.substr(0, out.name.rfind('.')))) {
        std::swap(out.shape[0], out.shape[1]);  // the library turns it while it quantises
        out.is_transposed = true;
    }
    return out;
}

/// int8 rows: value = stored * SCB / 127, so that the largest magnitude of a row is 127.
Result<TensorInfo> eight_bits(const Checkpoint& checkpoint, const TensorInfo& weight, const TensorInfo& scb,
                              const std::string& module) {
    if (weight.shape.size() != 2 || weight.shape[1] < 1 || scb.num_elements() != weight.shape[0])
        return fail(misfit(checkpoint, scb, "SCB has no number for each row of the int8 weight"));
    if (const TensorInfo* format = checkpoint.find(module + ".weight_format")) {
        HEADLIGHT_TRY(const std::vector<std::int64_t> kind, tensor_as_integers(checkpoint, *format));
        if (kind.size() != 1 || kind[0] != 0)
            return fail(
                make_error(ErrorKind::Unsupported,
                           "int8 weights of bitsandbytes in a layout of a GPU (weight_format) are not "
                           "read, only rows")
                    .in_file(checkpoint.path)
                    .at_tensor(format->name));
    }
    HEADLIGHT_TRY(const std::vector<float> largest, tensor_as_floats(checkpoint, scb));
    const auto bytes = checkpoint.bytes(weight);
    const auto cols = static_cast<std::size_t>(weight.shape[1]);
    auto scales = std::make_shared<BlockScales>();
    scales->block_rows = scales->grid_cols = 1;
    scales->block_cols = weight.shape[1];
    for (std::size_t row = 0; row < largest.size(); ++row) {
        int most = 0;
        for (const std::byte byte : bytes.subspan(row * cols, cols))
            most = std::max(most, std::abs(static_cast<int>(static_cast<std::int8_t>(byte))));
        if (most != kLargestInt8 && largest[row] != 0) {
            return fail(
                misfit(checkpoint, weight,
                       fmt::format("these int8 rows are not of bitsandbytes, whose rows reach 127 where "
                                   "SCB stands for 127: row {} reaches {}, so that it is unknown what SCB "
                                   "means here. Quantise the original model again, or open it",
                                   row, most)));
        }
        scales->values.push_back(largest[row] / static_cast<float>(kLargestInt8));
    }
    TensorInfo out = weight;
    out.scales = std::move(scales);
    if (is_conv1d(checkpoint.config, module)) {
        std::swap(out.shape[0], out.shape[1]);
        out.is_transposed = true;
    }
    return out;
}

}  // namespace

Status unpack_bitsandbytes(const Checkpoint& checkpoint, UnpackedTensors& out) {
    for (const TensorInfo& tensor : checkpoint.tensors) {
        if (const std::size_t at = tensor.name.find(kState); at != std::string::npos) {
            const std::string name = tensor.name.substr(0, at);
            const TensorInfo* weight = checkpoint.find(name);
            if (weight == nullptr)
                return fail(misfit(checkpoint, tensor, "there is no weight to this quant_state"));
            HEADLIGHT_TRY(const FourBitState state, read_state(checkpoint, tensor));
            HEADLIGHT_TRY(TensorInfo unpacked, four_bits(checkpoint, *weight, state));
            out.weights.push_back(std::move(unpacked));
            for (const char* part : {"", ".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map"})
                out.used.insert(name + part);
            out.used.insert(tensor.name);
        }
        constexpr std::string_view kScb = ".SCB";
        if (!tensor.name.ends_with(kScb)) continue;
        const std::string module = tensor.name.substr(0, tensor.name.size() - kScb.size());
        const TensorInfo* weight = checkpoint.find(module + ".weight");
        if (weight == nullptr || weight->dtype != DType::Int8)
            return fail(misfit(checkpoint, tensor, "there is no int8 weight to these scales"));
        HEADLIGHT_TRY(TensorInfo scaled, eight_bits(checkpoint, *weight, tensor, module));
        out.weights.push_back(std::move(scaled));
        out.used.insert({tensor.name, module + ".weight", module + ".weight_format"});
    }
    return {};
}

}  // namespace headlight
