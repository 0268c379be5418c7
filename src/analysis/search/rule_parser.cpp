// Reads rules: words and signs, then the grammar of token_rule.h from the loosest binding to the tightest.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "analysis/search/ascii.h"
#include "analysis/search/token_rule.h"

namespace headlight {
namespace {

constexpr int kMostNodes = 100, kDeepest = 20;
constexpr int kOpenEnd = std::numeric_limits<int>::max();
constexpr std::size_t kMostPatternBytes = 300, kMostIds = 1000;

constexpr std::string_view kClasses[] = {"any",        "special", "punctuation", "whitespace",
                                         "word start", "word",    "number",      "capital",
                                         "rare",       "id",      "at"};
constexpr TokenClass kClassOf[] = {TokenClass::Any,        TokenClass::Special,   TokenClass::Punctuation,
                                   TokenClass::Whitespace, TokenClass::WordStart, TokenClass::Word,
                                   TokenClass::Number,     TokenClass::Capital,   TokenClass::Rare,
                                   TokenClass::Ids,        TokenClass::Places};
constexpr std::string_view kRelations[] = {"offset",           "same token",    "after same token",
                                           "same word",        "same sentence", "earlier in word",
                                           "matching bracket", "self"};
constexpr TokenRelation kRelationOf[] = {TokenRelation::Offset,          TokenRelation::SameToken,
                                         TokenRelation::AfterSameToken,  TokenRelation::SameWord,
                                         TokenRelation::SameSentence,    TokenRelation::EarlierInWord,
                                         TokenRelation::MatchingBracket, TokenRelation::Offset};

struct RuleWord {
    enum class Kind { Word, Number, Pattern, Sign, End };
    Kind kind = Kind::End;
    std::string text;    // words in small letters; signs as they are; a pattern without its slashes
    std::size_t at = 0;  // byte
    int number = 0;
};

/// Which character a byte belongs to, from 1, as people count.
std::size_t character_at(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, byte);
    return 1 + static_cast<std::size_t>(std::count_if(before.begin(), before.end(), [](char c) {
               return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
           }));
}

std::string listed(std::span<const std::string_view> names) {
    std::string out;
    for (const std::string_view name : names)
        out += (out.empty() ? "" : ", ") + std::string(name);
    return out;
}

}  // namespace

class RuleParser {
  public:
    RuleParser(std::string_view text, const PatternCompiler& compile) : text_(text), compile_(compile) {}

    Result<TokenRule> parse() {
        if (text_.size() > kMostRuleBytes)
            return fail(ErrorKind::InvalidInput, "the rule has {} bytes; {} are the most", text_.size(),
                        kMostRuleBytes);
        HEADLIGHT_CHECK(cut());
        if (words_.size() == 1)
            return fail(ErrorKind::InvalidInput,
                        "the rule is empty: write one, such as “key: capital; offset 1..4”");
        if (const Result<int> root = parse_rule(0); !root) return fail(root.error());
        if (now().kind != RuleWord::Kind::End) return wrong("“and”, “or”, “;” or the end");
        rule_.text_ = std::string(text_);
        return std::move(rule_);
    }

