// Values as Python's repr() and json.dumps() write them.
#include <fmt/format.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "tokenize/jinja/value.h"

namespace headlight::jinja {
namespace {

bool is_printable(char32_t c) {
    if (c == ' ') return true;
    constexpr std::uint32_t kHidden = U_GC_C_MASK | U_GC_Z_MASK;
    return (U_GET_GC_MASK(static_cast<UChar32>(c)) & kHidden) == 0;
}

std::string escaped_code(char32_t c) {
    const auto number = static_cast<std::uint32_t>(c);
    return number < 0x100     ? fmt::format("\\x{:02x}", number)
           : number < 0x10000 ? fmt::format("\\u{:04x}", number)
                              : fmt::format("\\U{:08x}", number);
}

std::string repr_of_text(const std::string& text) {
    spend(steps_of_bytes(text.size()));
    const bool is_double = text.find('\'') != std::string::npos && text.find('"') == std::string::npos;
    const char quote = is_double ? '"' : '\'';
    std::string out(1, quote);
    for (std::size_t i = 0; i < text.size();) {
        const utf8::Decoded c = utf8::decode(text, i);
        if (c.code_point == '\n') {
            out += "\\n";
        } else if (c.code_point == '\r') {
            out += "\\r";
        } else if (c.code_point == '\t') {
            out += "\\t";
        } else if (c.code_point == '\\' || c.code_point == static_cast<char32_t>(quote)) {
            out += {'\\', text[i]};
        } else if (is_printable(c.code_point)) {
            out += text.substr(i, c.size_bytes);
        } else {
            out += escaped_code(c.code_point);
        }
        i += c.size_bytes;
    }
    return out + quote;
}

std::string json_of_text(const std::string& text, bool is_ascii) {
    spend(steps_of_bytes(text.size()));
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size();) {
        const utf8::Decoded c = utf8::decode(text, i);
        constexpr std::string_view kNamed = "\b\t\n\f\r\"\\", kLetters = "btnfr\"\\";
        const std::size_t named = c.code_point < 0x80 ? kNamed.find(text[i]) : std::string_view::npos;
        if (named != std::string_view::npos) {
            out += {'\\', kLetters[named]};
        } else if (c.code_point < 0x20 || (is_ascii && c.code_point > 0x7E && c.code_point < 0x10000)) {
            out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c.code_point));
        } else if (is_ascii && c.code_point >= 0x10000) {
            const auto rest = static_cast<std::uint32_t>(c.code_point) - 0x10000;
            out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
        } else {
            out += text.substr(i, c.size_bytes);
        }
        i += c.size_bytes;
    }
    return out + '"';
}

std::string json_number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
    return number_text(value);
}

struct JsonWriter {
    const JsonStyle& style;
    std::string out;

    void line(int level) {
        if (style.indent < 0) return;
        out += '\n';
        out.append(static_cast<std::size_t>(style.indent) * static_cast<std::size_t>(level), ' ');
    }
    std::string key_of(const Value& key) const {
        if (const std::string* text = key.text()) return *text;
        if (key.is<None>()) return "null";
        if (const bool* flag = std::get_if<bool>(&key.data)) return *flag ? "true" : "false";
        if (!is_number(key)) throw Fault(fmt::format("a {} is no key in JSON", type_name(key)));
        return key.is<double>() ? json_number(as_double(key)) : to_repr(key);
    }
    void write_dict(const DictBox& box, int level) {
        Pairs pairs = box.pairs;
        if (style.sorts_keys)
            std::stable_sort(pairs.begin(), pairs.end(),
                             [](const auto& a, const auto& b) { return less(a.first, b.first); });
        out += '{';
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            if (i > 0) out += style.item_separator;
            line(level + 1);
            out += json_of_text(key_of(pairs[i].first), style.is_ascii) + style.key_separator;
            write(pairs[i].second, level + 1);
        }
        if (!pairs.empty()) line(level);
        out += '}';
    }
    void write_list(const ListBox& box, int level) {
        out += '[';
        for (std::size_t i = 0; i < box.items.size(); ++i) {
            if (i > 0) out += style.item_separator;
            line(level + 1);
            write(box.items[i], level + 1);
        }
        if (!box.items.empty()) line(level);
        out += ']';
    }
    void write(const Value& value, int level) {
        spend(1);
        const ListBox* list = value.list();
        const DictBox* dict = value.dict();
        if (const std::string* text = value.text()) {
            out += json_of_text(*text, style.is_ascii);
        } else if (value.is<None>()) {
            out += "null";
        } else if (const bool* flag = std::get_if<bool>(&value.data)) {
            out += *flag ? "true" : "false";
        } else if (is_number(value)) {
            out += value.is<double>() ? json_number(as_double(value)) : to_repr(value);
        } else if (list != nullptr && list->kind <= ListKind::Tuple) {
            write_list(*list, level);
        } else if (dict != nullptr && !dict->is_namespace) {
            write_dict(*dict, level);
        } else {
            throw Fault(fmt::format("a value of type {} cannot be written as JSON", type_name(value)));
        }
    }
};

std::string repr_of_list(const ListBox& box) {
    if (box.kind > ListKind::Tuple)
        throw Fault("a generator or a view of a dict has no text of its own; make a list of it with '|list'");
    const bool is_tuple = box.kind == ListKind::Tuple;
    std::string out = is_tuple ? "(" : "[";
    for (std::size_t i = 0; i < box.items.size(); ++i)
        out += (i > 0 ? ", " : "") + to_repr(box.items[i]);
    if (is_tuple && box.items.size() == 1) out += ',';
    return out + (is_tuple ? ')' : ']');
}

}  // namespace

std::string to_repr(const Value& value) {
    spend(1);
    if (const std::string* text = value.text()) return repr_of_text(*text);
    if (value.is_undefined()) return "Undefined";
    if (value.is<None>()) return "None";
    if (const bool* flag = std::get_if<bool>(&value.data)) return *flag ? "True" : "False";
    if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return std::to_string(*whole);
    if (value.is<double>()) return number_text(as_double(value));
    if (const ListBox* box = value.list()) return repr_of_list(*box);
    const DictBox* box = value.dict();
    if (box == nullptr || box->is_namespace) throw Fault(fmt::format("a {} has no text", type_name(value)));
    std::string out = "{";
    for (std::size_t i = 0; i < box->pairs.size(); ++i)
        out += (i > 0 ? ", " : "") + to_repr(box->pairs[i].first) + ": " + to_repr(box->pairs[i].second);
    return out + '}';
}

std::string to_json(const Value& value, const JsonStyle& style) {
    JsonWriter writer{style, {}};
    writer.write(value, 0);
    return std::move(writer.out);
}

}  // namespace headlight::jinja
