// Cells, titles and the box in which a table scrolls.
#include "report/html/table.h"

#include "report/html/numbers.h"

namespace headlight {

HtmlRow& HtmlRow::text(std::string_view words) {
    return markup(isolated(words));
}

HtmlRow& HtmlRow::sentence(std::string_view words, std::size_t most_code_points) {
    cells_ += element("td", {{"class", "l w"}}, isolated(words, most_code_points));
    return *this;
}

HtmlRow& HtmlRow::markup(const Markup& cell) {
    cells_ += element("td", {{"class", "l"}}, cell);
    return *this;
}

HtmlRow& HtmlRow::number(const std::optional<double>& value, int digits) {
    return figure(decimal_text(value, digits));
}

HtmlRow& HtmlRow::probability(const std::optional<double>& value) {
    return figure(probability_text(value));
}

HtmlRow& HtmlRow::figure(std::string_view written) {
    cells_ += element("td", {}, written);
    return *this;
}

HtmlColumn words_column(const Markup& title, int columns) {
    HtmlColumn column(title);
    column.has_words = true;
    column.columns = columns;
    return column;
}

void HtmlTable::add_head(const std::vector<HtmlColumn>& columns) {
    Markup cells;
    for (const HtmlColumn& column : columns) {
        MarkupAttributes attributes;
        if (column.has_words) attributes.push_back({"class", "l"});
        if (column.columns > 1) attributes.push_back({"colspan", column.columns});
        cells += element("th", attributes, column.title);
    }
    head_ += element("tr", {}, cells);
}

void HtmlTable::add(const HtmlRow& row) {
    body_ += joined(element("tr", {}, row.cells()), "\n");
}

Markup HtmlTable::html() const {
    Markup parts;
    if (!head_.empty()) parts += element("thead", {}, head_);
    parts += element("tbody", {}, joined("\n", body_));
    return joined(element("div", {{"class", "scroll"}}, element("table", {}, parts)), "\n");
}

}  // namespace headlight
