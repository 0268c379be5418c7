#include "tokenize/jinja/lexer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "tokenize/jinja/value.h"
#include "tokenize/text/white_space.h"

namespace headlight::jinja {
namespace {

bool is_word_char(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string with_plain_lines(std::string_view source) {
    std::string out;
    out.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        const bool is_pair = source[i] == '\r' && i + 1 < source.size() && source[i + 1] == '\n';
        out += source[i] == '\r' ? '\n' : source[i];
        i += is_pair ? 1 : 0;
    }
    if (out.ends_with('\n')) out.pop_back();
    return out;
}

/// What stands between the quotes of a text, with Python's escapes resolved.
class StringReader {
  public:
    explicit StringReader(std::string_view text) : text_(text) {}

    std::string read() {
        while (at_ < text_.size()) {
            if (text_[at_] != '\\' || at_ + 1 == text_.size()) {
                out_ += text_[at_++];
            } else {
                read_escape(text_[at_ + 1]);
            }
        }
        return std::move(out_);
    }

  private:
    void read_escape(char letter) {
        constexpr std::string_view kLetters = "abfnrtv\\'\"", kMeanings = "\a\b\f\n\r\t\v\\'\"";
        at_ += 2;
        if (const auto known = kLetters.find(letter); known != std::string_view::npos) {
            out_ += kMeanings[known];
        } else if (letter == 'x' || letter == 'u' || letter == 'U') {
            read_number(letter == 'x' ? 2 : letter == 'u' ? 4 : 8, 16);
        } else if (letter >= '0' && letter <= '7') {
            --at_;
            read_number(3, 8);
        } else if (letter == 'N') {
            throw Fault("an escape \\N{...} in a text is not read");
        } else if (letter != '\n') {
            out_ += {'\\', letter};
        }
    }
    void read_number(std::size_t most, int base) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        std::uint32_t number = 0;
        std::size_t count = 0;
        for (; count < most && at_ < text_.size(); ++count, ++at_) {
            const auto digit =
                kDigits.find(static_cast<char>(std::tolower(static_cast<unsigned char>(text_[at_]))));
            if (digit >= static_cast<std::size_t>(base)) break;
            number = number * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit);
        }
        const bool is_whole = base == 8 || count == most;
        if (!is_whole || number > 0x10FFFF || (number >= 0xD800 && number < 0xE000))
            throw Fault("a text holds an escape that is no character");
        utf8::append(out_, static_cast<char32_t>(number));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string out_;
};

class Lexer {
  public:
    explicit Lexer(std::string_view source) : source_(with_plain_lines(source)), text_(source_) {}

    std::vector<Lexeme> read() {
        while (at_ < text_.size())
            read_text_and_tag();
        add(LexemeKind::End, {});
        return std::move(out_);
    }

