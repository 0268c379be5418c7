// Shader programs: every embedded one links, and a wrong interface is refused with both sides named.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "gfx/gl_context.h"
#include "gfx/head_atlas.h"
#include "gfx/pictures.h"
#include "gfx/shader_library.h"

using namespace headlight;
using namespace headlight::gfx;

namespace {

const ProgramInterface kTiny{"tiny", {{"u_color", UniformType::Vec4}}, {"a_pos"}};
constexpr const char* kTinyVertex =
    "#version 330 core\nin vec4 a_pos;\nvoid main() { gl_Position = a_pos; }\n";
constexpr const char* kTinyFragment =
    "#version 330 core\nuniform vec4 u_color;\nout vec4 c;\nvoid main() { c = u_color; }\n";

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

void write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("program: the declared interface must be the active one") {
    HEADLIGHT_NEEDS_GL();
    REQUIRE(Program::link(kTiny, kTinyVertex, kTinyFragment));

    ProgramInterface wrong_type = kTiny;
    wrong_type.uniforms[0].type = UniformType::Vec2;
    const auto refused = Program::link(wrong_type, kTinyVertex, kTinyFragment);
    REQUIRE_FALSE(refused);
    CHECK(contains(refused.error().message, "uniform vec2 u_color"));
    CHECK(contains(refused.error().message, "uniform vec4 u_color"));

    ProgramInterface extra = kTiny;
    extra.uniforms.push_back({"u_absent", UniformType::Float});
    CHECK_FALSE(Program::link(extra, kTinyVertex, kTinyFragment));
    ProgramInterface lacking = kTiny;
    lacking.attributes.clear();
    CHECK_FALSE(Program::link(lacking, kTinyVertex, kTinyFragment));
}

TEST_CASE("program: a stage that does not compile shows its source with line numbers") {
    HEADLIGHT_NEEDS_GL();
    const auto refused = Program::link(kTiny, kTinyVertex, "#version 330 core\nvoid main() { nonsense }\n");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::InvalidInput);
    CHECK(contains(refused.error().message, "fragment stage of shader 'tiny'"));
    CHECK(contains(refused.error().message, "   2 | void main() { nonsense }"));
}

TEST_CASE("shader library: embedded files resolve their includes") {
    const ShaderLibrary library;
    const auto names = ShaderLibrary::embedded_names();
    CHECK(std::find(names.begin(), names.end(), "heatmap.frag") != names.end());
    for (const std::string& name : names) {
        const auto source = library.source(name);
        REQUIRE_MESSAGE(source, name);
        CHECK_FALSE(contains(*source, "#include"));
    }
    CHECK(library.source("absent.frag").error().kind == ErrorKind::Missing);
}

TEST_CASE("shader library: a changed file is linked again, a broken one keeps the last good program") {
    HEADLIGHT_NEEDS_GL();
    const std::string dir = test::fresh_dir("shader_reload");
    write(dir + "/tiny.vert", kTinyVertex);
    write(dir + "/tiny.frag", kTinyFragment);
    ShaderLibrary library(dir);
    const auto program = library.program(kTiny);
    REQUIRE(program);
    const GlId first = (*program)->id();
    CHECK(library.poll().empty());
    const auto touch = [&](int seconds) {
        std::filesystem::last_write_time(dir + "/tiny.frag", std::filesystem::file_time_type::clock::now() +
                                                                 std::chrono::seconds(seconds));
    };

    write(dir + "/tiny.frag", "#version 330 core\nbroken\n");
    touch(5);
    CHECK(library.poll().size() == 1);
    CHECK(library.poll().empty());  // said once
    CHECK((*program)->id() == first);
    const auto generation = library.generation();

    write(dir + "/tiny.frag", kTinyFragment);
    touch(10);
    CHECK(library.poll().empty());
    CHECK(library.generation() > generation);
    CHECK(static_cast<bool>(**program));
}

TEST_CASE("shader library: an include that names itself ends") {
    const std::string dir = test::fresh_dir("shader_include");
    write(dir + "/loop.frag", "#include \"loop.frag\"\n");
    const auto source = ShaderLibrary(dir).source("loop.frag");
    REQUIRE_FALSE(source);
    CHECK(contains(source.error().message, "nested"));
}

TEST_CASE("handles: one that dies on another thread is deleted on the GL thread") {
    HEADLIGHT_NEEDS_GL();
    auto texture = Texture::make(TexelFormat::RGBA8, 4, 4);
    REQUIRE(texture);
    std::thread([held = std::move(*texture)] {}).join();
    collect_garbage();
    CHECK(std::string(pending_gl_error()).empty());
    const auto too_large = Texture::make(TexelFormat::RGBA8, max_texture_size() + 1, 1);
    REQUIRE_FALSE(too_large);
    CHECK(too_large.error().kind == ErrorKind::Unsupported);
}
