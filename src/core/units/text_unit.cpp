// Names of units, and the unit of a token.
#include "core/units/text_unit.h"

#include <algorithm>

namespace headlight {

const char* to_string(TextUnit unit) {
    switch (unit) {
        case TextUnit::Token:
            return "token";
        case TextUnit::Word:
            return "word";
        case TextUnit::Sentence:
            return "sentence";
        case TextUnit::Line:
            return "line";
    }
    return "";
}

std::optional<TextUnit> text_unit(std::string_view name) {
    for (const TextUnit unit : kTextUnits) {
        if (name == to_string(unit)) return unit;
    }
    return std::nullopt;
}

const char* to_string(FromGroup from) {
    return from == FromGroup::Mean ? "mean" : "last";
}

std::optional<FromGroup> from_group(std::string_view name) {
    for (const FromGroup from : {FromGroup::Mean, FromGroup::Last}) {
        if (name == to_string(from)) return from;
    }
    return std::nullopt;
}

std::string in_units(std::string_view words, TextUnit unit) {
    constexpr std::string_view kRest = "oken";  // of "token" and of "Token"
    std::string out(words);
    if (unit == TextUnit::Token) return out;
    const std::string_view name = to_string(unit);
    for (std::size_t at = out.find(kRest, 1); at != std::string::npos; at = out.find(kRest, at + 1)) {
        const char first = out[at - 1];
        if (first != 't' && first != 'T') continue;
        out.replace(at - 1, kRest.size() + 1, name);
        if (first == 'T') out[at - 1] = static_cast<char>(name[0] - 'a' + 'A');
    }
    return out;
}

int unit_of(const std::vector<TokenRange>& units, int token) {
    const auto after = std::upper_bound(units.begin(), units.end(), token,
                                        [](int value, const TokenRange& range) { return value < range.end; });
    if (after == units.end() || token < after->begin) return -1;
    return static_cast<int>(after - units.begin());
}

}  // namespace headlight
