#include "io/json_file.h"

#include <set>
#include <vector>

#include "base/mapped_file.h"

namespace headlight {
namespace {

using nlohmann::json;

// Depth is bounded before parsing, on the bytes alone, so that no parser state grows with a hostile file.
Status check_depth(std::string_view text, const std::string& file) {
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
        }
    }
    return {};
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

}  // namespace

Result<json> parse_json(std::string_view text, const std::string& file, bool refuse_duplicate_keys) {
    HEADLIGHT_CHECK(check_depth(text, file));
    try {
        if (refuse_duplicate_keys) return parse_refusing_duplicates(text);
        return json::parse(text.begin(), text.end());
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

Result<json> read_json_file(const std::string& path, std::size_t max_bytes) {
    HEADLIGHT_TRY(const std::string text, read_text_file(path, max_bytes));
    return parse_json(text, path);
}

}  // namespace headlight
