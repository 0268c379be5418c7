#include "tokenize/jinja/list_filters.h"

#include <fmt/format.h>

#include <algorithm>

#include "tokenize/jinja/text_functions.h"

namespace headlight::jinja {
namespace {

/// An item's "a.b.0".
Value at_path(Value value, const Value& path) {
    if (path.text() == nullptr) return item_of(value, path);
    const std::string dot = ".";
    for (const std::string& part : split(*path.text(), &dot, -1)) {
        const bool is_index =
            !part.empty() && part.size() < 10 &&
            std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
        value = is_index ? item_of(value, std::stoi(part)) : item_of(value, part);
    }
    return value;
}

/// A function of each item: its attribute of that name where one is given.
Value key_of(const Value& item, const Value* attribute, bool is_case_sensitive) {
    Value key = attribute != nullptr && !attribute->is<None>() ? at_path(item, *attribute) : item;
    if (!is_case_sensitive && key.text() != nullptr) return lower(*key.text());
    return key;
}

/// As the lazy filters have it: what counts as false has no items, also None.
Items items_if_any(const Value& subject) {
    return truth(subject) ? iterate(subject) : Items();
}

bool flag(const Arguments& arguments, std::size_t place, const char* name) {
    const Value* value = arguments.find(place, name);
    return value != nullptr && truth(*value);
}

Value count(Interpreter&, const Value& subject, const Arguments&) {
    if (subject.list() != nullptr && subject.list()->kind == ListKind::Generator)
        throw Fault("a generator has no length; make a list of it with '|list'");
    return static_cast<std::int64_t>(length_of(subject));
}

Value first(Interpreter&, const Value& subject, const Arguments&) {
    const Items items = iterate(subject);
    return items.empty() ? Value(Undefined{"no first item, the sequence was empty"}) : items.front();
}

Value last(Interpreter&, const Value& subject, const Arguments&) {
    const Items items = iterate(subject);
    return items.empty() ? Value(Undefined{"no last item, the sequence was empty"}) : items.back();
}

Value as_list(Interpreter&, const Value& subject, const Arguments&) {
    return make_list(iterate(subject));
}

Value reversed(Interpreter&, const Value& subject, const Arguments&) {
    Items items = iterate(subject);
    std::reverse(items.begin(), items.end());
    if (subject.text() == nullptr) return make_list(std::move(items), ListKind::Generator);
    std::string text;
    for (const Value& letter : items)
        text += *letter.text();
    return text;
}

Value join(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value *between = arguments.find(0, "d"), *attribute = arguments.find(1, "attribute");
    const std::string separator = between != nullptr ? to_text(*between) : std::string();
    std::string out;
    bool is_first = true;
    for (const Value& item : iterate(subject)) {
        const std::string text = to_text(key_of(item, attribute, true));
        spend(steps_of_bytes(text.size() + separator.size()));
        out += (is_first ? std::string() : separator) + text;
        is_first = false;
    }
    return out;
}

Value pairs_of_dict(Interpreter&, const Value& subject, const Arguments&) {
    Items items;
    if (subject.is_undefined()) return make_list({}, ListKind::Generator);
    if (subject.dict() == nullptr || subject.dict()->is_namespace)
        throw Fault(fmt::format("items of a {}", type_name(subject)));
    for (const auto& [key, value] : subject.dict()->pairs)
        items.push_back(make_list({key, value}, ListKind::Tuple));
    spend(items.size() + 1);
    return make_list(std::move(items), ListKind::Generator);
}

Value sorted_pairs(Interpreter&, const Value& subject, const Arguments& arguments) {
    if (subject.dict() == nullptr) throw Fault(fmt::format("dictsort of a {}", type_name(subject)));
    const bool is_case_sensitive = flag(arguments, 0, "case_sensitive");
    const Value* by = arguments.find(1, "by");
    const std::size_t place = by != nullptr && to_text(*by) == "value" ? 1 : 0;
    Items items;
    for (const auto& [key, value] : subject.dict()->pairs)
        items.push_back(make_list({key, value}, ListKind::Tuple));
    std::stable_sort(items.begin(), items.end(), [&](const Value& a, const Value& b) {
        return less(key_of(a.list()->items[place], nullptr, is_case_sensitive),
                    key_of(b.list()->items[place], nullptr, is_case_sensitive));
    });
    if (flag(arguments, 2, "reverse")) std::reverse(items.begin(), items.end());
    return make_list(std::move(items));
}

Value sorted(Interpreter&, const Value& subject, const Arguments& arguments) {
    Items items = iterate(subject);
    const Value* attribute = arguments.find(2, "attribute");
    const bool is_case_sensitive = flag(arguments, 1, "case_sensitive"),
               is_down = flag(arguments, 0, "reverse");
    std::stable_sort(items.begin(), items.end(), [&](const Value& a, const Value& b) {
        const Value left = key_of(a, attribute, is_case_sensitive),
                    right = key_of(b, attribute, is_case_sensitive);
        return is_down ? less(right, left) : less(left, right);
    });
    return make_list(std::move(items));
}

Value unique(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value* attribute = arguments.find(1, "attribute");
    Items seen, kept;
    for (const Value& item : iterate(subject)) {
        Value key = key_of(item, attribute, flag(arguments, 0, "case_sensitive"));
        if (std::any_of(seen.begin(), seen.end(), [&](const Value& one) { return equal(one, key); }))
            continue;
        seen.push_back(std::move(key));
        kept.push_back(item);
    }
    return make_list(std::move(kept), ListKind::Generator);
}

template <bool is_largest>
Value extreme(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Items items = iterate(subject);
    const Value* attribute = arguments.find(1, "attribute");
    const Value* best = nullptr;
    Value best_key;
    for (const Value& item : items) {
        Value key = key_of(item, attribute, flag(arguments, 0, "case_sensitive"));
        if (best != nullptr && !(is_largest ? less(best_key, key) : less(key, best_key))) continue;
        best = &item;
        best_key = std::move(key);
    }
    return best != nullptr ? *best : Value(Undefined{"no item, the sequence was empty"});
}

Value sum(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value *attribute = arguments.find(0, "attribute"), *start = arguments.find(1, "start");
    Value total = start != nullptr ? *start : Value(0);
    for (const Value& item : iterate(subject))
        total = binary_value("+", total, key_of(item, attribute, true));
    return total;
}

Value mapped(Interpreter& interpreter, const Value& subject, const Arguments& arguments) {
    const Value *attribute = nullptr, *fallback = nullptr;
    for (const auto& [name, value] : arguments.named) {
        if (name == "attribute") attribute = &value;
        if (name == "default") fallback = &value;
    }
    Items items;
    if (attribute != nullptr) {
        for (const Value& item : items_if_any(subject)) {
            Value found = at_path(item, *attribute);
            items.push_back(found.is_undefined() && fallback != nullptr ? *fallback : std::move(found));
        }
        return make_list(std::move(items), ListKind::Generator);
    }
    if (arguments.given.empty() || arguments.given[0].text() == nullptr)
        throw Fault("map needs the name of a filter, or attribute=");
    const Arguments rest{Items(arguments.given.begin() + 1, arguments.given.end()), arguments.named};
    for (const Value& item : items_if_any(subject))
        items.push_back(interpreter.filtered(*arguments.given[0].text(), item, rest));
    return make_list(std::move(items), ListKind::Generator);
}

/// select, reject, selectattr and rejectattr: a test of each item or of an attribute of it.
template <bool has_attribute, bool is_kept>
Value chosen(Interpreter& interpreter, const Value& subject, const Arguments& arguments) {
    constexpr std::size_t kTest = has_attribute ? 1 : 0;
    const Items& given = arguments.given;
    if (given.size() < kTest) throw Fault("selectattr and rejectattr need the name of an attribute");
    const bool has_test = given.size() > kTest;
    if (has_test && given[kTest].text() == nullptr) throw Fault("a test is named by a text");
    Arguments rest{{}, arguments.named};
    if (has_test) rest.given.assign(given.begin() + kTest + 1, given.end());
    Items items;
    for (Value& item : items_if_any(subject)) {
        const Value value = has_attribute ? at_path(item, given[0]) : item;
        const bool holds = has_test ? interpreter.tested(*given[kTest].text(), value, rest) : truth(value);
        if (holds == is_kept) items.push_back(std::move(item));
    }
    return make_list(std::move(items), ListKind::Generator);
}

constexpr Builtin kListFilters[] = {
    {"length", "", count},
    {"count", "", count},
    {"first", "", first},
    {"last", "", last},
    {"list", "", as_list},
    {"reverse", "", reversed},
    {"join", "d attribute", join},
    {"items", "", pairs_of_dict},
    {"dictsort", "case_sensitive by reverse", sorted_pairs},
    {"sort", "reverse case_sensitive attribute", sorted},
    {"unique", "case_sensitive attribute", unique},
    {"min", "case_sensitive attribute", extreme<false>},
    {"max", "case_sensitive attribute", extreme<true>},
    {"sum", "attribute start", sum},
    {"map", "*", mapped},
    {"select", "*", chosen<false, true>},
    {"reject", "*", chosen<false, false>},
    {"selectattr", "*", chosen<true, true>},
    {"rejectattr", "*", chosen<true, false>},
};

}  // namespace

std::span<const Builtin> list_filters() {
    return kListFilters;
}

}  // namespace headlight::jinja
