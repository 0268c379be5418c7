// Curves between two columns: where they lie, what they cover, how they are drawn in slices.
#include <doctest/doctest.h>

#include <cmath>
#include <ctime>

#include "gfx/gl_context.h"
#include "gfx/line_renderer.h"
#include "gfx/pictures.h"

using namespace headlight;
using namespace headlight::gfx;
using headlight::test::difference;

namespace {

constexpr Rgba kCard = rgb(0x101010), kInk = rgb(0xF0F0F0);

LineCurve curve(float from, float to, float width = 3) {
    return {from, to, width, false, kInk};
}

Image drawn(LineRenderer& renderer, std::vector<LineCurve> curves, int width = 100, int height = 80) {
    renderer.start(std::move(curves), {width, height, kCard, 10});
    const auto is_whole = renderer.advance(1e9);
    REQUIRE_MESSAGE(is_whole, (is_whole ? std::string() : is_whole.error().to_string()));
    REQUIRE(*is_whole);
    REQUIRE(std::string(pending_gl_error()).empty());
    return renderer.image();
}

}  // namespace

TEST_CASE("lines: a curve leaves and reaches its ends, and goes through the middle between them") {
    HEADLIGHT_NEEDS_GL();
    LineRenderer renderer;
    const Image image = drawn(renderer, {curve(10.5f, 60.5f)});
    CHECK(difference(image.at(0, 10), kInk) <= 2);
    CHECK(difference(image.at(99, 60), kInk) <= 2);
    CHECK(difference(image.at(50, 35), kInk) <= 2);
    CHECK(difference(image.at(0, 60), kCard) == 0);
    CHECK(difference(image.at(50, 10), kCard) == 0);
    // Column by column the ink is on y = 10.5 + 50 t² (3 - 2 t).
    for (int x = 5; x < 100; x += 10) {
        const float t = (static_cast<float>(x) + 0.5f) / 100;
        const float y = 10.5f + 50 * t * t * (3 - 2 * t);
        CHECK(difference(image.at(x, static_cast<int>(y)), kInk) <= 60);
    }
}

TEST_CASE("lines: a level curve is as thick as it is said, thinner than a pixel covers less") {
    HEADLIGHT_NEEDS_GL();
    LineRenderer renderer;
    const auto ink_of = [&](float width) {
        const Image image = drawn(renderer, {curve(40, 40, width)});
        double sum = 0;
        for (int y = 0; y < 80; ++y)
            sum += (image.at(50, y).r - kCard.r) / static_cast<double>(kInk.r - kCard.r);
        return sum;
    };
    CHECK(ink_of(3) == doctest::Approx(3).epsilon(0.05));
    CHECK(ink_of(1) == doctest::Approx(1).epsilon(0.05));
    CHECK(ink_of(0.5f) == doctest::Approx(0.5).epsilon(0.1));
}

TEST_CASE("lines: later curves lie on top, opacity mixes, dashes leave gaps") {
    HEADLIGHT_NEEDS_GL();
    LineRenderer renderer;
    LineCurve red = curve(20, 20), faint = curve(60, 60), dashed = curve(40, 40);
    red.color = rgb(0xF00000);
    faint.color = Rgba{240, 240, 240, 128};
    dashed.is_dashed = true;
    const Image image = drawn(renderer, {curve(20, 20), red, faint, dashed});
    CHECK(difference(image.at(50, 20), rgb(0xF00000)) <= 2);
    CHECK(image.at(50, 60).r == doctest::Approx(16 + 112).epsilon(0.03));
    CHECK(difference(image.at(5, 40), kInk) <= 2);
    CHECK(difference(image.at(15, 40), kCard) <= 2);
}

TEST_CASE("lines: drawn in slices, the picture before stays until the next is whole") {
    HEADLIGHT_NEEDS_GL();
    LineRenderer renderer;
    CHECK_FALSE(renderer.has_picture());
    drawn(renderer, {curve(40, 40)});
    std::vector<LineCurve> many(40, curve(10, 10));
    many.push_back(curve(70, 70));
    renderer.start(many, {100, 80, kCard, 10});
    CHECK(*renderer.advance(0) == false);  // some, whatever the clock says
    CHECK(renderer.is_drawing());
    CHECK(difference(renderer.image().at(50, 40), kInk) <= 2);
    while (renderer.is_drawing())
        REQUIRE(renderer.advance(0));
    for (const int y : {10, 70})
        CHECK(difference(renderer.image().at(50, y), kInk) <= 2);
    CHECK(difference(renderer.image().at(50, 40), kCard) == 0);
    renderer.start({}, {120, 80, kCard, 10});  // nothing to draw is a picture too, of another size
    CHECK(*renderer.advance(0) == true);
    CHECK(renderer.image().width == 120);
    CHECK(difference(renderer.image().at(50, 70), kCard) == 0);
}

TEST_CASE("lines: a slice keeps its budget, 4,000 curves over a large picture take a few slices") {
    HEADLIGHT_NEEDS_GL();
    LineRenderer renderer;
    std::vector<LineCurve> curves;
    for (int i = 0; i < 4000; ++i)
        curves.push_back(curve(static_cast<float>(i * 37 % 1200), static_cast<float>(i * 101 % 1200), 1.2f));
    int num_slices = 0;
    const std::clock_t begin = std::clock();
    renderer.start(curves, {600, 1200, kCard, 10});
    while (renderer.is_drawing()) {
        REQUIRE(renderer.advance(5));
        ++num_slices;
    }
    const double cpu_ms = 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    MESSAGE("4,000 steep curves of 600 x 1,200 pixels: " << cpu_ms << " ms of a core in " << num_slices
                                                         << " slices");
    CHECK(cpu_ms < 400);  // of the processor, so that a busy machine says the same
}