  private:
    void add(LexemeKind kind, std::string text) { out_.push_back({kind, std::move(text), line_}); }
    [[noreturn]] void refuse(const std::string& what) const {
        throw Fault(fmt::format("line {}: {}", line_, what));
    }
    void move_to(std::size_t place) {
        line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                             text_.begin() + static_cast<std::ptrdiff_t>(place), '\n'));
        at_ = place;
        if (place > 0) starts_line_ = text_[place - 1] == '\n';
    }
    bool stands(std::string_view word) const { return text_.substr(at_).starts_with(word); }

    std::size_t next_tag() const {
        for (std::size_t i = at_; (i = text_.find('{', i)) != std::string_view::npos; ++i) {
            const char next = i + 1 < text_.size() ? text_[i + 1] : ' ';
            if (next == '{' || next == '%' || next == '#') return i;
        }
        return text_.size();
    }

    /// Text up to `end`, where a tag with this sign begins.
    void add_text(std::size_t end, char sign, bool is_output) {
        std::string_view text = text_.substr(at_, end - at_);
        if (sign == '-') {
            text = text.substr(0, before_white_space(text));
        } else if (sign != '+' && !is_output) {
            const auto feed = text.rfind('\n');
            const std::size_t begin = feed == std::string_view::npos ? 0 : feed + 1;
            const bool is_line = begin > 0 || starts_line_;
            if (is_line && past_white_space(text.substr(begin)) == text.size() - begin)
                text = text.substr(0, begin);
        }
        if (!text.empty()) add(LexemeKind::Text, std::string(text));
    }

    void read_text_and_tag() {
        const std::size_t tag = next_tag();
        if (tag == text_.size()) {
            add(LexemeKind::Text, std::string(text_.substr(at_)));
            at_ = tag;
            return;
        }
        const char kind = text_[tag + 1], sign = tag + 2 < text_.size() ? text_[tag + 2] : ' ';
        const bool has_sign = sign == '-' || sign == '+';
        add_text(tag, sign, kind == '{');
        move_to(tag + (has_sign && kind != '#' ? 3 : 2));
        if (kind == '#') {
            pass_comment();
        } else if (kind == '%' && passes_raw()) {
            return;
        } else {
            add(kind == '%' ? LexemeKind::BlockBegin : LexemeKind::OutputBegin, {});
            read_words(kind == '%' ? "%}" : "}}");
        }
    }

    /// Past the end of a tag at `place`, and what its sign takes behind it.
    void pass_end(std::size_t place, char sign, bool trims_line) {
        std::size_t end = place + 2;
        if (sign == '-') {
            end += past_white_space(text_.substr(end));
        } else if (sign != '+' && trims_line && text_.substr(end).starts_with('\n')) {
            ++end;
        }
        move_to(end);
    }

    void pass_comment() {
        const auto end = text_.find("#}", at_);
        if (end == std::string_view::npos) refuse("a comment {# has no end #}");
        pass_end(end, end > at_ ? text_[end - 1] : ' ', true);
    }

    /// {% raw %} ... {% endraw %}: text as it is.
    bool passes_raw() {
        const auto word_at = [&](std::size_t place, std::string_view word) {
            place += past_white_space(text_.substr(place));
            if (!text_.substr(place).starts_with(word)) return std::string_view::npos;
            place += word.size();
            return place + past_white_space(text_.substr(place));
        };
        const auto end_at = [&](std::size_t place) {
            if (place == std::string_view::npos) return false;
            const std::string_view rest = text_.substr(place);
            return rest.starts_with("%}") || rest.starts_with("-%}") || rest.starts_with("+%}");
        };
        std::size_t end = word_at(at_, "raw");
        if (!end_at(end)) return false;
        pass_end(end + (text_[end] == '%' ? 0 : 1), text_[end], false);
        for (std::size_t i = at_; (i = text_.find("{%", i)) != std::string_view::npos; i += 2) {
            const char sign = i + 2 < text_.size() ? text_[i + 2] : ' ';
            end = word_at(i + (sign == '-' || sign == '+' ? 3 : 2), "endraw");
            if (!end_at(end)) continue;
            add_text(i, sign, false);
            pass_end(end + (text_[end] == '%' ? 0 : 1), text_[end], true);
            return true;
        }
        refuse("'raw' has no 'endraw'");
    }

    bool passes_tag_end(std::string_view end) {
        const char sign = text_[at_];
        const bool has_sign = sign == '-' || (sign == '+' && end == "%}");
        const std::size_t place = at_ + (has_sign ? 1 : 0);
        if (!text_.substr(place).starts_with(end)) return false;
        pass_end(place, has_sign ? sign : ' ', end == "%}");
        add(end == "%}" ? LexemeKind::BlockEnd : LexemeKind::OutputEnd, {});
        return true;
    }

    void read_words(std::string_view end) {
        std::string open;  // brackets
        for (;;) {
            move_to(at_ + past_white_space(text_.substr(at_)));
            if (at_ >= text_.size()) refuse("a tag has no end");
            if (open.empty() && passes_tag_end(end)) return;
            read_word(open);
        }
    }

    void read_word(std::string& open) {
        const char c = text_[at_];
        if (is_digit(c)) return read_number();
        if (c == '\'' || c == '"') return read_string(c);
        if (is_word_char(c)) {
            const auto end =
                std::find_if_not(text_.begin() + static_cast<std::ptrdiff_t>(at_), text_.end(), is_word_char);
            return take(LexemeKind::Name, static_cast<std::size_t>(end - text_.begin()));
        }
        for (const std::string_view sign : {"//", "**", "==", "!=", ">=", "<="})
            if (stands(sign)) return take(LexemeKind::Sign, at_ + 2);
        if (std::string_view("+-*/%~[](){}<>=.:|,;").find(c) == std::string_view::npos)
            refuse(fmt::format("'{}' has no meaning in a tag", text_.substr(at_, 1)));
        constexpr std::string_view kOpening = "([{", kClosing = ")]}";
        if (const auto place = kOpening.find(c); place != std::string_view::npos) open += kClosing[place];
        if (kClosing.find(c) != std::string_view::npos) {
            if (open.empty() || open.back() != c) refuse(fmt::format("'{}' closes nothing", c));
            open.pop_back();
        }
        take(LexemeKind::Sign, at_ + 1);
    }

    void take(LexemeKind kind, std::size_t end) {
        add(kind, std::string(text_.substr(at_, end - at_)));
        at_ = end;
    }

    void read_string(char quote) {
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != quote)
            end += text_[end] == '\\' ? 2 : 1;
        if (end >= text_.size()) refuse("a text in quotes has no end");
        add(LexemeKind::String, StringReader(text_.substr(at_ + 1, end - at_ - 1)).read());
        move_to(end + 1);
    }

    void read_number() {
        std::size_t end = at_;
        const auto pass_digits = [&] {
            while (end < text_.size() && (is_digit(text_[end]) || text_[end] == '_'))
                ++end;
        };
        pass_digits();
        bool is_float = false;
        const bool follows_dot = at_ > 0 && text_[at_ - 1] == '.';
        if (!follows_dot && end + 1 < text_.size() && text_[end] == '.' && is_digit(text_[end + 1])) {
            is_float = true;
            ++end;
            pass_digits();
        }
        if (!follows_dot && end < text_.size() && (text_[end] | 0x20) == 'e') {
            const std::size_t sign =
                end + 1 < text_.size() && (text_[end + 1] == '+' || text_[end + 1] == '-');
            if (end + 1 + sign < text_.size() && is_digit(text_[end + 1 + sign])) {
                is_float = true;
                end += 1 + sign;
                pass_digits();
            }
        }
        if (end < text_.size() && is_word_char(text_[end])) refuse("a number ends in a letter");
        take(is_float ? LexemeKind::Float : LexemeKind::Integer, end);
        std::erase(out_.back().text, '_');
    }

    std::string source_;
    std::string_view text_;
    std::size_t at_ = 0;
    int line_ = 1;
    bool starts_line_ = true;
    std::vector<Lexeme> out_;
};

}  // namespace

std::vector<Lexeme> lex(std::string_view source) {
    return Lexer(source).read();
}

}  // namespace headlight::jinja
