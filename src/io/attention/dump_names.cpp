#include "io/attention/dump_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <string>
#include <vector>

namespace headlight {
namespace {

using Words = std::vector<std::string>;

constexpr std::array<std::string_view, 5> kAttention = {"attn", "attention", "attentions", "att", "attns"};
constexpr std::array<std::string_view, 7> kLayer = {"layer", "layers", "block", "blocks", "h", "l", "lay"};
constexpr std::array<std::string_view, 2> kHead = {"head", "heads"};
constexpr std::array<std::string_view, 14> kOther = {
    "weights", "weight", "probs",    "probabilities", "prob", "pattern", "patterns",
    "self",    "matrix", "matrices", "map",           "maps", "hook",    "outputs"};
constexpr std::size_t kMostDigits = 5;

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Letters in lower case and numbers, apart.
Words split(std::string_view name) {
    Words words;
    bool was_digit = false, is_open = false;
    for (const char c : name) {
        const auto letter = static_cast<unsigned char>(c);
        const bool is_digit = std::isdigit(letter) != 0;
        if (std::isalnum(letter) == 0) {
            is_open = false;
            continue;
        }
        if (!is_open || is_digit != was_digit) words.emplace_back();
        words.back() += static_cast<char>(std::tolower(letter));
        was_digit = is_digit;
        is_open = true;
    }
    return words;
}

bool set_kind(AttentionKind kind, AttentionName& out) {
    const bool is_first = out.kind == AttentionKind::Self;
    if (is_first) out.kind = kind;
    return is_first || out.kind == AttentionKind::Cross;  // "decoder_cross_attention"
}

/// A number is a layer, or a head after the word "head" or a layer.
bool set_number(const std::string& digits, bool after_head, AttentionName& out) {
    int value = -1;
    if (digits.size() > kMostDigits) return false;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    int& place = after_head || out.layer >= 0 ? out.head : out.layer;
    if (place >= 0) return false;
    place = value;
    return true;
}

}  // namespace

std::optional<AttentionName> parse_attention_name(std::string_view name) {
    constexpr std::size_t kLongestName = 100;
    if (name.size() > kLongestName || !std::all_of(name.begin(), name.end(), [](unsigned char c) {
            return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-' || c == '/';
        }))
        return std::nullopt;
    AttentionName out;
    bool says_attention = false, says_layer = false, after_head = false;
    for (const std::string& word : split(name)) {
        bool is_known = true;
        if (std::isdigit(static_cast<unsigned char>(word[0])) != 0) {
            is_known = set_number(word, after_head, out);
        } else if (word == "cross") {
            out.kind = AttentionKind::Cross;
        } else if (word == "enc" || word == "encoder") {
            is_known = set_kind(AttentionKind::Encoder, out);
        } else if (word == "dec" || word == "decoder") {
            is_known = set_kind(AttentionKind::Decoder, out);
        } else if (is_one_of(kAttention, word)) {
            says_attention = true;
        } else if (is_one_of(kLayer, word)) {
            says_layer = true;
        } else {
            is_known = is_one_of(kHead, word) || is_one_of(kOther, word);
        }
        if (!is_known) return std::nullopt;
        after_head = is_one_of(kHead, word);
    }
    const bool is_attention =
        says_attention || (says_layer && out.layer >= 0) || name == "pattern" || name == "weights";
    if (!is_attention || (out.head >= 0 && out.layer < 0)) return std::nullopt;
    return out;
}

}  // namespace headlight
