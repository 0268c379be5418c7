#include "train/data/corpus.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/text_file.h"
#include "base/utf8.h"

namespace headlight {
namespace {

constexpr std::size_t kMaxCorpusBytes = std::size_t{1} << 30;

bool is_space_or_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F;
}

std::string_view strip(std::string_view text) {
    while (!text.empty() && is_space_or_control(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space_or_control(text.back()))
        text.remove_suffix(1);
    return text;
}

// "CHAPTER XII", "Volume 2." and the like, alone on their line.
bool is_heading(std::string_view line) {
    constexpr std::array<std::string_view, 4> kWords = {"CHAPTER", "Chapter", "VOLUME", "Volume"};
    line = strip(line);
    for (const std::string_view word : kWords) {
        if (line.substr(0, word.size()) != word) continue;
        const std::string_view rest = line.substr(word.size());
        std::string_view number = strip(rest);
        if (number.size() == rest.size() || number.empty()) return false;  // no space, or no number
        if (number.back() == '.') number.remove_suffix(1);
        return !number.empty() && number.find_first_not_of("IVXLC0123456789") == std::string_view::npos;
    }
    return false;
}

void append_words(std::string& out, std::string_view line) {
    bool is_between_words = true;
    for (const char c : line) {
        if (c == '_') continue;
        if (is_space_or_control(c)) {
            is_between_words = true;
            continue;
        }
        if (is_between_words && !out.empty()) out += ' ';
        is_between_words = false;
        out += c;
    }
}

/// Where one blank line comes on at most this many lines, blank lines part paragraphs and single breaks are
/// the typesetter's.
constexpr std::size_t kLinesAParagraph = 40;

/// Lines whose words are given, empty for blank ones, joined as LineBreaks::Kept says.
std::string join_lines(const std::vector<std::string>& lines) {
    const auto num_blank = static_cast<std::size_t>(std::count(lines.begin(), lines.end(), ""));
    const bool has_paragraphs = num_blank * kLinesAParagraph > lines.size();
    std::string out;
    bool is_after_break = false;
    for (const std::string& line : lines) {
        is_after_break = is_after_break || line.empty() || !has_paragraphs;
        if (line.empty()) continue;
        if (!out.empty()) out += is_after_break ? '\n' : ' ';
        out += line;
        is_after_break = false;
    }
    return out;
}

// End of a piece of at most `max_bytes`: after its last space, else before a character that would not fit.
std::size_t forced_cut(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) return text.size();
    const std::size_t space = text.rfind(' ', max_bytes);
    if (space != std::string_view::npos && space > 0) return space;
    std::size_t cut = max_bytes;
    while (cut > 1 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80)
        --cut;
    return cut;
}

}  // namespace

std::string clean_text(std::string_view raw, LineBreaks breaks) {
    std::string valid;
    if (!utf8::is_valid(raw)) {
        valid = utf8::replace_invalid(raw);
        raw = valid;
    }
    if (raw.substr(0, 3) == "\xEF\xBB\xBF") raw.remove_prefix(3);  // byte order mark
    std::string out;
    std::vector<std::string> lines;
    while (!raw.empty()) {
        const std::size_t end = std::min(raw.find('\n'), raw.size());
        const std::string_view line = raw.substr(0, end);
        if (breaks == LineBreaks::Kept) lines.emplace_back();
        if (!is_heading(line)) append_words(breaks == LineBreaks::Kept ? lines.back() : out, line);
        raw.remove_prefix(std::min(end + 1, raw.size()));
    }
    return breaks == LineBreaks::Kept ? join_lines(lines) : out;
}

CorpusText split_held_out(std::string name, std::string_view clean) {
    const std::string_view head = clean.substr(0, clean.size() / 10 * 9 + clean.size() % 10 * 9 / 10);
    const std::size_t word_end = head.find_last_of(" \n");
    std::size_t cut = word_end;
    while (cut != std::string_view::npos && cut > 0 && head[cut - 1] != '.')
        cut = head.find_last_of(" \n", cut - 1);
    if (cut == std::string_view::npos || cut == 0) cut = word_end;
    if (cut == std::string_view::npos) cut = clean.size();
    return {std::move(name), std::string(strip(clean.substr(0, cut))), std::string(strip(clean.substr(cut)))};
}

std::vector<std::string_view> split_sentences(std::string_view clean, std::size_t max_bytes) {
    std::vector<std::string_view> sentences;
    while (!clean.empty()) {
        std::size_t end = 0;
        do {
            end = clean.find(' ', end + 1);
        } while (end != std::string_view::npos && end <= max_bytes &&
                 std::string_view(".!?").find(clean[end - 1]) == std::string_view::npos);
        end = std::min(end, clean.size());
        if (end > max_bytes) end = forced_cut(clean, max_bytes);
        sentences.push_back(clean.substr(0, end));
        clean = strip(clean.substr(end));
    }
    return sentences;
}

Result<std::vector<CorpusText>> read_corpus(std::span<const std::string> files, LineBreaks breaks) {
    if (files.empty())
        return fail(ErrorKind::InvalidInput, "training needs at least one corpus file; none was given");
    std::vector<CorpusText> texts;
    std::size_t total = 0;
    for (const std::string& file : files) {
        HEADLIGHT_TRY(const std::string raw, read_text(file, kMaxCorpusBytes));
        total += raw.size();
        if (total > kMaxCorpusBytes) {
            return fail(make_error(ErrorKind::InvalidInput,
                                   "the corpus files hold more than 1 GiB of text together; "
                                   "this trainer is made for small models, give it less")
                            .in_file(file));
        }
        CorpusText text =
            split_held_out(std::filesystem::path(file).stem().string(), clean_text(raw, breaks));
        if (text.train.empty()) {
            return fail(make_error(ErrorKind::InvalidInput, "the corpus file holds no text to train on")
                            .in_file(file));
        }
        texts.push_back(std::move(text));
    }
    return texts;
}

}  // namespace headlight
