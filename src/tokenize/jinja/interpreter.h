// Runs a template's tree. Everything it does is counted (value.h: spend), so that a hostile one ends in a
// Fault.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "tokenize/jinja/syntax.h"

namespace headlight::jinja {

/// Names of a block; those outside are seen, but not changed.
struct Scope {
    std::unordered_map<std::string, Value> values;
    std::shared_ptr<Scope> outer;
};
using ScopePtr = std::shared_ptr<Scope>;

class Interpreter {
  public:
    /// See render() below.
    std::string render(const Node& root, const nlohmann::ordered_json& names);

    /// Both fault where there is no such thing or its arguments are wrong.
    Value filtered(const std::string& name, const Value& subject, const Arguments& arguments);
    bool tested(const std::string& name, const Value& subject, const Arguments& arguments);

  private:
    enum class Flow { Next, Break, Continue };

    Flow run(const Node& node, const ScopePtr& scope, std::string& out);
    Flow run_block(const Node& block, const ScopePtr& scope, std::string& out);
    Flow run_if(const Node& node, const ScopePtr& scope, std::string& out);
    void run_for(const Node& node, const ScopePtr& scope, std::string& out);
    void assign(const std::string& target, Value value, const ScopePtr& scope);
    void assign_all(const Node& node, const Value& value, const ScopePtr& scope);
    void run_with(const Node& node, const ScopePtr& scope, std::string& out);
    std::string text_of_block(const Node& block, const ScopePtr& scope);
    Value macro_of(const Node& node, const ScopePtr& scope);
    Value call_macro(const Node& node, const ScopePtr& outer, const Arguments& arguments);

    Value evaluate(const Node& node, const ScopePtr& scope);
    Value evaluate_plainly(const Node& node, const ScopePtr& scope);
    Value evaluate_binary(const Node& node, const ScopePtr& scope);
    Value evaluate_comparison(const Node& node, const ScopePtr& scope);
    Value evaluate_dict(const Node& node, const ScopePtr& scope);
    Value evaluate_slice(const Node& node, const ScopePtr& scope);
    /// A filter of a node on `subject`; filters may follow each other in front of a block.
    Value evaluate_filter(const Node& node, const Value* block, const ScopePtr& scope);
    Value call(const Node& node, const ScopePtr& scope, const Value* caller = nullptr);
    Items items_of(const Node& node, std::size_t from, const ScopePtr& scope);
    Arguments arguments_of(const Node& node, const ScopePtr& scope);
    Value name_value(const std::string& name, const ScopePtr& scope) const;

    int depth_ = 0;
};

/// What a template writes, with `names` (an object) and the functions that every chat template has. Faults:
/// what is no template, what of the language is not read, what it does not take, and one that goes on for too
/// long; with the line.
std::string render(std::string_view source, const nlohmann::ordered_json& names);

/// What Python and Jinja do with values. Faults: types that do not go together.
Value binary_value(const std::string& sign, const Value& a, const Value& b);
bool compare_values(const std::string& sign, const Value& a, const Value& b);
/// object.name and object[key]: undefined where there is none. Faults: of an undefined object.
Value attribute_of(const Value& object, const std::string& name);
Value item_of(const Value& object, const Value& key);
Value slice_of(const Value& object, const Value& begin, const Value& end, const Value& step);
/// What a loop over it gives; a generator gives it once. Faults: no values in it.
Items iterate(const Value& value);
std::size_t length_of(const Value& value);
std::vector<std::string> characters_of(const std::string& text);

/// A function, filter, test or method by its name, with the names of its arguments ("chars", "a b"; "*" is
/// any).
struct Builtin {
    const char* name;
    const char* parameters;
    Value (*run)(Interpreter& interpreter, const Value& subject, const Arguments& arguments);
};
/// Faults: an argument that it does not have.
Value run_builtin(const Builtin& builtin, Interpreter& interpreter, const Value& subject,
                  const Arguments& arguments);
const Builtin* find_filter(const std::string& name);
const Builtin* find_test(const std::string& name);
const Builtin* find_global(const std::string& name);
/// A method of a text, list or dict; null if it has none.
const Builtin* find_method(const Value& object, const std::string& name);

}  // namespace headlight::jinja
