// The lines that put a figure into a LaTeX document.
#include <fmt/format.h>

#include <filesystem>

#include "figure/tex_text.h"
#include "publish/make_figure.h"

namespace headlight {
namespace {

/// A label may hold few characters.
std::string tex_label(const std::string& name) {
    std::string out;
    for (const char c : name) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        out += is_plain ? c : '-';
    }
    return out;
}

}  // namespace

std::string figure_tex(const std::string& path, const FigureStyle& style,
                       const std::vector<std::string>& captions) {
    const std::string name = std::filesystem::path(path).filename().string();
    std::string caption;
    for (std::size_t i = 0; i < captions.size(); ++i) {
        if (captions.size() > 1 && style.has_letters)
            caption += fmt::format("{}({}) ", i == 0 ? "" : " ", static_cast<char>('a' + i % 26));
        else if (i > 0)
            caption += ' ';
        caption += tex_text(captions[i]);
    }
    const bool is_pgf = style.format == FigureFormat::Pgf;
    const bool is_raster = style.format == FigureFormat::Svg;
    std::string out = "% Needs \\usepackage{";
    out += is_pgf ? "pgf" : is_raster ? "svg" : "graphicx";
    out += "}\n\\begin{figure}\n  \\centering\n";
    const std::string width =
        style.width_mm > 0 ? fmt::format("width={:g}mm", style.width_mm) : std::string("width=\\linewidth");
    if (is_pgf)
        out += fmt::format("  \\input{{{}}}\n", name);
    else
        out += fmt::format("  \\include{}[{}]{{{}}}\n", is_raster ? "svg" : "graphics", width, name);
    out += fmt::format("  \\caption{{{}}}\n", caption);
    out += fmt::format("  \\label{{fig:{}}}\n\\end{{figure}}\n",
                       tex_label(std::filesystem::path(path).stem().string()));
    return out;
}

}  // namespace headlight
