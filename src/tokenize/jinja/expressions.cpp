// Expressions, in the order in which Jinja's operators bind.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "tokenize/jinja/parser.h"

namespace headlight::jinja {

constexpr int kDeepestTree = 300;

/// Bounds how deep the parser calls itself.
struct Nesting {
    const ExpressionParser& parser;
    explicit Nesting(const ExpressionParser& of) : parser(of) {
        if (++parser.nesting_ > kDeepestTree) parser.refuse("expressions stand too deep in each other");
    }
    ~Nesting() { --parser.nesting_; }
};

void ExpressionParser::refuse(const std::string& what) const {
    throw Fault(fmt::format("line {}: {}", now().line, what));
}

bool ExpressionParser::take_sign(std::string_view sign) {
    const bool is_it = is_sign(sign);
    if (is_it) step();
    return is_it;
}

bool ExpressionParser::take_name(std::string_view name) {
    const bool is_it = is_name(name);
    if (is_it) step();
    return is_it;
}

void ExpressionParser::expect_sign(std::string_view sign) {
    if (!take_sign(sign)) refuse(fmt::format("expected '{}', found '{}'", sign, now().text));
}

std::string ExpressionParser::expect_word() {
    if (now().kind != LexemeKind::Name) refuse(fmt::format("expected a name, found '{}'", now().text));
    std::string word = now().text;
    step();
    return word;
}

NodePtr ExpressionParser::measured(NodePtr node) const {
    const auto take = [&](const NodePtr& part) {
        if (part != nullptr) node->depth = std::max(node->depth, part->depth + 1);
    };
    for (const NodePtr& part : node->parts)
        take(part);
    for (const auto& [name, part] : node->named)
        take(part);
    if (node->depth > kDeepestTree) refuse("expressions stand too deep in each other");
    return node;
}

NodePtr ExpressionParser::make(NodeKind kind, std::vector<NodePtr> parts, std::string word) const {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->line = now().line;
    node->word = std::move(word);
    node->parts = std::move(parts);
    return measured(std::move(node));
}

NodePtr ExpressionParser::expression() {
    const Nesting nesting(*this);
    NodePtr value = either();
    while (take_name("if")) {
        NodePtr condition = either();
        NodePtr other = take_name("else") ? expression() : nullptr;
        value = make_of(NodeKind::Conditional, {}, std::move(value), std::move(condition), std::move(other));
    }
    return value;
}

NodePtr ExpressionParser::expression_list(bool has_condition) {
    std::vector<NodePtr> parts;
    bool is_tuple = false;
    do {
        const bool is_end = now().kind == LexemeKind::BlockEnd || now().kind == LexemeKind::OutputEnd;
        if (is_end || is_sign(")")) break;
        parts.push_back(has_condition ? expression() : either());
        is_tuple |= is_sign(",");
    } while (take_sign(","));
    if (parts.empty()) refuse("an expression is missing");
    return is_tuple ? make(NodeKind::TupleOf, std::move(parts)) : std::move(parts.front());
}

NodePtr ExpressionParser::either() {
    NodePtr left = both();
    while (take_name("or"))
        left = make_of(NodeKind::Binary, "or", std::move(left), both());
    return left;
}

NodePtr ExpressionParser::both() {
    NodePtr left = negation();
    while (take_name("and"))
        left = make_of(NodeKind::Binary, "and", std::move(left), negation());
    return left;
}

NodePtr ExpressionParser::negation() {
    const Nesting nesting(*this);
    return take_name("not") ? make_of(NodeKind::Unary, "not", negation()) : comparison();
}

NodePtr ExpressionParser::comparison() {
    std::vector<NodePtr> parts;
    std::vector<std::string> words;
    parts.push_back(sum());
    for (;;) {
        std::string word;
        for (const std::string_view sign : {"==", "!=", "<=", ">=", "<", ">"})
            if (word.empty() && take_sign(sign)) word = sign;
        if (word.empty() && take_name("in")) word = "in";
        if (word.empty() && is_name("not") && next_one().kind == LexemeKind::Name &&
            next_one().text == "in") {
            step();
            step();
            word = "not in";
        }
        if (word.empty()) break;
        words.push_back(std::move(word));
        parts.push_back(sum());
    }
    if (words.empty()) return std::move(parts.front());
    NodePtr node = make(NodeKind::Compare, std::move(parts));
    node->words = std::move(words);
    return node;
}

NodePtr ExpressionParser::chain(NodePtr (ExpressionParser::*part)(),
                                std::initializer_list<std::string_view> signs) {
    NodePtr left = (this->*part)();
    for (;;) {
        const auto sign = std::find_if(signs.begin(), signs.end(), [&](auto one) { return is_sign(one); });
        if (sign == signs.end()) return left;
        step();
        left = make_of(NodeKind::Binary, std::string(*sign), std::move(left), (this->*part)());
    }
}

NodePtr ExpressionParser::sum() {
    return chain(&ExpressionParser::concatenation, {"+", "-"});
}

NodePtr ExpressionParser::concatenation() {
    return chain(&ExpressionParser::product, {"~"});
}

NodePtr ExpressionParser::product() {
    return chain(&ExpressionParser::power, {"*", "/", "//", "%"});
}

NodePtr ExpressionParser::power() {
    NodePtr left = unary(true);
    if (is_sign("**")) refuse("the operator ** is not read");
    return left;
}

NodePtr ExpressionParser::unary(bool has_filters) {
    const Nesting nesting(*this);
    NodePtr node;
    if (is_sign("-") || is_sign("+")) {
        std::string sign = now().text;
        step();
        node = make_of(NodeKind::Unary, std::move(sign), unary(false));
    } else {
        node = primary();
    }
    node = postfix(std::move(node));
    return has_filters ? filters(std::move(node)) : std::move(node);
}

NodePtr ExpressionParser::filters(NodePtr subject) {
    for (;;) {
        if (take_sign("|")) {
            subject = filter_named(std::move(subject));
        } else if (take_name("is")) {
            subject = test(std::move(subject));
        } else if (is_sign("(")) {
            NodePtr call = make_of(NodeKind::Call, {}, std::move(subject));
            arguments(*call);
            subject = measured(std::move(call));
        } else {
            return subject;
        }
    }
}

NodePtr ExpressionParser::filter_named(NodePtr subject) {
    std::string word = expect_word();
    NodePtr node = make_of(NodeKind::Filter, std::move(word), std::move(subject));
    if (is_sign("(")) arguments(*node);
    return measured(std::move(node));
}

NodePtr ExpressionParser::test(NodePtr subject) {
    const bool is_negated = take_name("not");
    std::string word = expect_word();
    NodePtr node = make_of(NodeKind::Test, std::move(word), std::move(subject));
    const bool is_value = now().kind == LexemeKind::Name || now().kind == LexemeKind::String ||
                          now().kind == LexemeKind::Integer || now().kind == LexemeKind::Float ||
                          is_sign("[") || is_sign("{");
    const bool ends = is_name("else") || is_name("or") || is_name("and") || is_name("is") || is_name("if") ||
                      is_name("in") || is_name("not");
    if (is_sign("(")) {
        arguments(*node);
    } else if (is_value && !ends) {
        node->parts.push_back(postfix(primary()));
    }
    node = measured(std::move(node));
    return is_negated ? make_of(NodeKind::Unary, "not", std::move(node)) : std::move(node);
}

NodePtr ExpressionParser::postfix(NodePtr subject) {
    for (;;) {
        if (take_sign(".")) {
            if (now().kind == LexemeKind::Integer) {
                NodePtr index = constant(now());
                step();
                subject = make_of(NodeKind::Item, {}, std::move(subject), std::move(index));
            } else {
                subject = make_of(NodeKind::Attribute, expect_word(), std::move(subject));
            }
        } else if (take_sign("[")) {
            subject = subscript(std::move(subject));
        } else if (is_sign("(")) {
            subject = make_of(NodeKind::Call, {}, std::move(subject));
            arguments(*subject);
            subject = measured(std::move(subject));
        } else {
            return subject;
        }
    }
}

NodePtr ExpressionParser::subscript(NodePtr subject) {
    std::vector<NodePtr> parts;
    parts.push_back(std::move(subject));
    bool is_slice = false;
    for (int part = 0; part < 3; ++part) {
        parts.push_back(is_sign(":") || is_sign("]") ? nullptr : expression());
        if (!take_sign(":")) break;
        is_slice = true;
    }
    expect_sign("]");
    parts.resize(is_slice ? 4 : 2);
    if (!is_slice && parts[1] == nullptr) refuse("an index is missing");
    return make(is_slice ? NodeKind::Slice : NodeKind::Item, std::move(parts));
}

void ExpressionParser::arguments(Node& call) {
    const Nesting nesting(*this);
    expect_sign("(");
    while (!is_sign(")")) {
        if (is_sign("*") || is_sign("**")) refuse("arguments with * are not read");
        if (now().kind == LexemeKind::Name && next_one().kind == LexemeKind::Sign && next_one().text == "=") {
            std::string name = expect_word();
            step();
            call.named.emplace_back(std::move(name), expression());
        } else {
            if (!call.named.empty()) refuse("an argument without a name follows one with a name");
            call.parts.push_back(expression());
        }
        if (!take_sign(",")) break;
    }
    expect_sign(")");
}

NodePtr ExpressionParser::constant(const Lexeme& lexeme) {
    NodePtr node = make(NodeKind::Constant);
    const char *begin = lexeme.text.data(), *end = begin + lexeme.text.size();
    if (lexeme.kind == LexemeKind::String) {
        node->value = lexeme.text;
    } else if (lexeme.kind == LexemeKind::Float) {
        double number = 0;
        std::from_chars(begin, end, number);
        node->value = number;
    } else {
        std::int64_t number = 0;
        if (std::from_chars(begin, end, number).ec != std::errc{})
            refuse(fmt::format("the number {} is too large", lexeme.text.substr(0, 40)));
        node->value = number;
    }
    return node;
}

NodePtr ExpressionParser::primary() {
    const Lexeme lexeme = now();
    if (lexeme.kind == LexemeKind::Name) {
        step();
        NodePtr node = make(NodeKind::Constant);
        const std::string& word = lexeme.text;
        if (word == "true" || word == "True") {
            node->value = true;
        } else if (word == "false" || word == "False") {
            node->value = false;
        } else if (word == "none" || word == "None") {
            node->value = None{};
        } else {
            node = make(NodeKind::Name, {}, word);
        }
        return node;
    }
    if (lexeme.kind == LexemeKind::String) {
        NodePtr node = constant(lexeme);
        for (step(); now().kind == LexemeKind::String; step())
            node->value = *node->value.text() + now().text;  // texts beside each other are one
        return node;
    }
    if (lexeme.kind == LexemeKind::Integer || lexeme.kind == LexemeKind::Float) {
        NodePtr node = constant(lexeme);
        step();
        return node;
    }
    if (take_sign("(")) return in_parentheses();
    if (take_sign("[")) return list_until(NodeKind::ListOf, "]");
    if (take_sign("{")) return dict_until_close();
    refuse(fmt::format("expected a value, found '{}'", lexeme.text));
}

NodePtr ExpressionParser::in_parentheses() {
    const Nesting nesting(*this);
    if (take_sign(")")) return make(NodeKind::TupleOf);
    NodePtr inner = expression_list(true);
    expect_sign(")");
    return inner;
}

NodePtr ExpressionParser::list_until(NodeKind kind, std::string_view close) {
    const Nesting nesting(*this);
    std::vector<NodePtr> parts;
    while (!is_sign(close)) {
        parts.push_back(expression());
        if (!take_sign(",")) break;
    }
    expect_sign(close);
    return make(kind, std::move(parts));
}

NodePtr ExpressionParser::dict_until_close() {
    const Nesting nesting(*this);
    std::vector<NodePtr> parts;
    while (!is_sign("}")) {
        parts.push_back(expression());
        expect_sign(":");
        parts.push_back(expression());
        if (!take_sign(",")) break;
    }
    expect_sign("}");
    return make(NodeKind::DictOf, std::move(parts));
}

}  // namespace headlight::jinja
