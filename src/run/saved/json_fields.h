// Typed members of one JSON object of a stranger: every length and number is bounded, and the first member
// that is wrong is remembered with its place in the file.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace headlight {

/// Bytes that need not be UTF-8: under `key`, or as hexadecimal digits under `key`_hex.
void put_bytes(nlohmann::ordered_json& json, const std::string& key, const std::string& bytes);

class JsonFields {
  public:
    using Json = nlohmann::json;

    /// `place` is how messages name the object: "selection", "notes[3]"; "" for the whole file. `problem` is
    /// shared by all objects of a file.
    JsonFields(const Json& object, std::string place, std::optional<Error>& problem);

    /// What put_bytes() wrote.
    void bytes(const char* key, std::string& out, std::size_t most);
    void flag(const char* key, bool& out);
    void number(const char* key, double least, double most, double& out);
    template <class Int>
    void count(const char* key, std::int64_t least, std::int64_t most, Int& out) {
        if (const auto value = whole(find(key), key, least, most)) out = static_cast<Int>(*value);
    }
    /// A word that `parse` gives a value for.
    template <class Value, class Parse>
    void word(const char* key, const Parse& parse, Value& out) {
        std::string name;
        bytes(key, name, kMostWordBytes);
        if (name.empty()) return;
        if (const auto value = parse(name))
            out = *value;
        else
            blame(key, "one of its words");
    }
    /// Whole numbers.
    template <class Int>
    void counts(const char* key, std::size_t most_numbers, std::int64_t least, std::int64_t most,
                std::vector<Int>& out) {
        const Json* numbers = list(key, most_numbers);
        for (std::size_t i = 0; numbers && i < numbers->size(); ++i)
            if (const auto value = whole(&(*numbers)[i], key, least, most))
                out.push_back(static_cast<Int>(*value));
    }
    /// Null: it is not there, or wrong.
    const Json* list(const char* key, std::size_t most);
    std::optional<JsonFields> object(const char* key);
    /// Member `index` of a list that stands under `key`.
    JsonFields inside(const Json& entry, const char* key, std::size_t index);

    void blame(const std::string& key, const std::string& expected);
    /// Nothing was wrong so far in the whole file.
    bool is_good() const { return !problem_; }
    const Json* find(const char* key) const;

    static constexpr std::size_t kMostWordBytes = 64;

  private:
    std::optional<std::int64_t> whole(const Json* value, const char* key, std::int64_t least,
                                      std::int64_t most);
    std::string place_of(const std::string& key) const { return place_.empty() ? key : place_ + "." + key; }

    const Json& object_;
    std::string place_;
    std::optional<Error>& problem_;
};

}  // namespace headlight
