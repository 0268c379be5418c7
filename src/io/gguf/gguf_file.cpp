#include "io/gguf/gguf_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <set>

#include "base/mapped_file.h"
namespace headlight {
namespace {

using nlohmann::json;

constexpr std::string_view kGgufMark = "GGUF";
constexpr std::uint64_t kMostEntries = 1'000'000;  // of metadata and of tensors
constexpr std::uint32_t kMostTensorAxes = 4;
constexpr std::uint64_t kLongestTensorName = 65536;
constexpr std::uint64_t kLongestText = std::uint64_t{16} << 20;

enum class ValueType : std::uint32_t {
    UInt8,
    Int8,
    UInt16,
    Int16,
    UInt32,
    Int32,
    Float32,
    Bool,
    Text,
    Array,
    UInt64,
    Int64,
    Float64
};

struct FileType {
    std::uint32_t id;
    DType dtype;
};

constexpr std::array kGgufTypes = {
    FileType{0, DType::Float32},   FileType{1, DType::Float16}, FileType{2, DType::Q4_0},
    FileType{3, DType::Q4_1},      FileType{6, DType::Q5_0},    FileType{7, DType::Q5_1},
    FileType{8, DType::Q8_0},      FileType{10, DType::Q2_K},   FileType{11, DType::Q3_K},
    FileType{12, DType::Q4_K},     FileType{13, DType::Q5_K},   FileType{14, DType::Q6_K},
    FileType{20, DType::IQ4_NL},   FileType{24, DType::Int8},   FileType{25, DType::Int16},
    FileType{26, DType::Int32},    FileType{27, DType::Int64},  FileType{28, DType::Float64},
    FileType{30, DType::BFloat16}, FileType{39, DType::MXFP4}};

class GgufReader {
  public:
    explicit GgufReader(GgufFile& out) : out_(out), bytes_(out.file->bytes()) {}

    Status read() {
        at_ = kGgufMark.size();
        HEADLIGHT_TRY(const auto version, number<std::uint32_t>());
        if (version != 2 && version != 3) {
            return fail(make_error(ErrorKind::Unsupported,
                                   "the GGUF file has version {}; 2 and 3 are read (little-endian)", version)
                            .in_file(path())
                            .at_offset(4));
        }
        HEADLIGHT_TRY(const auto num_tensors, number<std::uint64_t>());
        HEADLIGHT_TRY(const auto num_values, number<std::uint64_t>());
        // A tensor's entry has at least 24 bytes, a value's at least 13.
        HEADLIGHT_CHECK(check_count("tensors", num_tensors, 24));
        HEADLIGHT_CHECK(check_count("values", num_values, 13));
        HEADLIGHT_CHECK(read_metadata(num_values));
        for (std::uint64_t i = 0; i < num_tensors; ++i)
            HEADLIGHT_CHECK(read_tensor());
        return place_tensors();
    }

  private:
    const std::string& path() const { return out_.file->path(); }

    template <class... Args>
    tl::unexpected<Error> broken(fmt::format_string<Args...> format, Args&&... args) const {
        return fail(make_error(ErrorKind::Corrupt, "broken GGUF file: {}",
                               fmt::format(format, std::forward<Args>(args)...))
                        .in_file(path())
                        .at_offset(at_));
    }
    std::uint64_t left() const { return bytes_.size() - at_; }

    Status check_count(const char* what, std::uint64_t count, std::uint64_t least_bytes) const {
        if (count > kMostEntries || count > left() / least_bytes)
            return broken("it claims {} {}", count, what);
        return {};
    }

    template <class T>
    Result<T> number() {
        if (left() < sizeof(T)) return broken("it ends in the middle of its header");
        T value;
        std::memcpy(&value, bytes_.data() + at_, sizeof value);
        at_ += sizeof value;
        return value;
    }
    template <class T>
    Result<json> json_number() {
        HEADLIGHT_TRY(const T value, number<T>());
        return json(value);
    }
    Result<std::string_view> text(std::uint64_t longest) {
        HEADLIGHT_TRY(const auto length, number<std::uint64_t>());
        if (length > longest || length > left()) return broken("a text claims {} bytes", length);
        const std::string_view value(reinterpret_cast<const char*>(bytes_.data()) + at_, length);
        at_ += length;
        return value;
    }

