#include "analysis/words/conllu.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <tuple>
#include <utility>

#include "base/utf8.h"

namespace headlight {
namespace {

constexpr std::size_t kNumColumns = 10;
enum Column { kId = 0, kForm = 1, kUpos = 3, kHead = 6, kRelation = 7, kMisc = 9 };

/// The written form of several words: they share its span.
struct Shared {
    int last_word = 0;  // 1-based
    std::size_t begin = 0, end = 0;
};

/// A whole number without sign; -1 for anything else.
int read_number(std::string_view text) {
    int value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value >= 0 ? value : -1;
}

/// One sentence while its lines come in.
class SentenceReader {
  public:
    /// Empty string, or what is wrong with the line.
    std::string add_line(std::string_view line) {
        std::array<std::string_view, kNumColumns> columns;
        for (std::size_t c = 0; c < kNumColumns; ++c) {
            const std::size_t tab = line.find('\t');
            if ((tab == std::string_view::npos) != (c + 1 == kNumColumns)) return "does not have ten columns";
            columns[c] = line.substr(0, tab);
            line.remove_prefix(tab == std::string_view::npos ? line.size() : tab + 1);
        }
        if (columns[kForm].empty() || columns[kForm].size() > kMostConlluFormBytes) {
            return fmt::format("has a form of {} bytes, 1 to {} are read", columns[kForm].size(),
                               kMostConlluFormBytes);
        }
        if (!utf8::is_valid(columns[kForm])) return "has a form that is no UTF-8";
        if (columns[kId].find('.') != std::string_view::npos) return {};  // an empty node is no text
        const std::size_t dash = columns[kId].find('-');
        return dash == std::string_view::npos ? add_word(columns) : add_shared(columns, dash);
    }
    bool is_empty() const { return sentence_.words.empty(); }
    /// Empty string, or what is wrong with the sentence as a whole.
    std::string finish(ConlluSentence& out) {
        for (const ConlluWord& word : sentence_.words) {
            if (word.head >= static_cast<int>(sentence_.words.size())) {
                return fmt::format("names head {} in a sentence of {} words", word.head + 1,
                                   sentence_.words.size());
            }
        }
        out = std::move(sentence_);
        *this = SentenceReader();
        return {};
    }

  private:
    std::pair<std::size_t, std::size_t> write_form(const std::array<std::string_view, kNumColumns>& columns) {
        if (needs_space_ && !sentence_.text.empty()) sentence_.text += ' ';
        const std::size_t begin = sentence_.text.size();
        sentence_.text += columns[kForm];
        needs_space_ = columns[kMisc].find("SpaceAfter=No") == std::string_view::npos;
        return {begin, sentence_.text.size()};
    }
    std::string add_shared(const std::array<std::string_view, kNumColumns>& columns, std::size_t dash) {
        const int first = read_number(columns[kId].substr(0, dash)),
                  last = read_number(columns[kId].substr(dash + 1));
        if (first != static_cast<int>(sentence_.words.size()) + 1 || last < first)
            return "has a range out of order";
        shared_.last_word = last;
        std::tie(shared_.begin, shared_.end) = write_form(columns);
        return {};
    }
    std::string add_word(const std::array<std::string_view, kNumColumns>& columns) {
        const int id = read_number(columns[kId]);
        if (id != static_cast<int>(sentence_.words.size()) + 1) return "has a number out of order";
        if (sentence_.words.size() == kMostConlluWords) {
            return fmt::format("is past the {} words that are read of one sentence", kMostConlluWords);
        }
        const bool has_head = columns[kHead] != "_";
        const int head = has_head ? read_number(columns[kHead]) : 0;
        if (head < 0) return "has a head that is no number";
        ConlluWord word{std::string(columns[kForm]),
                        std::string(columns[kUpos]),
                        std::string(columns[kRelation]),
                        head - 1,
                        0,
                        0};
        if (id <= shared_.last_word) {
            word.begin = shared_.begin;
            word.end = shared_.end;
        } else {
            std::tie(word.begin, word.end) = write_form(columns);
        }
        sentence_.words.push_back(std::move(word));
        return {};
    }

    ConlluSentence sentence_;
    Shared shared_;
    bool needs_space_ = false;
};

}  // namespace

Result<std::vector<ConlluSentence>> parse_conllu(std::string_view text) {
    std::vector<ConlluSentence> sentences;
    SentenceReader reader;
    int number = 0;
    while (!text.empty() || !reader.is_empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++number;
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (!line.empty() && line.front() == '#') continue;
        std::string problem;
        if (!line.empty()) {
            problem = reader.add_line(line);
        } else if (!reader.is_empty()) {
            if (sentences.size() == kMostConlluSentences) break;
            problem = reader.finish(sentences.emplace_back());
        }
        if (!problem.empty()) {
            return fail(ErrorKind::Corrupt, "CoNLL-U text: line {} {}", number, problem);
        }
    }
    return sentences;
}

}  // namespace headlight
