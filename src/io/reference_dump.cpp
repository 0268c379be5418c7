#include "io/reference_dump.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "io/tensor_values.h"

namespace headlight {
namespace {

constexpr int kMostTexts = 10000;
constexpr int kMostLayers = 100000;

/// The number that is all of `text`; -1 if it is none.
int number_in(std::string_view text, int most) {
    int value = -1;
    const auto end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    return parsed.ec == std::errc{} && parsed.ptr == end && value >= 0 && value <= most ? value : -1;
}

}  // namespace

Result<ReferenceDump> ReferenceDump::open(const std::string& path) {
    ReferenceDump dump;
    HEADLIGHT_TRY(dump.contents_, read_dump_contents(path));
    constexpr std::string_view kIds = "input_ids";
    std::set<int> texts;
    for (const TensorInfo& array : dump.contents_.arrays.tensors) {
        if (array.name == kIds) dump.prefixes_.emplace_back();
        if (!array.name.starts_with('t') || !array.name.ends_with("." + std::string(kIds))) continue;
        const int text = number_in(
            std::string_view(array.name).substr(1, array.name.size() - kIds.size() - 2), kMostTexts);
        if (text >= 0) texts.insert(text);
    }
    for (const int text : texts)
        dump.prefixes_.push_back(fmt::format("t{}.", text));
    if (!dump.prefixes_.empty()) return dump;
    std::string found;
    for (std::size_t i = 0; i < std::min<std::size_t>(4, dump.contents_.arrays.tensors.size()); ++i)
        found += (i > 0 ? ", '" : "'") + dump.contents_.arrays.tensors[i].name.substr(0, 60) + "'";
    return fail(make_error(ErrorKind::Missing,
                           "this is no reference dump: looked for token ids 'input_ids' or 't0.input_ids', "
                           "found {}",
                           found.empty() ? "no arrays" : found)
                    .in_file(path));
}

Result<std::vector<std::int32_t>> ReferenceDump::read_ids(const std::string& name) const {
    const TensorInfo* array = contents_.arrays.find(name);
    if (array == nullptr) {
        return fail(make_error(ErrorKind::Missing, "the reference dump has no such array")
                        .in_file(contents_.arrays.path)
                        .at_tensor(name));
    }
    const bool is_list = array->shape.size() == 1 || (array->shape.size() == 2 && array->shape[0] == 1);
    HEADLIGHT_TRY(const std::vector<std::int64_t> wide, tensor_as_integers(contents_.arrays, *array));
    const bool are_ids = is_list && std::all_of(wide.begin(), wide.end(),
                                                [](std::int64_t id) { return id >= 0 && id <= INT32_MAX; });
    if (!are_ids) {
        return fail(make_error(ErrorKind::Corrupt, "expected the token ids of one text, found shape {}",
                               shape_to_string(array->shape))
                        .in_file(contents_.arrays.path)
                        .at_tensor(name));
    }
    return std::vector<std::int32_t>(wide.begin(), wide.end());
}

Result<std::vector<std::int32_t>> ReferenceDump::ids(const std::string& prefix) const {
    return read_ids(prefix + "input_ids");
}

Result<std::vector<std::int32_t>> ReferenceDump::decoder_ids(const std::string& prefix) const {
    if (!has(prefix + "decoder_input_ids")) return std::vector<std::int32_t>{};
    return read_ids(prefix + "decoder_input_ids");
}

std::vector<int> ReferenceDump::numbers(const std::string& prefix, const std::string& name) const {
    const std::string begin = prefix + name + ".";
    std::vector<int> out;
    for (const TensorInfo& array : contents_.arrays.tensors) {
        if (!array.name.starts_with(begin)) continue;
        const int number = number_in(std::string_view(array.name).substr(begin.size()), kMostLayers);
        if (number >= 0) out.push_back(number);
    }
    std::sort(out.begin(), out.end());
    return out;
}

Result<ReferenceArray> ReferenceDump::array(const std::string& name, std::size_t rank) const {
    const TensorInfo* tensor = contents_.arrays.find(name);
    if (tensor == nullptr) {
        return fail(make_error(ErrorKind::Missing, "the reference dump has no such array")
                        .in_file(contents_.arrays.path)
                        .at_tensor(name));
    }
    ReferenceArray out;
    out.shape = tensor->shape;
    while (out.shape.size() > rank && out.shape.front() == 1)
        out.shape.erase(out.shape.begin());
    if (out.shape.size() != rank) {
        return fail(make_error(ErrorKind::Corrupt, "expected {} axes, found shape {}", rank,
                               shape_to_string(tensor->shape))
                        .in_file(contents_.arrays.path)
                        .at_tensor(name));
    }
    HEADLIGHT_TRY(out.values, tensor_as_floats(contents_.arrays, *tensor));
    return out;
}

}  // namespace headlight
