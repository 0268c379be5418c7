// Pieces of HTML for pages that are made from an atlas: escaping, numbers, the frame of a page.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headlight {

/// Text of strangers as HTML text or attribute value: & < > " ' are escaped, control and direction-changing
/// characters and invalid UTF-8 are written out ("[U+202E]"), and nothing beyond `most_code_points` is kept.
std::string escape_html(std::string_view text, std::size_t most_code_points = 100'000);

/// The same inside <bdi>, so that its direction cannot reorder what stands beside it.
std::string isolate_html(std::string_view text, std::size_t most_code_points = 200);

/// Whether more letters of the text are written from right to left than from left to right.
bool reads_right_to_left(std::string_view text);

/// "0.123", "–" for nothing.
std::string decimal_html(const std::optional<double>& value, int digits = 3);
/// p- and q-values: "0.012", "3e-05", "–".
std::string probability_html(const std::optional<double>& value);

/// Everything before and after the body; `title` is escaped here. Styles for light and dark are inside,
/// nothing is fetched.
std::string page_head_html(std::string_view title);
std::string page_end_html();

/// <section id="..."><h2>...</h2>body</section>; `id` and `title` are ours, not a stranger's.
std::string section_html(std::string_view id, std::string_view title, std::string_view body);

}  // namespace headlight
