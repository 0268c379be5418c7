#include "tokenize/text/unicode_forms.h"

#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <vector>

#include "base/utf8.h"
#include "tokenize/text/unicode_age.h"

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

int combining_class(char32_t c, int newest) {
    if (c < 0x300) return 0;
    const int found = u_getCombiningClass(static_cast<UChar32>(c));
    return found != 0 && is_assigned_by(c, newest) ? found : 0;
}

/// Full decomposition in canonical order. Of the characters that come out of one, the first stands for it and
/// the others are new; each keeps that when marks change places.
std::vector<CharChange> decomposed(const std::string& text, const icu::Normalizer2& normalizer, int newest) {
    std::vector<CharChange> out;
    out.reserve(text.size());
    std::size_t starter = 0;  // first character after the last one of class 0
    const auto sort_marks = [&] {
        std::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(starter), out.end(),
                         [&](const CharChange& a, const CharChange& b) {
                             return combining_class(a.c, newest) < combining_class(b.c, newest);
                         });
    };
    const auto push = [&](char32_t c, int change) {
        if (combining_class(c, newest) == 0) sort_marks();
        out.push_back({c, change});
        if (combining_class(c, newest) == 0) starter = out.size();
    };
    for (std::size_t i = 0; i < text.size();) {
        const utf8::Decoded c = utf8::decode(text, i);
        i += c.size_bytes;
        icu::UnicodeString parts;
        const auto code = static_cast<UChar32>(c.code_point);
        if (!normalizer.getDecomposition(code, parts) || !is_assigned_by(c.code_point, newest)) {
            push(c.code_point, 0);
            continue;
        }
        for (std::int32_t k = 0; k < parts.length(); k = parts.moveIndex32(k, 1))
            push(static_cast<char32_t>(parts.char32At(k)), k > 0 ? 1 : 0);
    }
    sort_marks();
    return out;
}

/// Canonical composition. A composed character stands for what its parts stood for.
std::vector<CharChange> composed(const std::vector<CharChange>& parts, const icu::Normalizer2& nfc,
                                 int newest) {
    std::vector<CharChange> out;
    out.reserve(parts.size());
    constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    std::size_t base = kNone;  // the last character of class 0
    int last_class = -1;       // of what stands between base and here; -1: nothing
    for (const CharChange& next : parts) {
        const int its_class = combining_class(next.c, newest);
        if (base != kNone && (last_class < 0 || last_class < its_class)) {
            const UChar32 whole =
                nfc.composePair(static_cast<UChar32>(out[base].c), static_cast<UChar32>(next.c));
            if (whole >= 0 && is_assigned_by(static_cast<char32_t>(whole), newest)) {
                out[base] = {static_cast<char32_t>(whole), out[base].change + next.change - 1};
                continue;
            }
        }
        if (its_class == 0) {
            base = out.size();
            last_class = -1;
        } else if (base != kNone) {
            last_class = its_class;
        }
        out.push_back(next);
    }
    return out;
}

}  // namespace

AlignedText to_unicode_form(AlignedText text, UnicodeForm form, int newest) {
    const icu::Normalizer2* normalizer = normalizer_of(form);
    const icu::Normalizer2* nfc = normalizer_of(UnicodeForm::Nfc);
    if (normalizer == nullptr || nfc == nullptr) return text;
    const std::string& source = text.text();
    UErrorCode status = U_ZERO_ERROR;
    const icu::StringPiece piece(source.data(), static_cast<std::int32_t>(source.size()));
    if (normalizer->isNormalizedUTF8(piece, status) && U_SUCCESS(status)) return text;
    std::vector<CharChange> changes = decomposed(source, *normalizer, newest);
    if (form == UnicodeForm::Nfc || form == UnicodeForm::Nfkc) changes = composed(changes, *nfc, newest);
    text.transform(changes);
    return text;
}

AlignedText to_lowercase(AlignedText text) {
    const std::string& source = text.text();
    std::vector<CharChange> changes;
    changes.reserve(source.size());
    bool is_same = true;
    for (std::size_t i = 0; i < source.size();) {
        const utf8::Decoded c = utf8::decode(source, i);
        i += c.size_bytes;
        const auto lower = static_cast<char32_t>(u_tolower(static_cast<UChar32>(c.code_point)));
        is_same = is_same && lower == c.code_point;
        changes.push_back({lower, 0});
        if (c.code_point == 0x0130)
            changes.push_back({0x0307, 1});  // the one whose small form is two characters
    }
    if (!is_same) text.transform(changes);
    return text;
}

}  // namespace headlight
