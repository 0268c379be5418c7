#include "tokenize/unicode_forms.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <span>
#include <vector>

#include "base/utf8.h"

namespace headlight {
namespace {

const icu::Normalizer2* normalizer_of(UnicodeForm form) {
    UErrorCode status = U_ZERO_ERROR;
    switch (form) {
        case UnicodeForm::Nfc:
            return icu::Normalizer2::getNFCInstance(status);
        case UnicodeForm::Nfd:
            return icu::Normalizer2::getNFDInstance(status);
        case UnicodeForm::Nfkc:
            return icu::Normalizer2::getNFKCInstance(status);
        case UnicodeForm::Nfkd:
            return icu::Normalizer2::getNFKDInstance(status);
    }
    return nullptr;
}

struct Char {
    char32_t code_point;
    SourceRange range;
};

// New characters take the ranges of the old ones in order. When there are fewer of them, the first one stands
// for those that were composed into it, and keeps the range of the old first alone (so does the reference).
void append_segment(std::span<const Char> before, const icu::UnicodeString& after, AlignedText& out) {
    const std::int32_t num_after = after.countChar32();
    const auto num_before = static_cast<std::int32_t>(before.size());
    std::int32_t k = 0;
    for (std::int32_t i = 0; i < after.length(); i = after.moveIndex32(i, 1), ++k) {
        std::int32_t from = std::min(k, num_before - 1);
        if (num_after < num_before && k > 0) from = k + num_before - num_after;
        std::string bytes;
        utf8::append(bytes, static_cast<char32_t>(after.char32At(i)));
        out.append(bytes, before[static_cast<std::size_t>(from)].range);
    }
}

}  // namespace

AlignedText to_unicode_form(AlignedText text, UnicodeForm form) {
    const icu::Normalizer2* normalizer = normalizer_of(form);
    if (normalizer == nullptr) return text;
    const std::string& source = text.text();
    UErrorCode status = U_ZERO_ERROR;
    const icu::StringPiece piece(source.data(), static_cast<std::int32_t>(source.size()));
    if (normalizer->isNormalizedUTF8(piece, status) && U_SUCCESS(status)) return text;
    AlignedText out;
    std::vector<Char> segment;
    const auto flush = [&] {
        if (segment.empty()) return;
        icu::UnicodeString before;
        for (const Char& c : segment)
            before.append(static_cast<UChar32>(c.code_point));
        UErrorCode code = U_ZERO_ERROR;
        const icu::UnicodeString after = normalizer->normalize(before, code);
        append_segment(segment, U_SUCCESS(code) ? after : before, out);
        segment.clear();
    };
    for (std::size_t i = 0; i < source.size();) {
        const utf8::Decoded c = utf8::decode(source, i);
        if (normalizer->hasBoundaryBefore(static_cast<UChar32>(c.code_point))) flush();
        segment.push_back({c.code_point, text.source(i, i + c.size_bytes)});
        i += c.size_bytes;
    }
    flush();
    return out;
}

AlignedText to_lowercase(const AlignedText& text) {
    AlignedText out;
    const std::string& source = text.text();
    for (std::size_t i = 0; i < source.size();) {
        const utf8::Decoded c = utf8::decode(source, i);
        icu::UnicodeString lower(static_cast<UChar32>(c.code_point));
        lower.toLower(icu::Locale::getRoot());
        // A capital sigma alone would become the final form; the reference maps it by itself.
        if (c.code_point == 0x03A3) lower = icu::UnicodeString(static_cast<UChar32>(0x03C3));
        std::string bytes;
        lower.toUTF8String(bytes);
        out.append(bytes, text.source(i, i + c.size_bytes));
        i += c.size_bytes;
    }
    return out;
}

}  // namespace headlight