    Result<json> value(ValueType type) {
        switch (type) {
            case ValueType::UInt8:
                return json_number<std::uint8_t>();
            case ValueType::Int8:
                return json_number<std::int8_t>();
            case ValueType::UInt16:
                return json_number<std::uint16_t>();
            case ValueType::Int16:
                return json_number<std::int16_t>();
            case ValueType::UInt32:
                return json_number<std::uint32_t>();
            case ValueType::Int32:
                return json_number<std::int32_t>();
            case ValueType::UInt64:
                return json_number<std::uint64_t>();
            case ValueType::Int64:
                return json_number<std::int64_t>();
            case ValueType::Float32:
                return json_number<float>();
            case ValueType::Float64:
                return json_number<double>();
            case ValueType::Bool: {
                HEADLIGHT_TRY(const auto truth, number<std::uint8_t>());
                return json(truth != 0);
            }
            case ValueType::Text: {
                HEADLIGHT_TRY(const std::string_view content, text(kLongestText));
                return json(content);
            }
            case ValueType::Array:
                return broken("a list holds lists");
        }
        return broken("a value has the unknown type {}", static_cast<std::uint32_t>(type));
    }

    Status read_list(const std::string& key) {
        HEADLIGHT_TRY(const auto number_of_type, number<std::uint32_t>());
        HEADLIGHT_TRY(const auto count, number<std::uint64_t>());
        const auto type = static_cast<ValueType>(number_of_type);
        HEADLIGHT_CHECK(check_count("values of a list", count, type == ValueType::Text ? 8 : 1));
        if (type == ValueType::Text) {
            std::vector<std::string_view>& list = out_.texts[key];
            list.reserve(count);
            for (std::uint64_t i = 0; i < count; ++i) {
                HEADLIGHT_TRY(list.emplace_back(), text(kLongestText));
            }
            return {};
        }
        json list = json::array();
        list.get_ref<json::array_t&>().reserve(count);
        for (std::uint64_t i = 0; i < count; ++i) {
            HEADLIGHT_TRY(json item, value(type));
            list.push_back(std::move(item));
        }
        out_.metadata[key] = std::move(list);
        return {};
    }

    Status read_metadata(std::uint64_t count) {
        out_.metadata = json::object();
        for (std::uint64_t i = 0; i < count; ++i) {
            HEADLIGHT_TRY(const std::string_view name, text(kLongestTensorName));
            const std::string key(name);
            HEADLIGHT_TRY(const auto number_of_type, number<std::uint32_t>());
            const auto type = static_cast<ValueType>(number_of_type);
            if (out_.metadata.contains(key) || out_.texts.contains(key))
                return broken("the key '{}' comes twice", key.substr(0, 80));
            if (type == ValueType::Array) {
                HEADLIGHT_CHECK(read_list(key));
            } else {
                HEADLIGHT_TRY(out_.metadata[key], value(type));
            }
        }
        return {};
    }

