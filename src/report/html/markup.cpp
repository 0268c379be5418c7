// The only place where tags and attributes become bytes.
#include "report/html/markup.h"

#include "base/markup_text.h"

namespace headlight {
namespace {

std::string start_of(MarkupName name, const MarkupAttributes& attributes) {
    std::string out = "<";
    out += name.get();
    for (const MarkupAttribute& attribute : attributes) {
        out += ' ';
        out += attribute.name.get();
        out += "=\"";
        out += escape_markup(visible_text(attribute.value));
        out += '"';
    }
    return out;
}

}  // namespace

Markup::Markup(std::string_view text) : bytes_(escape_markup(visible_text(text))) {}

Markup& Markup::operator+=(const Markup& more) {
    bytes_ += more.bytes_;
    return *this;
}

Markup element(MarkupName name, const MarkupAttributes& attributes) {
    Markup out;
    out.bytes_ = start_of(name, attributes) + "/>";
    return out;
}

Markup element(MarkupName name, const MarkupAttributes& attributes, const Markup& body) {
    Markup out;
    out.bytes_ = start_of(name, attributes);
    out.bytes_ += '>';
    out.bytes_ += body.bytes_;
    out.bytes_ += "</";
    out.bytes_ += name.get();
    out.bytes_ += '>';
    return out;
}

Markup isolated(std::string_view text, std::size_t most_code_points) {
    return element("bdi", {}, visible_text(text, most_code_points));
}

Markup paragraph(const Markup& body) {
    return joined(element("p", {}, body), "\n");
}

Markup remark(const Markup& body) {
    return joined(element("p", {{"class", "soft"}}, body), "\n");
}

Markup listed(const std::vector<Markup>& parts, std::string_view none) {
    if (parts.empty()) return none;
    Markup out = parts.front();
    for (std::size_t i = 1; i < parts.size(); ++i) {
        out += ", ";
        out += parts[i];
    }
    return out;
}

}  // namespace headlight
