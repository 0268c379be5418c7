// Values of a template language after Jinja's: what Python's None, bool, int, float, str, list, dict and
// functions are.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace headlight::jinja {

/// Whatever stops a template; caught where it is rendered.
struct Fault : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What a rendering may still do, of the thread that renders: values may share parts, so that even comparing
/// or writing one can take for ever. Faults: nothing is left.
void start_budget();
void spend(std::uint64_t steps);
/// As many steps as handling so many bytes counts for.
inline std::uint64_t steps_of_bytes(std::size_t bytes) {
    return 1 + bytes / 4;
}

class Interpreter;
struct Value;
using Items = std::vector<Value>;
using Pairs = std::vector<std::pair<Value, Value>>;

struct Undefined {
    std::string what;  // "'x' is undefined"
};
struct None {};

enum class ListKind {
    List,
    Tuple,
    View,       // of a dict: not to be indexed
    Generator,  // true even when it gives nothing, and gives its items once
};

struct ListBox {
    Items items;
    ListKind kind = ListKind::List;
    int depth = 1;  // of values inside values
};

struct DictBox {
    Pairs pairs;  // in the order in which they were put in
    bool is_namespace = false;
    int depth = 1;
};

struct Arguments {
    Items given;
    std::vector<std::pair<std::string, Value>> named;

    /// The argument of a place or name; null if it is not given.
    const Value* find(std::size_t place, std::string_view name) const;
};

struct FunctionBox {
    std::function<Value(Interpreter&, const Arguments&)> call;
    int depth = 1;
};

struct Value {
    std::variant<Undefined, None, bool, std::int64_t, double, std::string, std::shared_ptr<ListBox>,
                 std::shared_ptr<DictBox>, std::shared_ptr<FunctionBox>>
        data;
    bool is_marked = false;  // a text that `safe` gave: beside it "+" escapes other texts for HTML

    Value() = default;
    template <class T>
    Value(T value) : data(std::move(value)) {}
    Value(const char* text) : data(std::string(text)) {}
    Value(std::string_view text) : data(std::string(text)) {}
    Value(int number) : data(std::int64_t{number}) {}

    template <class T>
    bool is() const {
        return std::holds_alternative<T>(data);
    }
    bool is_undefined() const { return is<Undefined>(); }
    const std::string* text() const { return std::get_if<std::string>(&data); }
    const ListBox* list() const {
        const auto* box = std::get_if<std::shared_ptr<ListBox>>(&data);
        return box != nullptr ? box->get() : nullptr;
    }
    DictBox* dict() const {
        const auto* box = std::get_if<std::shared_ptr<DictBox>>(&data);
        return box != nullptr ? box->get() : nullptr;
    }
    const FunctionBox* function() const {
        const auto* box = std::get_if<std::shared_ptr<FunctionBox>>(&data);
        return box != nullptr ? box->get() : nullptr;
    }
    int depth() const;
};

/// Faults: values too deep inside each other, a namespace inside another value.
Value make_list(Items items, ListKind kind = ListKind::List);
Value make_dict(Pairs pairs, bool is_namespace = false);
Value make_function(std::function<Value(Interpreter&, const Arguments&)> call, int depth = 1);
/// Can `value` stand inside another? Faults where not.
int depth_around(const Value& value);

bool truth(const Value& value);
bool equal(const Value& a, const Value& b);
/// a < b of numbers, texts or lists. Faults: others.
bool less(const Value& a, const Value& b);
/// Null if a dict has no such key.
const Value* find_key(const DictBox& dict, const Value& key);
void put_key(DictBox& dict, const Value& key, Value value);

/// "str", "dict" ... as Python calls the type.
const char* type_name(const Value& value);
/// As Python's str() and repr() write it; an undefined value is empty.
std::string to_text(const Value& value);
std::string to_repr(const Value& value);
std::string number_text(double value);

struct JsonStyle {
    int indent = -1;  // -1: on one line
    std::string item_separator = ", ", key_separator = ": ";
    bool sorts_keys = false, is_ascii = false;
};
/// As Python's json.dumps writes it. Faults: a value that JSON has not.
std::string to_json(const Value& value, const JsonStyle& style);
Value from_json(const nlohmann::ordered_json& json);

/// A number of either type; null for others. As in Python a bool counts as 0 or 1.
bool is_number(const Value& value);
double as_double(const Value& value);
/// Faults: no integer.
std::int64_t as_int(const Value& value, const char* what);

}  // namespace headlight::jinja
