// The regular expressions of rank_pattern and alpha_pattern, as far as adapters use them; matching takes time
// that is bounded by the number of repetitions.
#include <algorithm>

#include "io/checkpoint/adapter/adapter_config.h"

namespace headlight {
namespace {

constexpr std::size_t kMostSigns = 512, kMostRepetitions = 4;

struct Sign {
    char letter = 0;
    bool is_any = false, is_digit = false;
    char repeats = 0;  // '*', '+' or none

    bool fits(char c) const { return is_any || (is_digit ? c >= '0' && c <= '9' : c == letter); }
};

bool is_plain_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '/';
}

Result<std::vector<Sign>> signs_of(std::string_view pattern) {
    const auto refuse = [&] {
        return fail(
            ErrorKind::Unsupported,
            "the pattern '{}' of the adapter (rank_pattern or alpha_pattern) is no simple expression; names "
            "of modules, '.', '\\d', '*' and '+' are read",
            std::string(pattern.substr(0, 80)));
    };
    std::vector<Sign> out;
    std::size_t repetitions = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        Sign sign{c};
        if (c == '.') {
            sign.is_any = true;
        } else if (c == '\\' && i + 1 < pattern.size()) {
            sign.letter = pattern[++i];
            sign.is_digit = sign.letter == 'd';
            if (!sign.is_digit && is_plain_letter(sign.letter)) return refuse();
        } else if (!is_plain_letter(c)) {
            return refuse();
        }
        if (i + 1 < pattern.size() && (pattern[i + 1] == '*' || pattern[i + 1] == '+')) {
            sign.repeats = pattern[++i];
            ++repetitions;
        }
        out.push_back(sign);
    }
    if (out.size() > kMostSigns || repetitions > kMostRepetitions) return refuse();
    return out;
}

bool matches_whole(const std::vector<Sign>& signs, std::size_t at, std::string_view text) {
    for (; at < signs.size(); ++at) {
        const Sign& sign = signs[at];
        if (sign.repeats == 0) {
            if (text.empty() || !sign.fits(text.front())) return false;
            text.remove_prefix(1);
            continue;
        }
        std::size_t count = 0;
        while (count < text.size() && sign.fits(text[count]))
            ++count;
        for (const std::size_t least = sign.repeats == '+' ? 1 : 0; count + 1 > least; --count) {
            if (matches_whole(signs, at + 1, text.substr(count))) return true;
            if (count == 0) break;
        }
        return false;
    }
    return text.empty();
}

}  // namespace

Result<bool> matches_module(std::string_view pattern, std::string_view text) {
    if (text.size() > kMostSigns) return false;
    // The expression stands behind "(.*\.)?": with '^' in front only its empty choice can match.
    const bool is_whole = pattern.starts_with('^');
    HEADLIGHT_TRY(const std::vector<Sign> signs, signs_of(pattern.substr(is_whole ? 1 : 0)));
    if (matches_whole(signs, 0, text)) return true;
    for (std::size_t i = 0; !is_whole && i < text.size(); ++i) {
        if (text[i] == '.' && matches_whole(signs, 0, text.substr(i + 1))) return true;
    }
    return false;
}

}  // namespace headlight
