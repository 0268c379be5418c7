// Expressions.
#include <fmt/format.h>

#include <algorithm>

#include "tokenize/jinja/interpreter.h"

namespace headlight::jinja {
namespace {

constexpr int kDeepestExpression = 1000;

}  // namespace

Value Interpreter::name_value(const std::string& name, const ScopePtr& scope) const {
    for (const Scope* at = scope.get(); at != nullptr; at = at->outer.get()) {
        spend(1);
        if (const auto found = at->values.find(name); found != at->values.end()) return found->second;
    }
    if (const Builtin* builtin = find_global(name))
        return make_function([builtin](Interpreter& interpreter, const Arguments& arguments) {
            return run_builtin(*builtin, interpreter, Value(), arguments);
        });
    return Undefined{fmt::format("'{}' is undefined", name)};
}

Value Interpreter::evaluate(const Node& node, const ScopePtr& scope) {
    spend(1);
    if (++depth_ > kDeepestExpression) throw Fault("it calls itself too deep");
    Value value = evaluate_plainly(node, scope);
    --depth_;
    return value;
}

Value Interpreter::evaluate_plainly(const Node& node, const ScopePtr& scope) {
    const auto part = [&](std::size_t i) { return evaluate(*node.parts[i], scope); };
    switch (node.kind) {
        case NodeKind::Constant:
            if (const std::string* text = node.value.text()) spend(steps_of_bytes(text->size()));
            return node.value;
        case NodeKind::Name:
            return name_value(node.word, scope);
        case NodeKind::ListOf:
            return make_list(items_of(node, 0, scope));
        case NodeKind::TupleOf:
            return make_list(items_of(node, 0, scope), ListKind::Tuple);
        case NodeKind::DictOf:
            return evaluate_dict(node, scope);
        case NodeKind::Attribute:
            return attribute_of(part(0), node.word);
        case NodeKind::Item:
            return item_of(part(0), part(1));
        case NodeKind::Slice:
            return evaluate_slice(node, scope);
        case NodeKind::Call:
            return call(node, scope);
        case NodeKind::Filter:
            return evaluate_filter(node, nullptr, scope);
        case NodeKind::Test:
            return tested(node.word, part(0), arguments_of(node, scope));
        case NodeKind::Unary:
            if (node.word == "not") return !truth(part(0));
            return binary_value(node.word, 0, part(0));
        case NodeKind::Binary:
            return evaluate_binary(node, scope);
        case NodeKind::Compare:
            return evaluate_comparison(node, scope);
        case NodeKind::Conditional:
            if (truth(part(1))) return part(0);
            if (node.parts[2] != nullptr) return part(2);
            return Undefined{"the condition of an 'if' without 'else' is false"};
        default:
            throw Fault("a statement stands where a value should");
    }
}

Value Interpreter::evaluate_binary(const Node& node, const ScopePtr& scope) {
    Value left = evaluate(*node.parts[0], scope);
    if (node.word == "and" || node.word == "or")
        return truth(left) == (node.word == "or") ? left : evaluate(*node.parts[1], scope);
    return binary_value(node.word, left, evaluate(*node.parts[1], scope));
}

Value Interpreter::evaluate_comparison(const Node& node, const ScopePtr& scope) {
    Value left = evaluate(*node.parts[0], scope);
    for (std::size_t i = 0; i < node.words.size(); ++i) {
        Value right = evaluate(*node.parts[i + 1], scope);
        if (!compare_values(node.words[i], left, right)) return false;
        left = std::move(right);
    }
    return true;
}

Value Interpreter::evaluate_dict(const Node& node, const ScopePtr& scope) {
    Pairs pairs;
    for (std::size_t i = 0; i + 1 < node.parts.size(); i += 2) {
        Value key = evaluate(*node.parts[i], scope);
        pairs.emplace_back(std::move(key), evaluate(*node.parts[i + 1], scope));
    }
    return make_dict(std::move(pairs));
}

Value Interpreter::evaluate_slice(const Node& node, const ScopePtr& scope) {
    Value bounds[3];
    for (std::size_t i = 0; i < 3; ++i)
        bounds[i] = node.parts[i + 1] != nullptr ? evaluate(*node.parts[i + 1], scope) : Value(None{});
    return slice_of(evaluate(*node.parts[0], scope), bounds[0], bounds[1], bounds[2]);
}

Value Interpreter::evaluate_filter(const Node& node, const Value* block, const ScopePtr& scope) {
    if (node.kind != NodeKind::Filter) throw Fault("only filters can follow a block");
    const Node* before = node.parts[0].get();
    Value subject = before == nullptr  ? (block != nullptr ? *block : Value())
                    : block != nullptr ? evaluate_filter(*before, block, scope)
                                       : evaluate(*before, scope);
    return filtered(node.word, subject, arguments_of(node, scope));
}

Value Interpreter::call(const Node& node, const ScopePtr& scope, const Value* caller) {
    const Value callee = evaluate(*node.parts[0], scope);
    const Node& named = *node.parts[0];
    if (const auto* nothing = std::get_if<Undefined>(&callee.data)) throw Fault(nothing->what);
    if (callee.function() == nullptr)
        throw Fault(fmt::format("'{}' is of type {}: it cannot be called", named.word, type_name(callee)));
    Arguments arguments = arguments_of(node, scope);
    if (caller != nullptr) arguments.named.emplace_back("caller", *caller);
    return callee.function()->call(*this, arguments);
}

Items Interpreter::items_of(const Node& node, std::size_t from, const ScopePtr& scope) {
    Items items;
    for (std::size_t i = from; i < node.parts.size(); ++i)
        items.push_back(evaluate(*node.parts[i], scope));
    return items;
}

Arguments Interpreter::arguments_of(const Node& node, const ScopePtr& scope) {
    Arguments arguments{items_of(node, 1, scope), {}};
    for (const auto& [name, value] : node.named)
        arguments.named.emplace_back(name, evaluate(*value, scope));
    return arguments;
}

Value Interpreter::filtered(const std::string& name, const Value& subject, const Arguments& arguments) {
    const Builtin* filter = find_filter(name);
    if (filter == nullptr) throw Fault(fmt::format("the filter '{}' is not read", name));
    const bool keeps_marks = name == "safe" || name == "tojson" || name == "length" || name == "default";
    if (subject.is_marked && !keeps_marks)
        throw Fault(fmt::format("the filter '{}' of a text that 'safe' marked is not read", name));
    return run_builtin(*filter, *this, subject, arguments);
}

bool Interpreter::tested(const std::string& name, const Value& subject, const Arguments& arguments) {
    const Builtin* test = find_test(name);
    if (test == nullptr) throw Fault(fmt::format("the test '{}' is not read", name));
    return truth(run_builtin(*test, *this, subject, arguments));
}

Value run_builtin(const Builtin& builtin, Interpreter& interpreter, const Value& subject,
                  const Arguments& arguments) {
    const std::string_view all = builtin.parameters;
    if (all != "*") {
        const auto count = all.empty() ? 0 : 1 + std::count(all.begin(), all.end(), ' ');
        if (arguments.given.size() > static_cast<std::size_t>(count))
            throw Fault(fmt::format("'{}' takes at most {} arguments", builtin.name, count));
        for (const auto& [name, value] : arguments.named)
            if (fmt::format(" {} ", all).find(" " + name + " ") == std::string::npos)
                throw Fault(fmt::format("'{}' has no argument '{}'", builtin.name, name));
    }
    spend(1);
    return builtin.run(interpreter, subject, arguments);
}

}  // namespace headlight::jinja
