// Head, sections and links of a page.
#include "report/html/page.h"

#include "base/markup_text.h"

extern "C" const char headlight_report_style_begin[], headlight_report_style_end[];

namespace headlight {

std::string html_page(std::string_view title, const Markup& body) {
    const std::string_view style(
        headlight_report_style_begin,
        static_cast<std::size_t>(headlight_report_style_end - headlight_report_style_begin));
    std::string out =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src "
        "'unsafe-inline'\">\n";
    out += element("title", {}, visible_text(title, 300)).bytes();
    out += "\n<style>\n";
    out += style;
    out += "</style></head>\n<body>";
    out += element("main", {}, body).bytes();
    return out + "</body></html>\n";
}

Markup section(const std::string& id, const Markup& title, const Markup& body) {
    return joined(element("section", {{"id", id}}, joined(element("h2", {}, title), "\n", body)), "\n");
}

Markup subheading(const Markup& title) {
    return joined(element("h3", {}, title), "\n");
}

Markup link_to(const std::string& id, const Markup& text) {
    return element("a", {{"href", "#" + id}}, text);
}

Markup navigation(const std::vector<PageLink>& links) {
    Markup all;
    for (const PageLink& link : links)
        all += link_to(link.id, link.text);
    return joined(element("nav", {}, all), "\n");
}

Markup folded(const MarkupAttributes& attributes, const Markup& summary, const Markup& body) {
    return joined(element("details", attributes, joined(element("summary", {}, summary), "\n", body)), "\n");
}

Markup two_columns(const Markup& left, const Markup& right) {
    return joined(
        element("div", {{"class", "two"}}, joined(element("div", {}, left), element("div", {}, right))),
        "\n");
}

}  // namespace headlight
