// Filters of single values; those that go over lists are in list_filters.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "tokenize/jinja/interpreter.h"
#include "tokenize/jinja/list_filters.h"
#include "tokenize/jinja/text_functions.h"

namespace headlight::jinja {
namespace {

template <std::string (*change)(const std::string&)>
Value text_filter(Interpreter&, const Value& subject, const Arguments&) {
    return change(to_text(subject));
}

std::string as_text(const std::string& text) {
    return text;
}

Value marked(Interpreter&, const Value& subject, const Arguments&) {
    Value text = to_text(subject);
    text.is_marked = true;
    return text;
}

/// Jinja's own: a word begins behind white space, "-" or an opening bracket.
std::string title_of_words(const std::string& text) {
    std::string out, word;
    const auto flush = [&] {
        if (word.empty()) return;
        const std::string first = characters_of(word).front();
        out += upper(first) + lower(word.substr(first.size()));
        word.clear();
    };
    for (const std::string& letter : characters_of(text)) {
        const bool splits = std::string_view("-({[<").find(letter) != std::string_view::npos ||
                            stripped(letter, Side::Both, nullptr).empty();
        if (splits) flush();
        (splits ? out : word) += letter;
    }
    flush();
    return out;
}

Value trim(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value* chars = arguments.find(0, "chars");
    const bool has_chars = chars != nullptr && chars->text() != nullptr;
    return stripped(to_text(subject), Side::Both, has_chars ? chars->text() : nullptr);
}

Value fallback_of(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value* fallback = arguments.find(0, "default_value");
    const Value* counts_false = arguments.find(1, "boolean");
    const bool is_missing =
        subject.is_undefined() || (counts_false != nullptr && truth(*counts_false) && !truth(subject));
    if (!is_missing) return subject;
    return fallback != nullptr ? *fallback : Value("");
}

Value replace_in(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value *old = arguments.find(0, "old"), *with = arguments.find(1, "new");
    const Value* count = arguments.find(2, "count");
    if (old == nullptr || with == nullptr) throw Fault("replace needs two texts");
    const bool is_all = count == nullptr || count->is<None>();
    return replaced(to_text(subject), to_text(*old), to_text(*with), is_all ? -1 : as_int(*count, "count"));
}

Value indented(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value* width = arguments.find(0, "width");
    const Value *first = arguments.find(1, "first"), *blank = arguments.find(2, "blank");
    std::string space(4, ' ');
    if (width != nullptr && width->text() != nullptr) {
        space = *width->text();
    } else if (width != nullptr) {
        space.assign(static_cast<std::size_t>(std::clamp<std::int64_t>(as_int(*width, "width"), 0, 1024)),
                     ' ');
    }
    std::string out;
    const auto lines = lines_of(to_text(subject) + "\n");
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool has_first = first != nullptr && truth(*first),
                   has_blank = blank != nullptr && truth(*blank);
        const bool is_indented = i == 0 ? has_first : has_blank || !lines[i].empty();
        out += (i > 0 ? "\n" : "") + (is_indented ? space : std::string()) + lines[i];
        spend(steps_of_bytes(space.size() + lines[i].size()));
    }
    return out;
}

Value json_of(Interpreter&, const Value& subject, const Arguments& arguments) {
    JsonStyle style;
    if (const Value* ascii = arguments.find(0, "ensure_ascii")) style.is_ascii = truth(*ascii);
    if (const Value* indent = arguments.find(1, "indent"); indent != nullptr && !indent->is<None>()) {
        style.indent = static_cast<int>(std::clamp<std::int64_t>(as_int(*indent, "indent"), 0, 64));
        style.item_separator = ",";
    }
    if (const Value* given = arguments.find(2, "separators"); given != nullptr && !given->is<None>()) {
        const Items both = iterate(*given);
        if (both.size() != 2) throw Fault("separators of tojson are two texts");
        style.item_separator = to_text(both[0]);
        style.key_separator = to_text(both[1]);
    }
    if (const Value* sorts = arguments.find(3, "sort_keys")) style.sorts_keys = truth(*sorts);
    return to_json(subject, style);
}

/// The number that a text is, none otherwise.
template <class Number>
std::optional<Number> number_in(const std::string& given) {
    const std::string text = stripped(given, Side::Both, nullptr);
    const std::size_t sign = text.starts_with('+') ? 1 : 0;
    Number number = 0;
    const auto read = std::from_chars(text.data() + sign, text.data() + text.size(), number);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

Value as_whole(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value* fallback = arguments.find(0, "default");
    if (const Value* base = arguments.find(1, "base"); base != nullptr && as_int(*base, "base") != 10)
        throw Fault("int with a base other than 10 is not read");
    std::optional<double> number;
    if (const std::string* text = subject.text()) {
        if (const auto whole = number_in<std::int64_t>(*text)) return *whole;
        number = number_in<double>(*text);
    } else if (subject.is<double>()) {
        number = as_double(subject);
    } else if (is_number(subject)) {
        return as_int(subject, "");
    }
    if (number && std::fabs(*number) < 9e18) return static_cast<std::int64_t>(*number);
    return fallback != nullptr ? *fallback : Value(0);
}

Value as_real(Interpreter&, const Value& subject, const Arguments& arguments) {
    if (is_number(subject)) return as_double(subject);
    if (const std::string* text = subject.text())
        if (const auto number = number_in<double>(*text)) return *number;
    const Value* fallback = arguments.find(0, "default");
    return fallback != nullptr ? *fallback : Value(0.0);
}

Value rounded(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value *places = arguments.find(0, "precision"), *method = arguments.find(1, "method");
    if (method != nullptr && to_text(*method) != "common")
        throw Fault("round by another method than 'common' is not read");
    if (!is_number(subject)) throw Fault(fmt::format("round of a {}", type_name(subject)));
    const std::int64_t digits = places != nullptr ? as_int(*places, "precision") : 0;
    if (digits < 0 || digits > 17) throw Fault("round to such a number of digits is not read");
    double out = 0;
    const std::string text = fmt::format("{:.{}f}", as_double(subject), digits);
    std::from_chars(text.data(), text.data() + text.size(), out);
    return subject.is<double>() ? Value(out) : subject;
}

Value absolute(Interpreter&, const Value& subject, const Arguments&) {
    if (!is_number(subject)) throw Fault(fmt::format("abs of a {}", type_name(subject)));
    return truth(compare_values("<", subject, 0)) ? binary_value("-", 0, subject) : subject;
}

Value attribute_filter(Interpreter&, const Value& subject, const Arguments& arguments) {
    const Value* name = arguments.find(0, "name");
    if (name == nullptr || name->text() == nullptr) throw Fault("attr needs a name");
    // Attributes alone, where a.b also looks for items.
    if (const DictBox* dict = subject.dict();
        dict != nullptr && !dict->is_namespace && find_method(subject, *name->text()) == nullptr)
        return Undefined{fmt::format("a dict has no attribute '{}'", name->text()->substr(0, 80))};
    return attribute_of(subject, *name->text());
}

constexpr Builtin kFilters[] = {
    {"trim", "chars", trim},
    {"upper", "", text_filter<upper>},
    {"lower", "", text_filter<lower>},
    {"title", "", text_filter<title_of_words>},
    {"capitalize", "", text_filter<capitalized>},
    {"string", "", text_filter<as_text>},
    {"safe", "", marked},
    {"replace", "old new count", replace_in},
    {"indent", "width first blank", indented},
    {"tojson", "ensure_ascii indent separators sort_keys", json_of},
    {"default", "default_value boolean", fallback_of},
    {"d", "default_value boolean", fallback_of},
    {"int", "default base", as_whole},
    {"float", "default", as_real},
    {"round", "precision method", rounded},
    {"abs", "", absolute},
    {"attr", "name", attribute_filter},
};

}  // namespace

const Builtin* find_filter(const std::string& name) {
    for (const std::span<const Builtin> table : {std::span<const Builtin>(kFilters), list_filters()})
        for (const Builtin& entry : table)
            if (name == entry.name) return &entry;
    return nullptr;
}

}  // namespace headlight::jinja
