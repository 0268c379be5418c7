#include "io/checkpoint/safetensors_header.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/mapped_file.h"
#include "io/json_file.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxRank = 32;

struct DTypeName {
    DType dtype;
    const char* name;
};
constexpr std::array<DTypeName, 16> kDTypeNames = {{{DType::Float32, "F32"},
                                                    {DType::Float16, "F16"},
                                                    {DType::BFloat16, "BF16"},
                                                    {DType::Float64, "F64"},
                                                    {DType::Int64, "I64"},
                                                    {DType::Int32, "I32"},
                                                    {DType::Int16, "I16"},
                                                    {DType::Int8, "I8"},
                                                    {DType::UInt8, "U8"},
                                                    {DType::Bool, "BOOL"},
                                                    {DType::Float8E4M3, "F8_E4M3"},
                                                    {DType::Float8E5M2, "F8_E5M2"},
                                                    {DType::Float8E8M0, "F8_E8M0"},
                                                    {DType::UInt16, "U16"},
                                                    {DType::UInt32, "U32"},
                                                    {DType::UInt64, "U64"}}};

std::uint64_t read_u64(std::span<const std::byte> bytes) {
    std::uint64_t value = 0;
    for (int i = 7; i >= 0; --i)
        value = (value << 8) | std::to_integer<std::uint64_t>(bytes[static_cast<size_t>(i)]);
    return value;
}

std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Where the data begins; everything before it is length and JSON.
Result<std::uint64_t> data_begin(const MappedFile& file) {
    if (as_text(file.bytes()).starts_with("version https://git-lfs")) {
        return fail(make_error(ErrorKind::Corrupt,
                               "this is a Git LFS pointer, not the weights; fetch them with `git lfs pull`")
                        .in_file(file.path()));
    }
    if (file.size_bytes() < 8) {
        return fail(
            make_error(
                ErrorKind::Corrupt,
                "the file has {} bytes, too few for a safetensors file (8 bytes of header length first)",
                file.size_bytes())
                .in_file(file.path()));
    }
    const std::uint64_t length = read_u64(file.bytes().first(8));
    if (length > kMaxSafetensorsHeaderBytes) {
        return fail(
            make_error(
                ErrorKind::Corrupt,
                "the header claims {} bytes, at most {} are allowed: not a safetensors file, or damaged",
                length, kMaxSafetensorsHeaderBytes)
                .in_file(file.path())
                .at_offset(0));
    }
    if (length > file.size_bytes() - 8) {
        return fail(
            make_error(
                ErrorKind::Corrupt,
                "the header claims {} bytes, but the file has only {} after the length: it was cut off",
                length, file.size_bytes() - 8)
                .in_file(file.path())
                .at_offset(0));
    }
    if (length < 2 || as_text(file.bytes())[8] != '{') {
        return fail(make_error(ErrorKind::Corrupt, "the header is not a JSON object")
                        .in_file(file.path())
                        .at_offset(8));
    }
    return 8 + length;
}

// One tensor's entry in the header, with what is needed to blame it.
class EntryReader {
  public:
    EntryReader(const MappedFile& file, std::uint64_t begin) : file_(file), data_begin_(begin) {}

