// The .tex beside a figure.
#include <doctest/doctest.h>

#include "figure/tex_text.h"
#include "publish/make_figure.h"

using namespace headlight;

TEST_CASE("tex: every special character is escaped") {
    CHECK(
        tex_text("50 % of {a_b} & $x$ #1 ~ ^ \\end") ==
        "50 \\% of \\{a\\_b\\} \\& \\$x\\$ \\#1 \\textasciitilde{} \\textasciicircum{} \\textbackslash{}end");
    CHECK(tex_text("line\nbreak\x01") == "line break ");
    CHECK(tex_text("Ünï “x”") == "Ünï “x”");
}

TEST_CASE("tex: the file is included at its width, with letters before captions of panels") {
    FigureStyle style;
    style.format = FigureFormat::Pdf;
    style.width_mm = 85;
    const std::string one = figure_tex("out/my head.pdf", style, {"Attention of 100 %."});
    CHECK(one.find("\\includegraphics[width=85mm]{my head.pdf}") != std::string::npos);
    CHECK(one.find("\\caption{Attention of 100 \\%.}") != std::string::npos);
    CHECK(one.find("\\label{fig:my-head}") != std::string::npos);
    const std::string two = figure_tex("a.pdf", style, {"First.", "Second."});
    CHECK(two.find("\\caption{(a) First. (b) Second.}") != std::string::npos);
    style.format = FigureFormat::Pgf;
    CHECK(figure_tex("a.pgf", style, {""}).find("\\input{a.pgf}") != std::string::npos);
}
