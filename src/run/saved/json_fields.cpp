#include "run/saved/json_fields.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace headlight {
namespace {

std::optional<std::string> from_hex_digits(const std::string& digits) {
    const auto value = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    std::string out;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        const int high = value(digits[i]), low = value(digits[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
    }
    return digits.size() % 2 == 0 ? std::optional(out) : std::nullopt;
}

const nlohmann::json& empty_object() {
    static const nlohmann::json empty = nlohmann::json::object();
    return empty;
}

}  // namespace

void put_bytes(nlohmann::ordered_json& json, const std::string& key, const std::string& bytes) {
    if (utf8::is_valid(bytes)) {
        json[key] = bytes;
        return;
    }
    std::string digits;
    for (const char c : bytes)
        digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
    json[key + "_hex"] = std::move(digits);
}

JsonFields::JsonFields(const Json& object, std::string place, std::optional<Error>& problem)
    : object_(object.is_object() ? object : empty_object()), place_(std::move(place)), problem_(problem) {
    if (!object.is_object() && !problem_)
        problem_ = make_error(ErrorKind::Corrupt, "expected {} to be a JSON object, found {}",
                              place_.empty() ? "the file" : "\"" + place_ + "\"", object.type_name());
}

const JsonFields::Json* JsonFields::find(const char* key) const {
    const auto found = object_.find(key);
    return found != object_.end() && !found->is_null() ? &*found : nullptr;
}

void JsonFields::blame(const std::string& key, const std::string& expected) {
    if (problem_) return;
    const auto found = object_.find(key);
    std::string what = found == object_.end() ? "nothing" : found->type_name();
    if (found != object_.end() && (found->is_number() || found->is_boolean()))
        what = found->dump().substr(0, 40);
    if (found != object_.end() && found->is_structured()) what += fmt::format(" of {}", found->size());
    problem_ =
        make_error(ErrorKind::Corrupt, "\"{}\" should be {}, and it is {}", place_of(key), expected, what)
            .at_tensor(place_of(key));
}

void JsonFields::bytes(const char* key, std::string& out, std::size_t most) {
    const std::string hex_key = std::string(key) + "_hex";
    const Json *text = find(key), *digits = find(hex_key.c_str());
    const std::string expected = fmt::format("a text of at most {} bytes", most);
    if (text) {
        if (!text->is_string() || text->get_ref<const std::string&>().size() > most)
            return blame(key, expected);
        out = text->get<std::string>();
    } else if (digits) {
        if (!digits->is_string() || digits->get_ref<const std::string&>().size() > 2 * most)
            return blame(hex_key, expected);
        const auto bytes = from_hex_digits(digits->get_ref<const std::string&>());
        if (!bytes) return blame(hex_key, "pairs of hexadecimal digits");
        out = *bytes;
    }
}

void JsonFields::flag(const char* key, bool& out) {
    const Json* value = find(key);
    if (!value) return;
    if (!value->is_boolean()) return blame(key, "true or false");
    out = value->get<bool>();
}

void JsonFields::number(const char* key, double least, double most, double& out) {
    const Json* value = find(key);
    if (!value) return;
    const double found = value->is_number() ? value->get<double>() : least - 1;
    if (!(found >= least && found <= most))
        return blame(key, fmt::format("a number from {} to {}", least, most));
    out = found;
}

std::optional<std::int64_t> JsonFields::whole(const Json* value, const char* key, std::int64_t least,
                                              std::int64_t most) {
    if (!value) return std::nullopt;
    const bool is_small = value->is_number_integer() &&
                          (!value->is_number_unsigned() || value->get<std::uint64_t>() <= INT64_MAX);
    if (is_small && value->get<std::int64_t>() >= least && value->get<std::int64_t>() <= most)
        return value->get<std::int64_t>();
    blame(key, fmt::format("a whole number from {} to {}", least, most));
    return std::nullopt;
}

const JsonFields::Json* JsonFields::list(const char* key, std::size_t most) {
    const Json* value = find(key);
    if (!value) return nullptr;
    if (value->is_array() && value->size() <= most) return value;
    blame(key, fmt::format("a list of at most {}", most));
    return nullptr;
}

std::optional<JsonFields> JsonFields::object(const char* key) {
    const Json* value = find(key);
    if (!value) return std::nullopt;
    return JsonFields(*value, place_of(key), problem_);
}

JsonFields JsonFields::inside(const Json& entry, const char* key, std::size_t index) {
    return JsonFields(entry, fmt::format("{}[{}]", place_of(key), index), problem_);
}

}  // namespace headlight