    Result<TensorInfo> read(const std::string& name, const json& entry) const {
        if (!entry.is_object()) return blame(name, "its entry in the header is no JSON object");
        TensorInfo info;
        info.name = name;
        const auto dtype = entry.find("dtype"), shape = entry.find("shape"),
                   offsets = entry.find("data_offsets");
        if (dtype == entry.end() || !dtype->is_string())
            return blame(name, "its dtype is missing or no string");
        if (shape == entry.end() || !shape->is_array()) return blame(name, "its shape is missing or no list");
        if (offsets == entry.end() || !offsets->is_array() || offsets->size() != 2 ||
            !(*offsets)[0].is_number_unsigned() || !(*offsets)[1].is_number_unsigned()) {
            return blame(name, "its data_offsets are missing or not two whole numbers");
        }
        const auto known = safetensors_dtype(dtype->get_ref<const std::string&>());
        if (!known) {
            return fail(
                make_error(
                    ErrorKind::Unsupported,
                    "element type '{}' is not supported; these are: F32, F16, BF16, F64, F8_E4M3, F8_E5M2, "
                    "F8_E8M0, I64, I32, I16, I8, U64, U32, U16, U8, BOOL",
                    dtype->get_ref<const std::string&>().substr(0, 40))
                    .in_file(file_.path())
                    .at_tensor(name));
        }
        info.dtype = *known;
        HEADLIGHT_TRY(const std::uint64_t expected, read_shape(name, *shape, info));
        return place(info, (*offsets)[0].get<std::uint64_t>(), (*offsets)[1].get<std::uint64_t>(), expected);
    }

  private:
    template <class... Args>
    tl::unexpected<Error> blame(const std::string& name, fmt::format_string<Args...> format,
                                Args&&... args) const {
        return fail(make_error(ErrorKind::Corrupt, "broken safetensors header: {}",
                               fmt::format(format, std::forward<Args>(args)...))
                        .in_file(file_.path())
                        .at_tensor(name));
    }

    // Fills the shape; returns shape times element size in bytes.
    Result<std::uint64_t> read_shape(const std::string& name, const json& shape, TensorInfo& info) const {
        if (shape.size() > kMaxRank)
            return blame(name, "its shape has {} axes, at most {} make sense", shape.size(), kMaxRank);
        std::uint64_t total = size_bytes(info.dtype);
        bool overflows = false;
        for (const json& axis : shape) {
            if (!axis.is_number_unsigned())
                return blame(name, "its shape holds something other than whole numbers");
            const auto size = axis.get<std::uint64_t>();
            overflows |=
                size > static_cast<std::uint64_t>(INT64_MAX) || __builtin_mul_overflow(total, size, &total);
            info.shape.push_back(static_cast<std::int64_t>(size));
        }
        if (overflows && std::find(info.shape.begin(), info.shape.end(), 0) != info.shape.end())
            overflows = false, total = 0;
        if (overflows || total > static_cast<std::uint64_t>(INT64_MAX)) {
            return blame(name, "its shape {} overflows 64 bits", shape_to_string(info.shape));
        }
        return total;
    }

    Result<TensorInfo> place(TensorInfo& info, std::uint64_t begin, std::uint64_t end,
                             std::uint64_t expected) const {
        const std::uint64_t data_size = file_.size_bytes() - data_begin_;
        if (begin > end) return blame(info.name, "its bytes end ({}) before they begin ({})", end, begin);
        if (end - begin != expected) {
            return blame(info.name, "{} of shape {} takes {} bytes, but data_offsets [{}, {}] hold {}",
                         to_string(info.dtype), shape_to_string(info.shape), expected, begin, end,
                         end - begin);
        }
        if (end > data_size) {
            return fail(
                make_error(
                    ErrorKind::Corrupt,
                    "the tensor's bytes end at {} of the data, but the file holds only {} bytes of data: "
                    "it was cut off, fetch it again",
                    end, data_size)
                    .in_file(file_.path())
                    .at_tensor(info.name)
                    .at_offset(data_begin_ + begin));
        }
        info.offset_bytes = data_begin_ + begin;
        info.length_bytes = end - begin;
        return std::move(info);
    }

    const MappedFile& file_;
    std::uint64_t data_begin_;
};

