#include "base/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/utf8.h"

namespace headlight {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 16;
// A text of zeros in every other byte is no text, but UTF-16 without its mark.
constexpr std::size_t kLeastUnmarkedBytes = 8;

struct KnownMark {
    TextEncoding encoding;
    std::string_view bytes;
};
// The longer mark first: that of UTF-32 begins with that of UTF-16.
constexpr KnownMark kMarks[] = {{TextEncoding::Utf32Little, {"\xFF\xFE\0\0", 4}},
                                {TextEncoding::Utf32Big, {"\0\0\xFE\xFF", 4}},
                                {TextEncoding::Utf16Little, "\xFF\xFE"},
                                {TextEncoding::Utf16Big, "\xFE\xFF"},
                                {TextEncoding::Utf8, "\xEF\xBB\xBF"}};

/// The number of `size` bytes at `at`.
char32_t unit_at(std::string_view bytes, std::size_t at, std::size_t size, bool little) {
    char32_t unit = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[at + (little ? size - 1 - i : i)]);
        unit = (unit << 8) | byte;
    }
    return unit;
}

bool is_surrogate(char32_t unit) {
    return unit >= 0xD800 && unit < 0xE000;
}

/// One character of UTF-16 or UTF-32 at `at`; 0 bytes where it is broken or cut off.
utf8::Decoded decode_unit(std::string_view bytes, std::size_t at, std::size_t size, bool little) {
    if (bytes.size() - at < size) return {0, 0, false};
    char32_t c = unit_at(bytes, at, size, little);
    std::size_t used = size;
    if (size == 2 && is_surrogate(c)) {
        const char32_t low = bytes.size() - at >= 4 ? unit_at(bytes, at + 2, 2, little) : 0;
        if (c >= 0xDC00 || low < 0xDC00 || low >= 0xE000) return {0, 0, false};
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        used = 4;
    }
    if (c > 0x10FFFF || is_surrogate(c)) return {0, 0, false};
    return {c, used, true};
}

Error read_error(const std::string& path) {
    return make_error(ErrorKind::Missing, "cannot read the text: {}", std::strerror(errno)).in_file(path);
}

/// Whatever comes until the end, but no more than `max_bytes`.
Result<std::string> read_to_end(int descriptor, const std::string& path, std::size_t max_bytes) {
    std::string bytes;
    for (;;) {
        const std::size_t before = bytes.size();
        bytes.resize(before + std::max(kPieceBytes, before / 2));
        const ssize_t got = ::read(descriptor, bytes.data() + before, bytes.size() - before);
        bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(0, got)));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(read_error(path));
        if (got == 0) return bytes;
        if (bytes.size() > max_bytes) {
            return fail(make_error(ErrorKind::InvalidInput,
                                   "the text has more than {} bytes, which is the most that is read",
                                   max_bytes)
                            .in_file(path));
        }
    }
}

}  // namespace

TextMark text_mark(std::string_view bytes) {
    for (const KnownMark& mark : kMarks) {
        if (bytes.starts_with(mark.bytes)) return {mark.encoding, mark.bytes.size()};
    }
    return {};
}

const char* to_string(TextEncoding encoding) {
    switch (encoding) {
        case TextEncoding::Utf8:
            return "UTF-8";
        case TextEncoding::Utf16Little:
            return "UTF-16 (little-endian)";
        case TextEncoding::Utf16Big:
            return "UTF-16 (big-endian)";
        case TextEncoding::Utf32Little:
            return "UTF-32 (little-endian)";
        case TextEncoding::Utf32Big:
            return "UTF-32 (big-endian)";
    }
    return "";
}

std::size_t unit_bytes(TextEncoding encoding) {
    if (encoding == TextEncoding::Utf8) return 1;
    return encoding == TextEncoding::Utf16Little || encoding == TextEncoding::Utf16Big ? 2 : 4;
}

