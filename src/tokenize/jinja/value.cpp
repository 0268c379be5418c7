#include "tokenize/jinja/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/utf8.h"

namespace headlight::jinja {
namespace {

constexpr int kDeepest = 200;
constexpr std::uint64_t kStepsOfItem = 8;  // of the bytes that a value takes
constexpr std::uint64_t kMostSteps = 10'000'000;
thread_local std::uint64_t steps_left = 0;

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

void start_budget() {
    steps_left = kMostSteps;
}

void spend(std::uint64_t steps) {
    if (steps > steps_left)
        throw Fault(fmt::format("it takes more than {} steps: it goes round for too long", kMostSteps));
    steps_left -= steps;
}

const Value* Arguments::find(std::size_t place, std::string_view name) const {
    if (place < given.size()) return &given[place];
    for (const auto& [key, value] : named)
        if (key == name) return &value;
    return nullptr;
}

int Value::depth() const {
    if (const ListBox* box = list()) return box->depth;
    if (const DictBox* box = dict()) return box->depth;
    if (const FunctionBox* box = function()) return box->depth;
    return 0;
}

int depth_around(const Value& value) {
    if (const DictBox* box = value.dict(); box != nullptr && box->is_namespace)
        throw Fault("a namespace inside another value is not read");
    const int depth = value.depth() + 1;
    if (depth > kDeepest) throw Fault(fmt::format("values stand more than {} deep in each other", kDeepest));
    return depth;
}

Value make_list(Items items, ListKind kind) {
    spend(1 + kStepsOfItem * items.size());
    auto box = std::make_shared<ListBox>();
    for (const Value& item : items)
        box->depth = std::max(box->depth, depth_around(item));
    box->items = std::move(items);
    box->kind = kind;
    return box;
}

Value make_dict(Pairs pairs, bool is_namespace) {
    auto box = std::make_shared<DictBox>();
    box->is_namespace = is_namespace;
    for (auto& [key, value] : pairs)
        put_key(*box, key, std::move(value));
    return box;
}

Value make_function(std::function<Value(Interpreter&, const Arguments&)> call, int depth) {
    return std::make_shared<FunctionBox>(FunctionBox{std::move(call), depth});
}

bool truth(const Value& value) {
    if (const std::string* text = value.text()) return !text->empty();
    if (const ListBox* box = value.list()) return box->kind == ListKind::Generator || !box->items.empty();
    if (const DictBox* box = value.dict()) return box->is_namespace || !box->pairs.empty();
    if (is_number(value)) return as_double(value) != 0;
    return value.function() != nullptr;
}

bool is_number(const Value& value) {
    return value.is<bool>() || value.is<std::int64_t>() || value.is<double>();
}

double as_double(const Value& value) {
    if (const bool* flag = std::get_if<bool>(&value.data)) return *flag ? 1 : 0;
    if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return static_cast<double>(*whole);
    return std::get<double>(value.data);
}

std::int64_t as_int(const Value& value, const char* what) {
    if (const bool* flag = std::get_if<bool>(&value.data)) return *flag ? 1 : 0;
    if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return *whole;
    throw Fault(fmt::format("{} is of type {}, expected an integer", what, type_name(value)));
}

bool equal(const Value& a, const Value& b) {
    spend(1);
    if (is_number(a) && is_number(b)) {
        if (!a.is<double>() && !b.is<double>()) return as_int(a, "") == as_int(b, "");
        return as_double(a) == as_double(b);
    }
    if (a.data.index() != b.data.index()) return false;
    if (const std::string* text = a.text()) return *text == *b.text();
    if (const ListBox* list = a.list())
        return list == b.list() || (list->kind == b.list()->kind &&
                                    std::equal(list->items.begin(), list->items.end(),
                                               b.list()->items.begin(), b.list()->items.end(), equal));
    if (const DictBox* dict = a.dict()) {
        if (dict == b.dict()) return true;
        if (dict->is_namespace || dict->pairs.size() != b.dict()->pairs.size()) return false;
        return std::all_of(dict->pairs.begin(), dict->pairs.end(), [&](const auto& pair) {
            const Value* other = find_key(*b.dict(), pair.first);
            return other != nullptr && equal(pair.second, *other);
        });
    }
    return a.function() == b.function();
}

bool less(const Value& a, const Value& b) {
    spend(1);
    if (is_number(a) && is_number(b)) {
        if (!a.is<double>() && !b.is<double>()) return as_int(a, "") < as_int(b, "");
        return as_double(a) < as_double(b);
    }
    if (a.text() != nullptr && b.text() != nullptr) return *a.text() < *b.text();
    if (a.list() != nullptr && b.list() != nullptr)
        return std::lexicographical_compare(a.list()->items.begin(), a.list()->items.end(),
                                            b.list()->items.begin(), b.list()->items.end(), less);
    throw Fault(fmt::format("values of types {} and {} have no order", type_name(a), type_name(b)));
}

const Value* find_key(const DictBox& dict, const Value& key) {
    for (const auto& [known, value] : dict.pairs)
        if (equal(known, key)) return &value;
    return nullptr;
}

void put_key(DictBox& dict, const Value& key, Value value) {
    spend(2 * kStepsOfItem);
    if (key.list() != nullptr ? key.list()->kind != ListKind::Tuple : key.dict() != nullptr)
        throw Fault(fmt::format("a {} is no key of a dict", type_name(key)));
    dict.depth = std::max({dict.depth, depth_around(key), depth_around(value)});
    for (auto& [known, old] : dict.pairs) {
        if (!equal(known, key)) continue;
        old = std::move(value);
        return;
    }
    dict.pairs.emplace_back(key, std::move(value));
}

const char* type_name(const Value& value) {
    return std::visit(
        Overloaded{
            [](const Undefined&) { return "undefined"; }, [](const None&) { return "None"; },
            [](bool) { return "bool"; }, [](std::int64_t) { return "int"; }, [](double) { return "float"; },
            [](const std::string&) { return "str"; },
            [](const std::shared_ptr<ListBox>& box) {
                constexpr const char* kNames[] = {"list", "tuple", "view of a dict", "generator"};
                return kNames[static_cast<int>(box->kind)];
            },
            [](const std::shared_ptr<DictBox>& box) { return box->is_namespace ? "namespace" : "dict"; },
            [](const std::shared_ptr<FunctionBox>&) { return "function"; }},
        value.data);
}

std::string number_text(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    std::string text = fmt::format("{}", value);  // the shortest that reads back, as Python's
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

std::string to_text(const Value& value) {
    if (const std::string* text = value.text()) return *text;
    return value.is_undefined() ? std::string() : to_repr(value);
}

Value from_json(const nlohmann::ordered_json& json) {
    if (json.is_string()) return json.get<std::string>();
    if (json.is_boolean()) return json.get<bool>();
    if (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX) return json.get<double>();
    if (json.is_number_integer()) return json.get<std::int64_t>();
    if (json.is_number()) return json.get<double>();
    if (json.is_array()) {
        Items items;
        for (const auto& item : json)
            items.push_back(from_json(item));
        return make_list(std::move(items));
    }
    if (!json.is_object()) return None{};
    auto box = std::make_shared<DictBox>();
    for (const auto& [key, item] : json.items())
        put_key(*box, key, from_json(item));
    return box;
}

}  // namespace headlight::jinja
