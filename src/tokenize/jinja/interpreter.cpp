// Statements.
#include "tokenize/jinja/interpreter.h"

#include <fmt/format.h>

#include <algorithm>

namespace headlight::jinja {
namespace {

constexpr int kDeepestRun = 1000;
constexpr std::size_t kMostOutput = std::size_t{32} << 20;

void write(std::string& out, const std::string& text) {
    spend(steps_of_bytes(text.size()));
    out += text;
    if (out.size() > kMostOutput) throw Fault("it writes more than 32 MB");
}

ScopePtr inside(const ScopePtr& outer) {
    auto scope = std::make_shared<Scope>();
    scope->outer = outer;
    return scope;
}

Value loop_value(const Items& items, std::size_t i) {
    const auto count = static_cast<std::int64_t>(items.size()), at = static_cast<std::int64_t>(i);
    Pairs pairs = {{"index", at + 1},
                   {"index0", at},
                   {"revindex", count - at},
                   {"revindex0", count - at - 1},
                   {"first", at == 0},
                   {"last", at + 1 == count},
                   {"length", count},
                   {"depth", 1},
                   {"depth0", 0}};
    if (i > 0) pairs.emplace_back("previtem", items[i - 1]);
    if (i + 1 < items.size()) pairs.emplace_back("nextitem", items[i + 1]);
    pairs.emplace_back("cycle", make_function([i](Interpreter&, const Arguments& arguments) {
                           if (arguments.given.empty()) throw Fault("loop.cycle needs values");
                           return arguments.given[i % arguments.given.size()];
                       }));
    return make_dict(std::move(pairs), true);
}

/// Says the line of a fault that does not name one yet.
[[noreturn]] void fault_at(const Fault& fault, int line) {
    const std::string what = fault.what();
    throw Fault(what.starts_with("line ") ? what : fmt::format("line {}: {}", line, what));
}

}  // namespace

std::string Interpreter::render(const Node& root, const nlohmann::ordered_json& names) {
    auto globals = std::make_shared<Scope>();
    for (const auto& [name, value] : names.items())
        globals->values[name] = from_json(value);
    std::string out;
    run(root, inside(globals), out);
    return out;
}

std::string render(std::string_view source, const nlohmann::ordered_json& names) {
    start_budget();
    return Interpreter().render(*parse(source), names);
}

Interpreter::Flow Interpreter::run(const Node& node, const ScopePtr& scope, std::string& out) {
    spend(1);
    if (++depth_ > kDeepestRun) throw Fault("it calls itself too deep");
    Flow flow = Flow::Next;
    try {
        if (node.kind == NodeKind::Text) {
            write(out, node.word);
        } else if (node.kind == NodeKind::Output) {
            write(out, to_text(evaluate(*node.parts[0], scope)));
        } else if (node.kind == NodeKind::Block) {
            flow = run_block(node, scope, out);
        } else if (node.kind == NodeKind::If) {
            flow = run_if(node, scope, out);
        } else if (node.kind == NodeKind::For) {
            run_for(node, scope, out);
        } else if (node.kind == NodeKind::Set) {
            assign_all(node, evaluate(*node.parts[0], scope), scope);
        } else if (node.kind == NodeKind::SetBlock) {
            Value text = text_of_block(*node.parts[0], scope);
            if (node.parts[1] != nullptr) text = evaluate_filter(*node.parts[1], &text, scope);
            assign_all(node, text, scope);
        } else if (node.kind == NodeKind::Macro) {
            scope->values[node.word] = macro_of(node, scope);
        } else if (node.kind == NodeKind::CallBlock) {
            const Value caller = macro_of(*node.parts[1], scope);
            write(out, to_text(call(*node.parts[0], scope, &caller)));
        } else if (node.kind == NodeKind::FilterBlock) {
            const Value text = text_of_block(*node.parts[0], scope);
            write(out, to_text(evaluate_filter(*node.parts[1], &text, scope)));
        } else if (node.kind == NodeKind::With) {
            run_with(node, scope, out);
        } else {
            flow = node.kind == NodeKind::Break ? Flow::Break : Flow::Continue;
        }
    } catch (const Fault& fault) {
        fault_at(fault, node.line);
    }
    --depth_;
    return flow;
}

Interpreter::Flow Interpreter::run_block(const Node& block, const ScopePtr& scope, std::string& out) {
    for (const NodePtr& part : block.parts)
        if (const Flow flow = run(*part, scope, out); flow != Flow::Next) return flow;
    return Flow::Next;
}

Interpreter::Flow Interpreter::run_if(const Node& node, const ScopePtr& scope, std::string& out) {
    std::size_t i = 0;
    for (; i + 1 < node.parts.size(); i += 2)
        if (truth(evaluate(*node.parts[i], scope))) return run(*node.parts[i + 1], scope, out);
    return i < node.parts.size() ? run(*node.parts[i], scope, out) : Flow::Next;
}

void Interpreter::run_for(const Node& node, const ScopePtr& scope, std::string& out) {
    Items items = iterate(evaluate(*node.parts[0], scope));
    if (const NodePtr& condition = node.parts[1]; condition != nullptr) {
        Items chosen;
        for (Value& item : items) {
            const ScopePtr inner = inside(scope);
            assign_all(node, item, inner);
            if (truth(evaluate(*condition, inner))) chosen.push_back(std::move(item));
        }
        items = std::move(chosen);
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        const ScopePtr inner = inside(scope);
        inner->values["loop"] = loop_value(items, i);
        assign_all(node, items[i], inner);
        if (run(*node.parts[2], inner, out) == Flow::Break) break;
    }
    if (items.empty() && node.parts[3] != nullptr) run(*node.parts[3], inside(scope), out);
}

void Interpreter::assign(const std::string& target, Value value, const ScopePtr& scope) {
    const auto dot = target.find('.');
    if (dot == std::string::npos) {
        scope->values[target] = std::move(value);
        return;
    }
    const Value object = name_value(target.substr(0, dot), scope);
    const std::string name = target.substr(dot + 1);
    DictBox* box = object.dict();
    if (box == nullptr || !box->is_namespace)
        throw Fault(fmt::format("'{}' cannot be set: only a namespace's attributes can", target));
    if (name.starts_with('_')) throw Fault(fmt::format("'{}' cannot be set: it begins with '_'", target));
    put_key(*box, name, std::move(value));
}

void Interpreter::assign_all(const Node& node, const Value& value, const ScopePtr& scope) {
    if (!node.unpacks) return assign(node.words.at(0), value, scope);
    const Items items = iterate(value);
    if (items.size() != node.words.size())
        throw Fault(fmt::format("{} values are given to {} names", items.size(), node.words.size()));
    for (std::size_t i = 0; i < items.size(); ++i)
        assign(node.words[i], items[i], scope);
}

void Interpreter::run_with(const Node& node, const ScopePtr& scope, std::string& out) {
    const ScopePtr inner = inside(scope);
    for (std::size_t i = 0; i < node.words.size(); ++i)
        inner->values[node.words[i]] = evaluate(*node.parts[i + 1], scope);
    run(*node.parts[0], inner, out);
}

std::string Interpreter::text_of_block(const Node& block, const ScopePtr& scope) {
    std::string text;
    run(block, inside(scope), text);
    return text;
}

// A macro is a value of the scope that it looks into, so it must not keep that alive.
Value Interpreter::macro_of(const Node& node, const ScopePtr& scope) {
    return make_function(
        [&node, outer = std::weak_ptr<Scope>(scope)](Interpreter& interpreter, const Arguments& arguments) {
            const ScopePtr alive = outer.lock();
            if (alive == nullptr)
                throw Fault(fmt::format("macro '{}' is called outside its block", node.word));
            return interpreter.call_macro(node, alive, arguments);
        });
}

Value Interpreter::call_macro(const Node& node, const ScopePtr& outer, const Arguments& arguments) {
    const ScopePtr scope = inside(outer);
    const std::size_t count = node.words.size(), first_default = count - (node.parts.size() - 1);
    if (arguments.given.size() > count)
        throw Fault(fmt::format("macro '{}' takes {} arguments, {} are given", node.word, count,
                                arguments.given.size()));
    for (const auto& [name, value] : arguments.named) {
        if (name == "caller") {
            scope->values[name] = value;
        } else if (std::find(node.words.begin(), node.words.end(), name) == node.words.end()) {
            throw Fault(fmt::format("macro '{}' has no argument '{}'", node.word, name));
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        const std::string& name = node.words[i];
        Value& value = scope->values[name];
        value = Undefined{fmt::format("parameter '{}' was not provided", name)};
        if (const Value* given = arguments.find(i, name)) {
            value = *given;
        } else if (i >= first_default) {
            value = evaluate(*node.parts[1 + i - first_default], scope);
        }
    }
    std::string out;
    run(*node.parts[0], scope, out);
    return out;
}

}  // namespace headlight::jinja
