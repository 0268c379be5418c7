// Methods of texts, lists and dicts that do not change them: the reference lets templates change none.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/utf8.h"
#include "tokenize/jinja/interpreter.h"
#include "tokenize/jinja/text_functions.h"

namespace headlight::jinja {
namespace {

const std::string* text_argument(const Arguments& arguments, std::size_t place, const char* name) {
    const Value* value = arguments.find(place, name);
    if (value == nullptr || value->is<None>()) return nullptr;
    if (value->text() == nullptr)
        throw Fault(fmt::format("'{}' is of type {}, expected a text", name, type_name(*value)));
    return value->text();
}

const std::string& needed_text(const Arguments& arguments, std::size_t place, const char* name) {
    const std::string* text = text_argument(arguments, place, name);
    if (text == nullptr) throw Fault(fmt::format("the argument '{}' is missing", name));
    return *text;
}

std::int64_t int_argument(const Arguments& arguments, std::size_t place, const char* name,
                          std::int64_t fallback) {
    const Value* value = arguments.find(place, name);
    return value != nullptr ? as_int(*value, name) : fallback;
}

Value list_of(std::vector<std::string> texts) {
    Items items;
    for (std::string& text : texts)
        items.emplace_back(std::move(text));
    return make_list(std::move(items));
}

template <Side side>
Value strip_method(Interpreter&, const Value& subject, const Arguments& arguments) {
    return stripped(*subject.text(), side, text_argument(arguments, 0, "chars"));
}

template <std::string (*change)(const std::string&)>
Value case_method(Interpreter&, const Value& subject, const Arguments&) {
    return change(*subject.text());
}

Value split_method(Interpreter&, const Value& subject, const Arguments& arguments) {
    return list_of(split(*subject.text(), text_argument(arguments, 0, "sep"),
                         int_argument(arguments, 1, "maxsplit", -1)));
}

Value rsplit_method(Interpreter&, const Value& subject, const Arguments& arguments) {
    return list_of(split_from_right(*subject.text(), text_argument(arguments, 0, "sep"),
                                    int_argument(arguments, 1, "maxsplit", -1)));
}

Value splitlines_method(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value* keeps = arguments.find(0, "keepends");
    return list_of(lines_of(*subject.text(), keeps != nullptr && truth(*keeps)));
}

template <bool is_start>
Value affix_method(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value* affix = arguments.find(0, "affix");
    if (affix == nullptr) throw Fault("startswith and endswith need a text");
    const ListBox* list = affix->list();
    const Items all = list != nullptr && list->kind == ListKind::Tuple ? list->items : Items{*affix};
    return std::any_of(all.begin(), all.end(), [&](const Value& one) {
        if (one.text() == nullptr) throw Fault("startswith and endswith take texts, or a tuple of them");
        return is_start ? subject.text()->starts_with(*one.text()) : subject.text()->ends_with(*one.text());
    });
}

template <bool is_prefix>
Value without_affix(Interpreter&, const Value& subject, const Arguments& arguments) {
    const std::string &text = *subject.text(), &affix = needed_text(arguments, 0, "affix");
    if (is_prefix) return text.starts_with(affix) ? text.substr(affix.size()) : text;
    return text.ends_with(affix) ? text.substr(0, text.size() - affix.size()) : text;
}

Value replace_method(Interpreter&, const Value& subject, const Arguments& arguments) {
    return replaced(*subject.text(), needed_text(arguments, 0, "old"), needed_text(arguments, 1, "new"),
                    int_argument(arguments, 2, "count", -1));
}

template <bool is_first>
Value find_in_text(Interpreter&, const Value& subject, const Arguments& arguments) {
    const std::string &text = *subject.text(), &part = needed_text(arguments, 0, "sub");
    spend(steps_of_bytes(text.size()));
    const auto at = is_first ? text.find(part) : text.rfind(part);
    return at == std::string::npos
               ? std::int64_t{-1}
               : static_cast<std::int64_t>(utf8::count_code_points(std::string_view(text).substr(0, at)));
}

Value count_in_text(Interpreter&, const Value& subject, const Arguments& arguments) {
    const std::string& part = needed_text(arguments, 0, "sub");
    if (part.empty()) return static_cast<std::int64_t>(length_of(subject)) + 1;
    return static_cast<std::int64_t>(split(*subject.text(), &part, -1).size()) - 1;
}

Value join_method(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value* given = arguments.find(0, "iterable");
    if (given == nullptr) throw Fault("join needs a list");
    std::string out;
    bool is_first = true;
    for (const Value& item : iterate(*given)) {
        if (item.text() == nullptr) throw Fault(fmt::format("join of a {}, expected texts", type_name(item)));
        out += (is_first ? std::string() : *subject.text()) + *item.text();
        spend(steps_of_bytes(item.text()->size() + subject.text()->size()));
        is_first = false;
    }
    return out;
}

/// str.format() with fields that are empty, a number or a name, and nothing else.
Value format_method(Interpreter&, const Value& subject, const Arguments& arguments) {
    const std::string& text = *subject.text();
    std::string out;
    std::size_t next = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_doubled = i + 1 < text.size() && text[i + 1] == text[i];
        if ((text[i] != '{' && text[i] != '}') || is_doubled) {
            out += text[i];
            i += text[i] == '{' || text[i] == '}' ? 1 : 0;
            continue;
        }
        const auto end = text.find('}', i);
        if (text[i] == '}' || end == std::string::npos) throw Fault("a brace of a format stands alone");
        const std::string field = text.substr(i + 1, end - i - 1);
        const bool is_number =
            !field.empty() && field.size() < 4 && field.find_first_not_of("0123456789") == std::string::npos;
        const bool is_place = field.empty() || is_number;
        const std::size_t place = is_number ? static_cast<std::size_t>(std::stoi(field)) : next;
        const Value* value =
            is_place ? arguments.find(place, "") : arguments.find(arguments.given.size(), field);
        if (value == nullptr)
            throw Fault(fmt::format("the field '{{{}}}' of a format is not read, or has no value", field));
        next += field.empty() ? 1 : 0;
        out += to_text(*value);
        spend(steps_of_bytes(out.size()));
        i = end;
    }
    return out;
}

template <int (*is_kind)(int)>
Value all_of_kind(Interpreter&, const Value& subject, const Arguments&) {
    const std::string& text = *subject.text();
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        if (static_cast<unsigned char>(c) >= 0x80)
            throw Fault("isdigit and the like of letters beyond ASCII are not read");
        return is_kind(c) != 0;
    });
}

