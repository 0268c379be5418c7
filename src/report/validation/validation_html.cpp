// The nine parts as cards, numbers and tables folded away.
#include "report/validation/validation_html.h"

#include <fmt/format.h>

#include "report/html/page.h"
#include "report/html/table.h"
#include "report/validation/validation_text.h"

namespace headlight {
namespace {

std::string plain_value(const std::optional<double>& value) {
    return value ? fmt::format("{:.6g}", *value) : "n/a";
}

Markup table_html(const CheckTable& table) {
    HtmlTable html;
    std::vector<HtmlColumn> columns;
    if (!table.row_names.empty()) columns.push_back(words_column("name"));
    columns.insert(columns.end(), table.columns.begin(), table.columns.end());
    html.add_head(columns);
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        HtmlRow row;
        if (r < table.row_names.size()) row.text(table.row_names[r]);
        for (const auto& value : table.rows[r])
            row.figure(plain_value(value));
        html.add(row);
    }
    return folded({}, fmt::format("{} ({})", table.id, table.rows.size()), html.html());
}

Markup numbers_html(const CheckReport& check) {
    if (check.numbers.empty()) return {};
    HtmlTable html;
    for (const CheckNumber& number : check.numbers) {
        HtmlRow row;
        html.add(row.text(number.id).figure(plain_value(number.value)));
    }
    return folded({}, "numbers", html.html());
}

/// A line with its sign, in the colour of what it says.
Markup line_html(const CheckLine& line) {
    const std::string sign = mark_sign(line.mark);
    const std::string kind = to_string(line.mark);
    return joined(element("p", {{"class", kind.empty() ? "line" : "line " + kind}},
                          joined(sign.empty() ? "" : sign + " ", line.text)),
                  "\n");
}

std::string id_of(const CheckReport& check) {
    return fmt::format("part-{}", check.number);
}

Markup check_html(const CheckReport& check, std::size_t count) {
    Markup body;
    for (const CheckLine& line : check.lines) {
        if (!line.text.empty()) body += line_html(line);
    }
    body += joined(element("p", {{"class", "meaning"}}, check.meaning + "."), "\n");
    for (const CheckTable& table : check.tables)
        body += table_html(table);
    body += numbers_html(check);
    return section(id_of(check), fmt::format("[{}/{}] {}", check.number, count, check.title), body);
}

Markup list_html(const std::vector<std::string>& lines) {
    if (lines.empty()) return {};
    Markup items;
    for (const std::string& line : lines)
        items += joined(element("li", {}, line), "\n");
    return joined(element("ul", {}, joined("\n", items)), "\n");
}

Markup summary_html(const ValidationReport& report) {
    Markup body = list_html(report.critical);
    for (const std::string& line : report.conclusion)
        body += joined(element("p", {{"class", "line"}}, line), "\n");
    body += paragraph(element("b", {}, report.scenario_title));
    body += list_html(report.reasons);
    for (const std::string& line : report.advice)
        body += paragraph("Action: " + line);
    return section("summary",
                   fmt::format("Passed: {}/{} tests. Critical issues: {}", report.num_passed,
                               report.num_counted, report.critical.size()),
                   body);
}

}  // namespace

std::string validation_html(const ValidationReport& report) {
    const ModelSpec& spec = report.spec;
    Markup body = element("h1", {}, joined("Attention validation report: ", isolated(spec.name)));
    body += "\n";
    body += remark(
        joined("Model: ", isolated(spec.name), " (", isolated(spec.family_label),
               fmt::format("), {} layers × {} heads, weights ", spec.num_layers, spec.num_heads),
               isolated(spec.dtype), ". Text: ", isolated(report.text_name),
               fmt::format(", {} sequences of {} tokens.", report.num_sequences, report.sequence_length)));
    std::vector<PageLink> links = {{"summary", "Summary"}};
    for (const CheckReport& check : report.checks)
        links.push_back({id_of(check), fmt::format("{}. {}", check.number, check.title)});
    body += navigation(links);
    body += summary_html(report);
    for (const CheckReport& check : report.checks)
        body += check_html(check, report.checks.size());
    return html_page("Attention validation report: " + spec.name, body);
}

}  // namespace headlight
