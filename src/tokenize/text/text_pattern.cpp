#include "tokenize/text/text_pattern.h"

#include <oniguruma.h>

#include <algorithm>
#include <mutex>

#include "base/measure/processor.h"
#include "base/utf8.h"

namespace headlight {

struct TextPattern::Compiled {
    std::string pattern;
    OnigRegex regex = nullptr;

    Compiled() = default;
    Compiled(const Compiled&) = delete;
    Compiled& operator=(const Compiled&) = delete;
    ~Compiled() { onig_free(regex); }
};

namespace {

constexpr std::size_t kLongestPattern = std::size_t{1} << 20;
// Steps back of one attempt to match: the library's own limit, and so the reference's.
constexpr unsigned long kMostRetriesOfMatch = 10'000'000;
// The reference has no limit on these; they keep a hostile pattern from taking all memory and time.
constexpr unsigned long kMostRetriesOfSearch = 50'000'000;
constexpr unsigned kMostStackEntries = 4'000'000;
constexpr double kMostSeconds = 5,
                 kMostSecondsOfByte = 2e-6;  // of one text; ordinary patterns take 1e-7 for a byte

const OnigUChar* bytes_of(std::string_view text) {
    return reinterpret_cast<const OnigUChar*>(text.data());
}

std::string words_of_error(int code, OnigErrorInfo* info) {
    OnigUChar buffer[ONIG_MAX_ERROR_MESSAGE_LEN] = {};
    const int length =
        info != nullptr ? onig_error_code_to_str(buffer, code, info) : onig_error_code_to_str(buffer, code);
    return {reinterpret_cast<const char*>(buffer), static_cast<std::size_t>(length)};
}

/// What a search writes to, kept from one to the next.
struct Searcher {
    OnigRegion* region = onig_region_new();
    OnigMatchParam* limits = onig_new_match_param();

    Searcher() {
        onig_initialize_match_param(limits);
        onig_set_retry_limit_in_match_of_match_param(limits, kMostRetriesOfMatch);
        onig_set_retry_limit_in_search_of_match_param(limits, kMostRetriesOfSearch);
        onig_set_match_stack_limit_size_of_match_param(limits, kMostStackEntries);
    }
    Searcher(const Searcher&) = delete;
    Searcher& operator=(const Searcher&) = delete;
    ~Searcher() {
        onig_free_match_param(limits);
        onig_region_free(region, 1);
    }
};

Status find_matches(OnigRegex regex, const std::string& pattern, std::string_view text,
                    std::vector<PatternMatch>& out) {
    thread_local Searcher searcher;
    constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    const OnigUChar* begin = bytes_of(text);
    const OnigUChar* end = begin + text.size();
    std::size_t from = 0, last_end = kNone, count = 0;
    double start = 0;
    while (from <= text.size()) {
        const int at = onig_search_with_param(regex, begin, end, begin + from, end, searcher.region,
                                              ONIG_OPTION_NONE, searcher.limits);
        if (at == ONIG_MISMATCH) return {};
        if (++count % 4096 == 1) {
            const double now = thread_seconds();
            if (count == 1) start = now;
            if (now - start > kMostSeconds + kMostSecondsOfByte * static_cast<double>(text.size())) {
                return fail(ErrorKind::Unsupported,
                            "the regular expression '{}' takes more than {} seconds for a text of {} bytes",
                            pattern.substr(0, 300), kMostSeconds, text.size());
            }
        }
        if (at < 0) {
            return fail(ErrorKind::Unsupported,
                        "the regular expression '{}' cannot be matched with this text ({})",
                        pattern.substr(0, 300), words_of_error(at, nullptr));
        }
        const auto first = static_cast<std::size_t>(searcher.region->beg[0]);
        const auto last = static_cast<std::size_t>(searcher.region->end[0]);
        if (first == last &&
            last == last_end) {  // nothing, where the last match ended: go on with the next character
            from += from < text.size() ? utf8::decode(text, from).size_bytes : 1;
            continue;
        }
        out.push_back({first, last});
        from = last_end = last;
    }
    return {};
}

/// Later versions of Oniguruma, the reference's among them, count symbols as [:punct:], earlier ones do not:
/// spelled out.
std::string with_symbols_as_punctuation(std::string_view pattern) {
    constexpr std::string_view kClass = "[:punct:]", kNoClass = "[:^punct:]";
    std::string out;
    int depth = 0;  // of character classes
    for (std::size_t i = 0; i < pattern.size();) {
        const std::string_view rest = pattern.substr(i);
        std::size_t taken = 1;
        if (rest[0] == '\\') {
            taken = std::min<std::size_t>(2, rest.size());
        } else if (depth > 0 && (rest.starts_with(kClass) || rest.starts_with(kNoClass))) {
            out += rest.starts_with(kClass) ? R"(\p{P}\p{S})" : R"([^\p{P}\p{S}])";
            i += rest.starts_with(kClass) ? kClass.size() : kNoClass.size();
            continue;
        } else if (depth > 0 && rest.starts_with("[:") && rest.find(":]") != std::string_view::npos) {
            taken = rest.find(":]") + 2;
        } else if (rest[0] == '[') {
            ++depth;
        } else if (rest[0] == ']' && depth > 0) {
            --depth;
        }
        out += rest.substr(0, taken);
        i += taken;
    }
    return out;
}

void find_literal(std::string_view text, std::string_view literal, std::vector<PatternMatch>& out) {
    for (std::size_t at = text.find(literal); at != std::string_view::npos;
         at = text.find(literal, at + literal.size())) {
        out.push_back({at, at + literal.size()});
    }
}

}  // namespace

Result<TextPattern> TextPattern::compile(const std::string& pattern) {
    if (pattern.size() > kLongestPattern)
        return fail(ErrorKind::Unsupported, "a regular expression of {} bytes is too long", pattern.size());
    static std::once_flag once;
    std::call_once(once, [] {
        OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
        onig_initialize(encodings, 1);
    });
    auto compiled = std::make_shared<Compiled>();
    compiled->pattern = pattern;
    OnigErrorInfo info{};
    const std::string read = with_symbols_as_punctuation(pattern);
    const int code = onig_new(&compiled->regex, bytes_of(read), bytes_of(read) + read.size(),
                              ONIG_OPTION_NONE, ONIG_ENCODING_UTF8, ONIG_SYNTAX_DEFAULT, &info);
    if (code != ONIG_NORMAL) {
        compiled->regex = nullptr;
        return fail(ErrorKind::Unsupported, "the regular expression '{}' is not understood ({})",
                    pattern.substr(0, 300), words_of_error(code, &info));
    }
    TextPattern made;
    made.compiled_ = std::move(compiled);
    return made;
}

Result<TextPattern> TextPattern::literal(const std::string& text) {
    if (text.empty()) return compile(text);
    TextPattern made;
    made.literal_ = text;
    return made;
}

TextPattern TextPattern::made_of(Finder finder) {
    TextPattern made;
    made.finder_ = finder;
    return made;
}

Status TextPattern::find_all(std::string_view text, std::vector<PatternMatch>& out) const {
    if (finder_ != nullptr) {
        finder_(text, out);
    } else if (compiled_ == nullptr) {
        find_literal(text, literal_, out);
    } else if (!text.empty()) {
        return find_matches(compiled_->regex, compiled_->pattern, text, out);
    }
    return {};
}

}  // namespace headlight
