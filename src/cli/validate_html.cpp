#include <fmt/format.h>

#include "cli/validate_report.h"

namespace headlight {
namespace {

constexpr const char* kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 "
    "1rem;color:#222;background:#fff}"
    "h2{font-size:1.1rem;border-bottom:1px solid #ccc;padding-bottom:.2rem;margin-top:2rem}"
    "p.line{margin:.15rem 0;white-space:pre-wrap}p.meaning{color:#555;font-style:italic}"
    ".pass{color:#1a7f37}.warn{color:#9a6700}.fail{color:#b42318}.info,.not_applicable{color:#0969da}"
    "details{margin:.4rem 0}table{border-collapse:collapse;font-size:13px}td,th{border:1px solid "
    "#ddd;padding:.1rem .5rem;text-align:right}"
    ".scroll{overflow:auto;max-height:24rem}.summary{border:2px solid #ccc;padding:.5rem 1rem;margin:1rem 0}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}p.meaning{color:#aaa}td,th{border-"
    "color:#444}"
    ".pass{color:#57ab5a}.warn{color:#d4a72c}.fail{color:#f47067}.info,.not_applicable{color:#6cb6ff}}";

std::string html_escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string cell(const std::optional<double>& value) {
    return value ? fmt::format("<td>{:.6g}</td>", *value) : std::string("<td>n/a</td>");
}

void add_html_table(const CheckTable& table, std::string& out) {
    out += fmt::format("<details><summary>{} ({})</summary><div class=\"scroll\"><table><tr>",
                       html_escaped(table.id), table.rows.size());
    if (!table.row_names.empty()) out += "<th>name</th>";
    for (const std::string& column : table.columns)
        out += "<th>" + html_escaped(column) + "</th>";
    out += "</tr>\n";
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        out += "<tr>";
        if (r < table.row_names.size()) out += "<td>" + html_escaped(table.row_names[r]) + "</td>";
        for (const auto& value : table.rows[r])
            out += cell(value);
        out += "</tr>\n";
    }
    out += "</table></div></details>\n";
}

void add_html_part(const CheckReport& check, std::size_t count, std::string& out) {
    out += fmt::format("<h2>[{}/{}] {}</h2>\n", check.number, count, html_escaped(check.title));
    for (const CheckLine& line : check.lines) {
        if (line.text.empty()) continue;
        const std::string sign = mark_sign(line.mark);
        out += fmt::format("<p class=\"line {}\">{}{}</p>\n", to_string(line.mark),
                           sign.empty() ? "" : sign + " ", html_escaped(line.text));
    }
    out += "<p class=\"meaning\">" + html_escaped(check.meaning) + ".</p>\n";
    for (const CheckTable& table : check.tables)
        add_html_table(table, out);
    if (check.numbers.empty()) return;
    out += "<details><summary>numbers</summary><table>\n";
    for (const CheckNumber& number : check.numbers)
        out += "<tr><td>" + html_escaped(number.id) + "</td>" + cell(number.value) + "</tr>\n";
    out += "</table></details>\n";
}

void add_list(const std::vector<std::string>& lines, std::string& out) {
    if (lines.empty()) return;
    out += "<ul>\n";
    for (const std::string& line : lines)
        out += "<li>" + html_escaped(line) + "</li>\n";
    out += "</ul>\n";
}

void add_html_summary(const ValidationReport& report, std::string& out) {
    out += fmt::format(
        "<div class=\"summary\"><p><strong>Passed: {}/{} tests. Critical issues: {}</strong></p>\n",
        report.num_passed, report.num_counted, report.critical.size());
    add_list(report.critical, out);
    for (const std::string& line : report.conclusion)
        out += "<p class=\"line\">" + html_escaped(line) + "</p>\n";
    out += "<p><strong>" + html_escaped(report.scenario_title) + "</strong></p>\n";
    add_list(report.reasons, out);
    for (const std::string& line : report.advice)
        out += "<p>Action: " + html_escaped(line) + "</p>\n";
    out += "</div>\n";
}

}  // namespace

std::string validation_html(const ValidationReport& report) {
    const ModelSpec& spec = report.spec;
    std::string out =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        "<title>Attention validation report: " +
        html_escaped(spec.name) + "</title><style>" + kStyle + "</style></head><body>\n";
    out += "<h1>Attention validation report</h1>\n";
    out += fmt::format(
        "<p>Model: {} ({}), {} layers × {} heads, weights {}.<br>Text: {}, {} sequences of {} tokens.</p>\n",
        html_escaped(spec.name), html_escaped(spec.family_label), spec.num_layers, spec.num_heads,
        html_escaped(spec.dtype), html_escaped(report.text_name), report.num_sequences,
        report.sequence_length);
    add_html_summary(report, out);
    for (const CheckReport& check : report.checks)
        add_html_part(check, report.checks.size(), out);
    return out + "</body></html>\n";
}

}  // namespace headlight
