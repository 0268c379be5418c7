// Shader programs whose interface is declared beside their C++ user and compared with what the driver linked.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gfx/color.h"
#include "gfx/gl_handles.h"

namespace headlight::gfx {

enum class UniformType { Int, Float, Vec2, Vec4, IVec2, IVec4, Sampler2D, Sampler2DArray };

/// One declared uniform. Arrays name their length; samplers name their texture unit.
struct UniformDecl {
    std::string name;
    UniformType type = UniformType::Float;
    int array_size = 1;
    int unit = -1;
    bool operator==(const UniformDecl&) const = default;
};

/// The whole interface of a program. Vertex attributes are the names of `in` variables with fixed locations
/// 0, 1, ...
struct ProgramInterface {
    std::string name;  // "heatmap" -> heatmap.vert, heatmap.frag
    std::vector<UniformDecl> uniforms;
    std::vector<std::string> attributes;
};

/// A linked program. Setting a uniform that was not declared, or with another type, stops the program: it is
/// a mistake in our code, never in the user's data.
class Program {
  public:
    Program() = default;
    /// Errors: InvalidInput with the driver's log and the numbered source when a stage does not compile, or
    /// with both sides of the interface when declared and active uniforms or attributes differ.
    static Result<Program> link(const ProgramInterface& interface, const std::string& vertex_source,
                                const std::string& fragment_source);

    void use() const;
    void set(std::string_view name, int value) const;
    void set(std::string_view name, float value) const;
    void set(std::string_view name, float x, float y) const;
    void set(std::string_view name, float x, float y, float z, float w) const;
    void set(std::string_view name, int x, int y) const;
    void set(std::string_view name, int x, int y, int z, int w) const;
    /// As vec4 in [0, 1], straight alpha.
    void set(std::string_view name, Rgba color) const;
    /// An array of vec4: `values` holds 4 floats per element, at most the declared length.
    void set_vec4_array(std::string_view name, std::span<const float> values) const;

    GlId id() const { return handle_.id(); }
    explicit operator bool() const { return static_cast<bool>(handle_); }

  private:
    struct Slot {
        UniformDecl decl;
        int location = -1;
    };
    const Slot& slot(std::string_view name, UniformType type) const;
    GlHandle handle_;
    std::vector<Slot> slots_;
};

}  // namespace headlight::gfx
