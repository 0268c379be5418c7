// JSON: {"attention": nested lists, "tokens": [...]}, or the nested lists alone. Read number by number, so
// that a large file never stands in memory as a tree.
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/mapped_file.h"
#include "base/memory_file.h"
#include "io/attention/dump_contents.h"

namespace headlight {
namespace {

constexpr std::size_t kDeepestArray = 8, kDeepestObject = 4;
constexpr std::uintmax_t kLargestFile = std::uintmax_t{1} << 30;
constexpr std::size_t kMostSpace = 4096;  // before the first bracket

/// Nested lists of numbers or of texts that are being read.
struct OpenArray {
    std::string name;
    std::vector<std::int64_t> counts;   // items so far, of every open level
    std::vector<std::int64_t> lengths;  // of the first list of each level; -1: not known yet
    std::size_t leaf_depth = 0;         // where numbers and texts are; 0: not known yet
    std::vector<float> values;
    std::vector<std::int64_t> integers;  // while the array is one list of whole numbers
    std::vector<std::string> texts;
    bool has_fractions = false;
    int decimals = 0;  // most digits behind the point
};

/// Events of nlohmann's parser, which calls nothing of itself again: depth costs no stack.
class DumpHandler {
  public:
    using Json = nlohmann::json;
    explicit DumpHandler(DumpContents& out) : out_(out) {}

    const std::string& problem() const { return problem_; }
    std::size_t problem_byte() const { return problem_byte_; }

    bool null() { return depth() == 0 || refuse("a null among the numbers"); }
    bool boolean(bool value) {
        return depth() > 0 ? refuse("a truth value among the numbers") : add_text(value ? "true" : "false");
    }
    bool number_integer(Json::number_integer_t value) {
        return add_number(static_cast<double>(value), true, value);
    }
    bool number_unsigned(Json::number_unsigned_t value) {
        const bool fits = value <= static_cast<std::uint64_t>(INT64_MAX);
        return add_number(static_cast<double>(value), fits, fits ? static_cast<std::int64_t>(value) : 0);
    }
    bool number_float(Json::number_float_t value, const std::string& digits) {
        if (depth() > 0) array_.decimals = std::max(array_.decimals, decimals_of(digits));
        return add_number(value, false, 0);
    }
    bool string(std::string& value) { return depth() > 0 ? add_item_text(value) : add_text(value); }
    bool binary(Json::binary_t&) { return refuse("bytes"); }
    bool start_object(std::size_t) {
        if (depth() > 0) return refuse("an object inside a list");
        keys_.emplace_back();
        return keys_.size() <= kDeepestObject || refuse("objects inside objects too deep");
    }
    bool key(std::string& value) {
        keys_.back() = value;
        return true;
    }
    bool end_object() {
        keys_.pop_back();
        return true;
    }
    bool start_array(std::size_t) {
        if (depth() == 0) {
            array_ = OpenArray{};
            array_.name = path();
        } else if (array_.leaf_depth == depth()) {
            return refuse("a list among numbers");
        } else {
            ++array_.counts.back();
        }
        array_.counts.push_back(0);
        if (array_.lengths.size() < depth()) array_.lengths.push_back(-1);
        return depth() <= kDeepestArray || refuse("lists inside lists too deep");
    }
    bool end_array() {
        const std::int64_t count = array_.counts.back();
        std::int64_t& length = array_.lengths[depth() - 1];
        if (length >= 0 && length != count)
            return refuse(fmt::format("lists of different lengths ({} and {}) side by side", length, count));
        length = count;
        array_.counts.pop_back();
        if (depth() == 0) finish();
        return true;
    }
    bool parse_error(std::size_t byte, const std::string&, const Json::exception& error) {
        problem_ = fmt::format("no valid JSON: {}", error.what());
        problem_byte_ = byte;
        return false;
    }

