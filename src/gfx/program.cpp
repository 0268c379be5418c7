#include "gfx/program.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cstdlib>

#include "base/log.h"

namespace headlight::gfx {
namespace {

struct TypeName {
    UniformType type;
    GLenum gl;
    const char* name;
};
constexpr TypeName kTypes[] = {
    {UniformType::Int, GL_INT, "int"},
    {UniformType::Float, GL_FLOAT, "float"},
    {UniformType::Vec2, GL_FLOAT_VEC2, "vec2"},
    {UniformType::Vec4, GL_FLOAT_VEC4, "vec4"},
    {UniformType::IVec2, GL_INT_VEC2, "ivec2"},
    {UniformType::IVec4, GL_INT_VEC4, "ivec4"},
    {UniformType::Sampler2D, GL_SAMPLER_2D, "sampler2D"},
    {UniformType::Sampler2DArray, GL_SAMPLER_2D_ARRAY, "sampler2DArray"},
};

const char* type_name(UniformType type) {
    for (const TypeName& entry : kTypes) {
        if (entry.type == type) return entry.name;
    }
    return "?";
}

std::string type_name_of_gl(GLenum gl) {
    for (const TypeName& entry : kTypes) {
        if (entry.gl == gl) return entry.name;
    }
    return fmt::format("type {:#x}", gl);
}

std::string describe(const std::string& type, const std::string& name, int array_size) {
    return array_size > 1 ? fmt::format("{} {}[{}]", type, name, array_size)
                          : fmt::format("{} {}", type, name);
}

std::string numbered(const std::string& source) {
    std::string out;
    int line = 1;
    for (std::size_t begin = 0; begin < source.size(); ++line) {
        const std::size_t end = std::min(source.find('\n', begin), source.size());
        out += fmt::format("{:4} | {}\n", line, source.substr(begin, end - begin));
        begin = end + 1;
    }
    return out;
}

Result<GlHandle> compile(GLenum stage, const std::string& program, const std::string& source) {
    GlHandle shader(GlHandle::Kind::Shader, glCreateShader(stage));
    const char* text = source.c_str();
    glShaderSource(shader.id(), 1, &text, nullptr);
    glCompileShader(shader.id());
    GLint is_compiled = 0;
    glGetShaderiv(shader.id(), GL_COMPILE_STATUS, &is_compiled);
    if (is_compiled != 0) return shader;
    char driver_log[4096] = {};
    glGetShaderInfoLog(shader.id(), sizeof driver_log, nullptr, driver_log);
    return fail(ErrorKind::InvalidInput,
                "Compiling the {} stage of shader '{}': the driver says\n{}\nSource:\n{}",
                stage == GL_VERTEX_SHADER ? "vertex" : "fragment", program, driver_log, numbered(source));
}

// One line a uniform and attribute, sorted, so that two sides can be compared and shown.
std::vector<std::string> declared_lines(const ProgramInterface& interface) {
    std::vector<std::string> lines;
    for (const UniformDecl& uniform : interface.uniforms) {
        lines.push_back("uniform " + describe(type_name(uniform.type), uniform.name, uniform.array_size));
    }
    for (const std::string& attribute : interface.attributes)
        lines.push_back("in " + attribute);
    std::sort(lines.begin(), lines.end());
    return lines;
}

std::vector<std::string> active_lines(GLuint program) {
    std::vector<std::string> lines;
    char name[256];
    GLint count = 0, array_size = 0;
    GLenum type = 0;
    glGetProgramiv(program, GL_ACTIVE_UNIFORMS, &count);
    for (GLint i = 0; i < count; ++i) {
        glGetActiveUniform(program, static_cast<GLuint>(i), sizeof name, nullptr, &array_size, &type, name);
        std::string plain = name;
        plain = plain.substr(0, plain.find('['));
        lines.push_back("uniform " + describe(type_name_of_gl(type), plain, array_size));
    }
    glGetProgramiv(program, GL_ACTIVE_ATTRIBUTES, &count);
    for (GLint i = 0; i < count; ++i) {
        glGetActiveAttrib(program, static_cast<GLuint>(i), sizeof name, nullptr, &array_size, &type, name);
        if (std::string_view(name).substr(0, 3) != "gl_") lines.push_back(std::string("in ") + name);
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

}  // namespace

Result<Program> Program::link(const ProgramInterface& interface, const std::string& vertex_source,
                              const std::string& fragment_source) {
    HEADLIGHT_TRY(const GlHandle vertex, compile(GL_VERTEX_SHADER, interface.name, vertex_source));
    HEADLIGHT_TRY(const GlHandle fragment, compile(GL_FRAGMENT_SHADER, interface.name, fragment_source));
    Program program;
    program.handle_ = GlHandle(GlHandle::Kind::Program, glCreateProgram());
    const GLuint id = program.id();
    glAttachShader(id, vertex.id());
    glAttachShader(id, fragment.id());
    for (std::size_t i = 0; i < interface.attributes.size(); ++i) {
        glBindAttribLocation(id, static_cast<GLuint>(i), interface.attributes[i].c_str());
    }
    glLinkProgram(id);
    GLint is_linked = 0;
    glGetProgramiv(id, GL_LINK_STATUS, &is_linked);
    if (is_linked == 0) {
        char driver_log[4096] = {};
        glGetProgramInfoLog(id, sizeof driver_log, nullptr, driver_log);
        return fail(ErrorKind::InvalidInput, "Linking shader '{}': the driver says\n{}", interface.name,
                    driver_log);
    }
    const auto declared = declared_lines(interface), active = active_lines(id);
    if (declared != active) {
        return fail(ErrorKind::InvalidInput,
                    "Linking shader '{}': its interface is not the one that the program declares.\n"
                    "Declared:\n  {}\nIn the shader:\n  {}\nMake the two equal.",
                    interface.name, fmt::join(declared, "\n  "), fmt::join(active, "\n  "));
    }
    GLint before = 0;
    glGetIntegerv(GL_CURRENT_PROGRAM, &before);
    glUseProgram(id);
    for (const UniformDecl& uniform : interface.uniforms) {
        const int location = glGetUniformLocation(id, uniform.name.c_str());
        if (uniform.unit >= 0) glUniform1i(location, uniform.unit);
        program.slots_.push_back({uniform, location});
    }
    glUseProgram(static_cast<GLuint>(before));
    return program;
}

const Program::Slot& Program::slot(std::string_view name, UniformType type) const {
    for (const Slot& candidate : slots_) {
        if (candidate.decl.name == name && candidate.decl.type == type) return candidate;
    }
    log::error("A shader uniform {} {} was set, but the program declares none.", type_name(type), name);
    std::abort();
}

void Program::use() const {
    glUseProgram(id());
}
void Program::set(std::string_view name, int value) const {
    glUniform1i(slot(name, UniformType::Int).location, value);
}
void Program::set(std::string_view name, float value) const {
    glUniform1f(slot(name, UniformType::Float).location, value);
}
void Program::set(std::string_view name, float x, float y) const {
    glUniform2f(slot(name, UniformType::Vec2).location, x, y);
}
void Program::set(std::string_view name, float x, float y, float z, float w) const {
    glUniform4f(slot(name, UniformType::Vec4).location, x, y, z, w);
}
void Program::set(std::string_view name, int x, int y) const {
    glUniform2i(slot(name, UniformType::IVec2).location, x, y);
}
void Program::set(std::string_view name, int x, int y, int z, int w) const {
    glUniform4i(slot(name, UniformType::IVec4).location, x, y, z, w);
}
void Program::set(std::string_view name, Rgba color) const {
    set(name, static_cast<float>(color.r) / 255.0f, static_cast<float>(color.g) / 255.0f,
        static_cast<float>(color.b) / 255.0f, static_cast<float>(color.a) / 255.0f);
}
void Program::set_vec4_array(std::string_view name, std::span<const float> values) const {
    const Slot& target = slot(name, UniformType::Vec4);
    const int count = std::min(static_cast<int>(values.size() / 4), target.decl.array_size);
    if (count > 0) glUniform4fv(target.location, count, values.data());
}

}  // namespace headlight::gfx