Status check_coverage(const MappedFile& file, std::uint64_t begin, const std::vector<TensorInfo>& tensors) {
    std::uint64_t covered = begin;
    const TensorInfo* previous = nullptr;
    for (const TensorInfo& tensor : tensors) {
        if (tensor.offset_bytes < covered) {
            return fail(make_error(ErrorKind::Corrupt, "two tensors claim the same bytes: '{}' overlaps '{}'",
                                   tensor.name, previous != nullptr ? previous->name : std::string())
                            .in_file(file.path())
                            .at_tensor(tensor.name)
                            .at_offset(tensor.offset_bytes));
        }
        if (tensor.offset_bytes > covered) {
            return fail(make_error(ErrorKind::Corrupt, "{} bytes before this tensor belong to no tensor",
                                   tensor.offset_bytes - covered)
                            .in_file(file.path())
                            .at_tensor(tensor.name)
                            .at_offset(covered));
        }
        covered = tensor.offset_bytes + tensor.length_bytes;
        previous = &tensor;
    }
    if (covered != file.size_bytes()) {
        return fail(make_error(ErrorKind::Corrupt, "{} bytes after the last tensor belong to no tensor",
                               file.size_bytes() - covered)
                        .in_file(file.path())
                        .at_offset(covered));
    }
    return {};
}

Status read_metadata(const MappedFile& file, const json& entry, SafetensorsHeader& header) {
    if (entry.is_null()) return {};
    if (!entry.is_object()) {
        return fail(make_error(ErrorKind::Corrupt, "__metadata__ is no JSON object").in_file(file.path()));
    }
    for (const auto& [key, value] : entry.items()) {
        if (!value.is_string()) {
            return fail(make_error(ErrorKind::Corrupt, "__metadata__ may hold strings only")
                            .in_file(file.path())
                            .at_tensor(key));
        }
        header.metadata.emplace_back(key, value.get<std::string>());
    }
    return {};
}

Result<SafetensorsHeader> read_whole_header(const MappedFile& file, std::size_t file_index) {
    HEADLIGHT_TRY(const std::uint64_t begin, data_begin(file));
    const std::string_view text = as_text(file.bytes().subspan(8, begin - 8));
    auto parsed = parse_json(text, file.path(), true);
    if (!parsed) {
        Error error = std::move(parsed).error();
        error.message = "broken safetensors header: " + error.message;
        if (error.offset) error.offset = *error.offset + 8;
        return fail(std::move(error));
    }
    SafetensorsHeader header;
    const EntryReader reader(file, begin);
    for (const auto& [name, entry] : parsed->items()) {
        if (name == "__metadata__") {
            HEADLIGHT_CHECK(read_metadata(file, entry, header));
            continue;
        }
        HEADLIGHT_TRY(TensorInfo info, reader.read(name, entry));
        info.file_index = file_index;
        header.tensors.push_back(std::move(info));
    }
    std::stable_sort(
        header.tensors.begin(), header.tensors.end(), [](const TensorInfo& a, const TensorInfo& b) {
            return std::pair(a.offset_bytes, a.length_bytes) < std::pair(b.offset_bytes, b.length_bytes);
        });
    HEADLIGHT_CHECK(check_coverage(file, begin, header.tensors));
    return header;
}

}  // namespace

const char* safetensors_dtype_name(DType dtype) {
    for (const DTypeName& entry : kDTypeNames) {
        if (entry.dtype == dtype) return entry.name;
    }
    return "";
}

std::optional<DType> safetensors_dtype(std::string_view name) {
    for (const DTypeName& entry : kDTypeNames) {
        if (name == entry.name) return entry.dtype;
    }
    return std::nullopt;
}

Result<SafetensorsHeader> read_safetensors_header(const MappedFile& file, std::size_t file_index) {
    auto header = read_whole_header(file, file_index);
    HEADLIGHT_CHECK(file.check_unchanged());
    return header;
}

bool looks_like_safetensors(const std::string& path) {
    const std::string first = first_bytes(path, 9);
    if (first.size() < 9) return false;
    const std::uint64_t length = read_u64(std::as_bytes(std::span(first).first(8)));
    return length >= 2 && length <= kMaxSafetensorsHeaderBytes && first[8] == '{';
}

}  // namespace headlight
