#include "figure/tex_text.h"

#include <algorithm>

#include "base/utf8.h"

namespace headlight {
namespace {

struct TexName {
    std::string_view text, tex;
};
/// What TeX reads otherwise, and typography that older engines do not know.
constexpr TexName kTexNames[] = {
    {"\\", "\\textbackslash{}"},
    {"~", "\\textasciitilde{}"},
    {"^", "\\textasciicircum{}"},
    {"#", "\\#"},
    {"$", "\\$"},
    {"%", "\\%"},
    {"&", "\\&"},
    {"_", "\\_"},
    {"{", "\\{"},
    {"}", "\\}"},
    {"<", "\\textless{}"},
    {">", "\\textgreater{}"},
    {"|", "\\textbar{}"},
    {"\"", "\\textquotedbl{}"},
    {"−", "$-$"},
    {"×", "$\\times$"},
    {"γ", "$\\gamma$"},
    {"·", "\\textperiodcentered{}"},
    {"…", "\\dots{}"},
    {"→", "$\\rightarrow$"},
    {"≤", "$\\leq$"},
    {"≥", "$\\geq$"},
    {"⏎", "$\\hookleftarrow$"},
};

}  // namespace

std::string tex_text(std::string_view given) {
    const std::string text = utf8::replace_invalid(given);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto* const name = std::find_if(
            std::begin(kTexNames), std::end(kTexNames),
            [&](const TexName& known) { return std::string_view(text).substr(at).starts_with(known.text); });
        if (name != std::end(kTexNames)) {
            out += name->tex;
            at += name->text.size();
            continue;
        }
        const char c = text[at++];
        const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
        out += is_control ? ' ' : c;
    }
    return out;
}

}  // namespace headlight