  private:
    std::size_t depth() const { return array_.counts.size(); }
    std::string path() const {
        std::string out;
        for (const std::string& key : keys_)
            out += (out.empty() ? "" : ".") + key;
        return out.empty() ? "attention" : out;
    }
    bool refuse(const std::string& what) {
        problem_ = fmt::format("'{}' holds {}, expected nested lists of numbers or one list of texts",
                               array_.name, what);
        return false;
    }
    bool add_text(const std::string& value) {
        out_.arrays.metadata.emplace_back(path(), value);
        return true;
    }
    bool at_leaf() {
        if (array_.leaf_depth == 0) array_.leaf_depth = depth();
        ++array_.counts.back();
        return array_.leaf_depth == depth() || refuse("a number among lists");
    }
    bool add_item_text(const std::string& value) {
        if (!array_.values.empty() || depth() > 1) return refuse("a text among numbers");
        array_.texts.push_back(value);
        return at_leaf();
    }
    bool add_number(double value, bool is_integer, std::int64_t integer) {
        if (depth() == 0) return true;  // a setting of no use here
        if (!array_.texts.empty()) return refuse("a number among texts");
        array_.values.push_back(static_cast<float>(value));
        if (depth() == 1 && is_integer) array_.integers.push_back(integer);
        array_.has_fractions = array_.has_fractions || !is_integer;
        return at_leaf();
    }
    static int decimals_of(const std::string& digits) {
        const std::size_t point = digits.find('.'), exponent = digits.find_first_of("eE");
        int count = 0;
        if (point != std::string::npos)
            count = static_cast<int>(std::min(exponent, digits.size()) - point) - 1;
        if (exponent != std::string::npos) count -= std::atoi(digits.c_str() + exponent + 1);
        return count;
    }

    void finish() {
        if (!array_.texts.empty()) {
            out_.lists[array_.name] = std::move(array_.texts);
            return;
        }
        TensorInfo info;
        info.name = array_.name;
        info.shape = array_.lengths;
        const bool are_ids = info.shape.size() == 1 && !array_.has_fractions;
        info.dtype = are_ids ? DType::Int64 : DType::Float32;
        const auto bytes =
            are_ids ? std::as_bytes(std::span(array_.integers)) : std::as_bytes(std::span(array_.values));
        info.length_bytes = bytes.size();
        info.copy = std::make_shared<std::vector<std::byte>>(bytes.begin(), bytes.end());
        if (array_.has_fractions) out_.rounding[info.name] = 0.5 * std::pow(10.0, -array_.decimals);
        out_.arrays.tensors.push_back(std::move(info));
    }

    DumpContents& out_;
    std::vector<std::string> keys_;  // of the open objects
    OpenArray array_;
    std::string problem_;
    std::size_t problem_byte_ = 0;
};

bool can_open(const std::string& path) {
    if (!path.ends_with(".json") && !is_memory_path(path)) return false;
    const std::string head = first_bytes(path, kMostSpace);
    const std::size_t first = head.find_first_not_of(" \t\r\n");
    return first != std::string::npos && (head[first] == '{' || head[first] == '[');
}

Result<DumpContents> read(const std::string& path) {
    DumpContents contents;
    HEADLIGHT_TRY(auto mapped, MappedFile::open(path));
    if (mapped->size_bytes() > kLargestFile) {
        return fail(make_error(ErrorKind::Unsupported,
                               "a JSON file of {} bytes is not read; save the attention as .npz or "
                               ".safetensors",
                               mapped->size_bytes())
                        .in_file(path));
    }
    contents.arrays.path = path;
    contents.arrays.files.push_back(mapped);
    DumpHandler handler(contents);
    const auto* begin = reinterpret_cast<const char*>(mapped->bytes().data());
    const bool is_good = nlohmann::json::sax_parse(begin, begin + mapped->size_bytes(), &handler);
    if (is_good && handler.problem().empty()) return contents;
    return fail(make_error(ErrorKind::Corrupt, "cannot read the attention from JSON: {}", handler.problem())
                    .in_file(path)
                    .at_offset(handler.problem_byte()));
}

}  // namespace

extern const DumpFormat k_dump_json = {"json", "JSON", ".json", can_open, read, nullptr};

}  // namespace headlight
