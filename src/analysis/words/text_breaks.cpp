// The break iterators of ICU, asked for byte offsets of UTF-8.
#include "analysis/words/text_breaks.h"

#include <unicode/ubrk.h>
#include <unicode/ucasemap.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>

#include "analysis/words/code_points.h"
#include "base/utf8.h"

namespace headlight {
namespace {

void check_icu(UErrorCode code, const char* what) {
    if (U_FAILURE(code))
        throw std::runtime_error(std::string(what) + ": ICU says " + u_errorName(code) +
                                 "; is its data (libicu) installed?");
}

struct CloseBreaks {
    void operator()(UBreakIterator* breaks) const { ubrk_close(breaks); }
};
struct CloseText {
    void operator()(UText* text) const { utext_close(text); }
};

bool is_all_space(std::string_view text) {
    for (std::size_t byte = 0; byte < text.size();) {
        const utf8::Decoded decoded = utf8::decode(text, byte);
        if (!code_points::is_space(decoded.code_point)) return false;
        byte += decoded.size_bytes;
    }
    return !text.empty();
}

/// One of each kind for every thread: labels are cut many times a frame, and opening one costs more than
/// that.
UBreakIterator* breaks_of(UBreakIteratorType type) {
    thread_local std::map<int, std::unique_ptr<UBreakIterator, CloseBreaks>> opened;
    auto& breaks = opened[static_cast<int>(type)];
    if (!breaks) {
        UErrorCode code = U_ZERO_ERROR;
        breaks.reset(ubrk_open(type, "en", nullptr, 0, &code));
        check_icu(code, "cutting a text");
    }
    return breaks.get();
}

std::vector<TextSegment> segments(UBreakIteratorType type, std::string_view text) {
    std::vector<TextSegment> out;
    if (text.empty()) return out;
    UErrorCode code = U_ZERO_ERROR;
    const std::unique_ptr<UText, CloseText> opened(
        utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &code));
    check_icu(code, "cutting a text");
    UBreakIterator* breaks = breaks_of(type);
    ubrk_setUText(breaks, opened.get(), &code);
    check_icu(code, "cutting a text");
    std::size_t begin = 0;
    for (std::int32_t at = ubrk_next(breaks); at != UBRK_DONE; at = ubrk_next(breaks)) {
        const auto end = static_cast<std::size_t>(at);
        if (end <= begin) continue;
        out.push_back({begin, end, is_all_space(text.substr(begin, end - begin))});
        begin = end;
    }
    return out;
}

}  // namespace

std::vector<TextSegment> word_segments(std::string_view text) {
    return segments(UBRK_WORD, text);
}

std::vector<TextSegment> sentence_segments(std::string_view text) {
    return segments(UBRK_SENTENCE, text);
}

std::vector<TextSegment> character_segments(std::string_view text) {
    return segments(UBRK_CHARACTER, text);
}

bool is_right_to_left(std::string_view text) {
    for (std::size_t byte = 0; byte < text.size();) {
        const utf8::Decoded decoded = utf8::decode(text, byte);
        byte += decoded.size_bytes;
        const UCharDirection direction = u_charDirection(static_cast<UChar32>(decoded.code_point));
        if (direction == U_LEFT_TO_RIGHT) return false;
        if (direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC) return true;
    }
    return false;
}

namespace {

constexpr std::size_t kLeastCharacters = 3;  // of a shortened text

std::string without_middle(std::string_view text, const std::vector<TextSegment>& characters,
                           std::size_t most) {
    if (characters.size() <= most) return std::string(text);
    const std::size_t head = most / 2, tail = most - 1 - head;
    return std::string(text.substr(0, characters[head].begin)) + "…" +
           std::string(text.substr(characters[characters.size() - tail].begin));
}

}  // namespace

std::string shorten_middle(std::string_view text, std::size_t most) {
    most = std::max(kLeastCharacters, most);
    if (text.size() <= most) return std::string(text);  // every character is a byte at least
    return without_middle(text, character_segments(text), most);
}

std::string shorten_middle(std::string_view text, const std::function<bool(const std::string&)>& fits) {
    std::string best(text);
    if (fits(best)) return best;
    constexpr std::size_t kMostCharacters = 200;  // a label of more is not worth the search
    const std::vector<TextSegment> characters = character_segments(text);
    std::size_t least = kLeastCharacters, most = std::min(characters.size(), kMostCharacters);
    best = without_middle(text, characters, least);
    while (least + 1 < most) {
        const std::size_t middle = (least + most) / 2;
        std::string longer = without_middle(text, characters, middle);
        if (fits(longer)) {
            best = std::move(longer);
            least = middle;
        } else {
            most = middle;
        }
    }
    return best;
}

std::string normalized_text(std::string_view text) {
    std::size_t begin = 0, end = text.size();
    for (const TextSegment& character : character_segments(text)) {
        if (!character.is_space) {
            end = character.end;
            continue;
        }
        if (character.begin == begin) begin = character.end;
    }
    text = begin < end ? text.substr(begin, end - begin) : std::string_view();
    UErrorCode code = U_ZERO_ERROR;
    struct CloseMap {
        void operator()(UCaseMap* map) const { ucasemap_close(map); }
    };
    const std::unique_ptr<UCaseMap, CloseMap> map(ucasemap_open("", 0, &code));
    check_icu(code, "folding the case of a text");
    std::string out(text.size() * 3 + 1, '\0');  // no code point grows beyond that
    const std::int32_t size =
        ucasemap_utf8FoldCase(map.get(), out.data(), static_cast<std::int32_t>(out.size()), text.data(),
                              static_cast<std::int32_t>(text.size()), &code);
    check_icu(code, "folding the case of a text");
    out.resize(static_cast<std::size_t>(size));
    return out;
}

}  // namespace headlight
