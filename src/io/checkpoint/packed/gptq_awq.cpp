// GPTQ: 32-bit words along the inputs, zeros along the outputs, a group for each input. AWQ: words along the
// outputs, whose eight nibbles stand for the columns 0 2 4 6 1 3 5 7. Both: scale * (number - zero).
#include <algorithm>
#include <array>
#include <limits>

#include "io/checkpoint/packed/number_writer.h"
#include "io/checkpoint/packed/unpack_weights.h"
#include "io/checkpoint/tensor_values.h"

namespace headlight {
namespace {

constexpr std::string_view kPacked = ".qweight";

struct PackedSettings {
    std::string method;  // "gptq", "awq"; empty: nobody says
    int bits = 4;
    bool is_v2 = false;       // zeros are stored as they are, not one less
    std::int64_t group = -1;  // inputs under one scale; -1: all
};

/// One packed layer; the tables belong to the words.
struct PackedLayer {
    std::string module;
    const TensorInfo *words = nullptr, *zeros = nullptr, *scales = nullptr, *groups = nullptr;
};

tl::unexpected<Error> wrong(const Checkpoint& checkpoint, const PackedLayer& layer, ErrorKind kind,
                            const std::string& what) {
    return fail(make_error(kind, "weights packed by GPTQ or AWQ: {}", what)
                    .in_file(checkpoint.files.at(layer.words->file_index)->path())
                    .at_tensor(layer.words->name));
}

std::string lower_text(const nlohmann::json& settings, const char* key) {
    const auto found = settings.find(key);
    std::string text =
        found != settings.end() && found->is_string() ? found->get<std::string>() : std::string();
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    return text;
}

Result<PackedSettings> read_settings(const Checkpoint& checkpoint) {
    const nlohmann::json settings = quantization_settings(checkpoint);
    const auto refuse = [&](const char* key, const std::string& value) {
        return fail(
            make_error(ErrorKind::Unsupported,
                       "weights packed with {} '{}' (quantization_config) are not read; GPTQ in 2, 4 or "
                       "8 bits and AWQ (GEMM) in 4 are. Open the original checkpoint, or a GGUF file of it",
                       key, value.substr(0, 60))
                .in_file(checkpoint.config_path.empty() ? checkpoint.path : checkpoint.config_path));
    };
    PackedSettings out;
    out.method = lower_text(settings, "quant_method");
    if (!out.method.empty() && out.method != "gptq" && out.method != "awq")
        return refuse("quant_method", out.method);
    for (const char* key : {"bits", "w_bit"}) {
        if (const auto bits = settings.find(key); bits != settings.end() && bits->is_number_integer())
            out.bits = static_cast<int>(std::clamp<std::int64_t>(bits->get<std::int64_t>(), 0, 32));
    }
    const bool is_known = out.bits == 4 || (out.method != "awq" && (out.bits == 2 || out.bits == 8));
    if (!is_known) return refuse("bits", std::to_string(out.bits));
    for (const char* key : {"group_size", "q_group_size"}) {
        if (const auto group = settings.find(key); group != settings.end() && group->is_number_integer())
            out.group = group->get<std::int64_t>();
    }
    for (const char* key : {"checkpoint_format", "format"}) {
        const std::string format = lower_text(settings, key);
        if (!format.empty() && format != "gptq" && format != "gptq_v2" && format != "gemm")
            return refuse(key, format);
        out.is_v2 = out.is_v2 || format == "gptq_v2";
    }
    if (const std::string version = lower_text(settings, "version");
        out.method == "awq" && !version.empty() && version != "gemm")
        return refuse("version", version);
    if (const auto marlin = settings.find("is_marlin_format"); marlin != settings.end() && *marlin == true)
        return refuse("is_marlin_format", "true");
    return out;
}

/// Words of 32 bits, whatever the sign of their type.
Result<std::vector<std::uint32_t>> words_of(const Checkpoint& checkpoint, const TensorInfo& tensor) {
    HEADLIGHT_TRY(const std::vector<std::int64_t> values, tensor_as_integers(checkpoint, tensor));
    std::vector<std::uint32_t> out(values.size());
    std::transform(values.begin(), values.end(), out.begin(),
                   [](std::int64_t value) { return static_cast<std::uint32_t>(value); });
    return out;
}

/// A layer with everything read and held against each other.
struct ReadLayer {
    std::size_t in = 0, out = 0, groups = 0;
    std::vector<std::uint32_t> words, zeros;  // as stored
    std::vector<float> scales;                // [groups, out]
    std::vector<std::uint32_t> group_of;      // [in]
    bool is_awq = false;
    unsigned bits = 4, zero_added = 0;

