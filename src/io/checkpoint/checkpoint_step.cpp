#include "io/checkpoint/checkpoint_step.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <vector>

namespace headlight {
namespace {

constexpr std::string_view kStepFileEndings[] = {".safetensors", ".pt", ".pth", ".bin", ".ckpt"};
constexpr std::string_view kStepWords[] = {"step",  "steps",     "globalstep", "globalsteps", "iter",
                                           "iters", "iteration", "iterations", "update",      "updates"};
constexpr std::string_view kEpochWords[] = {"epoch", "epochs", "ep"};
constexpr std::string_view kSaveWords[] = {"checkpoint", "checkpoints", "ckpt", "chkpt",   "model",
                                           "weights",    "state",       "save", "snapshot"};
constexpr std::string_view kCountWords[] = {"num", "no", "number"};  // "iter_num=100"
constexpr std::int64_t kMostSaved = 1'000'000'000;  // after a word that only says that something was saved

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}

template <class WordList>
bool is_word_of(std::string_view word, const WordList& words) {
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

/// A run of letters and digits, and the character before it.
struct Part {
    std::string_view word, digits;  // "step" and "100"; both empty where letters and digits alternate
    char suffix = 0;                // 'k' or 'm' after the digits
    char before = 0;                // the separator, 0 at the beginning; '=' twice and the like: '?'
};

Part read_part(std::string_view chunk, char before) {
    Part part;
    part.before = before;
    std::size_t at = 0;
    while (at < chunk.size() && is_letter(chunk[at]))
        ++at;
    std::size_t end = at;
    while (end < chunk.size() && is_digit(chunk[end]))
        ++end;
    const std::string_view rest = chunk.substr(end);
    if (!rest.empty() && (end == at || (rest != "k" && rest != "m"))) return part;
    part.word = chunk.substr(0, at);
    part.digits = chunk.substr(at, end - at);
    if (!rest.empty()) part.suffix = rest[0];
    return part;
}

std::vector<Part> read_parts(std::string_view name) {
    std::vector<Part> parts;
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t begin = at;
        while (at < name.size() && !is_letter(name[at]) && !is_digit(name[at]))
            ++at;
        const char before = at == begin ? '\0' : at - begin == 1 ? name[begin] : '?';
        const std::size_t first = at;
        while (at < name.size() && (is_letter(name[at]) || is_digit(name[at])))
            ++at;
        if (at > first) parts.push_back(read_part(name.substr(first, at - first), before));
    }
    return parts;
}

bool is_bare(const Part& part) {
    return part.word.empty() && !part.digits.empty();
}

/// "0.91": one number and no two.
bool is_decimal(const std::vector<Part>& parts, std::size_t i) {
    const bool follows =
        i > 0 && parts[i].before == '.' && parts[i].word.empty() && !parts[i - 1].digits.empty();
    const bool leads = i + 1 < parts.size() && parts[i + 1].before == '.' && is_bare(parts[i + 1]);
    return follows || leads;
}

std::optional<std::int64_t> number_of(const Part& part) {
    std::int64_t value = 0;
    const auto [end, error] =
        std::from_chars(part.digits.data(), part.digits.data() + part.digits.size(), value);
    const std::int64_t factor = part.suffix == 'k' ? 1000 : part.suffix == 'm' ? 1'000'000 : 1;
    if (error != std::errc() || __builtin_mul_overflow(value, factor, &value)) return std::nullopt;
    return value;
}

/// The word that the number of a part belongs to: before it in the same part, or in the one before.
std::string_view word_before(const std::vector<Part>& parts, std::size_t i) {
    if (!parts[i].word.empty()) return parts[i].word;
    if (i == 0 || parts[i].before == '?' || !parts[i - 1].digits.empty()) return {};
    const bool counts = is_word_of(parts[i - 1].word, kCountWords) && i > 1 && parts[i - 2].digits.empty();
    return counts ? parts[i - 2].word : parts[i - 1].word;
}

bool is_date_text(std::string_view digits) {
    if (digits.size() != 8 || (!digits.starts_with("19") && !digits.starts_with("20"))) return false;
    const int month = (digits[4] - '0') * 10 + digits[5] - '0',
              day = (digits[6] - '0') * 10 + digits[7] - '0';
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/// Bare numbers in a row from part `first` on.
std::size_t count_in_row(const std::vector<Part>& parts, std::size_t first) {
    std::size_t end = first + 1;
    while (end < parts.size() && is_bare(parts[end]) && parts[end].suffix == 0)
        ++end;
    return end - first;
}

/// A step that only a word like "checkpoint" leads to, or nothing at all.
void take_saved(const std::vector<Part>& parts, std::size_t i, CheckpointStep& out) {
    const std::size_t row = count_in_row(parts, i);
    const auto first = number_of(parts[i]);
    if (!first || *first >= kMostSaved || parts[i].suffix != 0 || is_date_text(parts[i].digits)) return;
    if (row == 1) out.step = first;
    const bool is_year = parts[i].digits.size() == 4 && *first >= 1900 && *first < 2100;
    if (row != 2 || is_year) return;
    out.epoch = first;
    out.step = number_of(parts[i + 1]);
}

}  // namespace

bool is_unfinished_name(std::string_view name) {
    return name.starts_with(".") || name.starts_with("tmp") || name.find(".tmp") != std::string_view::npos ||
           name.find("-of-") != std::string_view::npos;
}

CheckpointStep step_of_name(std::string_view given) {
    if (is_unfinished_name(given)) return {};
    for (const std::string_view ending : kStepFileEndings) {
        if (given.ends_with(ending)) given.remove_suffix(ending.size());
    }
    std::string name(given);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    const std::vector<Part> parts = read_parts(name);
    CheckpointStep named, saved;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].digits.empty() || is_decimal(parts, i)) continue;
        const std::string_view word = word_before(parts, i);
        if (is_word_of(word, kStepWords)) named.step = number_of(parts[i]);
        if (is_word_of(word, kEpochWords) && parts[i].suffix == 0) named.epoch = number_of(parts[i]);
        const bool is_alone = i == 0 && word.empty() && parts.size() == 1;
        if (is_alone || is_word_of(word, kSaveWords)) take_saved(parts, i, saved);
    }
    if (!named.step && !named.epoch) return saved;
    if (!named.step && saved.step && !saved.epoch) named.step = saved.step;
    return named;
}

}  // namespace headlight