    Status read_tensor() {
        TensorInfo info;
        HEADLIGHT_TRY(info.name, text(kLongestTensorName));
        if (!names_.insert(info.name).second)
            return broken("tensor '{}' comes twice", info.name.substr(0, 80));
        HEADLIGHT_TRY(const auto num_axes, number<std::uint32_t>());
        if (num_axes > kMostTensorAxes) return broken("tensor '{}' has {} axes", info.name, num_axes);
        std::uint64_t count = 1;
        for (std::uint32_t axis = 0; axis < num_axes; ++axis) {
            HEADLIGHT_TRY(const auto size, number<std::uint64_t>());
            if (size > static_cast<std::uint64_t>(INT64_MAX) || __builtin_mul_overflow(count, size, &count))
                return broken("the shape of tensor '{}' overflows 64 bits", info.name);
            info.shape.insert(info.shape.begin(),
                              static_cast<std::int64_t>(size));  // the file says innermost first
        }
        HEADLIGHT_TRY(const auto type, number<std::uint32_t>());
        HEADLIGHT_TRY(info.offset_bytes, number<std::uint64_t>());
        const auto known = std::find_if(kGgufTypes.begin(), kGgufTypes.end(),
                                        [&](FileType entry) { return entry.id == type; });
        if (known == kGgufTypes.end()) {
            return fail(
                make_error(
                    ErrorKind::Unsupported,
                    "element type {} of GGUF is not supported; these are: F32, F16, "
                    "BF16, F64, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K to Q6_K, IQ4_NL, MXFP4 and whole numbers",
                    type)
                    .in_file(path())
                    .at_tensor(info.name)
                    .at_offset(at_));
        }
        info.dtype = known->dtype;
        const std::uint64_t block = block_elements(info.dtype);
        const std::uint64_t row = info.shape.empty() ? 1 : static_cast<std::uint64_t>(info.shape.back());
        if (row % block != 0) {
            return broken("rows of tensor '{}' have {} numbers, {} needs a multiple of {}", info.name, row,
                          to_string(info.dtype), block);
        }
        if (__builtin_mul_overflow(count / block, size_bytes(info.dtype), &info.length_bytes))
            return broken("the size of tensor '{}' overflows 64 bits", info.name);
        out_.tensors.push_back(std::move(info));
        return {};
    }

    /// Offsets count from the first aligned byte after the header.
    Status place_tensors() {
        std::uint64_t alignment = 32;
        if (const auto given = out_.metadata.find("general.alignment"); given != out_.metadata.end()) {
            if (!given->is_number_unsigned()) return broken("general.alignment is no whole number");
            alignment = given->get<std::uint64_t>();
        }
        if (alignment == 0 || alignment > (1U << 20) || (alignment & (alignment - 1)) != 0)
            return broken("its alignment is {}", alignment);
        const std::uint64_t begin = (at_ + alignment - 1) / alignment * alignment;
        const std::uint64_t size = bytes_.size() < begin ? 0 : bytes_.size() - begin;
        std::vector<const TensorInfo*> order;
        for (TensorInfo& info : out_.tensors) {
            if (info.offset_bytes % alignment != 0 || info.offset_bytes > size ||
                info.length_bytes > size - info.offset_bytes) {
                return fail(make_error(ErrorKind::Corrupt,
                                       "the tensor's {} bytes at {} of the data are not in the file, which "
                                       "holds {} bytes of data: it was cut off, fetch it again",
                                       info.length_bytes, info.offset_bytes, size)
                                .in_file(path())
                                .at_tensor(info.name)
                                .at_offset(info.offset_bytes));
            }
            info.offset_bytes += begin;
            order.push_back(&info);
        }
        std::sort(order.begin(), order.end(),
                  [](const TensorInfo* a, const TensorInfo* b) { return a->offset_bytes < b->offset_bytes; });
        for (std::size_t i = 1; i < order.size(); ++i) {
            if (order[i]->offset_bytes < order[i - 1]->offset_bytes + order[i - 1]->length_bytes)
                return broken("two tensors claim the same bytes: '{}' and '{}'", order[i - 1]->name,
                              order[i]->name);
        }
        return {};
    }

    GgufFile& out_;
    std::span<const std::byte> bytes_;
    std::uint64_t at_ = 0;
    std::set<std::string> names_;
};

}  // namespace

bool looks_like_gguf(const std::string& path) {
    return first_bytes(path, kGgufMark.size()) == kGgufMark;
}

Result<GgufFile> read_gguf(const std::string& path) {
    GgufFile out;
    HEADLIGHT_TRY(out.file, MappedFile::open(path));
    if (!looks_like_gguf(path)) {
        return fail(make_error(ErrorKind::NotThisFormat, "the file does not begin with GGUF").in_file(path));
    }
    const Status status = GgufReader(out).read();
    HEADLIGHT_CHECK(out.file->check_unchanged());
    HEADLIGHT_CHECK(status);
    return out;
}

}  // namespace headlight
