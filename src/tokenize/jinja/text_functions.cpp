#include "tokenize/jinja/text_functions.h"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "base/utf8.h"
#include "tokenize/jinja/interpreter.h"
#include "tokenize/text/white_space.h"

namespace headlight::jinja {
namespace {

icu::UnicodeString from_utf8(std::string_view text) {
    spend(steps_of_bytes(text.size()));
    return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

std::string to_utf8(const icu::UnicodeString& text) {
    std::string out;
    text.toUTF8String(out);
    return out;
}

bool is_cased(char32_t c) {
    return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_CASED) != 0;
}

std::string title_letter(const std::string& letter) {
    return to_utf8(from_utf8(letter).toTitle(nullptr, icu::Locale::getRoot()));
}

/// Is `letter` one of the characters of `chars`?
bool is_among(std::string_view letter, const std::string& chars) {
    for (std::size_t at = chars.find(letter); at != std::string::npos; at = chars.find(letter, at + 1))
        if ((static_cast<unsigned char>(chars[at]) & 0xC0) != 0x80) return true;
    return false;
}

std::size_t size_at(std::string_view text, std::size_t at) {
    return utf8::decode(text, at).size_bytes;
}

std::vector<std::string> split_at_white_space(std::string_view text, std::int64_t most) {
    std::vector<std::string> out;
    text = text.substr(past_white_space(text));
    while (!text.empty()) {
        if (most >= 0 && static_cast<std::int64_t>(out.size()) == most) {
            out.emplace_back(text.substr(0, before_white_space(text)));
            break;
        }
        std::size_t end = 0;
        while (end < text.size() && !is_python_space(utf8::decode(text, end).code_point))
            end += size_at(text, end);
        out.emplace_back(text.substr(0, end));
        text = text.substr(end);
        text = text.substr(past_white_space(text));
    }
    return out;
}

}  // namespace

std::string upper(const std::string& text) {
    return to_utf8(from_utf8(text).toUpper(icu::Locale::getRoot()));
}

std::string lower(const std::string& text) {
    return to_utf8(from_utf8(text).toLower(icu::Locale::getRoot()));
}

std::string title(const std::string& text) {
    std::string out;
    bool follows_cased = false;
    for (const std::string& letter : characters_of(text)) {
        const char32_t c = utf8::decode(letter, 0).code_point;
        out += follows_cased ? lower(letter) : title_letter(letter);
        follows_cased = is_cased(c);
    }
    return out;
}

std::string capitalized(const std::string& text) {
    if (text.empty()) return text;
    const std::size_t first = size_at(text, 0);
    return title_letter(text.substr(0, first)) + lower(text.substr(first));
}

bool has_cased(const std::string& text) {
    const auto letters = characters_of(text);
    return std::any_of(letters.begin(), letters.end(), [](const std::string& letter) {
        return is_cased(utf8::decode(letter, 0).code_point);
    });
}

std::string stripped(const std::string& text, Side side, const std::string* chars) {
    spend(steps_of_bytes(text.size()));
    std::size_t begin = 0, end = text.size();
    const bool has_left = side != Side::Right, has_right = side != Side::Left;
    const std::string_view all = text;
    if (chars == nullptr) {
        if (has_right) end = before_white_space(all);
        if (has_left) begin = past_white_space(all.substr(0, end));
        return text.substr(begin, end - begin);
    }
    while (has_left && begin < end && is_among(all.substr(begin, size_at(all, begin)), *chars))
        begin += size_at(all, begin);
    while (has_right && end > begin) {
        std::size_t last = end - 1;
        while (last > begin && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80)
            --last;
        if (!is_among(all.substr(last, end - last), *chars)) break;
        end = last;
    }
    return text.substr(begin, end - begin);
}

std::vector<std::string> split(const std::string& text, const std::string* separator, std::int64_t most) {
    spend(1 + text.size());
    if (separator == nullptr) return split_at_white_space(text, most);
    if (separator->empty()) throw Fault("a text is split at an empty separator");
    std::vector<std::string> out;
    std::size_t begin = 0;
    for (; most < 0 || static_cast<std::int64_t>(out.size()) < most;) {
        const auto end = text.find(*separator, begin);
        if (end == std::string::npos) break;
        out.push_back(text.substr(begin, end - begin));
        begin = end + separator->size();
    }
    out.push_back(text.substr(begin));
    return out;
}

std::vector<std::string> split_from_right(const std::string& text, const std::string* separator,
                                          std::int64_t most) {
    if (most < 0) return split(text, separator, most);
    if (separator == nullptr) throw Fault("rsplit(None, n) is not read");
    if (separator->empty()) throw Fault("a text is split at an empty separator");
    spend(1 + text.size());
    std::vector<std::string> out;
    std::size_t end = text.size();
    while (static_cast<std::int64_t>(out.size()) < most && end >= separator->size()) {
        const auto at = text.rfind(*separator, end - separator->size());
        if (at == std::string::npos) break;
        out.push_back(text.substr(at + separator->size(), end - at - separator->size()));
        end = at;
    }
    out.push_back(text.substr(0, end));
    std::reverse(out.begin(), out.end());
    return out;
}

std::vector<std::string> lines_of(const std::string& text, bool keeps_ends) {
    spend(1 + text.size());
    std::vector<std::string> out;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size();) {
        const utf8::Decoded c = utf8::decode(text, i);
        const bool ends = (c.code_point >= 0x0A && c.code_point <= 0x0D) ||
                          (c.code_point >= 0x1C && c.code_point <= 0x1E) || c.code_point == 0x85 ||
                          c.code_point == 0x2028 || c.code_point == 0x2029;
        const std::size_t stop = i;
        i += c.size_bytes;
        if (!ends) continue;
        if (c.code_point == '\r' && i < text.size() && text[i] == '\n') ++i;
        out.push_back(text.substr(begin, (keeps_ends ? i : stop) - begin));
        begin = i;
    }
    if (begin < text.size()) out.push_back(text.substr(begin));
    return out;
}

std::string replaced(const std::string& text, const std::string& old, const std::string& with,
                     std::int64_t most) {
    std::string out;
    std::size_t begin = 0;
    for (std::int64_t count = 0; most < 0 || count < most; ++count) {
        // An empty one stands before every character, and at the end.
        const std::size_t step = begin < text.size() ? size_at(text, begin) : 1;
        const std::size_t end = old.empty() ? (count == 0 ? 0 : begin + step) : text.find(old, begin);
        if (end == std::string::npos || end > text.size()) break;
        out.append(text, begin, end - begin);
        out += with;
        spend(steps_of_bytes(end - begin + with.size()));
        begin = end + old.size();
    }
    spend(steps_of_bytes(text.size()));
    if (begin < text.size()) out.append(text, begin);
    return out;
}

}  // namespace headlight::jinja
