// What the parsers of expressions and of statements share.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "tokenize/jinja/lexer.h"
#include "tokenize/jinja/syntax.h"

namespace headlight::jinja {

class ExpressionParser {
  public:
    explicit ExpressionParser(std::vector<Lexeme> lexemes) : lexemes_(std::move(lexemes)) {}

  protected:
    const Lexeme& now() const { return lexemes_[at_]; }
    const Lexeme& next_one() const { return lexemes_[std::min(at_ + 1, lexemes_.size() - 1)]; }
    void step() { at_ += at_ + 1 < lexemes_.size() ? 1 : 0; }
    bool is_sign(std::string_view sign) const { return now().kind == LexemeKind::Sign && now().text == sign; }
    bool is_name(std::string_view name) const { return now().kind == LexemeKind::Name && now().text == name; }
    bool take_sign(std::string_view sign);
    bool take_name(std::string_view name);
    void expect_sign(std::string_view sign);
    std::string expect_word();
    [[noreturn]] void refuse(const std::string& what) const;

    /// A node of the current line around `parts`, any of which may be null. Faults: too deep.
    NodePtr make(NodeKind kind, std::vector<NodePtr> parts = {}, std::string word = {}) const;
    template <class... Parts>
    NodePtr make_of(NodeKind kind, std::string word, Parts... parts) const {
        std::vector<NodePtr> list;
        (list.push_back(std::move(parts)), ...);
        return make(kind, std::move(list), std::move(word));
    }
    /// Measures a node again after parts were added to it.
    NodePtr measured(NodePtr node) const;

    NodePtr expression();
    /// Without a condition: what "for x in ... if" loops over.
    NodePtr either();
    /// One expression, or several with commas as a tuple.
    NodePtr expression_list(bool has_condition);
    NodePtr filters(NodePtr subject);
    NodePtr filter_named(NodePtr subject);
    NodePtr primary();
    NodePtr postfix(NodePtr subject);
    void arguments(Node& call);

  private:
    NodePtr both();
    NodePtr negation();
    NodePtr comparison();
    NodePtr sum();
    NodePtr concatenation();
    NodePtr product();
    NodePtr power();
    NodePtr unary(bool has_filters);
    NodePtr test(NodePtr subject);
    NodePtr subscript(NodePtr subject);
    NodePtr list_until(NodeKind kind, std::string_view close);
    NodePtr dict_until_close();
    NodePtr constant(const Lexeme& lexeme);
    NodePtr in_parentheses();
    NodePtr chain(NodePtr (ExpressionParser::*part)(), std::initializer_list<std::string_view> signs);

    std::vector<Lexeme> lexemes_;
    std::size_t at_ = 0;
    mutable int nesting_ = 0;

    friend struct Nesting;
};

}  // namespace headlight::jinja