template <std::string (*change)(const std::string&)>
Value is_in_case(Interpreter&, const Value& subject, const Arguments&) {
    return has_cased(*subject.text()) && change(*subject.text()) == *subject.text();
}

template <bool is_first>
Value partition_method(Interpreter&, const Value& subject, const Arguments& arguments) {
    const std::string &text = *subject.text(), &part = needed_text(arguments, 0, "sep");
    spend(steps_of_bytes(text.size()));
    if (part.empty()) throw Fault("a text is split at an empty separator");
    const auto at = is_first ? text.find(part) : text.rfind(part);
    if (at == std::string::npos)
        return make_list(is_first ? Items{text, "", ""} : Items{"", "", text}, ListKind::Tuple);
    return make_list({text.substr(0, at), part, text.substr(at + part.size())}, ListKind::Tuple);
}

constexpr Builtin kTextMethods[] = {
    {"strip", "chars", strip_method<Side::Both>},
    {"lstrip", "chars", strip_method<Side::Left>},
    {"rstrip", "chars", strip_method<Side::Right>},
    {"upper", "", case_method<upper>},
    {"lower", "", case_method<lower>},
    {"title", "", case_method<title>},
    {"capitalize", "", case_method<capitalized>},
    {"split", "sep maxsplit", split_method},
    {"rsplit", "sep maxsplit", rsplit_method},
    {"splitlines", "keepends", splitlines_method},
    {"startswith", "affix", affix_method<true>},
    {"endswith", "affix", affix_method<false>},
    {"removeprefix", "affix", without_affix<true>},
    {"removesuffix", "affix", without_affix<false>},
    {"replace", "old new count", replace_method},
    {"find", "sub", find_in_text<true>},
    {"rfind", "sub", find_in_text<false>},
    {"count", "sub", count_in_text},
    {"join", "iterable", join_method},
    {"format", "*", format_method},
    {"isdigit", "", all_of_kind<std::isdigit>},
    {"isalpha", "", all_of_kind<std::isalpha>},
    {"isalnum", "", all_of_kind<std::isalnum>},
    {"isspace", "", all_of_kind<std::isspace>},
    {"isupper", "", is_in_case<upper>},
    {"islower", "", is_in_case<lower>},
    {"partition", "sep", partition_method<true>},
    {"rpartition", "sep", partition_method<false>},
};

