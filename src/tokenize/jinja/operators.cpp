// What Python does with two values, and what stands inside one.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "tokenize/jinja/interpreter.h"

namespace headlight::jinja {
namespace {

constexpr std::int64_t kMostRepeats = 1 << 24;

[[noreturn]] void refuse_types(const std::string& sign, const Value& a, const Value& b) {
    for (const Value* value : {&a, &b})
        if (const auto* nothing = std::get_if<Undefined>(&value->data)) throw Fault(nothing->what);
    throw Fault(fmt::format("'{}' between values of types {} and {}", sign, type_name(a), type_name(b)));
}

std::int64_t whole_result(const std::string& sign, std::int64_t a, std::int64_t b) {
    std::int64_t out = 0;
    if (sign == "//" || sign == "%") {
        if (b == 0) throw Fault("a number is divided by zero");
        if (b == -1) return sign == "%" ? 0 : whole_result("-", 0, a);
        const std::int64_t rest = a % b, quotient = a / b;
        const bool is_below = rest != 0 && (rest < 0) != (b < 0);  // Python rounds down
        return sign == "%" ? rest + (is_below ? b : 0) : quotient - (is_below ? 1 : 0);
    }
    const bool overflows = sign == "+"   ? __builtin_add_overflow(a, b, &out)
                           : sign == "-" ? __builtin_sub_overflow(a, b, &out)
                                         : __builtin_mul_overflow(a, b, &out);
    if (overflows) throw Fault("a number grows beyond 64 bits");
    return out;
}

Value number_result(const std::string& sign, const Value& a, const Value& b) {
    if (!a.is<double>() && !b.is<double>() && sign != "/")
        return whole_result(sign, as_int(a, ""), as_int(b, ""));
    const double x = as_double(a), y = as_double(b);
    if (sign == "+") return x + y;
    if (sign == "-") return x - y;
    if (sign == "*") return x * y;
    if (y == 0) throw Fault("a number is divided by zero");
    if (sign == "/") return x / y;
    if (sign == "//") return std::floor(x / y);
    const double rest = std::fmod(x, y);
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

Value repeated(const Value& value, std::int64_t count) {
    count = std::max<std::int64_t>(count, 0);
    const ListBox* list = value.list();
    const std::size_t size = list != nullptr ? list->items.size() : value.text()->size();
    if (count > kMostRepeats) throw Fault("a value is repeated too often");
    spend((1 + size) * static_cast<std::uint64_t>(count));
    std::string text;
    Items items;
    for (std::int64_t i = 0; i < count; ++i) {
        if (list != nullptr) {
            items.insert(items.end(), list->items.begin(), list->items.end());
        } else {
            text += *value.text();
        }
    }
    return list != nullptr ? make_list(std::move(items), list->kind) : Value(std::move(text));
}

/// "%s, %d" % values, with %s and %d alone.
Value formatted(const std::string& format, const Value& values) {
    const bool is_tuple = values.list() != nullptr && values.list()->kind == ListKind::Tuple;
    const Items items = is_tuple ? values.list()->items : Items{values};
    std::string out;
    std::size_t used = 0;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            out += format[i];
            continue;
        }
        const char kind = ++i < format.size() ? format[i] : ' ';
        if (kind == '%') {
            out += '%';
        } else if ((kind == 's' || kind == 'd') && used < items.size()) {
            const Value& item = items[used++];
            out += kind == 's' ? to_text(item) : std::to_string(as_int(item, "a value of %d"));
        } else {
            throw Fault("a format after '%' is not read, or its value is missing");
        }
    }
    if (used < items.size()) throw Fault("not all values of a format are used");
    return out;
}

Value joined_lists(const ListBox& a, const ListBox& b) {
    Items items = a.items;
    items.insert(items.end(), b.items.begin(), b.items.end());
    spend(items.size());
    return make_list(std::move(items), a.kind);
}

bool contains(const Value& container, const Value& item) {
    if (const std::string* text = container.text()) {
        if (item.text() == nullptr) refuse_types("in", item, container);
        spend(steps_of_bytes(text->size()));
        return text->find(*item.text()) != std::string::npos;
    }
    if (const DictBox* dict = container.dict(); dict != nullptr && !dict->is_namespace)
        return find_key(*dict, item) != nullptr;
    const Items items = iterate(container);
    return std::any_of(items.begin(), items.end(), [&](const Value& one) { return equal(one, item); });
}

/// Where a[i] is: none if it is nowhere.
std::optional<std::size_t> place_of(std::int64_t index, std::size_t size) {
    if (index < 0) index += static_cast<std::int64_t>(size);
    if (index < 0 || index >= static_cast<std::int64_t>(size)) return std::nullopt;
    return static_cast<std::size_t>(index);
}

[[noreturn]] void refuse_marked() {
    throw Fault("what is done here to a text that the filter 'safe' marked is not read");
}

std::string escaped_unless_marked(const Value& value) {
    if (value.is_marked) return *value.text();
    std::string out;
    for (const char c : *value.text()) {
        constexpr std::string_view kSigns = "&<>\"'";
        constexpr const char* kEscapes[] = {"&amp;", "&lt;", "&gt;", "&#34;", "&#39;"};
        const auto sign = kSigns.find(c);
        out += sign == std::string_view::npos ? std::string(1, c) : kEscapes[sign];
    }
    return out;
}

Value sum_of_texts(const Value& a, const Value& b) {
    const bool is_marked = a.is_marked || b.is_marked;
    Value out = is_marked ? escaped_unless_marked(a) + escaped_unless_marked(b) : *a.text() + *b.text();
    spend(steps_of_bytes(out.text()->size()));
    out.is_marked = is_marked;
    return out;
}

Value bound_method(const Builtin& method, const Value& object) {
    return make_function(
        [&method, object](Interpreter& interpreter, const Arguments& arguments) {
            return run_builtin(method, interpreter, object, arguments);
        },
        depth_around(object));
}

}  // namespace

