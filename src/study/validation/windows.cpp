// Sequences of one length, cut out of a text or drawn at random.
#include <algorithm>
#include <random>

#include "study/validation/validation.h"

namespace headlight {
namespace {

/// Tokens [begin, end) of `all` between the special tokens; spans are moved to the window's own text.
TokenizedText window_of(const TokenizedText& all, std::size_t front, std::size_t back, std::size_t begin,
                        std::size_t end) {
    TokenizedText out;
    const auto& tokens = all.tokens;
    const std::size_t text_begin = begin < end ? tokens[begin].byte_begin : 0;
    const std::size_t text_end = begin < end ? std::max(text_begin, tokens[end - 1].byte_end) : 0;
    out.text = all.text.substr(text_begin, text_end - text_begin);
    const auto take = [&](std::size_t i) {
        Token token = tokens[i];
        const bool is_inside = token.byte_begin >= text_begin && token.byte_end <= text_end;
        token.byte_begin = is_inside ? token.byte_begin - text_begin : 0;
        token.byte_end = is_inside ? token.byte_end - text_begin : 0;
        out.tokens.push_back(std::move(token));
    };
    for (std::size_t i = 0; i < front; ++i)
        take(i);
    for (std::size_t i = begin; i < end; ++i)
        take(i);
    for (std::size_t i = tokens.size() - back; i < tokens.size(); ++i)
        take(i);
    return out;
}

}  // namespace

Result<std::vector<TokenizedText>> cut_windows(const Tokenizer& tokenizer, const std::string& text,
                                               int length, int most) {
    HEADLIGHT_TRY(const TokenizedText all, tokenizer.try_encode(text));
    const auto& tokens = all.tokens;
    std::size_t front = 0, back = 0;
    while (front < tokens.size() && tokens[front].is_special)
        ++front;
    while (back + front < tokens.size() && tokens[tokens.size() - 1 - back].is_special)
        ++back;
    const std::size_t body_end = tokens.size() - back, specials = front + back;
    std::vector<TokenizedText> windows;
    if (tokens.size() < 2 || body_end <= front || length < static_cast<int>(specials) + 1) return windows;
    const std::size_t step = static_cast<std::size_t>(length) - specials;
    for (std::size_t begin = front; begin + step <= body_end && static_cast<int>(windows.size()) < most;
         begin += step)
        windows.push_back(window_of(all, front, back, begin, begin + step));
    if (windows.empty()) windows.push_back(window_of(all, front, back, front, body_end));
    return windows;
}

std::vector<TokenizedText> random_windows(int vocab_size, int length, int count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<TokenizedText> windows(static_cast<std::size_t>(std::max(0, count)));
    for (TokenizedText& window : windows) {
        for (int i = 0; i < length; ++i) {
            Token token;
            token.id =
                static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(std::max(1, vocab_size)));
            token.piece = token.display = fmt::format("#{}", token.id);
            window.tokens.push_back(std::move(token));
        }
    }
    return windows;
}

}  // namespace headlight
