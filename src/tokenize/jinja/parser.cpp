// Statements: what stands in {% %}, and the text around it.
#include "tokenize/jinja/parser.h"

#include <fmt/format.h>

#include <algorithm>

namespace headlight::jinja {
namespace {

class TemplateParser : public ExpressionParser {
  public:
    using ExpressionParser::ExpressionParser;

    NodePtr read() {
        NodePtr all = block({});
        if (now().kind != LexemeKind::End) refuse(fmt::format("'{}' ends nothing", now().text));
        return all;
    }

  private:
    /// Statements up to a tag that begins with one of `ends`, whose word is not taken.
    NodePtr block(std::vector<std::string_view> ends) {
        std::vector<NodePtr> parts;
        if (++depth_ > kDeepestBlocks) refuse("blocks stand too deep in each other");
        while (now().kind != LexemeKind::End) {
            if (now().kind == LexemeKind::Text) {
                parts.push_back(make(NodeKind::Text, {}, now().text));
                step();
            } else if (now().kind == LexemeKind::OutputBegin) {
                step();
                parts.push_back(make_of(NodeKind::Output, {}, expression_list(true)));
                if (now().kind != LexemeKind::OutputEnd)
                    refuse(fmt::format("expected '}}}}', found '{}'", now().text));
                step();
            } else {
                step();
                if (std::any_of(ends.begin(), ends.end(), [&](auto end) { return is_name(end); })) break;
                parts.push_back(statement());
            }
        }
        if (now().kind == LexemeKind::End && !ends.empty())
            refuse(fmt::format("a block has no '{}'", ends.front()));
        --depth_;
        return make(NodeKind::Block, std::move(parts));
    }

    void end_tag() {
        if (now().kind != LexemeKind::BlockEnd) refuse(fmt::format("expected '%}}', found '{}'", now().text));
        step();
    }
    /// The statements of a tag up to its end tag, which is taken.
    NodePtr body(std::string_view end) {
        end_tag();
        NodePtr made = block({end});
        step();
        // {% endmacro name %}, {% endset %}
        if (now().kind == LexemeKind::Name) step();
        end_tag();
        return made;
    }

    NodePtr statement() {
        const std::string word = expect_word();
        if (word == "if") return conditions();
        if (word == "for") return loop();
        if (word == "set") return assignment();
        if (word == "macro") return macro();
        if (word == "call") return call_block();
        if (word == "with") return with_block();
        if (word == "filter") return filter_block();
        if (word == "generation") {  // marks what the model says; names set in it end with it
            NodePtr inner = body("endgeneration");
            return make_of(NodeKind::With, {}, std::move(inner));
        }
        if (word == "break" || word == "continue") {
            end_tag();
            return make(word == "break" ? NodeKind::Break : NodeKind::Continue);
        }
        refuse(fmt::format("the tag '{}' is not read", word));
    }

    NodePtr conditions() {
        std::vector<NodePtr> parts;
        for (;;) {
            parts.push_back(expression_list(true));
            end_tag();
            parts.push_back(block({"endif", "elif", "else"}));
            if (!take_name("elif")) break;
        }
        if (take_name("else")) {
            end_tag();
            parts.push_back(block({"endif"}));
        }
        if (!take_name("endif")) refuse("expected 'endif'");
        end_tag();
        return make(NodeKind::If, std::move(parts));
    }

    /// "a", "a, b", "(a, b)"; with `has_attributes` also "a.b".
    void targets(Node& node, bool has_attributes) {
        const bool is_enclosed = take_sign("(");
        do {
            if (is_name("in") || is_sign(")") || is_sign("=")) break;
            std::string word = expect_word();
            if (has_attributes && take_sign(".")) word += "." + expect_word();
            node.words.push_back(std::move(word));
            node.unpacks |= is_sign(",");
        } while (take_sign(","));
        if (node.words.empty()) refuse("a name is missing");
        if (is_enclosed) expect_sign(")");
    }

    NodePtr loop() {
        NodePtr node = make(NodeKind::For);
        targets(*node, false);
        if (!take_name("in")) refuse(fmt::format("expected 'in', found '{}'", now().text));
        node->parts.push_back(expression_list(false));
        node->parts.push_back(take_name("if") ? expression() : nullptr);
        if (is_name("recursive")) refuse("a loop that calls itself ('recursive') is not read");
        end_tag();
        node->parts.push_back(block({"endfor", "else"}));
        node->parts.push_back(nullptr);
        if (take_name("else")) {
            end_tag();
            node->parts.back() = block({"endfor"});
        }
        if (!take_name("endfor")) refuse("expected 'endfor'");
        end_tag();
        return measured(std::move(node));
    }

    NodePtr assignment() {
        NodePtr node = make(NodeKind::Set);
        targets(*node, true);
        if (take_sign("=")) {
            node->parts.push_back(expression_list(true));
            end_tag();
            return measured(std::move(node));
        }
        node->kind = NodeKind::SetBlock;
        NodePtr filter = is_sign("|") ? filters(nullptr) : nullptr;
        node->parts.push_back(body("endset"));
        node->parts.push_back(std::move(filter));
        return measured(std::move(node));
    }

    /// The names in parentheses, with what they are when nobody says.
    void parameters(Node& macro) {
        expect_sign("(");
        while (!is_sign(")")) {
            macro.words.push_back(expect_word());
            if (take_sign("=")) {
                macro.parts.push_back(expression());
            } else if (macro.parts.size() > 1) {
                refuse("a parameter without a default follows one with a default");
            }
            if (!take_sign(",")) break;
        }
        expect_sign(")");
    }

    NodePtr macro() {
        NodePtr node = make(NodeKind::Macro, {}, expect_word());
        node->parts.emplace_back();
        parameters(*node);
        node->parts.front() = body("endmacro");
        return measured(std::move(node));
    }

    NodePtr call_block() {
        NodePtr caller = make(NodeKind::Macro, {}, "caller");
        caller->parts.emplace_back();
        if (is_sign("(")) parameters(*caller);
        NodePtr call = expression();
        if (call->kind != NodeKind::Call) refuse("the tag 'call' has no call");
        caller->parts.front() = body("endcall");
        caller = measured(std::move(caller));
        return make_of(NodeKind::CallBlock, {}, std::move(call), std::move(caller));
    }

    NodePtr with_block() {
        NodePtr node = make(NodeKind::With);
        node->parts.emplace_back();
        while (now().kind == LexemeKind::Name) {
            node->words.push_back(expect_word());
            expect_sign("=");
            node->parts.push_back(expression());
            if (!take_sign(",")) break;
        }
        node->parts.front() = body("endwith");
        return measured(std::move(node));
    }

    NodePtr filter_block() {
        NodePtr filter = filters(filter_named(nullptr));
        NodePtr inner = body("endfilter");
        return make_of(NodeKind::FilterBlock, {}, std::move(inner), std::move(filter));
    }

    static constexpr int kDeepestBlocks = 100;
    int depth_ = 0;
};

}  // namespace

NodePtr parse(std::string_view source) {
    return TemplateParser(lex(source)).read();
}

}  // namespace headlight::jinja
