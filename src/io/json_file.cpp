#include "io/json_file.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <vector>

#include "base/mapped_file.h"

namespace headlight {
namespace {

using nlohmann::json;

bool is_of_number(char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
}

/// Is a number without its sign larger than any double?
bool is_beyond_range(std::string_view digits) {
    constexpr std::size_t kShortest = 5;  // "1e309"
    if (digits.size() < kShortest) return false;
    if (digits.size() <= std::numeric_limits<double>::max_exponent10 &&
        digits.find_first_of("eE") == std::string_view::npos)
        return false;
    return std::isinf(std::strtod(std::string(digits).c_str(), nullptr));
}

struct Scan {
    bool has_special_numbers = false;  // numbers that only Python writes may stand in the text
};

// Depth is bounded before parsing, on the bytes alone, so that no parser state grows with a hostile file.
Result<Scan> scan(std::string_view text, const std::string& file) {
    Scan found;
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxJsonDepth) {
                return fail(
                    make_error(ErrorKind::Corrupt, "JSON is nested deeper than {} levels", kMaxJsonDepth)
                        .in_file(file)
                        .at_offset(i));
            }
        } else if (c == ']' || c == '}') {
            --depth;
        } else if (c == 'N' || c == 'I') {
            found.has_special_numbers = true;
        } else if (c >= '0' && c <= '9') {
            const std::size_t begin = i;
            while (i + 1 < text.size() && is_of_number(text[i + 1]))
                ++i;
            found.has_special_numbers |= is_beyond_range(text.substr(begin, i + 1 - begin));
        }
    }
    return found;
}

// What people leave in place of a JSON file when a download went wrong; empty if it is none of them.
const char* describe_impostor(std::string_view text) {
    if (text.empty()) return "the file is empty; fetch it again";
    if (text.starts_with("version https://git-lfs")) {
        return "this is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`";
    }
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && text[first] == '<') {
        return "it looks like an HTML or XML page, as a failed download leaves it; fetch the file again";
    }
    return nullptr;
}

Error syntax_error(const json::parse_error& problem, std::string_view text, const std::string& file) {
    const std::uint64_t offset = problem.byte > 0 ? problem.byte - 1 : 0;
    if (const char* impostor = describe_impostor(text)) {
        return make_error(ErrorKind::Corrupt, "expected JSON: {}", impostor).in_file(file);
    }
    std::string what =
        problem.what();  // "[json.exception.parse_error.101] parse error at line 1 ...: syntax error ..."
    if (const auto colon = what.find(": "); colon != std::string::npos) what.erase(0, colon + 2);
    if (what.size() > 200) what = what.substr(0, 200) + " ...";
    const char* cut = offset >= text.size() ? " (the file seems to be cut off)" : "";
    return make_error(ErrorKind::Corrupt, "not valid JSON: {}{}", what, cut).in_file(file).at_offset(offset);
}

struct DuplicateKey {
    std::string key;
};

json parse_refusing_duplicates(std::string_view text) {
    std::vector<std::set<std::string>> keys;
    const auto watch = [&](int, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::object_start) keys.emplace_back();
        if (event == json::parse_event_t::object_end) keys.pop_back();
        if (event == json::parse_event_t::key) {
            const auto& key = parsed.get_ref<const std::string&>();
            if (!keys.back().insert(key).second) throw DuplicateKey{key};
        }
        return true;
    };
    return json::parse(text.begin(), text.end(), watch);
}

constexpr std::string_view kSpecialNumbers[] = {"NaN", "Infinity", "-Infinity"};

/// The text with every number that strict JSON does not know as a string that begins with `mark`.
std::string with_marked_numbers(std::string_view text, const std::string& mark) {
    std::string out;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        std::size_t size = 0;
        if (in_string) {
            if (c == '"') in_string = false;
            if (c == '\\' && i + 1 < text.size()) out += text[i++];
        } else if (c == '"') {
            in_string = true;
        } else {
            for (const std::string_view name : kSpecialNumbers)
                if (text.substr(i).starts_with(name)) size = name.size();
            if (size == 0 && (c == '-' || (c >= '0' && c <= '9'))) {
                std::size_t end = i + 1;
                while (end < text.size() && is_of_number(text[end]))
                    ++end;
                const std::string_view number = text.substr(i, end - i);
                if (!is_beyond_range(number.substr(c == '-' ? 1 : 0))) {
                    out += number;
                    i = end - 1;
                    continue;
                }
                size = end - i;
            }
        }
        if (size == 0) {
            out += text[i];
            continue;
        }
        out += '"' + mark + (c == 'N' ? 'N' : c == '-' ? '-' : '+') + '"';
        i += size - 1;
    }
    return out;
}

template <class Json>
Json parse_with_special_numbers(std::string_view text) {
    std::string mark = "#";  // that the text itself does not hold
    while (text.find(mark) != std::string_view::npos)
        mark += static_cast<char>('a' + mark.size() % 26);
    const std::string marked = with_marked_numbers(text, mark);
    const auto put_numbers = [&](int, typename Json::parse_event_t event, Json& parsed) {
        if (event != Json::parse_event_t::value || !parsed.is_string()) return true;
        const auto& value = parsed.template get_ref<const std::string&>();
        if (!value.starts_with(mark)) return true;
        const char sign = value.back();
        constexpr double kInfinity = std::numeric_limits<double>::infinity();
        parsed = sign == 'N'   ? std::numeric_limits<double>::quiet_NaN()
                 : sign == '-' ? -kInfinity
                               : kInfinity;
        return true;
    };
    return Json::parse(marked.begin(), marked.end(), put_numbers);
}

template <class Json>
Result<Json> parse_text(std::string_view text, const std::string& file, bool refuse_duplicate_keys) {
    HEADLIGHT_TRY(const Scan found, scan(text, file));
    try {
        if constexpr (std::is_same_v<Json, json>) {
            if (refuse_duplicate_keys) return parse_refusing_duplicates(text);
        }
        if (found.has_special_numbers) return parse_with_special_numbers<Json>(text);
        return Json::parse(text.begin(), text.end());
    } catch (const json::parse_error& problem) {
        return fail(syntax_error(problem, text, file));
    } catch (const json::exception& problem) {  // a number out of range
        return fail(make_error(ErrorKind::Corrupt, "not valid JSON: {}", problem.what()).in_file(file));
    } catch (const DuplicateKey& duplicate) {
        return fail(make_error(ErrorKind::Corrupt, "the key stands twice in one JSON object")
                        .in_file(file)
                        .at_tensor(duplicate.key));
    } catch (const std::bad_alloc&) {
        return fail(make_error(ErrorKind::OutOfMemory, "no memory to parse {} bytes of JSON", text.size())
                        .in_file(file));
    }
}

}  // namespace

Result<json> parse_json(std::string_view text, const std::string& file, bool refuse_duplicate_keys) {
    return parse_text<json>(text, file, refuse_duplicate_keys);
}

Result<nlohmann::ordered_json> parse_ordered_json(std::string_view text, const std::string& file) {
    return parse_text<nlohmann::ordered_json>(text, file, false);
}

Result<json> read_json_file(const std::string& path, std::size_t max_bytes) {
    HEADLIGHT_TRY(const std::string text, read_text_file(path, max_bytes));
    return parse_json(text, path);
}

Result<nlohmann::ordered_json> read_ordered_json_file(const std::string& path, std::size_t max_bytes) {
    HEADLIGHT_TRY(const std::string text, read_text_file(path, max_bytes));
    return parse_ordered_json(text, path);
}

}  // namespace headlight
