#include "tokenize/text_pattern.h"

#include <unicode/regex.h>
#include <unicode/unistr.h>

#include <cstdint>

#include "base/utf8.h"

namespace headlight {

struct TextPattern::Compiled {
    std::unique_ptr<icu::RegexPattern> pattern;
};

namespace {

constexpr std::int32_t kMaxBacktrackBytes = 256 << 20;
constexpr std::int32_t kMaxSteps = 300;  // of one match, in ICU's unit of about a millisecond

// UTF-16 of the text and, for each unit, the byte at which its character starts.
struct Utf16 {
    std::u16string units;
    std::vector<std::uint32_t> bytes;  // [units.size() + 1]
};

Utf16 to_utf16(std::string_view text) {
    Utf16 out;
    out.units.reserve(text.size());
    out.bytes.reserve(text.size() + 1);
    for (std::size_t i = 0; i < text.size();) {
        const auto at = static_cast<std::uint32_t>(i);
        if (static_cast<unsigned char>(text[i]) < 0x80) {
            out.units += static_cast<char16_t>(text[i++]);
            out.bytes.push_back(at);
            continue;
        }
        const utf8::Decoded c = utf8::decode(text, i);
        i += c.size_bytes;
        if (c.code_point < 0x10000) {
            out.units += static_cast<char16_t>(c.code_point);
            out.bytes.push_back(at);
        } else {
            out.units += static_cast<char16_t>(0xD7C0 + (c.code_point >> 10));
            out.units += static_cast<char16_t>(0xDC00 + (c.code_point & 0x3FF));
            out.bytes.insert(out.bytes.end(), 2, at);
        }
    }
    out.bytes.push_back(static_cast<std::uint32_t>(text.size()));
    return out;
}

void find_literal(std::string_view text, std::string_view literal, std::vector<PatternMatch>& out) {
    if (literal.empty()) return;
    for (std::size_t at = text.find(literal); at != std::string_view::npos;
         at = text.find(literal, at + literal.size())) {
        out.push_back({at, at + literal.size()});
    }
}

}  // namespace

Result<TextPattern> TextPattern::compile(const std::string& pattern) {
    UErrorCode status = U_ZERO_ERROR;
    UParseError where{};
    auto compiled = std::make_shared<Compiled>();
    compiled->pattern.reset(
        icu::RegexPattern::compile(icu::UnicodeString::fromUTF8(pattern), 0, where, status));
    if (U_FAILURE(status)) {
        return fail(ErrorKind::Unsupported,
                    "the regular expression '{}' is not understood at character {} ({})",
                    pattern.substr(0, 300), where.offset, u_errorName(status));
    }
    TextPattern regex;
    regex.compiled_ = std::move(compiled);
    return regex;
}

TextPattern TextPattern::literal(const std::string& text) {
    TextPattern regex;
    regex.literal_ = text;
    return regex;
}

void TextPattern::find_all(std::string_view text, std::vector<PatternMatch>& out) const {
    if (compiled_ == nullptr) return find_literal(text, literal_, out);
    const Utf16 source = to_utf16(text);
    const icu::UnicodeString units(false, source.units.data(),
                                   static_cast<std::int32_t>(source.units.size()));
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::RegexMatcher> matcher(compiled_->pattern->matcher(units, status));
    if (U_FAILURE(status)) return;
    matcher->setStackLimit(kMaxBacktrackBytes, status);
    matcher->setTimeLimit(kMaxSteps, status);
    while (matcher->find(status) && U_SUCCESS(status)) {
        const auto begin = static_cast<std::size_t>(matcher->start(status));
        const auto end = static_cast<std::size_t>(matcher->end(status));
        out.push_back({source.bytes[begin], source.bytes[end]});
    }
}

}  // namespace headlight