  private:
    /// Cuts the text into words and signs; the end is one of them.
    Status cut() {
        std::size_t i = 0;
        while (i < text_.size()) {
            const char c = text_[i];
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                ++i;
                continue;
            }
            RuleWord word;
            word.at = i;
            if (c == '/') {
                HEADLIGHT_CHECK(cut_pattern(i, word));
            } else if (ascii::is_digit(c) ||
                       (c == '-' && i + 1 < text_.size() && ascii::is_digit(text_[i + 1]))) {
                HEADLIGHT_CHECK(cut_number(i, word));
            } else if (ascii::is_letter(c)) {
                word.kind = RuleWord::Kind::Word;
                while (i < text_.size() && ascii::is_letter(text_[i]))
                    word.text += static_cast<char>(text_[i++] | 0x20);
                if (i + 1 < text_.size() && (text_[i] == '-' || text_[i] == '_') &&
                    ascii::is_letter(text_[i + 1]))
                    ++i;
            } else if (text_.substr(i, 2) == "..") {
                word.kind = RuleWord::Kind::Sign;
                word.text = "..";
                i += 2;
            } else if (std::string_view(":=;,|()").find(c) != std::string_view::npos) {
                word.kind = RuleWord::Kind::Sign;
                word.text = c;
                ++i;
            } else {
                return fail(ErrorKind::InvalidInput,
                            "the rule stops making sense at character {}: “{}” is no sign of it",
                            character_at(text_, i), sign_at(i));
            }
            words_.push_back(std::move(word));
        }
        words_.push_back({RuleWord::Kind::End, "the end", text_.size(), 0});
        return {};
    }

    std::string sign_at(std::size_t byte) const {
        std::size_t end = byte + 1;
        while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0) == 0x80)
            ++end;
        return std::string(text_.substr(byte, end - byte));
    }

    Status cut_pattern(std::size_t& i, RuleWord& word) const {
        word.kind = RuleWord::Kind::Pattern;
        for (++i; i < text_.size() && text_[i] != '/'; ++i) {
            if (text_[i] == '\\' && i + 1 < text_.size()) {
                if (text_[i + 1] != '/') word.text += '\\';
                ++i;
            }
            word.text += text_[i];
        }
        if (i >= text_.size())
            return fail(ErrorKind::InvalidInput,
                        "the expression that begins at character {} has no closing “/”",
                        character_at(text_, word.at));
        ++i;
        if (word.text.size() > kMostPatternBytes)
            return fail(ErrorKind::InvalidInput,
                        "the expression at character {} has {} bytes; {} are the most",
                        character_at(text_, word.at), word.text.size(), kMostPatternBytes);
        return {};
    }

    Status cut_number(std::size_t& i, RuleWord& word) const {
        word.kind = RuleWord::Kind::Number;
        const char* const begin = text_.data() + i;
        const auto read = std::from_chars(begin, text_.data() + text_.size(), word.number);
        if (read.ec != std::errc() || std::abs(word.number) > 1'000'000'000)
            return fail(ErrorKind::InvalidInput, "the number at character {} is too large",
                        character_at(text_, i));
        i += static_cast<std::size_t>(read.ptr - begin);
        word.text = std::string(begin, read.ptr);
        return {};
    }

    const RuleWord& now() const { return words_[next_]; }
    bool is_word(std::string_view word, std::size_t ahead = 0) const {
        return next_ + ahead < words_.size() && words_[next_ + ahead].kind == RuleWord::Kind::Word &&
               words_[next_ + ahead].text == word;
    }
    bool is_sign(std::string_view sign) const {
        return now().kind == RuleWord::Kind::Sign && now().text == sign;
    }
    bool take_word(std::string_view word) {
        if (!is_word(word)) return false;
        ++next_;
        return true;
    }
    bool take_sign(std::string_view sign) {
        if (!is_sign(sign)) return false;
        ++next_;
        return true;
    }

    tl::unexpected<Error> wrong(const std::string& expected) const {
        const bool is_end = now().kind == RuleWord::Kind::End;
        return fail(ErrorKind::InvalidInput,
                    "the rule stops making sense at character {}: {}, but {} is expected",
                    character_at(text_, now().at),
                    is_end ? "it ends here" : "“" + now().text + "” stands here", expected);
    }

    Result<int> add(RuleNode node) {
        if (rule_.nodes_.size() >= kMostNodes)
            return fail(ErrorKind::InvalidInput, "the rule has more than {} parts", kMostNodes);
        rule_.nodes_.push_back(std::move(node));
        return static_cast<int>(rule_.nodes_.size()) - 1;
    }

    /// `first` alone, or joined with the others.
    Result<int> join(RuleNode::Kind kind, std::vector<int> parts) {
        if (parts.size() == 1) return parts[0];
        RuleNode node;
        node.kind = kind;
        node.children = std::move(parts);
        return add(std::move(node));
    }

    Result<int> parse_rule(int depth) {
        if (depth > kDeepest)
            return fail(ErrorKind::InvalidInput, "the rule has more than {} brackets in one another",
                        kDeepest);
        std::vector<int> parts;
        do {
            if (!parts.empty() && now().kind == RuleWord::Kind::End) break;  // a “;” at the end
            HEADLIGHT_TRY(const int part, parse_either(depth));
            parts.push_back(part);
        } while (take_sign(";"));
        return join(RuleNode::Kind::And, std::move(parts));
    }

    Result<int> parse_either(int depth) {
        std::vector<int> parts;
        do {
            HEADLIGHT_TRY(const int part, parse_both(depth));
            parts.push_back(part);
        } while (take_word("or"));
        return join(RuleNode::Kind::Or, std::move(parts));
    }

    Result<int> parse_both(int depth) {
        std::vector<int> parts;
        do {
            HEADLIGHT_TRY(const int part, parse_one(depth));
            parts.push_back(part);
        } while (take_word("and") || take_sign(","));
        return join(RuleNode::Kind::And, std::move(parts));
    }

    Result<int> parse_one(int depth) {
        if (take_word("not")) {
            if (depth > kDeepest)
                return fail(ErrorKind::InvalidInput, "the rule has more than {} “not” in one another",
                            kDeepest);
            HEADLIGHT_TRY(const int part, parse_one(depth + 1));
            RuleNode node;
            node.kind = RuleNode::Kind::Not;
            node.children = {part};
            return add(std::move(node));
        }
        if (take_sign("(")) {
            HEADLIGHT_TRY(const int part, parse_rule(depth + 1));
            if (!take_sign(")")) return wrong("“)”");
            return part;
        }
        return parse_term();
    }

    Result<int> parse_term() {
        const bool is_query = is_word("query"), is_key = is_word("key");
        if (!is_query && !is_key) {
            HEADLIGHT_TRY(std::optional<RuleNode> relation, parse_relation());
            if (relation) return add(std::move(*relation));
            return wrong("“query”, “key” or a relation (" + listed(kRelations) + ")");
        }
        ++next_;
        if (!take_sign(":") && !take_sign("=")) take_word("is");
        if (is_key) {
            HEADLIGHT_TRY(std::optional<RuleNode> relation, parse_relation());
            if (relation) return add(std::move(*relation));
        }
        return parse_classes(is_query ? RuleNode::Kind::Query : RuleNode::Kind::Key);
    }

    Result<int> parse_classes(RuleNode::Kind kind) {
        const bool is_not = take_word("not");
        std::vector<int> parts;
        do {
            RuleNode node;
            node.kind = kind;
            HEADLIGHT_CHECK(parse_class(node));
            HEADLIGHT_TRY(const int part, add(std::move(node)));
            parts.push_back(part);
        } while (take_sign("|"));
        HEADLIGHT_TRY(const int all, join(RuleNode::Kind::Or, std::move(parts)));
        if (!is_not) return all;
        RuleNode node;
        node.kind = RuleNode::Kind::Not;
        node.children = {all};
        return add(std::move(node));
    }

    /// The name among `names` that stands here, its words taken; -1: none. Longer names come first.
    int take_name(std::span<const std::string_view> names) {
        int best = -1;
        std::size_t most = 0;
        for (std::size_t n = 0; n < names.size(); ++n) {
            std::size_t count = 0;
            std::string_view rest = names[n];
            bool is_here = true;
            while (is_here && !rest.empty()) {
                const std::size_t end = rest.find(' ');
                is_here = is_word(rest.substr(0, end), count++);
                rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
            }
            if (is_here && count > most) {
                best = static_cast<int>(n);
                most = count;
            }
        }
        next_ += most;
        return best;
    }

    Status parse_class(RuleNode& node) {
        if (now().kind == RuleWord::Kind::Pattern) {
            node.token_class = TokenClass::Pattern;
            if (!compile_) return fail(ErrorKind::InvalidInput, "regular expressions cannot be used here");
            auto pattern = compile_(now().text);
            if (!pattern)
                return fail(ErrorKind::InvalidInput, "the expression at character {}: {}",
                            character_at(text_, now().at), pattern.error().message);
            node.pattern = std::move(*pattern);
            ++next_;
            return {};
        }
        const int name = take_name(kClasses);
        if (name < 0) return wrong("a class (" + listed(kClasses) + ", /expression/)");
        node.token_class = kClassOf[name];
        if (node.token_class == TokenClass::Places) return parse_range(node, 0, "a place in the text");
        if (node.token_class != TokenClass::Ids) return {};
        do {
            if (now().kind != RuleWord::Kind::Number || now().number < 0) return wrong("the id of a token");
            if (node.ids.size() >= kMostIds)
                return fail(ErrorKind::InvalidInput, "the rule lists more than {} ids", kMostIds);
            node.ids.push_back(now().number);
            ++next_;
        } while (is_sign(",") && words_[next_ + 1].kind == RuleWord::Kind::Number && take_sign(","));
        std::sort(node.ids.begin(), node.ids.end());
        return {};
    }

    /// N, N..M or N..
    Status parse_range(RuleNode& node, int least, const char* what) {
        if (now().kind != RuleWord::Kind::Number || now().number < least) return wrong(what);
        node.first = node.last = now().number;
        ++next_;
        if (!take_sign("..")) return {};
        node.last = kOpenEnd;
        if (now().kind != RuleWord::Kind::Number) return {};
        if (now().number < node.first) return wrong(fmt::format("a number from {} up", node.first));
        node.last = now().number;
        ++next_;
        return {};
    }

    /// nullopt: no relation stands here.
    Result<std::optional<RuleNode>> parse_relation() {
        const int name = take_name(kRelations);
        if (name < 0) return std::nullopt;
        RuleNode node;
        node.kind = RuleNode::Kind::Relation;
        node.relation = kRelationOf[name];
        if (kRelations[name] == "offset") {
            HEADLIGHT_CHECK(parse_range(node, std::numeric_limits<int>::min(), "a number of tokens"));
        } else if (node.relation == TokenRelation::SameToken ||
                   node.relation == TokenRelation::AfterSameToken) {
            if (now().kind == RuleWord::Kind::Number) {
                if (now().number < 1) return wrong("which copy, from 1 (the last one) up");
                node.first = now().number;
                ++next_;
            }
        }
        return node;
    }

    std::string_view text_;
    const PatternCompiler& compile_;
    std::vector<RuleWord> words_;
    std::size_t next_ = 0;
    TokenRule rule_;
};

Result<TokenRule> TokenRule::parse(std::string_view text, const PatternCompiler& compile) {
    return RuleParser(text, compile).parse();
}

std::span<const std::string_view> rule_classes() {
    return kClasses;
}

std::span<const std::string_view> rule_relations() {
    return kRelations;
}

}  // namespace headlight
