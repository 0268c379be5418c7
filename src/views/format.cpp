// Numbers and sentences as the window writes them.
#include "views/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/words/text_breaks.h"
#include "base/utf8.h"
#include "ui/kit.h"

namespace headlight {

namespace {

constexpr const char* kNoValue = "–";

std::string with_real_minus(std::string text) {
    if (!text.empty() && text.front() == '-') text.replace(0, 1, "−");
    return text;
}

/// "2e-07" -> "2e-7".
std::string short_exponent(std::string text) {
    const auto exponent = text.find('e') + 2;
    while (exponent + 1 < text.size() && text[exponent] == '0')
        text.erase(exponent, 1);
    return text;
}

std::string grouped(long long value) {
    std::string digits = std::to_string(value < 0 ? -value : value);
    for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), " ");
    return (value < 0 ? "−" : "") + digits;
}

}  // namespace

std::string format_percent(double share) {
    if (!std::isfinite(share)) return kNoValue;
    const double percent = share * 100;
    if (percent == 0) return "0 %";
    if (percent < 0.01) return "< 0.01 %";
    if (percent < 0.1) return fmt::format("{:.2f} %", percent);
    if (percent < 9.95) return fmt::format("{:.1f} %", percent);
    return fmt::format("{:.0f} %", percent);
}

std::string format_percent_column(double share) {
    if (!std::isfinite(share)) return kNoValue;
    const double percent = share * 100;
    if (percent > 0 && percent < 0.05) return "< 0.1 %";
    return fmt::format("{:.1f} %", percent);
}

std::string format_number(double value) {
    if (!std::isfinite(value)) return kNoValue;
    const double size = std::fabs(value);
    if (size == 0) return "0";
    if (size < 0.001) return with_real_minus(short_exponent(fmt::format("{:.1e}", value)));
    if (size < 0.0995) return with_real_minus(fmt::format("{:.3f}", value));
    if (size < 9.995) return with_real_minus(fmt::format("{:.2f}", value));
    if (size < 999.5) return with_real_minus(fmt::format("{:.1f}", value));
    if (size < 1e12) return grouped(std::llround(value));
    return with_real_minus(fmt::format("{:.2e}", value));
}

std::string format_value(const std::optional<double>& value, std::string_view unit) {
    if (!value) return kNoValue;
    const std::string number = format_number(*value);
    return unit.empty() ? number : fmt::format("{} {}", number, unit);
}

std::string format_lift(const std::optional<double>& lift) {
    if (!lift || !std::isfinite(*lift)) return kNoValue;
    return *lift < 99.5 ? fmt::format("{:.1f}×", *lift) : fmt::format("{:.0f}×", *lift);
}

std::string format_score(const std::optional<double>& score) {
    if (!score || !std::isfinite(*score)) return kNoValue;
    const double rounded = std::round(*score * 100) / 100;
    return with_real_minus(fmt::format("{:.2f}", rounded == 0 ? 0.0 : rounded));
}

std::string format_error_bound(double error) {
    if (error == 0) return "0";
    return short_exponent(fmt::format("{:.0e}", error));
}

std::string format_duration(double milliseconds) {
    if (milliseconds < 1) return "< 1 ms";
    if (milliseconds < 995) return fmt::format("{:.0f} ms", milliseconds);
    if (milliseconds < 59950) return fmt::format("{:.1f} s", milliseconds / 1000);
    return fmt::format("{:.1f} min", milliseconds / 60000);
}

std::string format_count(int count, std::string_view singular, std::string_view plural) {
    return fmt::format("{} {}", grouped(count), count == 1 ? singular : plural);
}

std::string format_parameters(long long count) {
    const auto value = static_cast<double>(count);
    if (value >= 1e9) return fmt::format("{:.1f} B", value / 1e9);
    if (value >= 1e6) return fmt::format("{:.1f} M", value / 1e6);
    if (value >= 1e3) return fmt::format("{:.0f} k", value / 1e3);
    return std::to_string(count);
}

std::string shorten(std::string_view text, int most) {
    std::size_t byte = 0;
    for (int count = 0; byte < text.size(); ++count) {
        const auto decoded = utf8::decode(text, byte);
        if (count == most - 1 && byte + decoded.size_bytes < text.size())
            return std::string(text.substr(0, byte)) + "…";
        byte += decoded.size_bytes;
    }
    return std::string(text);
}

std::string token_label(const TokenizedText& tokens, int index, int most) {
    if (index < 0 || index >= static_cast<int>(tokens.tokens.size())) return "?";
    return shorten_middle(tokens.tokens[static_cast<std::size_t>(index)].display,
                          static_cast<std::size_t>(most));
}

gfx::Rgba sentence_tone(int sentence) {
    const ui::Colors& colors = ui::colors();
    return sentence == 0 ? gfx::faded(colors.dim, 0.7f) : colors.third;
}

std::string quoted_token(const TokenizedText& tokens, int index) {
    constexpr int kMostInSentences = 80;
    const std::string words = token_label(tokens, index, kMostInSentences);
    if (!tokens.is_pair()) return fmt::format("“{}” ({})", words, index);
    return fmt::format("“{}” ({}, {})", words, index, tokens.sentence_of(index) == 0 ? 'A' : 'B');
}

std::string attention_sentence(const TokenPair& pair, double weight) {
    return fmt::format("{} gives {} to {}", quoted_token(pair.queries, pair.query), format_percent(weight),
                       pair.is_itself() ? "itself" : quoted_token(pair.keys, pair.key));
}

std::string masked_sentence(const TokenPair& pair, MaskReason reason) {
    const char* why = reason == MaskReason::Later    ? "it comes later"
                      : reason == MaskReason::Window ? "it lies outside the layer's window"
                                                     : "this layer has no softmax attention";
    return fmt::format("{} cannot see {}: {}", quoted_token(pair.queries, pair.query),
                       quoted_token(pair.keys, pair.key), why);
}

std::string sink_words(double share) {
    return fmt::format("off-sequence sink {}", format_percent(std::max(0.0, share)));
}

std::string heads_title(const std::vector<HeadId>& heads) {
    if (heads.empty()) return "No head";
    if (heads.size() == 1) return fmt::format("Layer {} · Head {}", heads[0].layer, heads[0].head);
    return fmt::format("Mean of {} heads", heads.size());
}

std::string heads_list(const std::vector<HeadId>& heads, int most) {
    std::string out;
    const int shown = std::min<int>(most, static_cast<int>(heads.size()));
    for (int i = 0; i < shown; ++i)
        out += (i ? ", " : "") + heads[static_cast<std::size_t>(i)].to_string();
    if (static_cast<int>(heads.size()) > shown)
        out += fmt::format(" and {} more", heads.size() - static_cast<std::size_t>(shown));
    return out;
}

std::string no_change_words(double largest) {
    return largest > 0 ? fmt::format("no change: at most {}", format_error_bound(largest)) : "no change";
}

}  // namespace headlight
