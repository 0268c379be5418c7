// Comparisons as pictures: three panels, what is not aligned is hatched, the scale of the change is written.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "core/colormap.h"
#include "figure/contents.h"
#include "support/fixtures.h"

using namespace headlight;

namespace {

std::vector<Token> named_tokens(const std::vector<std::string>& names) {
    std::vector<Token> out(names.size());
    for (std::size_t i = 0; i < names.size(); ++i)
        out[i].piece = out[i].display = names[i];
    return out;
}

std::string text_of_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("signed colours: white at zero, blue below, rose above, ends clamped") {
    const Rgb8 zero = signed_colour(false, 0, 0.6), below = signed_colour(false, -1, 0.6),
               above = signed_colour(false, 1, 0.6);
    CHECK((zero.r == 255 && zero.g == 255 && zero.b == 255));
    CHECK(below.b > below.r);
    CHECK(above.r > above.b);
    CHECK(signed_colour(false, 7, 0.6).r == above.r);
    CHECK(signed_colour(true, 0, 0.6).r == 23);  // the dark card
}

TEST_CASE("comparison figure: names, scale and hatching are in the file; wrong sizes are refused") {
    const std::string folder = test::fresh_dir("comparison_figure");
    const auto tokens = std::make_shared<const std::vector<Token>>(named_tokens({"one", "two"})),
               other = std::make_shared<const std::vector<Token>>(named_tokens({"one", "three", "two"}));
    const std::vector<float> a = {1, 0, .25f, .75f}, b = {1, 0, 0, .5f, .5f, 0, .5f, .25f, .25f};
    std::vector<float> difference = {0, 0, -.25f, .5f};
    const FigureCaption caption{"tiny", "float32", "two texts"};
    FigureStyle style;
    style.format = FigureFormat::Svg;
    const ComparedMatrix left{"A", a, {tokens, tokens, true, 0}}, right{"B", b, {other, other, true, 0}};
    const auto draw = [&](const std::string& to) {
        return write_figure(to, comparison_figure({left, right, difference, "Layer 1 · Head 2", caption}),
                            style);
    };
    const std::string path = folder + "/compared.svg";
    REQUIRE(draw(path));
    const std::string plain = text_of_file(path);
    CHECK(plain.find("Layer 1 · Head 2") != std::string::npos);
    CHECK(plain.find("A − B") != std::string::npos);
    CHECK(plain.find("+0.50") != std::string::npos);
    CHECK(plain.find("hatched") == std::string::npos);
    difference[2] = std::numeric_limits<float>::quiet_NaN();
    REQUIRE(draw(path));
    CHECK(text_of_file(path).find("hatched: not aligned") != std::string::npos);
    difference.pop_back();
    const Status refused = draw(folder + "/no.svg");
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::InvalidInput);
    CHECK(!std::filesystem::exists(folder + "/no.svg"));
}
