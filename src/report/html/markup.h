// HTML and SVG that is well formed and escaped by construction: text becomes markup only through Markup's
// constructors, and names of tags and attributes are constants of the source.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace headlight {

/// Name of a tag or attribute. Only a constant can be one, so a name never comes from a file.
class MarkupName {
  public:
    consteval MarkupName(const char* name) : name_(name) {}
    std::string_view get() const { return name_; }

  private:
    std::string_view name_;
};

/// Its value is escaped when it is written.
struct MarkupAttribute {
    MarkupAttribute(MarkupName attribute, std::string text) : name(attribute), value(std::move(text)) {}
    MarkupAttribute(MarkupName attribute, const char* text) : name(attribute), value(text) {}
    MarkupAttribute(MarkupName attribute, std::integral auto number)
        : name(attribute), value(std::to_string(number)) {}

    MarkupName name;
    std::string value;
};
using MarkupAttributes = std::vector<MarkupAttribute>;

/// Elements and text, ready to be written. A string that is put where markup is wanted becomes escaped text
/// with control and direction-changing characters written out.
class Markup {
  public:
    Markup() = default;
    Markup(std::string_view text);
    Markup(const std::string& text) : Markup(std::string_view(text)) {}
    Markup(const char* text) : Markup(std::string_view(text)) {}

    Markup& operator+=(const Markup& more);
    bool empty() const { return bytes_.empty(); }
    const std::string& bytes() const { return bytes_; }

  private:
    friend Markup element(MarkupName name, const MarkupAttributes& attributes);
    friend Markup element(MarkupName name, const MarkupAttributes& attributes, const Markup& body);

    std::string bytes_;
};

/// One after the other; strings among them become text.
template <class... Parts>
Markup joined(const Parts&... parts) {
    Markup out;
    ((out += parts), ...);
    return out;
}

/// <name attributes/>: an element of SVG without a body, or one of HTML that never has any.
Markup element(MarkupName name, const MarkupAttributes& attributes);
/// <name attributes>body</name>
Markup element(MarkupName name, const MarkupAttributes& attributes, const Markup& body);

/// Text of a stranger in <bdi>, so that its direction cannot reorder what stands beside it; nothing beyond
/// `most_code_points` is kept.
Markup isolated(std::string_view text, std::size_t most_code_points = 200);

/// <p>body</p> with a line feed behind it.
Markup paragraph(const Markup& body);
/// The same in the softer colour of remarks.
Markup remark(const Markup& body);

/// "a, b, c", or `none` where there are no parts.
Markup listed(const std::vector<Markup>& parts, std::string_view none);

}  // namespace headlight