Value binary_value(const std::string& sign, const Value& a, const Value& b) {
    if (sign == "~") {
        std::string out = to_text(a) + to_text(b);
        spend(steps_of_bytes(out.size()));
        return out;
    }
    if (is_number(a) && is_number(b)) return number_result(sign, a, b);
    const bool are_texts = a.text() != nullptr && b.text() != nullptr;
    if (sign == "+" && are_texts) return sum_of_texts(a, b);
    if (a.is_marked || b.is_marked) refuse_marked();
    const bool are_lists = a.list() != nullptr && b.list() != nullptr && a.list()->kind == b.list()->kind &&
                           a.list()->kind <= ListKind::Tuple;
    if (sign == "+" && are_lists) return joined_lists(*a.list(), *b.list());
    if (sign == "%" && a.text() != nullptr) return formatted(*a.text(), b);
    const auto is_row = [](const Value& value) {
        return value.text() != nullptr || (value.list() != nullptr && value.list()->kind <= ListKind::Tuple);
    };
    if (sign == "*" && is_row(a) && is_number(b)) return repeated(a, as_int(b, "a count of repeats"));
    if (sign == "*" && is_row(b) && is_number(a)) return repeated(b, as_int(a, "a count of repeats"));
    refuse_types(sign, a, b);
}

bool compare_values(const std::string& sign, const Value& a, const Value& b) {
    if (sign == "==") return equal(a, b);
    if (sign == "!=") return !equal(a, b);
    if (sign == "in") return contains(b, a);
    if (sign == "not in") return !contains(b, a);
    if (a.is_undefined() || b.is_undefined()) refuse_types(sign, a, b);
    if (sign == "<") return less(a, b);
    if (sign == ">") return less(b, a);
    return sign == "<=" ? less(a, b) || equal(a, b) : less(b, a) || equal(a, b);
}

Value attribute_of(const Value& object, const std::string& name) {
    if (const auto* nothing = std::get_if<Undefined>(&object.data)) throw Fault(nothing->what);
    if (object.is_marked) refuse_marked();
    if (const Builtin* method = find_method(object, name)) return bound_method(*method, object);
    if (const DictBox* dict = object.dict())
        if (const Value* found = find_key(*dict, name)) return *found;
    if (name.starts_with("__"))
        throw Fault(fmt::format("the sandbox of chat templates forbids '{}'", name.substr(0, 80)));
    return Undefined{fmt::format("a {} has no attribute '{}'", type_name(object), name.substr(0, 80))};
}

