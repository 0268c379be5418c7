#include "train/train_state.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <map>

#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/safetensors_writer.h"
#include "io/json_file.h"

namespace headlight {
namespace {

constexpr const char* kFormat = "1";
using Metadata = std::map<std::string, std::string>;

struct Part {
    const char* prefix;
    at::Tensor Parameter::*tensor;
};
constexpr Part kParts[] = {
    {"weight.", &Parameter::weight}, {"moment1.", &Parameter::moment1}, {"moment2.", &Parameter::moment2}};

std::span<const std::byte> bytes_of(const at::Tensor& tensor) {
    return {reinterpret_cast<const std::byte*>(tensor.const_data_ptr<float>()),
            static_cast<std::size_t>(tensor.numel()) * sizeof(float)};
}

// Hexadecimal floating point, so that the value comes back to the last bit.
std::string exact(double value) {
    return fmt::format("{:a}", value);
}

Result<std::string> text_field(const Metadata& metadata, const std::string& key) {
    const auto found = metadata.find(key);
    if (found != metadata.end()) return found->second;
    return fail(ErrorKind::Corrupt, "the training state lacks '{}'", key);
}

template <class T, class... Base>
Result<T> number_field(const Metadata& metadata, const std::string& key, Base... base) {
    HEADLIGHT_TRY(const std::string text, text_field(metadata, key));
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base...);
    if (error == std::errc() && end == text.data() + text.size()) return value;
    return fail(ErrorKind::Corrupt, "the training state says '{}' for '{}', a number was expected", text,
                key);
}

Result<double> float_field(const Metadata& metadata, const std::string& key) {
    HEADLIGHT_TRY(const std::string text, text_field(metadata, key));
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (!text.empty() && *end == '\0' && std::isfinite(value) && value >= 0) return value;
    return fail(ErrorKind::Corrupt,
                "the training state says '{}' for '{}', a number of 0 or more was expected", text, key);
}

Result<TrainState> read_fields(const Metadata& metadata) {
    TrainState state;
    HEADLIGHT_TRY(const std::string format, text_field(metadata, "headlight.train_state"));
    if (format != kFormat) {
        return fail(ErrorKind::Unsupported, "the training state has format '{}', this program reads {}",
                    format, kFormat);
    }
    HEADLIGHT_TRY(state.step, number_field<int>(metadata, "step"));
    if (state.step < 0) return fail(ErrorKind::Corrupt, "the training state says step {}", state.step);
    HEADLIGHT_TRY(state.smoothed_loss, float_field(metadata, "smoothed_loss"));
    HEADLIGHT_TRY(state.seconds, float_field(metadata, "seconds"));
    for (std::size_t i = 0; i < state.sampler.size(); ++i) {
        HEADLIGHT_TRY(state.sampler[i],
                      number_field<std::uint64_t>(metadata, fmt::format("sampler.{}", i), 16));
    }
    HEADLIGHT_TRY(state.run, text_field(metadata, "run"));
    HEADLIGHT_TRY(state.corpus, text_field(metadata, "corpus"));
    return state;
}

// Which option differs, for people: both texts are flat JSON objects.
Status check_same_run(const TrainState& found, const TrainState& expected, const std::string& path) {
    if (found.run != expected.run) {
        HEADLIGHT_TRY(const nlohmann::json was, parse_json(found.run, path));
        HEADLIGHT_TRY(const nlohmann::json is, parse_json(expected.run, path));
        for (const auto& [key, value] : is.items()) {
            const nlohmann::json before =
                was.is_object() ? was.value(key, nlohmann::json()) : nlohmann::json();
            if (before == value) continue;
            return fail(ErrorKind::InvalidInput,
                        "cannot resume: the run was started with {} = {}, now it is {}; give the "
                        "same options, or another output folder",
                        key, before.dump(), value.dump());
        }
    }
    if (found.corpus != expected.corpus) {
        return fail(ErrorKind::InvalidInput,
                    "cannot resume: the corpus or the vocabulary is not the one that the run was "
                    "started with; give the same files in the same order, or another output folder");
    }
    return {};
}

// Bytes of a tensor of the expected shape, every value finite.
Result<std::span<const std::byte>> checked_bytes(const Checkpoint& file, const std::string& name,
                                                 const at::Tensor& like) {
    const TensorInfo* tensor = file.find(name);
    if (tensor == nullptr)
        return fail(make_error(ErrorKind::Corrupt, "the training state lacks a tensor").at_tensor(name));
    const auto shape = like.sizes();
    if (tensor->dtype != DType::Float32 ||
        !std::equal(shape.begin(), shape.end(), tensor->shape.begin(), tensor->shape.end())) {
        return fail(make_error(ErrorKind::Corrupt,
                               "the training state has {} {} where float32 {} was expected",
                               to_string(tensor->dtype), shape_to_string(tensor->shape),
                               shape_to_string({shape.data(), shape.size()}))
                        .at_tensor(name));
    }
    const std::span<const std::byte> bytes = file.bytes(*tensor);
    for (std::size_t i = 0; i + sizeof(float) <= bytes.size(); i += sizeof(float)) {
        float value;
        std::memcpy(&value, bytes.data() + i, sizeof value);
        if (!std::isfinite(value)) {
            return fail(make_error(ErrorKind::Corrupt, "the training state has a value that is no number")
                            .at_tensor(name)
                            .at_offset(tensor->offset_bytes + i));
        }
    }
    return bytes;
}

Result<TrainState> load_from(const Checkpoint& file, const TrainState& expected,
                             std::span<Parameter> parameters) {
    HEADLIGHT_TRY(const TrainState state, read_fields(Metadata(file.metadata.begin(), file.metadata.end())));
    HEADLIGHT_CHECK(check_same_run(state, expected, file.path));
    struct Copy {
        float* to;
        std::span<const std::byte> from;
    };
    std::vector<Copy> copies;
    for (Parameter& parameter : parameters) {
        for (const Part& part : kParts) {
            const at::Tensor& tensor = parameter.*part.tensor;
            HEADLIGHT_TRY(const auto bytes, checked_bytes(file, part.prefix + parameter.name, tensor));
            copies.push_back({tensor.mutable_data_ptr<float>(), bytes});
        }
    }
    if (file.tensors.size() != copies.size()) {
        return fail(ErrorKind::Corrupt, "the training state has {} tensors, {} were expected",
                    file.tensors.size(), copies.size());
    }
    for (const Copy& copy : copies)
        std::memcpy(copy.to, copy.from.data(), copy.from.size());
    HEADLIGHT_CHECK(file.check_unchanged());
    return state;
}

}  // namespace

