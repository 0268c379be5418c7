// Curves between two columns: where they lie, what they cover, how they are drawn in slices.
#include <doctest/doctest.h>

#include <epoxy/gl.h>

#include <cmath>

#include "base/stopwatch.h"
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
    const auto is_whole = renderer.advance(1000);
    REQUIRE_MESSAGE(is_whole, (is_whole ? std::string() : is_whole.error().to_string()));
    REQUIRE(*is_whole);
    auto image = renderer.read_back();
    REQUIRE(image);
    REQUIRE(std::string(pending_gl_error()).empty());
    return std::move(*image);
}

}  // namespace

TEST_CASE("lines: a curve leaves and reaches its ends, and goes through the middle between them") {
    HEADLIGHT_NEEDS_GL();
    ShaderLibrary shaders;
    LineRenderer renderer(shaders);
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
    ShaderLibrary shaders;
    LineRenderer renderer(shaders);
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
    ShaderLibrary shaders;
    LineRenderer renderer(shaders);
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
    ShaderLibrary shaders;
    LineRenderer renderer(shaders);
    CHECK_FALSE(renderer.has_picture());
    drawn(renderer, {curve(40, 40)});
    const GlId before = renderer.texture();
    renderer.start({curve(10, 10), curve(30, 30), curve(70, 70)}, {100, 80, kCard, 10});
    CHECK(*renderer.advance(2) == false);
    CHECK(renderer.is_drawing());
    CHECK(renderer.texture() == before);
    CHECK(difference(renderer.read_back()->at(50, 40), kInk) <= 2);
    CHECK(*renderer.advance(2) == true);
    CHECK_FALSE(renderer.is_drawing());
    CHECK(renderer.texture() != before);
    const Image image = *renderer.read_back();
    for (const int y : {10, 30, 70})
        CHECK(difference(image.at(50, y), kInk) <= 2);
    CHECK(difference(image.at(50, 40), kCard) == 0);
    renderer.start({}, {100, 80, kCard, 10});  // nothing to draw is a picture too
    CHECK(*renderer.advance(2) == true);
    CHECK(difference(renderer.read_back()->at(50, 30), kCard) == 0);
}

TEST_CASE("lines: a slice of 1,200 curves over a large picture is drawn within a frame in software") {
    HEADLIGHT_NEEDS_GL();
    ShaderLibrary shaders;
    LineRenderer renderer(shaders);
    std::vector<LineCurve> curves;
    for (int i = 0; i < 4800; ++i)
        curves.push_back(curve(static_cast<float>(i * 37 % 1200), static_cast<float>(i * 101 % 1200), 1.2f));
    double worst = 0, all = 0;
    for (int round = 0; round < 3; ++round) {
        renderer.start(curves, {600, 1200, kCard, 10});
        worst = all = 0;
        bool is_whole = false;
        while (!is_whole) {
            const Stopwatch stopwatch;
            is_whole = *renderer.advance(1200);
            glFinish();
            worst = std::max(worst, stopwatch.milliseconds());
            all += stopwatch.milliseconds();
        }
    }
    MESSAGE("4,800 curves in slices: the slowest " << worst << " ms, together " << all << " ms");
    CHECK(worst < 200);  // a machine under load; the message says what it is
}