Value get_method(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value* key = arguments.find(0, "key");
    if (key == nullptr) throw Fault("get needs a key");
    if (const Value* found = find_key(*subject.dict(), *key)) return *found;
    const Value* fallback = arguments.find(1, "default");
    return fallback != nullptr ? *fallback : Value(None{});
}

enum class PairPart { Both, Key, Item };

template <PairPart part>
Value pairs_method(Interpreter&, const Value& subject, const Arguments&) {
    Items items;
    for (const auto& [key, value] : subject.dict()->pairs)
        items.push_back(part == PairPart::Both  ? make_list({key, value}, ListKind::Tuple)
                        : part == PairPart::Key ? key
                                                : value);
    spend(items.size() + 1);
    return make_list(std::move(items), ListKind::View);
}

Value copy_method(Interpreter&, const Value& subject, const Arguments&) {
    spend(subject.dict()->pairs.size());
    return make_dict(subject.dict()->pairs);
}

constexpr Builtin kDictMethods[] = {
    {"get", "key default", get_method},
    {"items", "", pairs_method<PairPart::Both>},
    {"keys", "", pairs_method<PairPart::Key>},
    {"values", "", pairs_method<PairPart::Item>},
    {"copy", "", copy_method},
};

const Value& needed_item(const Arguments& arguments) {
    const Value* item = arguments.find(0, "value");
    if (item == nullptr) throw Fault("a value to look for is missing");
    return *item;
}

Value count_in_list(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Items& items = subject.list()->items;
    return static_cast<std::int64_t>(std::count_if(
        items.begin(), items.end(), [&](const Value& one) { return equal(one, needed_item(arguments)); }));
}

Value index_in_list(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Items& items = subject.list()->items;
    const auto found = std::find_if(items.begin(), items.end(),
                                    [&](const Value& one) { return equal(one, needed_item(arguments)); });
    if (found == items.end()) throw Fault("a value is not in the list that is asked for its index");
    return static_cast<std::int64_t>(found - items.begin());
}

Value change_method(Interpreter&, const Value&, const Arguments&) {
    throw Fault("a list or dict is changed, which the sandbox of chat templates forbids");
}

constexpr Builtin kListMethods[] = {
    {"count", "value", count_in_list}, {"index", "value", index_in_list}, {"append", "*", change_method},
    {"extend", "*", change_method},    {"insert", "*", change_method},    {"pop", "*", change_method},
    {"remove", "*", change_method},    {"reverse", "*", change_method},   {"sort", "*", change_method},
};

const Builtin* find_in(std::span<const Builtin> table, const std::string& name) {
    for (const Builtin& entry : table)
        if (name == entry.name) return &entry;
    return nullptr;
}

}  // namespace

const Builtin* find_method(const Value& object, const std::string& name) {
    if (object.text() != nullptr) return find_in(kTextMethods, name);
    if (object.list() != nullptr && object.list()->kind <= ListKind::Tuple)
        return find_in(kListMethods, name);
    const DictBox* dict = object.dict();
    return dict != nullptr && !dict->is_namespace ? find_in(kDictMethods, name) : nullptr;
}

}  // namespace headlight::jinja
