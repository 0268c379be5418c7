#include "study/rules/rule_patterns.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/utf8.h"
#include "tokenize/text/text_pattern.h"

namespace headlight {
namespace {

constexpr double kMostPatternSeconds = 1;
constexpr std::size_t kMostKnownPieces = 1 << 16;

/// An expression with what it said of the pieces so far: a text is looked at again with every key stroke.
struct KnownPieces {
    TextPattern pattern;
    std::string words;
    std::mutex mutex;
    std::unordered_map<std::string, bool> known;
    double seconds = 0;

    Result<bool> holds(std::string_view piece) {
        const std::scoped_lock lock(mutex);
        std::string text(piece);
        if (const auto found = known.find(text); found != known.end()) return found->second;
        if (seconds > kMostPatternSeconds)
            return fail(ErrorKind::Unsupported,
                        "the regular expression '{}' takes more than {} s on this text", words,
                        kMostPatternSeconds);
        if (!utf8::is_valid(text)) return false;
        const auto start = std::chrono::steady_clock::now();
        std::vector<PatternMatch> matches;
        HEADLIGHT_CHECK(pattern.find_all(text, matches));
        seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (known.size() >= kMostKnownPieces) known.clear();
        return known[text] = !matches.empty();
    }
};

Result<PiecePattern> compile_pattern(const std::string& pattern) {
    auto known = std::make_shared<KnownPieces>();
    HEADLIGHT_TRY(known->pattern, TextPattern::compile(pattern));
    known->words = pattern;
    return PiecePattern([known](std::string_view piece) { return known->holds(piece); });
}

}  // namespace

Result<TokenRule> read_rule(std::string_view text) {
    return TokenRule::parse(text, compile_pattern);
}

}  // namespace headlight
