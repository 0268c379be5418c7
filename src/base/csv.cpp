// Cells of a table: what is quoted, and how numbers are written.
#include "base/csv.h"

#include <fmt/format.h>

namespace headlight {

CsvLine& CsvLine::plain(std::string_view cell) {
    if (!is_first_) cells_ += ',';
    is_first_ = false;
    cells_ += cell;
    return *this;
}

CsvLine& CsvLine::text(std::string_view cell) {
    if (cell.find_first_of(",\"\r\n") == std::string_view::npos) return plain(cell);
    std::string quoted = "\"";
    for (const char c : cell)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return plain(quoted + "\"");
}

CsvLine& CsvLine::number(const std::optional<double>& value) {
    return plain(value ? fmt::format("{}", *value) : std::string());
}

}  // namespace headlight
