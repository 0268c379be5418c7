// The real window under software GL: a script opens a dump, chooses a head and takes pictures.
#include <doctest/doctest.h>

#include <cairo.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include "app/window_app.h"
#include "io/attention/attention_dump.h"
#include "support/fixtures.h"
#include "views/sample_text.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// A folder under the build folder, one a test case.
struct Folder {
    explicit Folder(const std::string& name) : path(fresh_dir("app_" + name)) {}
    std::string file(const std::string& name) const { return path + "/" + name; }
    std::string path;
};

struct Picture {
    int width = 0, height = 0;
    std::vector<std::uint32_t> pixels;
    /// Different colours in a rectangle given by shares of the picture.
    std::size_t num_colors(double x0, double y0, double x1, double y1) const {
        std::set<std::uint32_t> colors;
        for (int y = static_cast<int>(y0 * height); y < static_cast<int>(y1 * height); ++y) {
            for (int x = static_cast<int>(x0 * width); x < static_cast<int>(x1 * width); ++x)
                colors.insert(pixels[static_cast<std::size_t>(y * width + x)]);
        }
        return colors.size();
    }
};

Picture read_picture(const std::string& path) {
    Picture out;
    cairo_surface_t* surface = cairo_image_surface_create_from_png(path.c_str());
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS) {
        out.width = cairo_image_surface_get_width(surface);
        out.height = cairo_image_surface_get_height(surface);
        const unsigned char* data = cairo_image_surface_get_data(surface);
        const int stride = cairo_image_surface_get_stride(surface);
        for (int y = 0; y < out.height; ++y) {
            const auto* row =
                reinterpret_cast<const std::uint32_t*>(data + static_cast<std::ptrdiff_t>(y) * stride);
            for (int x = 0; x < out.width; ++x)
                out.pixels.push_back(row[x] & 0xFFFFFFu);
        }
    }
    cairo_surface_destroy(surface);
    return out;
}

/// False, and noted as skipped, where no window can open.
bool has_display() {
    const bool is_there = std::getenv("DISPLAY") != nullptr || std::getenv("WAYLAND_DISPLAY") != nullptr;
    if (is_there) ++num_checked_cases();
    if (!is_there) skipped_cases().push_back("no display: run under xvfb-run");
    return is_there;
}

/// Writes a dump of a sample text and returns its path.
std::string write_sample(const Folder& folder) {
    const Snapshot snapshot = sample_snapshot({4, 6, 20, 2});
    AttentionDump dump;
    dump.spec = snapshot.model->spec;
    dump.spec.family = "llama";
    dump.tokens = snapshot.text->tokens;
    dump.trace = snapshot.text->trace;
    const std::string path = folder.file("sample.safetensors");
    REQUIRE(write_attention_dump(path, dump).has_value());
    return path;
}

int run_script(const Folder& folder, const std::string& path, const std::string& script, int width,
               int height) {
    std::ofstream(folder.file("script.hl")) << script;
    WindowOptions options;
    options.path = path;
    options.script_path = folder.file("script.hl");
    options.is_hidden = true;
    options.width = width;
    options.height = height;
    options.scale = 1;
    return run_window(options);
}

}  // namespace

TEST_CASE("window: a script opens a dump, chooses a head and writes pictures of both themes") {
    if (!has_display()) return;
    const Folder folder("themes");
    const std::string dark = folder.file("dark.png"), light = folder.file("light.png");
    const std::string script = "wait\nselect 1 2\nquery 9\nwait\nscreenshot \"" + dark +
                               "\"\ntheme light\nwait\nscreenshot \"" + light + "\"\nquit\n";
    REQUIRE(run_script(folder, write_sample(folder), script, 1600, 900) == 0);
    const Picture first = read_picture(dark), second = read_picture(light);
    for (const Picture& picture : {first, second}) {
        REQUIRE(picture.width == 1600);
        REQUIRE(picture.height == 900);
        CHECK(picture.num_colors(0.01, 0.10, 0.22, 0.50) > 40);   // head grid
        CHECK(picture.num_colors(0.25, 0.06, 0.75, 0.15) > 20);   // text and tokens
        CHECK(picture.num_colors(0.30, 0.25, 0.65, 0.70) > 40);   // heatmap
        CHECK(picture.num_colors(0.27, 0.77, 0.60, 0.93) > 8);    // flow
        CHECK(picture.num_colors(0.78, 0.06, 0.99, 0.35) > 20);   // metrics
        CHECK(picture.num_colors(0.78, 0.40, 0.99, 0.60) > 20);   // patterns
        CHECK(picture.num_colors(0.01, 0.975, 0.40, 0.995) > 8);  // status line
    }
    CHECK(first.pixels != second.pixels);
}

TEST_CASE("window: the right column folds into tabs that a command can choose") {
    if (!has_display()) return;
    const Folder folder("tabs");
    const std::string a = folder.file("a.png"), b = folder.file("b.png");
    const std::string script =
        "wait\nscreenshot \"" + a + "\"\nview top_k\nwait\nscreenshot \"" + b + "\"\nquit\n";
    REQUIRE(run_script(folder, write_sample(folder), script, 1280, 800) == 0);
    const Picture first = read_picture(a), second = read_picture(b);
    REQUIRE(first.width == 1280);
    CHECK(first.pixels != second.pixels);
}

TEST_CASE("window: a script that asks for nonsense ends with code 1") {
    if (!has_display()) return;
    const Folder folder("nonsense");
    CHECK(run_script(folder, write_sample(folder), "wait\nview no_such_view\n", 900, 600) == 1);
    CHECK(run_script(folder, write_sample(folder), "frobnicate\n", 900, 600) == 1);
}

TEST_CASE("window: a text over stored attention ends its script at once with code 1") {
    if (!has_display()) return;
    const Folder folder("stored_text");
    CHECK(run_script(folder, write_sample(folder), "wait\ntext \"hello\"\nwait\nquit\n", 900, 600) == 1);
    CHECK(run_script(folder, write_sample(folder), "wait 60\nwait\nquit\n", 900, 600) == 0);
}

TEST_CASE("window: a path that cannot be opened is an error card, not a crash") {
    if (!has_display()) return;
    const Folder folder("missing");
    const std::string shot = folder.file("shot.png");
    CHECK(run_script(folder, folder.file("nothing"), "wait\nscreenshot \"" + shot + "\"\nquit\n", 1280,
                     800) == 0);
    CHECK(read_picture(shot).num_colors(0.3, 0.35, 0.7, 0.55) > 10);
}
