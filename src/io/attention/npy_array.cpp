#include "io/attention/npy_array.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/utf8.h"
#include "io/checkpoint/strided_copy.h"
#include "io/torch/pickle.h"

namespace headlight {
namespace {

constexpr std::string_view kNpyMark = "\x93NUMPY";
constexpr std::size_t kMostNpyAxes = 16;
constexpr std::size_t kLongestHeader = 1 << 16;
constexpr std::int64_t kLargestNpyAxis = std::int64_t{1} << 40;

struct NpyHeader {
    std::string descr;  // "<f4"
    bool is_fortran = false;
    std::vector<std::int64_t> shape;
};

/// The header is one Python dict: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class HeaderParser {
  public:
    explicit HeaderParser(std::string_view text) : text_(text) {}

    std::optional<NpyHeader> parse() {
        NpyHeader header;
        bool has_descr = false, has_order = false, has_shape = false;
        if (!take('{')) return std::nullopt;
        while (!take('}')) {
            const auto key = quoted();
            if (!key || !take(':')) return std::nullopt;
            if (*key == "descr") {
                const auto value = quoted();
                if (!value) return std::nullopt;  // a list: a record with named parts
                header.descr = *value;
                has_descr = true;
            } else if (*key == "fortran_order") {
                const std::string value = word();
                if (value != "True" && value != "False") return std::nullopt;
                header.is_fortran = value == "True";
                has_order = true;
            } else if (*key == "shape") {
                if (!read_shape(header.shape)) return std::nullopt;
                has_shape = true;
            } else {
                return std::nullopt;
            }
            take(',');
        }
        return has_descr && has_order && has_shape ? std::optional(header) : std::nullopt;
    }

