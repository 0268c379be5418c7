// The frame that all pages share: one style for light and dark, nothing that is fetched.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/html/markup.h"

namespace headlight {

/// The whole file. The style lies in assets/report/page.css.
std::string html_page(std::string_view title, const Markup& body);

/// A card with a heading that links can lead to.
Markup section(const std::string& id, const Markup& title, const Markup& body);
/// A smaller heading inside one.
Markup subheading(const Markup& title);

/// A link to a section of the same page.
Markup link_to(const std::string& id, const Markup& text);

struct PageLink {
    std::string id, text;
};
Markup navigation(const std::vector<PageLink>& links);

/// A part that is opened by a click on its summary.
Markup folded(const MarkupAttributes& attributes, const Markup& summary, const Markup& body);

/// Parts side by side where there is room.
Markup two_columns(const Markup& left, const Markup& right);

}  // namespace headlight
