#include "study/parity/reference.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "io/checkpoint/tensor_values.h"

namespace headlight {
namespace {

/// What a model reads: ids of a text, or the pixels of a picture.
constexpr std::string_view kInputKeys[] = {"input_ids", "pixel_values"};

std::string full_name(int text, const std::string& key) {
    return text < 0 ? key : fmt::format("t{}.{}", text, key);
}

bool is_input(std::string_view key) {
    return std::find(std::begin(kInputKeys), std::end(kInputKeys), key) != std::end(kInputKeys);
}

/// t of "t{t}.input_ids", -1 for "input_ids", nullopt for any other name.
std::optional<int> text_of_input(std::string_view name) {
    if (is_input(name)) return -1;
    if (name.size() < 3 || name.front() != 't') return std::nullopt;
    int text = 0;
    const auto [end, problem] = std::from_chars(name.data() + 1, name.data() + name.size(), text);
    if (problem != std::errc() || text < 0) return std::nullopt;
    const std::string_view rest(end, static_cast<std::size_t>(name.data() + name.size() - end));
    return rest.starts_with('.') && is_input(rest.substr(1)) ? std::optional(text) : std::nullopt;
}

/// The shape without its leading axes of 1, as long as it has more axes than `count`.
std::vector<std::int64_t> without_batch(std::vector<std::int64_t> shape, std::size_t count) {
    while (shape.size() > count && shape.front() == 1)
        shape.erase(shape.begin());
    return shape;
}

}  // namespace

Result<ParityReference> ParityReference::open(const std::string& path) {
    HEADLIGHT_TRY(DumpContents contents, read_dump_contents(path));
    return ParityReference(std::move(contents));
}

std::vector<int> ParityReference::texts() const {
    std::vector<int> found;
    for (const TensorInfo& tensor : file().tensors) {
        if (const auto text = text_of_input(tensor.name)) found.push_back(*text);
    }
    std::sort(found.begin(), found.end());
    return found;
}

const TensorInfo* ParityReference::find(int text, const std::string& key) const {
    if (const TensorInfo* found = file().find(full_name(text, key))) return found;
    return key.ends_with(".0") ? file().find(full_name(text, key.substr(0, key.size() - 2))) : nullptr;
}

Result<std::vector<std::int32_t>> ParityReference::ids(int text, const std::string& key) const {
    const std::string name = full_name(text, key);
    const TensorInfo* tensor = find(text, key);
    if (tensor == nullptr) {
        return fail(make_error(ErrorKind::Missing,
                               "the reference file has no such ids; it must say which "
                               "tokens its attention belongs to")
                        .in_file(file().path)
                        .at_tensor(name));
    }
    HEADLIGHT_TRY(const auto wide, tensor_as_integers(file(), *tensor));
    std::vector<std::int32_t> out;
    out.reserve(wide.size());
    for (const std::int64_t id : wide) {
        if (id < 0 || id > std::numeric_limits<std::int32_t>::max()) {
            return fail(
                make_error(ErrorKind::Corrupt, "the reference file holds the id {}, which is no token", id)
                    .in_file(file().path)
                    .at_tensor(name));
        }
        out.push_back(static_cast<std::int32_t>(id));
    }
    return out;
}

Result<PixelValues> ParityReference::pixels(int text) const {
    const TensorInfo* tensor = find(text, "pixel_values");
    constexpr std::int64_t kMostPixels = 1 << 14;  // along a side
    const auto refuse = [&](const std::string& found) {
        return fail(make_error(ErrorKind::Corrupt,
                               "pixel_values have the shape {}, expected [channels, "
                               "height, width] of one picture",
                               found)
                        .in_file(file().path)
                        .at_tensor(full_name(text, "pixel_values")));
    };
    if (tensor == nullptr) return refuse("of no tensor");
    const std::vector<std::int64_t> shape = without_batch(tensor->shape, 3);
    const bool is_small = std::all_of(shape.begin(), shape.end(),
                                      [](std::int64_t size) { return size > 0 && size <= kMostPixels; });
    if (shape.size() != 3 || !is_small) return refuse(shape_to_string(tensor->shape));
    PixelValues out{static_cast<int>(shape[0]), static_cast<int>(shape[1]), static_cast<int>(shape[2]), {}};
    HEADLIGHT_TRY(out.values, tensor_as_floats(file(), *tensor));
    return out;
}

Result<std::vector<float>> ParityReference::values(int text, const std::string& key,
                                                   std::vector<std::int64_t> shape) const {
    const std::string name = full_name(text, key);
    const TensorInfo* tensor = find(text, key);
    if (tensor == nullptr) {
        return fail(
            make_error(ErrorKind::Missing,
                       "the reference file lacks a tensor that this model has; was it made from another "
                       "model?")
                .in_file(file().path)
                .at_tensor(name));
    }
    if (without_batch(tensor->shape, shape.size()) != shape) {
        return fail(
            make_error(ErrorKind::Corrupt,
                       "the reference has the shape {}, the model gives {}; was it made from another model?",
                       shape_to_string(tensor->shape), shape_to_string(shape))
                .in_file(file().path)
                .at_tensor(name));
    }
    return tensor_as_floats(file(), *tensor);
}

}  // namespace headlight
