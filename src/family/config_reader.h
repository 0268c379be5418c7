// Reads a stranger's config.json: every value is checked for type and range, and the first thing wrong is
// kept.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace headlight {

using KeyNames = std::initializer_list<const char*>;  // the first that is present and not null counts

class ConfigReader {
  public:
    /// `where` stands before keys in messages ("rope_parameters."). The JSON must outlive the reader.
    ConfigReader(const nlohmann::json& object, std::string file, std::string where = {})
        : object_(object), file_(std::move(file)), where_(std::move(where)) {}

    bool has(KeyNames keys) const { return find(keys) != nullptr; }
    /// Does the key stand there, even as null? Some families read "null" and "not said" differently.
    bool mentions(const char* key) const;
    /// Is there a list of whatever?
    bool is_list(const char* key) const;
    bool holds_list(const char* key) const;
    /// Whole number in [least, most]; must be there.
    int integer(KeyNames keys, int least, int most);
    /// The same, or `otherwise` when absent.
    int integer_or(KeyNames keys, int least, int most, int otherwise);
    /// Finite number in [least, most].
    double number(KeyNames keys, double least, double most);
    double number_or(KeyNames keys, double least, double most, double otherwise);
    bool boolean_or(KeyNames keys, bool otherwise);
    std::string text_or(KeyNames keys, const std::string& otherwise);
    /// List of exactly `size` finite numbers in [least, most].
    std::vector<double> numbers(const char* key, std::size_t size, double least, double most);
    /// List of exactly `size` texts; empty if absent.
    std::vector<std::string> texts(const char* key, std::size_t size);
    /// List of at most `most_items` whole numbers in [least, most]; empty if absent.
    std::vector<int> integers(const char* key, std::size_t most_items, int least, int most);
    /// List of texts of any length, or one text with '|' between its parts; empty if absent.
    std::vector<std::string> words(KeyNames keys);
    /// Null if absent.
    const nlohmann::json* object(KeyNames keys);
    const nlohmann::json* list(KeyNames keys);

    void fail_with(ErrorKind kind, std::string message);
    Status status() const { return has_error_ ? Status(fail(error_)) : Status(); }
    const std::string& file() const { return file_; }

  private:
    const nlohmann::json* find(KeyNames keys, const char** name = nullptr) const;
    template <class Accept>
    void read(KeyNames keys, bool is_required, const std::string& expected, const Accept& accept);

    const nlohmann::json& object_;
    std::string file_, where_;
    bool has_error_ = false;
    Error error_;
};

}  // namespace headlight