Status save_train_state(const std::string& path, const TrainState& state,
                        std::span<const Parameter> parameters) {
    std::vector<TensorToWrite> tensors;
    for (const Parameter& parameter : parameters) {
        for (const Part& part : kParts) {
            const at::Tensor& tensor = parameter.*part.tensor;
            tensors.push_back(
                {part.prefix + parameter.name, DType::Float32, tensor.sizes().vec(), bytes_of(tensor)});
        }
    }
    Metadata metadata = {{"headlight.train_state", kFormat},
                         {"step", std::to_string(state.step)},
                         {"smoothed_loss", exact(state.smoothed_loss)},
                         {"seconds", exact(state.seconds)},
                         {"run", state.run},
                         {"corpus", state.corpus}};
    for (std::size_t i = 0; i < state.sampler.size(); ++i) {
        metadata[fmt::format("sampler.{}", i)] = fmt::format("{:x}", state.sampler[i]);
    }
    return write_safetensors(path, tensors, metadata);
}

Result<TrainState> load_train_state(const std::string& path, const TrainState& expected,
                                    std::span<Parameter> parameters) {
    HEADLIGHT_TRY(const CheckpointPtr file, open_checkpoint(path));
    auto state = load_from(*file, expected, parameters);
    if (!state) return fail(std::move(state.error()).in_file(path));
    return state;
}

}  // namespace headlight
