// What stands behind "is".
#include <fmt/format.h>

#include <algorithm>

#include "tokenize/jinja/interpreter.h"
#include "tokenize/jinja/text_functions.h"

namespace headlight::jinja {
namespace {

const Value& other_of(const Arguments& arguments) {
    if (arguments.given.empty()) throw Fault("a test needs a value to compare with");
    return arguments.given.front();
}

template <bool (*is_so)(const Value&)>
Value plain_test(Interpreter&, const Value& subject, const Arguments&) {
    return is_so(subject);
}

bool is_defined(const Value& value) {
    return !value.is_undefined();
}
bool is_undefined(const Value& value) {
    return value.is_undefined();
}
bool is_none(const Value& value) {
    return value.is<None>();
}
bool is_text(const Value& value) {
    return value.text() != nullptr;
}
bool is_mapping(const Value& value) {
    return value.dict() != nullptr && !value.dict()->is_namespace;
}
bool is_callable(const Value& value) {
    return value.function() != nullptr;
}
bool is_true_itself(const Value& value) {
    return value.is<bool>() && truth(value);
}
bool is_false_itself(const Value& value) {
    return value.is<bool>() && !truth(value);
}
bool is_boolean(const Value& value) {
    return value.is<bool>();
}
bool is_integer(const Value& value) {
    return value.is<std::int64_t>();
}
bool is_float(const Value& value) {
    return value.is<double>();
}
/// An undefined value counts as empty, as Jinja's has it.
bool is_iterable(const Value& value) {
    return value.list() != nullptr || is_mapping(value) || is_text(value) || value.is_undefined();
}
bool is_sequence(const Value& value) {
    const bool is_lazy = value.list() != nullptr && value.list()->kind > ListKind::Tuple;
    return is_iterable(value) && !is_lazy;
}
bool is_upper(const Value& value) {
    const std::string text = to_text(value);
    return has_cased(text) && upper(text) == text;
}
bool is_lower(const Value& value) {
    const std::string text = to_text(value);
    return has_cased(text) && lower(text) == text;
}

template <int rest>
Value parity_test(Interpreter&, const Value& subject, const Arguments&) {
    return (as_int(subject, "a number") & 1) == rest;
}

Value divisible_test(Interpreter&, const Value& subject, const Arguments& arguments) {
    return equal(binary_value("%", subject, other_of(arguments)), 0);
}

template <const char* sign>
Value compare_test(Interpreter&, const Value& subject, const Arguments& arguments) {
    return compare_values(sign, subject, other_of(arguments));
}

Value same_test(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value& other = other_of(arguments);
    return subject.data.index() == other.data.index() && equal(subject, other);
}

constexpr char kEqual[] = "==", kUnequal[] = "!=", kLess[] = "<", kGreater[] = ">",
               kAtMost[] = "<=", kAtLeast[] = ">=", kIn[] = "in";

constexpr Builtin kTests[] = {
    {"defined", "", plain_test<is_defined>},
    {"undefined", "", plain_test<is_undefined>},
    {"none", "", plain_test<is_none>},
    {"string", "", plain_test<is_text>},
    {"mapping", "", plain_test<is_mapping>},
    {"callable", "", plain_test<is_callable>},
    {"true", "", plain_test<is_true_itself>},
    {"false", "", plain_test<is_false_itself>},
    {"boolean", "", plain_test<is_boolean>},
    {"integer", "", plain_test<is_integer>},
    {"float", "", plain_test<is_float>},
    {"number", "", plain_test<is_number>},
    {"iterable", "", plain_test<is_iterable>},
    {"sequence", "", plain_test<is_sequence>},
    {"upper", "", plain_test<is_upper>},
    {"lower", "", plain_test<is_lower>},
    {"odd", "", parity_test<1>},
    {"even", "", parity_test<0>},
    {"divisibleby", "num", divisible_test},
    {"sameas", "other", same_test},
    {"in", "seq", compare_test<kIn>},
    {"eq", "other", compare_test<kEqual>},
    {"equalto", "other", compare_test<kEqual>},
    {"==", "other", compare_test<kEqual>},
    {"ne", "other", compare_test<kUnequal>},
    {"!=", "other", compare_test<kUnequal>},
    {"lt", "other", compare_test<kLess>},
    {"lessthan", "other", compare_test<kLess>},
    {"<", "other", compare_test<kLess>},
    {"gt", "other", compare_test<kGreater>},
    {"greaterthan", "other", compare_test<kGreater>},
    {">", "other", compare_test<kGreater>},
    {"le", "other", compare_test<kAtMost>},
    {"<=", "other", compare_test<kAtMost>},
    {"ge", "other", compare_test<kAtLeast>},
    {">=", "other", compare_test<kAtLeast>},
};

}  // namespace

const Builtin* find_test(const std::string& name) {
    for (const Builtin& entry : kTests)
        if (name == entry.name) return &entry;
    return nullptr;
}

}  // namespace headlight::jinja
