// A line of comma-separated values (RFC 4180).
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace headlight {

/// Cells are quoted where their text asks for it; absent numbers are empty cells.
class CsvLine {
  public:
    CsvLine& text(std::string_view cell);
    /// As many digits as it takes to read the same number back.
    CsvLine& number(const std::optional<double>& value);
    CsvLine& count(std::integral auto value) { return plain(std::to_string(value)); }

    /// With its line feed.
    std::string line() const { return cells_ + "\n"; }

  private:
    CsvLine& plain(std::string_view cell);

    std::string cells_;
    bool is_first_ = true;
};

}  // namespace headlight