  private:
    void skip_space() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0)
            ++at_;
    }
    bool take(char c) {
        skip_space();
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    std::optional<std::string> quoted() {
        skip_space();
        if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) return std::nullopt;
        const std::size_t end = text_.find(text_[at_], at_ + 1);
        if (end == std::string_view::npos) return std::nullopt;
        std::string value(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return value;
    }
    std::string word() {
        skip_space();
        const std::size_t begin = at_;
        while (at_ < text_.size() && std::isalnum(static_cast<unsigned char>(text_[at_])) != 0)
            ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }
    bool read_shape(std::vector<std::int64_t>& shape) {
        if (!take('(')) return false;
        while (!take(')')) {
            std::string digits = word();
            if (digits.ends_with('L')) digits.pop_back();  // Python 2
            std::int64_t size = -1;
            const char* end = digits.data() + digits.size();
            if (std::from_chars(digits.data(), end, size).ptr != end || digits.empty()) return false;
            if (size < 0 || size > kLargestNpyAxis || shape.size() == kMostNpyAxes) return false;
            shape.push_back(size);
            take(',');
        }
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

struct ElementType {
    std::string_view code;  // without the byte order
    DType dtype;
};
constexpr std::array kNpyTypes = {
    ElementType{"f4", DType::Float32}, ElementType{"f2", DType::Float16}, ElementType{"f8", DType::Float64},
    ElementType{"i8", DType::Int64},   ElementType{"i4", DType::Int32},   ElementType{"i2", DType::Int16},
    ElementType{"i1", DType::Int8},    ElementType{"u1", DType::UInt8},   ElementType{"u2", DType::UInt16},
    ElementType{"u4", DType::UInt32},  ElementType{"u8", DType::UInt64},  ElementType{"b1", DType::Bool}};

class NpyReader {
  public:
    NpyReader(std::span<const std::byte> bytes, const std::string& name, const std::string& file,
              std::uint64_t offset)
        : bytes_(bytes), name_(name), file_(file), offset_(offset) {}

    Result<NpyArray> read() {
        HEADLIGHT_CHECK(read_header());
        out_.tensor.name = name_;
        out_.tensor.shape = header_.shape;
        const char order = header_.descr.empty() ? '?' : header_.descr[0];
        const std::string code = header_.descr.substr(std::min<std::size_t>(1, header_.descr.size()));
        if (code == "O") return read_objects();
        if (code.starts_with('U') || code.starts_with('S')) return read_texts(code, order);
        const auto known = std::find_if(kNpyTypes.begin(), kNpyTypes.end(),
                                        [&](ElementType type) { return type.code == code; });
        if (known == kNpyTypes.end()) {
            return fail(make_error(ErrorKind::Unsupported,
                                   "elements of NumPy type '{}' are not read; save the array as "
                                   "float32",
                                   header_.descr.substr(0, 40))
                            .in_file(file_)
                            .at_tensor(name_));
        }
        return read_numbers(known->dtype, order == '>');
    }

  private:
    template <class... Args>
    tl::unexpected<Error> broken(fmt::format_string<Args...> format, Args&&... args) const {
        return fail(make_error(ErrorKind::Corrupt, "broken NumPy array: {}",
                               fmt::format(format, std::forward<Args>(args)...))
                        .in_file(file_)
                        .at_tensor(name_)
                        .at_offset(offset_));
    }

    Status read_header() {
        const std::string_view text(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
        if (!looks_like_npy(bytes_) || text.size() < 12) return broken("it does not begin as one");
        const auto byte = [&](std::size_t at) {
            return static_cast<std::size_t>(static_cast<unsigned char>(text[at]));
        };
        const bool is_old = byte(6) == 1;
        const std::size_t begin = is_old ? 10 : 12;
        std::size_t length = byte(8) | byte(9) << 8;
        if (!is_old) length |= byte(10) << 16 | byte(11) << 24;
        if (length > kLongestHeader || length > text.size() - begin)
            return broken("its header claims {} bytes", length);
        auto header = HeaderParser(text.substr(begin, length)).parse();
        if (!header)
            return broken("its header cannot be read: {}",
                          text.substr(begin, std::min<std::size_t>(length, 100)));
        header_ = std::move(*header);
        data_begin_ = begin + length;
        count_ = 1;
        for (const std::int64_t size : header_.shape) {
            if (__builtin_mul_overflow(count_, static_cast<std::uint64_t>(size), &count_))
                return broken("its shape {} overflows 64 bits", shape_to_string(header_.shape));
        }
        return {};
    }

    Result<std::span<const std::byte>> data(std::uint64_t element_bytes) const {
        const auto rest = bytes_.subspan(data_begin_);
        std::uint64_t length = 0;
        if (__builtin_mul_overflow(count_, element_bytes, &length) || length > rest.size()) {
            return broken(
                "its shape {} takes {} elements of {} bytes, but {} bytes are there: it was cut off",
                shape_to_string(header_.shape), count_, element_bytes, rest.size());
        }
        return rest.first(length);
    }

    Result<NpyArray> read_numbers(DType dtype, bool is_big) {
        const std::size_t element = size_bytes(dtype);
        HEADLIGHT_TRY(const auto values, data(element));
        TensorInfo& tensor = out_.tensor;
        tensor.dtype = dtype;
        tensor.offset_bytes = data_begin_;
        tensor.length_bytes = values.size();
        const bool is_turned = header_.is_fortran && header_.shape.size() > 1;
        is_big = is_big && element > 1;
        if (!is_turned && !is_big) return std::move(out_);
        StridedView view{0, header_.shape, std::vector<std::int64_t>(header_.shape.size())};
        std::int64_t step = 1;
        for (std::size_t i = 0; i < view.shape.size(); ++i) {
            const std::size_t axis = is_turned ? i : view.shape.size() - 1 - i;
            view.stride[axis] = step;
            step *= view.shape[axis];
        }
        auto copy = std::make_shared<std::vector<std::byte>>(*copy_strided(values, view, element));
        for (std::size_t at = 0; is_big && at + element <= copy->size(); at += element)
            std::reverse(copy->begin() + static_cast<std::ptrdiff_t>(at),
                         copy->begin() + static_cast<std::ptrdiff_t>(at + element));
        tensor.copy = std::move(copy);
        return std::move(out_);
    }

    /// 'U5': five code points of four bytes; 'S5': five bytes. Zeros fill the rest.
    Result<NpyArray> read_texts(const std::string& code, char order) {
        std::uint64_t length = 0;
        const char* end = code.data() + code.size();
        if (std::from_chars(code.data() + 1, end, length).ptr != end || length > kLongestHeader)
            return broken("its element type is '{}'", code.substr(0, 40));
        const bool is_wide = code[0] == 'U';
        HEADLIGHT_TRY(const auto values, data(length * (is_wide ? 4 : 1)));
        out_.is_text = true;
        if (length == 0) count_ = std::min<std::uint64_t>(count_, bytes_.size());
        for (std::uint64_t i = 0; i < count_; ++i) {
            std::string text;
            for (std::uint64_t at = i * length; at < (i + 1) * length; ++at) {
                if (!is_wide) {
                    text += static_cast<char>(values[at]);
                    continue;
                }
                std::array<std::uint8_t, 4> b{};
                std::memcpy(b.data(), values.data() + at * 4, 4);
                if (order == '>') std::reverse(b.begin(), b.end());
                utf8::append(text, static_cast<char32_t>(b[0] | b[1] << 8 | b[2] << 16 |
                                                         static_cast<std::uint32_t>(b[3]) << 24));
            }
            text.erase(text.find_last_not_of('\0') + 1);
            out_.texts.push_back(utf8::replace_invalid(text));
        }
        return std::move(out_);
    }

    /// The pickle behind the header, read as data.
    Result<NpyArray> read_objects() {
        const auto tree = read_pickle(bytes_.subspan(data_begin_), file_, offset_ + data_begin_);
        const PickleNode* list = tree ? &(*tree)[tree->root] : nullptr;
        const bool is_list =
            list != nullptr && list->kind == PickleKind::List && list->items.size() == count_;
        const bool is_text = is_list && std::all_of(list->items.begin(), list->items.end(), [&](PickleId id) {
                                 return (*tree)[id].kind == PickleKind::Text;
                             });
        if (!is_text) {
            return fail(make_error(ErrorKind::Unsupported,
                                   "the array holds Python objects{}{}; it is not read. Save it with a "
                                   "plain element type (float32, or texts as 'U')",
                                   tree ? "" : ": ", tree ? "" : tree.error().message)
                            .in_file(file_)
                            .at_tensor(name_)
                            .at_offset(offset_ + data_begin_));
        }
        out_.is_text = true;
        for (const PickleId id : list->items)
            out_.texts.push_back(utf8::replace_invalid((*tree)[id].text));
        return std::move(out_);
    }

    std::span<const std::byte> bytes_;
    const std::string &name_, &file_;
    std::uint64_t offset_;
    NpyHeader header_;
    std::size_t data_begin_ = 0;
    std::uint64_t count_ = 0;  // elements
    NpyArray out_;
};

}  // namespace

Result<NpyArray> read_npy(std::span<const std::byte> bytes, const std::string& name, const std::string& file,
                          std::uint64_t offset_bytes) {
    return NpyReader(bytes, name, file, offset_bytes).read();
}

bool looks_like_npy(std::span<const std::byte> bytes) {
    return bytes.size() >= kNpyMark.size() &&
           std::memcmp(bytes.data(), kNpyMark.data(), kNpyMark.size()) == 0;
}

}  // namespace headlight