    unsigned mask() const { return (1U << bits) - 1; }
    std::size_t in_word() const { return 32 / bits; }
    /// Shift of output `o` in its word of zeros, and of its numbers for AWQ.
    unsigned shift(std::size_t o) const {
        constexpr std::array<unsigned, 8> kPlace = {0, 4, 1, 5, 2, 6, 3, 7};
        return is_awq ? 4 * kPlace[o % 8] : bits * static_cast<unsigned>(o % in_word());
    }
    float zero(std::size_t group, std::size_t o) const {
        const std::uint32_t word = zeros[group * (out / in_word()) + o / in_word()];
        return static_cast<float>(((word >> shift(o)) + zero_added) & mask());
    }
    float number(std::size_t i, std::size_t o) const {
        const std::uint32_t word = is_awq ? words[i * (out / 8) + o / 8] >> shift(o)
                                          : words[i / in_word() * out + o] >> (bits * (i % in_word()));
        return static_cast<float>(word & mask());
    }
};

Status read_groups(const Checkpoint& checkpoint, const PackedLayer& layer, const PackedSettings& settings,
                   ReadLayer& out) {
    out.group_of.resize(out.in);
    if (layer.groups != nullptr) {
        HEADLIGHT_TRY(const std::vector<std::int64_t> groups, tensor_as_integers(checkpoint, *layer.groups));
        if (groups.size() != out.in)
            return wrong(checkpoint, layer, ErrorKind::Corrupt, "g_idx has no entry for each input");
        for (std::size_t i = 0; i < out.in; ++i) {
            if (groups[i] < 0 || groups[i] >= static_cast<std::int64_t>(out.groups))
                return wrong(checkpoint, layer, ErrorKind::Corrupt, "g_idx names a group that has no scales");
            out.group_of[i] = static_cast<std::uint32_t>(groups[i]);
        }
        return {};
    }
    const std::size_t size = settings.group > 0 ? static_cast<std::size_t>(settings.group) : out.in;
    if ((out.in + size - 1) / size != out.groups)
        return wrong(checkpoint, layer, ErrorKind::Corrupt,
                     fmt::format("{} groups of scales do not fit {} inputs in groups of {}", out.groups,
                                 out.in, size));
    for (std::size_t i = 0; i < out.in; ++i)
        out.group_of[i] = static_cast<std::uint32_t>(i / size);
    return {};
}

Result<ReadLayer> read_layer(const Checkpoint& checkpoint, const PackedLayer& layer,
                             const PackedSettings& settings) {
    ReadLayer out;
    const auto is_table = [](const TensorInfo* tensor) {
        return tensor != nullptr && tensor->shape.size() == 2;
    };
    if (!is_table(layer.words) || !is_table(layer.zeros) || !is_table(layer.scales))
        return wrong(checkpoint, layer, ErrorKind::Corrupt, "qweight, qzeros and scales must be tables");
    out.out = static_cast<std::size_t>(layer.scales->shape[1]);
    out.groups = static_cast<std::size_t>(layer.scales->shape[0]);
    const auto rows = static_cast<std::size_t>(layer.words->shape[0]),
               cols = static_cast<std::size_t>(layer.words->shape[1]);
    out.is_awq = settings.method.empty() ? cols != out.out : settings.method == "awq";
    out.bits = static_cast<unsigned>(settings.bits);
    out.zero_added = out.is_awq || settings.is_v2 ? 0 : 1;
    out.in = out.is_awq ? rows : rows * out.in_word();
    const std::vector<std::int64_t> zeros = {layer.scales->shape[0],
                                             static_cast<std::int64_t>(out.out / out.in_word())};
    const bool fits = out.out > 0 && out.groups > 0 && out.in > 0 && out.out % out.in_word() == 0 &&
                      cols == (out.is_awq ? out.out / 8 : out.out) && layer.zeros->shape == zeros;
    if (!fits) {
        return wrong(checkpoint, layer, ErrorKind::Corrupt,
                     fmt::format("qweight {}, qzeros {} and scales {} do not fit each other in {} bits",
                                 shape_to_string(layer.words->shape), shape_to_string(layer.zeros->shape),
                                 shape_to_string(layer.scales->shape), settings.bits));
    }
    HEADLIGHT_TRY(out.words, words_of(checkpoint, *layer.words));
    HEADLIGHT_TRY(out.zeros, words_of(checkpoint, *layer.zeros));
    HEADLIGHT_TRY(out.scales, tensor_as_floats(checkpoint, *layer.scales));
    HEADLIGHT_CHECK(read_groups(checkpoint, layer, settings, out));
    return out;
}

/// Row after row of [out, in]; a few outputs at a time, whose words lie beside each other.
TensorInfo unpacked(const Checkpoint& checkpoint, const PackedLayer& layer, const ReadLayer& read) {
    constexpr std::size_t kTogether = 16;
    const DType dtype = layer.scales->dtype == DType::Float16 || layer.scales->dtype == DType::BFloat16
                            ? layer.scales->dtype
                            : DType::Float32;
    NumberWriter writer(dtype, read.in * read.out);
    for (std::size_t first = 0; first < read.out; first += kTogether) {
        const std::size_t end = std::min(read.out, first + kTogether);
        for (std::size_t i = 0; i < read.in; ++i) {
            const std::size_t group = read.group_of[i];
            for (std::size_t o = first; o < end; ++o)
                writer.put(o * read.in + i,
                           read.scales[group * read.out + o] * (read.number(i, o) - read.zero(group, o)));
        }
    }
    TensorInfo out = writer.finish(*layer.words);
    out.name = layer.module + ".weight";
    out.shape = {static_cast<std::int64_t>(read.out), static_cast<std::int64_t>(read.in)};
    out.is_transposed = is_conv1d(checkpoint.config, layer.module);
    if (out.is_transposed) std::swap(out.shape[0], out.shape[1]);
    return out;
}

}  // namespace

Status unpack_gptq_and_awq(const Checkpoint& checkpoint, UnpackedTensors& out) {
    PackedSettings settings;
    bool has_settings = false;
    for (const TensorInfo& tensor : checkpoint.tensors) {
        if (!tensor.name.ends_with(kPacked)) continue;
        if (!has_settings) {
            HEADLIGHT_TRY(settings, read_settings(checkpoint));
            has_settings = true;
        }
        PackedLayer layer;
        layer.module = tensor.name.substr(0, tensor.name.size() - kPacked.size());
        layer.words = &tensor;
        layer.zeros = checkpoint.find(layer.module + ".qzeros");
        layer.scales = checkpoint.find(layer.module + ".scales");
        layer.groups = checkpoint.find(layer.module + ".g_idx");
        HEADLIGHT_TRY(const ReadLayer read, read_layer(checkpoint, layer, settings));
        out.weights.push_back(unpacked(checkpoint, layer, read));
        for (const char* part : {".qweight", ".qzeros", ".scales", ".g_idx"})
            out.used.insert(layer.module + part);
    }
    return {};
}

}  // namespace headlight
