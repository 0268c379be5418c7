#include "family/config_reader.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

namespace headlight {
namespace {

constexpr std::size_t kMostShown = 60;

/// The value as it is shown in a message, cut where it is long.
std::string shown(const nlohmann::json& value) {
    if (value.is_structured()) return value.is_array() ? "a list" : "an object";
    std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (text.size() > kMostShown) {
        text.resize(kMostShown);
        text += "...";
    }
    return text;
}

}  // namespace

const nlohmann::json* ConfigReader::find(KeyNames keys, const char** name) const {
    for (const char* key : keys) {
        const auto found = object_.find(key);
        if (found == object_.end() || found->is_null()) continue;
        if (name != nullptr) *name = key;
        return &*found;
    }
    return nullptr;
}

bool ConfigReader::mentions(const char* key) const {
    return object_.find(key) != object_.end();
}

bool ConfigReader::holds_list(const char* key) const {
    const nlohmann::json* value = find({key});
    return value != nullptr && value->is_array();
}

void ConfigReader::fail_with(ErrorKind kind, std::string message) {
    if (has_error_) return;
    has_error_ = true;
    error_ = make_error(kind, "{}", message).in_file(file_);
}

template <class Accept>
void ConfigReader::read(KeyNames keys, bool is_required, const std::string& expected, const Accept& accept) {
    const char* name = *keys.begin();
    const nlohmann::json* value = find(keys, &name);
    if (value == nullptr) {
        if (is_required) {
            fail_with(ErrorKind::Missing,
                      fmt::format("the config has no '{}{}' (expected {})", where_, name, expected));
        }
        return;
    }
    if (!accept(*value)) {
        fail_with(ErrorKind::Corrupt, fmt::format("the config's '{}{}' is {}, expected {}", where_, name,
                                                  shown(*value), expected));
    }
}

int ConfigReader::integer(KeyNames keys, int least, int most) {
    int out = least;
    read(keys, true, fmt::format("a whole number from {} to {}", least, most),
         [&](const nlohmann::json& value) {
             if (!value.is_number()) return false;
             const double number = value.get<double>();
             if (!(number >= least && number <= most) || number != std::floor(number)) return false;
             out = static_cast<int>(number);
             return true;
         });
    return out;
}

int ConfigReader::integer_or(KeyNames keys, int least, int most, int otherwise) {
    return has(keys) ? integer(keys, least, most) : otherwise;
}

double ConfigReader::number(KeyNames keys, double least, double most) {
    double out = least;
    read(keys, true, fmt::format("a number from {} to {}", least, most), [&](const nlohmann::json& value) {
        if (!value.is_number()) return false;
        out = value.get<double>();
        return out >= least && out <= most;
    });
    return has_error_ ? least : out;
}

double ConfigReader::number_or(KeyNames keys, double least, double most, double otherwise) {
    return has(keys) ? number(keys, least, most) : otherwise;
}

bool ConfigReader::boolean_or(KeyNames keys, bool otherwise) {
    bool out = otherwise;
    read(keys, false, "true or false", [&](const nlohmann::json& value) {
        if (!value.is_boolean()) return false;
        out = value.get<bool>();
        return true;
    });
    return out;
}

std::string ConfigReader::text_or(KeyNames keys, const std::string& otherwise) {
    std::string out = otherwise;
    read(keys, false, "a text", [&](const nlohmann::json& value) {
        if (!value.is_string()) return false;
        out = value.get<std::string>();
        return true;
    });
    return out;
}

std::vector<double> ConfigReader::numbers(const char* key, std::size_t size, double least, double most) {
    std::vector<double> out;
    read({key}, true, fmt::format("a list of {} numbers from {} to {}", size, least, most),
         [&](const nlohmann::json& value) {
             if (!value.is_array() || value.size() != size) return false;
             for (const nlohmann::json& item : value) {
                 if (!item.is_number()) return false;
                 out.push_back(item.get<double>());
                 if (!(out.back() >= least && out.back() <= most)) return false;
             }
             return true;
         });
    out.resize(size, least);
    return out;
}

std::vector<std::string> ConfigReader::texts(const char* key, std::size_t size) {
    std::vector<std::string> out;
    read({key}, false, fmt::format("a list of {} texts", size), [&](const nlohmann::json& value) {
        if (!value.is_array() || value.size() != size) return false;
        for (const nlohmann::json& item : value) {
            if (!item.is_string()) return false;
            out.push_back(item.get<std::string>());
        }
        return true;
    });
    return out;
}

bool ConfigReader::is_list(const char* key) const {
    const nlohmann::json* value = find({key});
    return value != nullptr && value->is_array();
}

std::vector<int> ConfigReader::integers(const char* key, std::size_t most_items, int least, int most) {
    std::vector<int> out;
    read({key}, false,
         fmt::format("a list of whole numbers from {} to {}, at most {} of them", least, most, most_items),
         [&](const nlohmann::json& value) {
             // A number by itself is a list of one.
             const nlohmann::json items = value.is_number() ? nlohmann::json::array({value}) : value;
             if (!items.is_array() || items.size() > most_items) return false;
             for (const nlohmann::json& item : items) {
                 const double number = item.is_number() ? item.get<double>() : std::nan("");
                 if (!(number >= least && number <= most) || number != std::floor(number)) return false;
                 out.push_back(static_cast<int>(number));
             }
             return true;
         });
    return out;
}

std::vector<std::string> ConfigReader::words(KeyNames keys) {
    std::vector<std::string> out;
    read(keys, false, "a list of texts", [&](const nlohmann::json& value) {
        if (value.is_string()) {
            std::istringstream parts(value.get<std::string>());
            for (std::string part; std::getline(parts, part, '|');) {
                part.erase(std::remove(part.begin(), part.end(), ' '), part.end());
                out.push_back(part);
            }
            return true;
        }
        if (!value.is_array()) return false;
        for (const nlohmann::json& item : value) {
            if (!item.is_string()) return false;
            out.push_back(item.get<std::string>());
        }
        return true;
    });
    return out;
}

const nlohmann::json* ConfigReader::object(KeyNames keys) {
    const nlohmann::json* out = nullptr;
    read(keys, false, "an object", [&](const nlohmann::json& value) {
        if (!value.is_object()) return false;
        out = &value;
        return true;
    });
    return out;
}

const nlohmann::json* ConfigReader::list(KeyNames keys) {
    const nlohmann::json* out = nullptr;
    read(keys, false, "a list", [&](const nlohmann::json& value) {
        if (!value.is_array()) return false;
        out = &value;
        return true;
    });
    return out;
}

}  // namespace headlight
