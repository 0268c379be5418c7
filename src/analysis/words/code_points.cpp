#include "analysis/words/code_points.h"

#include <algorithm>
#include <string_view>

namespace headlight::code_points {
namespace {

struct Range {
    char32_t first, last;
};

/// Symbols and punctuation past ASCII that no word holds.
constexpr Range kSymbols[] = {
    {0x80, 0xA9},     {0xAB, 0xB4},     {0xB6, 0xB9},     {0xBB, 0xBF},     {0xD7, 0xD7},
    {0xF7, 0xF7},     {0x37E, 0x37E},   {0x387, 0x387},   {0x55A, 0x55F},   {0x589, 0x58A},
    {0x5BE, 0x5BE},   {0x5C0, 0x5C0},   {0x5C3, 0x5C3},   {0x5C6, 0x5C6},   {0x5F3, 0x5F4},
    {0x60C, 0x60D},   {0x61B, 0x61F},   {0x66A, 0x66D},   {0x6D4, 0x6D4},   {0x964, 0x965},
    {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2010, 0x205F}, {0x20A0, 0x20CF}, {0x2190, 0x2BFF},
    {0x2E00, 0x2E7F}, {0x3000, 0x3004}, {0x3008, 0x3020}, {0x30FB, 0x30FB}, {0xFE30, 0xFE6F},
    {0xFF01, 0xFF0F}, {0xFF1A, 0xFF20}, {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}};

constexpr std::u32string_view kSentenceMarks = U".,;:!?…‥¡¿。，、；：！？،؛؟۔׃։।॥";
constexpr std::u32string_view kSentenceEnds = U".!?…。！？؟۔׃։।॥";
constexpr std::u32string_view kQuotes = U"\"“”„‟«»";
constexpr std::u32string_view kBrackets = U"()[]{}";

bool holds(std::u32string_view set, char32_t c) {
    return set.find(c) != std::u32string_view::npos;
}

}  // namespace

bool is_line_end(char32_t c) {
    return c == U'\n' || c == U'\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool is_space(char32_t c) {
    return c == U' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

bool is_sentence_mark(char32_t c) {
    return holds(kSentenceMarks, c);
}

bool is_sentence_end(char32_t c) {
    return holds(kSentenceEnds, c);
}

bool is_quote(char32_t c) {
    return holds(kQuotes, c);
}

bool is_bracket(char32_t c) {
    return holds(kBrackets, c);
}

bool is_word(char32_t c) {
    if (c < 0x80) {
        return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || (c >= U'0' && c <= U'9') || c == U'_';
    }
    const auto range = std::upper_bound(std::begin(kSymbols), std::end(kSymbols), c,
                                        [](char32_t value, const Range& r) { return value < r.first; });
    return range == std::begin(kSymbols) || c > std::prev(range)->last;
}

bool is_digit(char32_t c) {
    // The first digit of each ten, in the scripts that have digits of their own.
    constexpr char32_t kZeros[] = {U'0',  0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66,  0xAE6,  0xB66,  0xBE6,
                                   0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20, 0x1040, 0x17E0, 0x1810, 0xFF10};
    return std::any_of(std::begin(kZeros), std::end(kZeros),
                       [c](char32_t zero) { return c >= zero && c < zero + 10; });
}

bool is_capital(char32_t c) {
    if (c < 0x80) return c >= U'A' && c <= U'Z';
    if (c < 0x100) return c >= 0xC0 && c <= 0xDE && c != 0xD7;
    // Letters in pairs, the capital first: at even places, in two stretches at odd ones.
    if (c < 0x180) {
        if (c == 0x178) return true;
        if (c == 0x138 || c == 0x149 || c == 0x17F) return false;
        const bool is_odd = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
        return (c % 2 == 1) == is_odd;
    }
    if (c >= 0x386 && c <= 0x3AB) return c != 0x387 && c != 0x390;
    if (c >= 0x400 && c <= 0x42F) return true;
    if ((c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F))
        return c % 2 == 0;
    if (c >= 0x531 && c <= 0x556) return true;
    return c >= 0x1E00 && c <= 0x1EFF && c % 2 == 0 && !(c >= 0x1E96 && c <= 0x1E9D);
}

bool is_apostrophe(char32_t c) {
    return c == U'\'' || c == 0x2019;
}

}  // namespace headlight::code_points
