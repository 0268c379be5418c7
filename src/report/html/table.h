// Tables of a page, cell by cell.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "report/html/markup.h"

namespace headlight {

/// The cells of a row from left to right. Words stand on the left of their cell, numbers on the right.
class HtmlRow {
  public:
    /// A name or a few words, on one line.
    HtmlRow& text(std::string_view words);
    /// Sentences, which may take several lines.
    HtmlRow& sentence(std::string_view words, std::size_t most_code_points = 1000);
    /// What is more than text: a link.
    HtmlRow& markup(const Markup& cell);
    HtmlRow& number(const std::optional<double>& value, int digits = 3);
    HtmlRow& probability(const std::optional<double>& value);
    HtmlRow& count(std::integral auto value) { return figure(std::to_string(value)); }
    /// A number that was written before: "0.5 %", "0.79 – 0.81".
    HtmlRow& figure(std::string_view written);

    const Markup& cells() const { return cells_; }

  private:
    Markup cells_;
};

struct HtmlColumn {
    HtmlColumn(Markup column_title) : title(std::move(column_title)) {}
    HtmlColumn(const char* column_title) : title(column_title) {}
    HtmlColumn(const std::string& column_title) : title(column_title) {}

    Markup title;
    bool has_words = false;  // else numbers
    int columns = 1;
};
/// A column of words.
HtmlColumn words_column(const Markup& title, int columns = 1);

/// Where the table is wider than the page, it scrolls in a box of its own.
class HtmlTable {
  public:
    /// A line of titles; call it again for one below.
    void add_head(const std::vector<HtmlColumn>& columns);
    void add(const HtmlRow& row);
    Markup html() const;

  private:
    Markup head_, body_;
};

}  // namespace headlight