std::size_t decode_up_to(std::string_view bytes, TextEncoding encoding, std::string& out) {
    if (encoding == TextEncoding::Utf8) {
        const std::size_t valid = utf8::valid_prefix(bytes);
        out.append(bytes.substr(0, valid));
        return valid;
    }
    const bool little = encoding == TextEncoding::Utf16Little || encoding == TextEncoding::Utf32Little;
    std::size_t at = 0;
    while (at < bytes.size()) {
        const utf8::Decoded decoded = decode_unit(bytes, at, unit_bytes(encoding), little);
        if (!decoded.is_valid) break;
        utf8::append(out, decoded.code_point);
        at += decoded.size_bytes;
    }
    return at;
}

Error broken_text(TextEncoding encoding, std::uint64_t at, char byte, const std::string& name) {
    if (encoding != TextEncoding::Utf8) {
        return make_error(
                   ErrorKind::Corrupt,
                   "the text begins with the mark of {}, but is none from byte {} on; save it as UTF-8",
                   to_string(encoding), at)
            .in_file(name)
            .at_offset(at);
    }
    return make_error(ErrorKind::Corrupt,
                      "the text is no UTF-8 from byte {} on (found 0x{:02X}). Convert it first from the "
                      "encoding that it "
                      "has, for instance: iconv -f ISO-8859-1 -t UTF-8 {} > utf8.txt",
                      at, static_cast<unsigned char>(byte), name == "-" ? "text.txt" : name)
        .in_file(name)
        .at_offset(at);
}

Status check_utf8(std::string_view text, const std::string& name) {
    const std::size_t valid = utf8::valid_prefix(text);
    if (valid == text.size()) return {};
    return fail(make_error(ErrorKind::Corrupt, "the text of {} is no UTF-8 from byte {} on (found 0x{:02X})",
                           name, valid, static_cast<unsigned char>(text[valid])));
}

Status check_not_unmarked(std::string_view bytes, const std::string& name) {
    if (bytes.size() < kLeastUnmarkedBytes || bytes.size() % 2 != 0) return {};
    std::size_t zeros[2] = {0, 0};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        zeros[i % 2] += bytes[i] == 0 ? 1 : 0;
    const std::size_t half = bytes.size() / 2;
    const bool is_big = zeros[0] == half && zeros[1] == 0, is_little = zeros[1] == half && zeros[0] == 0;
    if (!is_big && !is_little) return {};
    return fail(
        make_error(ErrorKind::Corrupt,
                   "every other byte of the text is zero: this is UTF-16 without a mark. Convert it first: "
                   "iconv -f UTF-16{} -t UTF-8",
                   is_big ? "BE" : "LE")
            .in_file(name)
            .at_offset(is_big ? 0 : 1));
}

Result<std::string> decode_text(std::string bytes, const std::string& name) {
    const TextMark mark = text_mark(bytes);
    std::string text;
    text.reserve(bytes.size());
    const std::size_t end =
        mark.size_bytes + decode_up_to(std::string_view(bytes).substr(mark.size_bytes), mark.encoding, text);
    if (end < bytes.size()) return fail(broken_text(mark.encoding, end, bytes[end], name));
    if (mark.size_bytes == 0) HEADLIGHT_CHECK(check_not_unmarked(bytes, name));
    return text;
}

Result<std::string> read_text(const std::string& path, std::size_t max_bytes) {
    const bool is_standard_input = path == "-";
    const int descriptor = is_standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return fail(read_error(path));
    struct stat info {};
    Result<std::string> bytes =
        ::fstat(descriptor, &info) == 0 && S_ISDIR(info.st_mode)
            ? fail(make_error(ErrorKind::InvalidInput, "expected a text, found a folder").in_file(path))
            : read_to_end(descriptor, path, max_bytes);
    if (!is_standard_input) ::close(descriptor);
    if (!bytes) return bytes;
    return decode_text(*std::move(bytes), path);
}

}  // namespace headlight