Value item_of(const Value& object, const Value& key) {
    if (const auto* nothing = std::get_if<Undefined>(&object.data)) throw Fault(nothing->what);
    if (object.is_marked) refuse_marked();
    const ListBox* list = object.list();
    const std::string* text = object.text();
    if (const DictBox* dict = object.dict()) {
        if (const Value* found = find_key(*dict, key)) return *found;
    } else if ((key.is<std::int64_t>() || key.is<bool>()) && list != nullptr &&
               list->kind <= ListKind::Tuple) {
        if (const auto place = place_of(as_int(key, ""), list->items.size())) return list->items[*place];
    } else if ((key.is<std::int64_t>() || key.is<bool>()) && text != nullptr) {
        spend(steps_of_bytes(text->size()));
        const auto letters = characters_of(*text);
        if (const auto place = place_of(as_int(key, ""), letters.size())) return letters[*place];
    }
    if (key.text() != nullptr) return attribute_of(object, *key.text());
    return Undefined{fmt::format("a {} has no item of this index", type_name(object))};
}

Value slice_of(const Value& object, const Value& begin, const Value& end, const Value& step) {
    if (const auto* nothing = std::get_if<Undefined>(&object.data)) throw Fault(nothing->what);
    if (object.is_marked) refuse_marked();
    const ListBox* list = object.list();
    if (object.text() == nullptr && (list == nullptr || list->kind > ListKind::Tuple))
        return Undefined{fmt::format("a {} has no slices", type_name(object))};
    std::vector<std::string> letters;
    if (list == nullptr) letters = characters_of(*object.text());
    const auto size = static_cast<std::int64_t>(list != nullptr ? list->items.size() : letters.size());
    spend(static_cast<std::uint64_t>(size) + 1);
    const std::int64_t stride = step.is<None>() ? 1 : as_int(step, "a step");
    if (stride == 0) throw Fault("the step of a slice is zero");
    const std::int64_t low = stride > 0 ? 0 : -1, high = stride > 0 ? size : size - 1;
    const auto bound = [&](const Value& given, std::int64_t fallback) {
        if (given.is<None>()) return fallback;
        const std::int64_t place = as_int(given, "a bound of a slice");
        if (place < 0) return std::max(place < -size ? low : place + size, low);
        return std::min(place, high);
    };
    std::string text;
    Items items;
    const std::int64_t last = bound(end, stride > 0 ? high : low);
    for (std::int64_t i = bound(begin, stride > 0 ? low : high); stride > 0 ? i < last : i > last;) {
        if (list != nullptr) {
            items.push_back(list->items[static_cast<std::size_t>(i)]);
        } else {
            text += letters[static_cast<std::size_t>(i)];
        }
        if (__builtin_add_overflow(i, stride, &i)) break;
    }
    return list != nullptr ? make_list(std::move(items), list->kind) : Value(std::move(text));
}

Items iterate(const Value& value) {
    spend(length_of(value) + 1);
    if (const auto* box = std::get_if<std::shared_ptr<ListBox>>(&value.data))
        return (*box)->kind == ListKind::Generator ? std::exchange((*box)->items, {}) : (*box)->items;
    Items items;
    if (const DictBox* dict = value.dict()) {
        for (const auto& [key, item] : dict->pairs)
            items.push_back(key);
    } else if (const std::string* text = value.text()) {
        for (std::string& letter : characters_of(*text))
            items.emplace_back(std::move(letter));
    }
    return items;
}

std::size_t length_of(const Value& value) {
    if (const ListBox* list = value.list()) return list->items.size();
    if (const DictBox* dict = value.dict(); dict != nullptr && !dict->is_namespace) return dict->pairs.size();
    if (const std::string* text = value.text()) {
        spend(steps_of_bytes(text->size()));
        return utf8::count_code_points(*text);
    }
    if (value.is_undefined()) return 0;
    throw Fault(fmt::format("a {} holds no values", type_name(value)));
}

std::vector<std::string> characters_of(const std::string& text) {
    std::vector<std::string> letters;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t size = utf8::decode(text, i).size_bytes;
        letters.push_back(text.substr(i, size));
        i += size;
    }
    return letters;
}

}  // namespace headlight::jinja
